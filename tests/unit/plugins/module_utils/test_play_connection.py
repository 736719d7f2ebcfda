"""The play's netconf connection, with the plugin's end of the wire scripted.

Error texts are what ansible.netcommon's plugin really sends: the rpc-error as XML.
"""

from __future__ import annotations

import json

import pytest
from ansible.module_utils.connection import ConnectionError
from lxml import etree

from ansible_collections.mcast.smcroute.plugins.module_utils import connection, play_connection
from ansible_collections.mcast.smcroute.plugins.module_utils.errors import (
    Refused,
    SmcrouteError,
    Unreachable,
)
from ansible_collections.mcast.smcroute.plugins.module_utils.play_connection import PlayConnection
from ansible_collections.mcast.smcroute.plugins.module_utils.whole_config import (
    CONFIRMED_COMMIT,
    check_confirmed_commit,
)
from ansible_collections.mcast.smcroute.tests.unit.plugins.wire import BASE, rpc_error

NETCONF = {"network_api": "netconf", "server_capabilities": ["urn:x", CONFIRMED_COMMIT]}
XML = '<?xml version="1.0" encoding="UTF-8"?>'


def reply(content):
    return f'{XML}<rpc-reply xmlns="{BASE}" message-id="1">{content}</rpc-reply>'


def said(answer):
    if isinstance(answer, Exception):
        raise answer
    return answer


class Plugin:
    """In the place of ansible-core's Connection: one reply an RPC, exceptions are raised."""

    capabilities = NETCONF

    def __init__(self, socket_path):
        assert socket_path == "/play"
        self.replies = []
        self.requests = []

    def get_capabilities(self):
        return json.dumps(said(self.capabilities))

    def rpc(self, operation):
        self.requests.append(etree.fromstring(operation))
        return said(self.replies.pop(0))


@pytest.fixture
def plugin(monkeypatch):
    class Fresh(Plugin):
        pass

    monkeypatch.setattr(play_connection, "Connection", Fresh)
    return Fresh


def client(*replies):
    session = PlayConnection("/play")
    session._connection.replies = list(replies)
    return session, session._connection


def test_capabilities(plugin):
    session, _plugin = client()
    assert session.capabilities == {"urn:x", CONFIRMED_COMMIT}


def test_get_and_get_config(plugin):
    session, wire = client(reply("<data><x/></data>"), reply("<data/>"), reply("<data/>"))
    assert len(session.get_config("<a/>")) == 1
    assert len(session.get("<b/>")) == 0
    session.get_config(None, "startup")
    texts = [
        etree.tostring(request).decode().replace(f' xmlns="{BASE}"', "")
        for request in wire.requests
    ]
    assert texts == [
        '<get-config><source><running/></source><filter type="subtree"><a/></filter></get-config>',
        '<get><filter type="subtree"><b/></filter></get>',
        "<get-config><source><startup/></source></get-config>",
    ]


def test_an_edit_config_merges_nothing_unsaid(plugin):
    session, wire = client(reply("<ok/>"))
    assert session.edit_config("<config/>") == []
    (request,) = wire.requests
    assert request.findtext(f"{{{BASE}}}default-operation") == "none"
    assert request.find(f"{{{BASE}}}target")[0].tag == f"{{{BASE}}}running"
    assert request.find(f"{{{BASE}}}test-option") is None


def test_a_test_changes_nothing(plugin):
    session, wire = client(reply("<ok/>"))
    session.edit_config("<config/>", test_only=True)
    (request,) = wire.requests
    assert [etree.QName(child).localname for child in request] == [
        "target",
        "default-operation",
        "test-option",
        "config",
    ]


def test_warnings_are_returned(plugin):
    session, _wire = client(reply(rpc_error("operation-failed", "look", severity="warning")))
    (warning,) = session.edit_config("<config/>")
    assert (warning.severity, warning.message) == ("warning", "look")


def test_warnings_that_the_plugin_takes_for_a_failure_are_none(plugin):
    warning = rpc_error("operation-failed", "look", severity="warning")
    text = XML + warning.replace("<rpc-error>", f'<rpc-error xmlns="{BASE}">')
    session, _wire = client(ConnectionError(text, code=-32603))
    assert [said.message for said in session.edit_config("<config/>")] == ["look"]


def test_a_refusal_keeps_tag_path_and_message(plugin):
    error = rpc_error("data-missing", "no such entry", "/smc:x")
    text = XML + error.replace("<rpc-error>", f'<rpc-error xmlns="{BASE}">')
    session, _wire = client(ConnectionError(text, code=-32603))
    with pytest.raises(Refused) as caught:
        session.call("<flush/>", "the flush")
    (refusal,) = caught.value.errors
    assert (refusal.tag, refusal.path, refusal.message) == (
        "data-missing",
        "/smc:x",
        "no such entry",
    )
    assert caught.value.operation == "the flush"


@pytest.mark.parametrize("text", ["Socket is closed", "<html/>", ""])
def test_other_failures_are_no_refusal(plugin, text):
    session, _wire = client(ConnectionError(text, code=1))
    with pytest.raises(Unreachable, match="broke during the get"):
        session.get("<x/>")


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (ConnectionError("no route to host", code=1), "cannot be used: no route to host; see"),
        ({"network_api": "cliconf"}, "is cliconf, which is not netconf; set connection"),
        ({}, "is None, which is not netconf"),
    ],
)
def test_what_is_no_netconf_connection(plugin, said, message):
    plugin.capabilities = said
    with pytest.raises(Unreachable) as caught:
        client()
    assert message in str(caught.value)


def test_it_is_used_unless_a_host_is_given(plugin):
    params = {name: spec.get("default") for name, spec in connection.connection_arguments().items()}
    assert isinstance(connection.connect(params, "/play"), PlayConnection)
    with pytest.raises(Unreachable, match=r"localhost port 1"):
        connection.connect({**params, "host": "localhost", "port": 1}, "/play")


def test_it_stays_open_so_nothing_is_confirmed_over_it(plugin):
    session, wire = client()
    session.close()
    with pytest.raises(SmcrouteError, match="give host, with the connection local"):
        check_confirmed_commit(session)
    assert wire.requests == []
