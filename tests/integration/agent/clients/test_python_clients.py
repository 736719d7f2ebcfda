"""NETCONF clients for Python do their daily work: each one's own interface, against the daemon."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from lab import wait_for
from lab.netconf import SMCROUTE, config, mroute, running, unix_session
from tests.integration.agent.clients.conftest import WAYS

FLOW = ("in0", "192.0.2.10", "225.1.2.3")
CONTENT = f'<smcroute xmlns="{SMCROUTE}"><mroute><group>225.1.2.3</group></mroute></smcroute>'
XPATH = f'//*[local-name()="mroute" and namespace-uri()="{SMCROUTE}"]'
BASE_NOTIFICATIONS = "urn:ietf:params:xml:ns:yang:ietf-netconf-notifications"

STORY = {
    "edit": config(mroute(*FLOW, "out0"), mroute("in0", "*", "225.9.9.9", "out1")),
    "bad_edit": config(mroute("in0", "*", "192.0.2.1", "out0")),
    "undo": config(
        mroute(*FLOW, operation="delete"), mroute("in0", "*", "225.9.9.9", operation="delete")
    ),
    "filter": f"<filter>{CONTENT}</filter>",
    "filter_content": CONTENT,
    "xpath": f"<filter type='xpath' select='{XPATH}'/>",
    "xpath_expression": XPATH,
    "event_filter": f'<filter><netconf-config-change xmlns="{BASE_NOTIFICATIONS}"/></filter>',
    "rpc": f'<flush xmlns="{SMCROUTE}"/>',
}
"""What every client does: an edit of the candidate by way of a lock, questions, a mistake."""

BASE_1_1 = "urn:ietf:params:netconf:base:1.1"
MESSAGE = "'192.0.2.1' is not a valid ipv4-multicast-group-address"


@pytest.fixture(autouse=True)
def nothing_is_left(place):
    """Every client closes its sessions, gives back its locks and undoes its edits."""
    yield
    with unix_session(place.daemon) as session:
        assert running(session) == set()

        def state() -> str:
            return session.get(("subtree", STATE)).data_xml

        assert "<locks>" not in state()
        # sshd takes its time to tell of an end.
        wait_for(lambda: state().count("<session>") == 1, state)


STATE = (
    '<netconf-state xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring">'
    "<datastores/><sessions/></netconf-state>"
)


def groups(xml: str) -> list[str | None]:
    """The groups of the routes in a reply."""
    return [e.text for e in etree.fromstring(xml.encode()).iter(f"{{{SMCROUTE}}}group")]


def check(found: dict[str, Any]) -> None:
    """What all of them see."""
    assert BASE_1_1 in found["capabilities"]
    assert groups(found["filtered"]) == ["225.1.2.3"]
    assert groups(found["xpath"]) == ["225.1.2.3", "225.9.9.9"]


@pytest.mark.parametrize("way", WAYS)
def test_netconf_client(place, way):
    found = place.drive("drive_netconf_client.py", way, **STORY)
    check(found)
    assert found["distinct sessions"]
    tag, message = found["locked"]
    assert tag == "lock-denied"
    assert "is locked by session" in message
    notification = etree.fromstring(found["notification"].encode())
    datastore, targets = (
        [e.text for e in notification.iter(f"{{{BASE_NOTIFICATIONS}}}{name}")]
        for name in ("datastore", "target")
    )
    assert datastore == ["running"]
    assert len(targets) == 2
    tag, message, info = found["error"]
    assert (tag, message) == ("invalid-value", MESSAGE)
    assert "smc:group</bad-element>" in info


@pytest.mark.parametrize("way", WAYS)
def test_netconf(place, way):
    found = place.drive("drive_netconf.py", way, **STORY)
    check(found)
    assert found["distinct sessions"]
    assert found["locked"] == ["protocol", "lock-denied", "error"]
    assert found["error"] == ["application", "invalid-value", "error"]


# It runs OpenSSH's client on a terminal, and asks the server for one.
@pytest.mark.parametrize(("way", "version"), [("SSH", "1.0"), ("SSH", "1.1"), ("sshd", "1.1")])
def test_scrapli(place, way, version):
    found = place.drive("drive_scrapli.py", way, version=version, **STORY)
    check(found)
    assert found["version"] == version
    datastores = ["running", "candidate", "startup"]
    assert found["datastores"] == [datastores, datastores]
    assert found["failed"] == [False] * 7
    failed, reply = found["error"]
    assert failed
    assert MESSAGE in reply
    assert "<ok/>" in found["rpc"]
