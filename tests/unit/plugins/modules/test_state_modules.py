"""smcroute_info, smcroute_flush and smcroute_wait_for, with the wire scripted."""

from __future__ import annotations

import pytest
from lxml import etree

from ansible_collections.mcast.smcroute.plugins.module_utils import info, waiting
from ansible_collections.mcast.smcroute.plugins.module_utils.client import Client
from ansible_collections.mcast.smcroute.plugins.module_utils.codec import NAMESPACE
from ansible_collections.mcast.smcroute.plugins.module_utils.errors import SmcrouteError
from ansible_collections.mcast.smcroute.tests.unit.plugins.modules_under_test import run_module
from ansible_collections.mcast.smcroute.tests.unit.plugins.wire import (
    Exchange,
    ScriptedServer,
    get,
    rpc_error,
)

LEARNED = (
    "<forwarding-entry><source>10.0.0.1</source><group>225.0.0.1</group>"
    "<in-interface>in0</in-interface><origin>learned</origin>"
    "<out-interface><name>out0</name><ttl-threshold>1</ttl-threshold></out-interface>"
    "<packets>7</packets><bytes>70</bytes><wrong-interface>0</wrong-interface></forwarding-entry>"
)
STOP = (
    "<forwarding-entry><source>10.0.0.1</source><group>225.0.0.1</group>"
    "<in-interface>in0</in-interface><origin>stop</origin><packets>7</packets></forwarding-entry>"
)


@pytest.fixture
def play(tmp_path):
    def run(noun, script, **options):
        path = tmp_path / "agent.sock"
        path.unlink(missing_ok=True)
        with ScriptedServer(path, script) as server:
            result = run_module(noun, socket=path, **options)
        assert server.surprise is None
        result.pop("invocation", None)
        return result, server

    return run


class Router(Client):
    """A client whose router shows one state after the other, and a clock that it drives."""

    def __init__(self, *contents):
        self.contents = list(contents)
        self.now = 0.0
        self.queries = []

    capabilities = frozenset()

    def get_config(self, subtree, datastore="running"):
        raise NotImplementedError

    edit_config = call = get_config

    def get(self, subtree):
        self.queries.append(subtree)
        content = self.contents.pop(0) if len(self.contents) > 1 else self.contents[0]
        return etree.fromstring(f'<data><smcroute xmlns="{NAMESPACE}">{content}</smcroute></data>')

    def close(self):
        pass

    def sleep(self, seconds):
        self.now += seconds

    def clock(self):
        return self.now


def test_info_asks_only_for_what_is_wanted(play):
    result, server = play("info", [get(LEARNED)], gather_subset=["forwarding_entries"])
    assert result.keys() == {"changed", "forwarding_entries"}
    (query,) = server.requests[0].iter(f"{{{NAMESPACE}}}smcroute")
    assert [etree.QName(part).localname for part in query] == ["forwarding-entry"]


def test_info_of_everything_is_one_request(play):
    result, server = play("info", [get()])
    assert result.keys() == {"changed", *info.SUBSETS}
    assert server.operations() == ["get"]


def test_info_measures_between_two_readings():
    router = Router(LEARNED, LEARNED.replace("<packets>7<", "<packets>27<"))
    result = info.gather(router, ["all"], 4.0, router.clock, router.sleep)
    assert result["forwarding_entries"][0]["packets_per_second"] == 5.0
    assert result["interval"] == 4.0
    assert len(router.queries) == 2


def test_an_interval_without_flows_measures_nothing():
    router = Router("")
    result = info.gather(router, ["agent"], 4.0, router.clock, router.sleep)
    assert result == {"agent": {}}
    assert len(router.queries) == 1


@pytest.mark.parametrize("interval", [-1, 3601])
def test_a_wrong_interval(tmp_path, interval):
    result = run_module("info", socket=tmp_path / "none", interval=interval)
    assert result["msg"].startswith(f"interval is {interval}.0: it is from 0 to 3600 seconds")


@pytest.mark.parametrize("check", [False, True])
def test_flush(play, check):
    script = [get(LEARNED), *([] if check else [Exchange("flush", "<ok/>")])]
    result, _server = play("flush", script, _ansible_check_mode=check)
    assert result == {
        "changed": True,
        "flushed": [
            {
                "source": "10.0.0.1",
                "group": "225.0.0.1",
                "in_interface": "in0",
                "origin": "learned",
            }
        ],
    }


