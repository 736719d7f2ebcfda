"""smcroute_route from its options to its result, with the wire scripted."""

from __future__ import annotations

import pytest
from ansible.module_utils.ansible_release import __version__ as ansible_version

from ansible_collections.mcast.smcroute.plugins.module_utils import codec
from ansible_collections.mcast.smcroute.plugins.module_utils.kinds import ROUTE
from ansible_collections.mcast.smcroute.tests.unit.plugins.modules_under_test import run_module
from ansible_collections.mcast.smcroute.tests.unit.plugins.routes import A_PATH, A_XML, A, warnings
from ansible_collections.mcast.smcroute.tests.unit.plugins.wire import (
    BASE,
    VALIDATE,
    edit_config,
    get_config,
    rpc_error,
)

B = {"interface": "in0", "source": "10.0.0.1", "group": "225.0.0.2", "out_interfaces": []}
B_XML = (
    "<mroute><interface>in0</interface><source>10.0.0.1</source><group>225.0.0.2</group></mroute>"
)


def test_merged_sends_the_difference_and_returns_before_and_after(play):
    more = {**A, "out_interfaces": ["out1"]}
    result, server = play([get_config(A_XML), edit_config()], config=[more, B])
    merged = {**A, "out_interfaces": ["out0", "out1"]}
    assert result["changed"] is True
    assert result["before"] == [A]
    assert result["after"] == [B, merged][::-1]
    assert "diff" not in result
    assert "gathered" not in result
    sent = codec.decode(ROUTE, server.config)
    assert list(sent.values()) == [more, B]
    assert 'nc:operation="merge">out1<' in result["rpc"]


@pytest.mark.parametrize("state", ["merged", "replaced", "overridden"])
def test_nothing_to_change_sends_nothing(play, state):
    spelled = {**B, "source": "10.0.0.1", "out_interfaces": None}
    result, server = play([get_config(B_XML + A_XML)], config=[spelled, A], state=state)
    assert result["changed"] is False
    assert result["before"] == [A, B]
    assert "after" not in result
    assert "rpc" not in result
    assert server.operations() == ["get-config"]


@pytest.mark.parametrize("diff", [False, True])
@pytest.mark.parametrize(
    ("state", "config"),
    [
        ("merged", [{**A, "out_interfaces": ["in0"]}]),
        ("replaced", [{**A, "out_interfaces": []}]),
        ("overridden", []),
        ("overridden", [B]),
        ("deleted", [A]),
        ("deleted", None),
        ("merged", [A]),
        ("gathered", None),
    ],
)
def test_check_mode_returns_what_the_real_run_returns(play, state, config, diff):
    options = {"state": state, "config": config, "_ansible_diff": diff}
    real, _server = play([get_config(A_XML), edit_config()], **options)
    check, server = play([get_config(A_XML)], _ansible_check_mode=True, **options)
    assert check == real
    assert server.operations() == ["get-config"]


def test_check_mode_asks_whether_the_change_would_be_accepted(play):
    options = {"config": [B], "capability": VALIDATE, "_ansible_check_mode": True}
    result, server = play([get_config(), edit_config()], **options)
    assert result["changed"] is True
    assert "warnings" not in result
    assert server.requests[-1].findtext(f"{{{BASE}}}test-option") == "test-only"

    error = rpc_error("invalid-value", "no such thing", A_PATH)
    options = {**options, "config": [A]}
    result, _server = play([get_config(), edit_config(error)], **options)
    assert result["failed"] is True
    assert result["msg"].startswith("config[0].out_interfaces (interface in0, source *, group 225")


def test_in_check_mode_who_may_only_read_sees_what_differs(play):
    error = rpc_error("access-denied", "operator may not create that", A_PATH)
    options = {"config": [A], "capability": VALIDATE, "_ansible_diff": True}
    result, _server = play([get_config(), edit_config(error)], _ansible_check_mode=True, **options)
    assert result["changed"] is True
    assert "225.0.0.1" in result["diff"]["after"]
    (warning,) = warnings(result)
    assert warning.startswith("without check mode this task would fail: config[0].out_interfaces")
    result, _server = play([get_config(), edit_config(error)], **options)
    assert result["failed"] is True


