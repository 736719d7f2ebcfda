"""Rules, routes and users that the tests of access control share, on the daemon's own schema."""

from __future__ import annotations

from lxml import etree

from smcroute_agent.nacm.access import Access
from smcroute_agent.nacm.policy import policy_of
from smcroute_agent.yang.data import Container
from smcroute_agent.yang.parse import parse
from smcroute_agent.yang.schema import packaged

SMC = "urn:mcast:params:xml:ns:yang:smcroute"
ACM = "urn:ietf:params:xml:ns:yang:ietf-netconf-acm"
SCHEMA = packaged()

GROUPS = """<groups><group><name>staff</name><user-name>alice</user-name><user-name>bob</user-name>
</group><group><name>guests</name><user-name>carol</user-name></group></groups>"""


def rules(*listed: str, group: str = "staff", more: str = "") -> str:
    content = "".join(
        f"<rule><name>{number}</name>{rule}</rule>" for number, rule in enumerate(listed)
    )
    return f"{GROUPS}{more}<rule-list><name>one</name><group>{group}</group>{content}</rule-list>"


def permit(content: str = "") -> str:
    return f"{content}<action>permit</action>"


def deny(content: str = "") -> str:
    return f"{content}<action>deny</action>"


def path(text: str) -> str:
    return f"<path>{text}</path>"


def tree(nacm: str, routes: str = "") -> Container:
    return parse(
        SCHEMA,
        etree.fromstring(
            f"<config><smcroute xmlns='{SMC}'>{routes}</smcroute>"
            f"<nacm xmlns='{ACM}' xmlns:s='{SMC}' xmlns:a='{ACM}'>{nacm}</nacm></config>"
        ),
    )


def mroute(interface: str, group: str, *outs: str) -> str:
    legs = "".join(f"<out-interface>{out}</out-interface>" for out in outs)
    return (
        f"<mroute><interface>{interface}</interface><source>*</source><group>{group}</group>"
        f"{legs}</mroute>"
    )


def access(nacm: str, user: str = "alice", *groups: str) -> Access:
    return Access(policy_of(SCHEMA, tree(nacm)), user, groups)


def may(nacm: str, operation: str, node: str, user: str = "alice", *groups: str) -> bool:
    return access(nacm, user, *groups).may(operation, SCHEMA.node(node), {})


MROUTE = "smcroute:smcroute/mroute"
NACM = "ietf-netconf-acm:nacm"