def test_nothing_to_flush(play):
    result, server = play("flush", [get()])
    assert result == {"changed": False, "flushed": []}
    assert server.operations() == ["get"]


def test_a_refused_flush(play):
    script = [get(LEARNED), Exchange("flush", rpc_error("access-denied", "not for you"))]
    result, _server = play("flush", script)
    assert result["failed"] is True
    assert result["msg"] == (
        "the router refused the flush: not for you; connect as a user who may do that"
    )


def flow(**changes):
    return waiting.Flow("10.0.0.1", "225.0.0.1", None, ("out0",), 0)._replace(**changes)


def waited(router, wanted, timeout=2.0):
    return waiting.wait(router, wanted, timeout, 0.5, router.clock, router.sleep)


def test_waiting_ends_when_the_flow_is_forwarded():
    router = Router("", STOP, LEARNED)
    result = waited(router, flow())
    assert result["entry"]["origin"] == "learned"
    assert (result["elapsed"], result["changed"]) == (1.0, False)
    assert "<source>10.0.0.1</source><group>225.0.0.1</group>" in router.queries[0]


def test_any_source_is_not_asked_for():
    router = Router(LEARNED)
    waited(router, flow(source="*"))
    assert "<source>" not in router.queries[0]


@pytest.mark.parametrize(
    ("wanted", "content", "says"),
    [
        (flow(), "", "the kernel has no entry for it"),
        (flow(), STOP, "from 10.0.0.1: it does not go out on out0, no rule matches it"),
        (flow(out_interfaces=()), STOP, "it goes out nowhere, no rule matches it"),
        (flow(out_interfaces=("out0", "out1")), LEARNED, "it does not go out on out1"),
        (flow(in_interface="in1"), LEARNED, "it comes in on in0 and not on in1"),
        (flow(packets=8), LEARNED, "7 of 8 packets have come"),
    ],
)
def test_what_is_missing_is_told_in_the_end(wanted, content, says):
    router = Router(content)
    with pytest.raises(SmcrouteError) as caught:
        waited(router, wanted)
    assert str(caught.value).startswith(
        "source 10.0.0.1, group 225.0.0.1 is not forwarded as wanted after 2 s; "
    )
    assert says in str(caught.value)
    assert router.now == 2.0


def test_pending_rules_of_the_group_are_told():
    rules = "".join(
        f"<mroute><interface>in{n}</interface><source>*</source><group>{group}</group>"
        f"<state>pending</state><reason>reason {n}</reason></mroute>"
        for n, group in enumerate(["225.0.0.0/24", "225.0.0.1", "225.0.1.1", "ff1e::1"])
    )
    with pytest.raises(SmcrouteError) as caught:
        waited(Router(rules), flow(), timeout=0)
    text = str(caught.value)
    assert "the route of interface in0, source *, group 225.0.0.0/24 is pending: reason 0" in text
    assert "reason 1" in text
    assert "reason 2" not in text
    assert "reason 3" not in text


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"group": "10.0.0.1"}, "group is '10.0.0.1': an IPv4 group is"),
        ({"group": "225.0.0.0/8"}, "wait for one flow, not for a range"),
        ({"group": "225.0.0.1", "source": "10.0.0.0/8"}, "not for a range"),
        ({"group": "225.0.0.1", "source": "2001:db8::1"}, "different address families"),
        ({"group": "225.0.0.1", "out_interfaces": ["a/b"]}, "out_interfaces[0] is 'a/b': an"),
        (
            {"group": "225.0.0.1", "in_interface": "eth+"},
            "in_interface is 'eth+': the kernel knows no wildcards",
        ),
        ({"group": "225.0.0.1", "wait_timeout": -1}, "wait_timeout is -1.0: it is at least 0"),
        ({"group": "225.0.0.1", "wait_timeout": "nan"}, "wait_timeout is nan: it is at least 0"),
        ({"group": "225.0.0.1", "poll_interval": 0}, "poll_interval is 0.0: it is at least 0.05"),
        ({"group": "225.0.0.1", "packets": -1}, "packets is -1: it is at least 0"),
    ],
)
def test_options_are_checked_before_the_router_is_asked(tmp_path, options, says):
    result = run_module("wait_for", socket=tmp_path / "none", **options)
    assert result["failed"] is True
    assert says in result["msg"]


def test_wait_for_asks_the_router(play):
    result, server = play("wait_for", [get(LEARNED)], group="225.0.0.1", _ansible_check_mode=True)
    assert result["entry"]["out_interfaces"] == ["out0"]
    assert server.operations() == ["get"]
