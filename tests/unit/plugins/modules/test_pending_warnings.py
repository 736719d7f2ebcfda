"""What the router accepts and cannot act on yet is warned of, with the wire scripted."""

from __future__ import annotations

import pytest

from ansible_collections.mcast.smcroute.plugins.module_utils.client import REHEARSAL, VALIDATE
from ansible_collections.mcast.smcroute.tests.unit.plugins.routes import A_PATH, A_XML, A, warnings
from ansible_collections.mcast.smcroute.tests.unit.plugins.wire import (
    edit_config,
    get,
    get_config,
    rpc_error,
)

PENDING = (
    "<mroute><interface>{}</interface><source>*</source><group>225.0.0.1</group>"
    "<state>pending</state><reason>interface {} does not exist</reason></mroute>"
)
ONE_IS_PENDING = (
    "the router accepts what it cannot act on yet; it will by itself when the reason is gone: "
    "config[1] (interface in9, source *, group 225.0.0.1): interface in9 does not exist"
)


@pytest.mark.parametrize("state", ["merged", "replaced", "overridden"])
def test_entries_that_are_pending_are_warned_of(play, state):
    config = [A, {**A, "interface": "in9"}]
    # in8 is pending too, but it is no concern of the task.
    pending = "".join(PENDING.format(name, name) for name in ("in8", "in9"))
    script = [get_config(), edit_config(), get(pending)]
    result, _server = play(script, config=config, state=state, pending_warnings="auto")
    assert warnings(result) == [ONE_IS_PENDING]


def test_an_unchanged_entry_is_warned_of_too_and_in_check_mode(play):
    config = [A, {**A, "interface": "in9"}]
    has = A_XML + A_XML.replace("in0", "in9")
    for check in (False, True):
        script = [get_config(has), get(PENDING.format("in9", "in9"))]
        result, _server = play(
            script, config=config, pending_warnings="always", _ansible_check_mode=check
        )
        assert result["changed"] is False
        assert warnings(result) == [ONE_IS_PENDING]


def test_in_check_mode_the_router_foresees_what_would_be_pending(play):
    config = [A, {**A, "interface": "in9"}, {**A, "interface": "in8", "out_interfaces": []}]
    foreseen = rpc_error(
        "operation-failed",
        "interface in9 does not exist",
        A_PATH.partition("/smc:out-interface")[0].replace("in0", "in9"),
        app_tag="pending",
        severity="warning",
    )
    # What is known of in8 is no longer so when it is changed.
    script = [get_config(A_XML.replace("in0", "in8")), edit_config(foreseen)]
    script.append(get(PENDING.format("in8", "in8")))
    result, server = play(
        script,
        config=config,
        state="overridden",
        pending_warnings="always",
        capability=f"{VALIDATE} {REHEARSAL}?module=x",
        _ansible_check_mode=True,
    )
    assert server.operations() == ["get-config", "edit-config", "get"]
    assert warnings(result) == [ONE_IS_PENDING]


def test_many_pending_entries_are_one_warning(play):
    config = [{**A, "interface": f"in{n}"} for n in range(9)]
    content = "".join(PENDING.format(entry["interface"], "x") for entry in config)
    script = [get_config(), edit_config(), get(content)]
    result, _server = play(script, config=config, pending_warnings="auto")
    (warning,) = warnings(result)
    assert warning.endswith(" and 4 more")


def test_nothing_is_asked_about_what_is_deleted(play):
    script = [get_config(A_XML), edit_config()]
    play(script, config=[A], state="deleted", pending_warnings="always")


def test_a_refusal_to_tell_is_no_failure_of_what_is_done(play):
    refusal = get()._replace(reply=rpc_error("access-denied", "not for you"))
    script = [get_config(), edit_config(), refusal]
    result, _server = play(script, config=[A], pending_warnings="always")
    assert result["changed"] is True
    assert warnings(result)[0].startswith("whether the entries are pending is not known: ")


@pytest.mark.parametrize(("when", "asks"), [("auto", False), ("always", True), ("never", False)])
def test_a_router_with_many_entries_is_asked_only_on_demand(play, when, asks):
    has = "".join(
        A_XML.replace("<source>*", f"<source>10.0.{n // 250}.{n % 250 + 1}") for n in range(1001)
    )
    config = [{**A, "source": "10.0.0.1"}]
    script = [get_config(has), *([get()] if asks else [])]
    _result, server = play(script, config=config, pending_warnings=when)
    assert server.operations() == ["get-config", *(["get"] if asks else [])]