def test_the_diff_shows_what_goes_and_what_comes(play):
    result, _server = play(
        [get_config(A_XML + B_XML), edit_config()],
        config=[B],
        state="overridden",
        _ansible_diff=True,
    )
    assert result["diff"] == {
        "before_header": "smcroute route",
        "after_header": "smcroute route",
        "before": "- interface: in0\n  source: '*'\n  group: 225.0.0.1\n  out_interfaces: [out0]\n",
        "after": "",
    }


@pytest.mark.parametrize(("verbosity", "shown"), [(2, None), (3, [A])])
def test_config_is_echoed_only_to_who_looks(play, verbosity, shown):
    result, _server = play([get_config(A_XML)], config=[A], _ansible_verbosity=verbosity)
    # From 2.21 on, ansible-core leaves the arguments out itself unless it is told not to.
    if "invocation" in result or ansible_version < "2.21":
        assert result["invocation"]["module_args"]["config"] == shown
        assert result["invocation"]["module_args"]["state"] == "merged"


def test_gathered_only_reads(play):
    result, _server = play([get_config(B_XML + A_XML)], state="gathered", config=[{"not": "read"}])
    result.pop("invocation", None)
    assert result == {"changed": False, "gathered": [A, B]}


@pytest.mark.parametrize("state", ["merged", "replaced", "overridden"])
def test_config_is_needed(tmp_path, state):
    result = run_module("route", socket=tmp_path / "none", state=state)
    assert result["failed"] is True
    assert result["msg"] == (
        f"config is missing, and state {state} needs it; give the entries; an empty list is allowed"
    )


def test_options_are_checked_before_the_router_is_asked(tmp_path):
    result = run_module("route", socket=tmp_path / "none", config=[A, {**A, "group": "10.0.0.1"}])
    assert result["failed"] is True
    assert result["msg"].startswith("config[1].group is '10.0.0.1': an IPv4 group is an address")
    result = run_module("route", socket=tmp_path / "none", config=[A], timeout=0)
    assert result["msg"].startswith("timeout is 0")


def test_no_agent(tmp_path):
    result = run_module("route", socket=tmp_path / "none", config=[A])
    assert result["failed"] is True
    assert result["msg"] == (
        f"on this host there is no NETCONF socket {tmp_path}/none; see that smcrouted runs on "
        f"this host and has {tmp_path}/none for its --netconf-socket"
    )


def test_a_refused_change_names_the_entry(play):
    error = rpc_error("resource-denied", "the kernel has no VIF left for out1", A_PATH)
    config = [B, {**A, "out_interfaces": ["out1"]}]
    result, _server = play([get_config(), edit_config(error)], config=config)
    assert result["failed"] is True
    assert result["msg"] == (
        "config[1].out_interfaces (interface in0, source *, group 225.0.0.1): "
        "the kernel has no VIF left for out1"
    )


def test_a_change_that_lost_a_race_says_to_run_again(play):
    path = A_PATH.rpartition("/")[0]
    error = rpc_error("data-missing", "there is no such entry", path)
    result, _server = play([get_config(A_XML), edit_config(error)], state="deleted")
    assert result["msg"] == (
        "the route of interface in0, source *, group 225.0.0.1: there is no such entry; "
        "the router's configuration changed after this task had read it, nothing was done; "
        "run the task again"
    )


def test_a_refused_get_config(play):
    error = rpc_error("access-denied", "not for you")
    result, _server = play([get_config()._replace(reply=error)], state="gathered")
    assert result["msg"] == (
        "the router refused the get-config: not for you; connect as a user who may do that"
    )


def test_warnings(play):
    looping = {**A, "out_interfaces": ["in0"]}
    warning = rpc_error("operation-failed", "out7 does not exist yet", severity="warning")
    result, _server = play([get_config(), edit_config(warning)], config=[looping])
    texts = [entry["event"]["msg"] for entry in result["warnings"]]
    assert texts == [
        "packets are sent out on the interface that they came in on by "
        "config[0] (interface in0, source *, group 225.0.0.1)",
        "out7 does not exist yet",
    ]


def test_deleting_does_not_warn(play):
    looping = {**A, "out_interfaces": ["in0"]}
    result, _server = play([get_config(A_XML), edit_config()], config=[looping], state="deleted")
    assert result["changed"] is True
    assert "warnings" not in result
