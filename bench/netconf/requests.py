"""The operations that are measured, as octets."""

from __future__ import annotations

from collections.abc import Iterable

from lab.latency import groups
from lab.netconf import NETCONF, SMCROUTE, mroute

SOURCE = "192.0.2.10"
FIRST = "226.0.0.0"
"""The first group of the routes; the next ones follow it."""

MARKED = 4321
"""The one of the routes that leads to out1 too."""

NMDA = "urn:ietf:params:xml:ns:yang:ietf-netconf-nmda"
DATASTORES = "urn:ietf:params:xml:ns:yang:ietf-datastores"


def routes(count: int, first: str = FIRST) -> list[str]:
    """So many (S,G) routes as XML."""
    return [
        mroute("in0", SOURCE, group, *(("out0", "out1") if number == MARKED else ("out0",)))
        for number, group in enumerate(groups(first, count))
    ]


def group_of(number: int) -> str:
    """The group of one of the routes."""
    *_, last = groups(FIRST, number + 1)
    return last


def edit(entries: Iterable[str]) -> bytes:
    """An edit-config of running."""
    return (
        "<edit-config><target><running/></target><config>"
        f'<smcroute xmlns="{SMCROUTE}">{"".join(entries)}</smcroute></config></edit-config>'
    ).encode()


def delete_all(*but: str) -> bytes:
    """An edit-config that deletes all rules, but these."""
    return (
        '<edit-config><target><running/></target><config><smcroute nc:operation="replace" '
        f'xmlns="{SMCROUTE}" xmlns:nc="{NETCONF}">{"".join(but)}</smcroute></config></edit-config>'
    ).encode()


TEMPLATE = mroute("in0", "*", "225.0.0.0/8", "out0")
"""A rule that new flows match."""


def smcroute(content: str) -> str:
    return f'<smcroute xmlns="{SMCROUTE}">{content}</smcroute>'


def subtree(content: str) -> str:
    """A subtree filter in the container smcroute."""
    return f'<filter type="subtree">{smcroute(content)}</filter>'


def xpath(expression: str) -> str:
    return f'<filter type="xpath" xmlns:s="{SMCROUTE}" select="{expression}"/>'


def get_config(wanted: str = "") -> bytes:
    return f"<get-config><source><running/></source>{wanted}</get-config>".encode()


def get(wanted: str = "") -> bytes:
    return f"<get>{wanted}</get>".encode()


def get_data(datastore: str, wanted: str = "") -> bytes:
    """get-data; `wanted` is a subtree-filter or an xpath-filter."""
    return (
        f'<get-data xmlns="{NMDA}" xmlns:ds="{DATASTORES}" xmlns:s="{SMCROUTE}">'
        f"<datastore>ds:{datastore}</datastore>{wanted}</get-data>"
    ).encode()


def route_by_key(group: str) -> str:
    """A route in a subtree filter, by its key."""
    keys = f"<interface>in0</interface><source>{SOURCE}</source><group>{group}</group>"
    return f"<mroute>{keys}</mroute>"


def path_of(group: str, prefix: str = "s") -> str:
    """The XPath of a route."""
    p = prefix
    return (
        f"/{p}:smcroute/{p}:mroute[{p}:interface='in0'][{p}:source='{SOURCE}'][{p}:group='{group}']"
    )
