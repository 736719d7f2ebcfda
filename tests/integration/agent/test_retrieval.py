"""What a stock client can ask for and how, from the real daemon."""

from __future__ import annotations

import pytest
from ncclient.operations import RPCError

from lab.netconf import SMCROUTE, edit, mroute, phyint, unix_session

GROUPS = [f"225.0.{number // 250}.{number % 250 + 1}" for number in range(1000)]


@pytest.fixture
def session(router):
    with unix_session(router.start()) as session:
        yield session


@pytest.fixture
def routes(session):
    edit(session, *(mroute("in0", "*", group, "out0") for group in GROUPS))
    return session


def groups(reply):
    return [e.text for e in reply.data_ele.iter(f"{{{SMCROUTE}}}group")]


def xpath(text, prefix="smc"):
    return ("xpath", ({prefix: SMCROUTE}, text))


def test_xpath(routes):
    assert ":xpath" in routes.server_capabilities
    one = "/a:smcroute/a:mroute[a:interface='in0'][a:source='*'][a:group='225.0.1.7']"
    assert groups(routes.get_config("running", filter=xpath(one, "a"))) == ["225.0.1.7"]
    some = "//smc:mroute[starts-with(smc:group, '225.0.1.')]"
    assert groups(routes.get_config("running", filter=xpath(some))) == GROUPS[250:500]
    state = routes.get(filter=xpath("//smc:mroute[smc:group='225.0.1.7']/smc:state"))
    assert groups(state) == ["225.0.1.7"]
    assert [e.text for e in state.data_ele.iter(f"{{{SMCROUTE}}}state")] == ["template"]


def test_a_wrong_xpath_says_why(session):
    with pytest.raises(RPCError) as refused:
        session.get_config("running", filter=xpath("/smc:smcroute["))
    assert refused.value.tag == "invalid-value"
    assert "ends too early" in refused.value.message


def test_with_defaults(session):
    edit(session, phyint("in0", mrdisc=False))

    def leaves(mode):
        data = session.get_config("running", with_defaults=mode).data_ele
        return {
            e.tag.rpartition("}")[2]: f"{e.text}{' tagged' if e.attrib else ''}"
            for e in data.iter(f"{{{SMCROUTE}}}*")
            if len(e) == 0
        }

    assert leaves(None) == leaves("explicit") == {"name": "in0", "mrdisc": "false"}
    assert leaves("trim") == {"name": "in0"}
    everything = leaves("report-all")
    assert everything == leaves("explicit") | {"enabled": "true", "ttl-threshold": "1"}
    assert leaves("report-all-tagged") == leaves("explicit") | {
        "enabled": "true tagged",
        "ttl-threshold": "1 tagged",
    }
