"""The paths of rules (RFC 8341, section 3.2.2), on the daemon's own schema."""

from __future__ import annotations

import pytest
from lxml import etree

from smcroute_agent.errors import DataError
from smcroute_agent.nacm.access import Access
from smcroute_agent.nacm.discretion import may_see
from smcroute_agent.nacm.policy import CREATE, TOP, policy_of
from smcroute_agent.nacm.reading import readable
from smcroute_agent.nacm.writing import Denied, authorize
from smcroute_agent.yang.parse import parse
from smcroute_agent.yang.serialize import to_xml
from tests.unit.agent.nacm.setting import (
    MROUTE,
    NACM,
    SCHEMA,
    SMC,
    deny,
    may,
    mroute,
    path,
    permit,
    rules,
    tree,
)

ROUTE = "/smc:smcroute/smc:mroute[smc:interface='eth0'][smc:source='*'][smc:group='225.1.1.1']"


@pytest.mark.parametrize(
    "text", ["s:smcroute", "/x:smcroute", "/smcroute", "//s:mroute", "/s:smcroute/s:mroute[1]", ""]
)
def test_a_path_that_is_none(text: str) -> None:
    with pytest.raises(DataError):
        tree(rules(permit(path(text))))


def test_a_path_keeps_its_meaning_under_other_prefixes() -> None:
    data = tree(rules(permit(path("/s:smcroute/s:mroute[s:interface='eth0']"))))
    text = to_xml(data).decode()
    assert (
        f"<path xmlns:smc=\"{SMC}\">/smc:smcroute/smc:mroute[smc:interface='eth0']</path>" in text
    )
    assert parse(SCHEMA, etree.fromstring(f"<config>{text}</config>")) == data


def test_a_path_to_nothing_matches_nothing_and_slash_matches_all() -> None:
    assert not may(rules(permit(path("/s:smcroute/s:moon"))), CREATE, MROUTE)
    assert may(rules(permit(path("/"))), CREATE, MROUTE)
    assert may(rules(permit(path("/"))), CREATE, NACM)
    assert TOP in tree(rules(permit(path("/")))).children


OUT = "/s:smcroute/s:mroute/s:out-interface[.='eth2']"
ONE, BOTH = mroute("eth0", "225.1.1.1", "eth1"), mroute("eth0", "225.1.1.1", "eth1", "eth2")


def test_a_path_to_a_value_is_about_that_value_when_it_is_read() -> None:
    routes = mroute("eth0", "225.1.1.1", "eth1", "eth2", "eth3") + mroute("eth5", "225.1.1.1")
    others = deny(path("/s:smcroute/s:mroute/s:out-interface"))
    for listed, seen in (
        ([deny(path(OUT))], ["eth1", "eth3"]),
        ([permit(path(OUT)), others], ["eth2"]),
    ):
        data = tree(rules(*listed), routes)
        text = to_xml(readable(Access(policy_of(SCHEMA, data), "alice"), data))
        found = etree.fromstring(b"<data>%s</data>" % text).iter(f"{{{SMC}}}out-interface")
        assert [element.text for element in found] == seen
        assert b"eth5" in text


def test_a_path_to_a_value_is_about_that_value_when_it_is_written() -> None:
    where = f"{ROUTE}/smc:out-interface[.='eth2']"
    everything = permit("<module-name>smcroute</module-name>")
    for nacm, allowed in (
        (rules(permit(path(OUT))), True),
        (rules(deny(path(OUT)), everything), False),
    ):
        for before, after in ((ONE, BOTH), (BOTH, ONE)):
            base = tree(nacm, before)
            access = Access(policy_of(SCHEMA, base), "alice")
            if allowed:
                authorize(access, base, tree(nacm, after))
                continue
            with pytest.raises(Denied) as caught:
                authorize(access, base, tree(nacm, after))
            assert caught.value.path == (where if after is BOTH else None)
    base = tree(rules(permit(path(OUT))), "")
    with pytest.raises(Denied):
        authorize(Access(policy_of(SCHEMA, base), "alice"), base, tree(rules(), ONE))


def test_an_error_path_to_a_value_is_judged_by_it() -> None:
    access = Access(policy_of(SCHEMA, tree(rules(deny(path(OUT))))), "alice")
    told = {
        name: may_see(access, SCHEMA, f"{ROUTE}/smc:out-interface[.='{name}']")
        for name in ("eth1", "eth2")
    }
    assert told == {"eth1": True, "eth2": False}
