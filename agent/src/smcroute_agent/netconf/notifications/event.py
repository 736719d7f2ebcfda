"""One event of a stream, and the message that tells it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ...yang.build import build
from ...yang.data import Container, Key, ListNode, replaced
from ...yang.schema import Schema, SchemaNode
from ...yang.serialize import to_xml
from ..names import NOTIFICATION

STREAMS = "urn:ietf:params:xml:ns:netmod:notification"
"""RFC 5277, section 3.4: the list of streams, replayComplete and notificationComplete."""

_END = b"</notification>"


def now() -> datetime:
    """The time that an event is stamped with."""
    return datetime.now(UTC)


def timestamp(time: datetime) -> str:
    """A time as yang:date-and-time in its canonical form, in UTC, to the millisecond."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds")


@dataclass(frozen=True)
class Place:
    """An instance of a data node: the keys are those of the lists that it stands in."""

    node: SchemaNode
    keys: Mapping[SchemaNode, Key]


@dataclass(frozen=True)
class Event:
    """A notification that happened.

    tree: a root whose only child is the notification, as filters want it.
    content: its XML.
    edits: of netconf-config-change, the data node of each edit that it lists.
    """

    time: datetime
    node: SchemaNode
    tree: Container
    content: bytes
    edits: tuple[Place, ...] = ()

    def seen_by(
        self, may_see: Callable[[SchemaNode, Mapping[SchemaNode, Key]], bool]
    ) -> Event | None:
        """The event without the edits of nodes that may not be seen, None when that is all."""
        seen = [may_see(place.node, place.keys) for place in self.edits]
        if all(seen):
            return self
        if not any(seen):
            return None
        whole = self.tree.children[self.node.qname]
        assert isinstance(whole, Container)
        listed = whole.get("edit")
        assert isinstance(listed, ListNode)
        kept = {
            key: entry
            for (key, entry), shown in zip(listed.entries.items(), seen, strict=True)
            if shown
        }
        edit = ListNode(listed.schema, kept)
        tree = replaced(self.tree, {self.node.qname: replaced(whole, {edit.schema.qname: edit})})
        return Event(self.time, self.node, tree, to_xml(tree))

    def pieces(self) -> tuple[bytes, ...]:
        """The <notification> message, not framed."""
        return message(self.time, self.content)


def message(time: datetime, content: bytes) -> tuple[bytes, ...]:
    """A <notification> (RFC 5277, section 4) around some content."""
    stamp = timestamp(time).replace("+00:00", "Z")
    start = f'<notification xmlns="{NOTIFICATION}"><eventTime>{stamp}</eventTime>'
    return (start.encode(), content, _END)


def make(
    schema: Schema,
    qname: str,
    values: Mapping[str, Any],
    time: datetime,
    edits: tuple[Place, ...] = (),
) -> Event:
    """The event of a notification of the schema; values as for yang/build.py."""
    node = schema.notifications[qname]
    assert node.parent is not None
    tree = Container(node.parent, {qname: build(node, values)})
    return Event(time, node, tree, to_xml(tree), edits)
