"""Subscriptions, and what they bring, in the tests."""

from __future__ import annotations

from datetime import datetime

from lxml import etree

from tests.unit.agent.netconf.agent import SMC, Agent, Client

NOTIFICATION = "urn:ietf:params:xml:ns:netconf:notification:1.0"
NCN = "urn:ietf:params:xml:ns:yang:ietf-netconf-notifications"
ROUTE = {"source": "192.0.2.1", "group": "232.1.1.1", "in-interface": "eth0"}
LEARNED = f"<filter><route-learned xmlns='{SMC}'/></filter>"


def subscribe(content: str = "") -> str:
    return f'<create-subscription xmlns="{NOTIFICATION}">{content}</create-subscription>'


def learned(agent: Agent, group: str = "232.1.1.1") -> None:
    values = ROUTE | {"group": group, "out-interface": ["eth1"]}
    agent.do(lambda: agent.server.stream.publish(f"{{{SMC}}}route-learned", values))


def notification(client: Client) -> etree._Element:
    """The content of the next message, a notification with its time."""
    message = etree.fromstring(client.read())
    assert message.tag == f"{{{NOTIFICATION}}}notification"
    assert message[0].tag == f"{{{NOTIFICATION}}}eventTime"
    assert datetime.fromisoformat(message[0].text).tzinfo is not None
    return message[1]


def name(element: etree._Element) -> str:
    return etree.QName(element).localname
