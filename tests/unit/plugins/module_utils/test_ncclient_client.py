"""A NETCONF session by ncclient: what is sent, and every way in which it breaks."""

from __future__ import annotations

import pytest
from lxml import etree

from ansible_collections.mcast.smcroute.plugins.module_utils import (
    ncclient_client,
    ncclient_ssh,
    ncclient_unix,
)
from ansible_collections.mcast.smcroute.plugins.module_utils.errors import (
    MissingLibrary,
    Refused,
    RpcError,
    Unreachable,
)
from ansible_collections.mcast.smcroute.tests.unit.plugins.wire import (
    BASE,
    HANG_UP,
    SILENCE,
    ScriptedServer,
    edit_config,
    get_config,
    rpc_error,
)

FILTER = '<smcroute xmlns="urn:x"><mroute/></smcroute>'
CONFIG = f'<config xmlns="{BASE}"><smcroute xmlns="urn:x"/></config>'


@pytest.fixture
def path(tmp_path):
    return tmp_path / "agent.sock"


def client(path, timeout=30):
    return ncclient_unix.over_unix_socket(str(path), timeout)


def test_a_get_config_asks_running_with_a_subtree_filter(path):
    with ScriptedServer(path, [get_config("<mroute/>")]) as server, client(path) as session:
        data = session.get_config(FILTER)
    assert data.tag == f"{{{BASE}}}data"
    (request,) = server.requests
    assert request.find(f"{{{BASE}}}source")[0].tag == f"{{{BASE}}}running"
    selection = request.find(f"{{{BASE}}}filter")
    assert selection.get("type") == "subtree"
    assert (
        etree.tostring(selection[0], method="c14n", exclusive=True)
        == etree.canonicalize(FILTER).encode()
    )


def test_an_edit_config_edits_running_and_merges_nothing_unsaid(path):
    with ScriptedServer(path, [edit_config()]) as server, client(path) as session:
        assert session.edit_config(CONFIG) == []
    (request,) = server.requests
    assert request.find(f"{{{BASE}}}target")[0].tag == f"{{{BASE}}}running"
    assert request.findtext(f"{{{BASE}}}default-operation") == "none"
    assert server.config[0].tag == "{urn:x}smcroute"


def test_a_test_changes_nothing_and_can_tell_what_would_be_pending(path):
    script = [edit_config(), edit_config()]
    with ScriptedServer(path, script) as server, client(path) as session:
        session.edit_config(CONFIG, test_only=True)
        session.edit_config(CONFIG, test_only=True, tell_pending=True)
    parameters = [
        [etree.QName(child).localname for child in request] for request in server.requests
    ]
    assert parameters[0] == ["target", "default-operation", "test-option", "config"]
    assert parameters[1] == [*parameters[0], "tell-pending"]


def test_warnings_are_handed_on(path):
    reply = rpc_error("operation-failed", "in = out", severity="warning")
    with ScriptedServer(path, [edit_config(reply)]), client(path) as session:
        (warning,) = session.edit_config(CONFIG)
    assert (warning.severity, warning.message) == ("warning", "in = out")


def test_an_rpc_error_is_refused_with_all_that_was_said(path):
    errors = rpc_error("data-exists", " there already ", "/smc:smcroute", app_tag="why")
    errors += rpc_error("in-use")
    with (
        ScriptedServer(path, [edit_config(errors)]),
        client(path) as session,
        pytest.raises(Refused) as caught,
    ):
        session.edit_config(CONFIG)
    assert caught.value.errors == (
        RpcError("data-exists", "error", "why", "/smc:smcroute", "there already"),
        RpcError("in-use"),
    )
    assert str(caught.value) == "the router refused the change: there already"


def test_no_reply(path):
    with (
        ScriptedServer(path, [edit_config(SILENCE)]),
        client(path, timeout=1) as session,
        pytest.raises(
            Unreachable,
            match="has not answered the change in 1 s, and whether it was carried out is not known",
        ),
    ):
        session.edit_config(CONFIG)


def test_the_session_breaks(path):
    with (
        ScriptedServer(path, [get_config()._replace(reply=HANG_UP)]),
        client(path) as session,
        pytest.raises(
            Unreachable, match=r"the session with the socket .* broke during the get-config"
        ),
    ):
        session.get_config(FILTER)


@pytest.mark.parametrize("script", [[], [get_config()._replace(reply=HANG_UP)]])
def test_nothing_of_a_session_is_left(path, script):
    with ScriptedServer(path, script), client(path) as session:
        if script:
            with pytest.raises(Unreachable):
                session.get_config(FILTER)
        thread = session._manager._session
    assert not thread.is_alive()


def test_no_ncclient(path, monkeypatch):
    monkeypatch.setattr(ncclient_client, "NCCLIENT_ERROR", "ImportError")
    with pytest.raises(MissingLibrary, match=r"ncclient is missing .*pip install ncclient"):
        client(path)
    with pytest.raises(MissingLibrary, match="ncclient is missing"):
        ncclient_ssh.over_ssh("localhost", 830, 5)
