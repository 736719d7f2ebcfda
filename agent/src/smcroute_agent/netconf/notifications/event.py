"""One event of a stream, and the message that tells it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from ...yang.build import build
from ...yang.data import Container, Key
from ...yang.schema import SchemaNode
from ...yang.serialize import to_xml
from ..names import NOTIFICATION
from .edits import Edit

STREAMS = "urn:ietf:params:xml:ns:netmod:notification"
"""RFC 5277, section 3.4: the list of streams, replayComplete and notificationComplete."""

OCTETS = 500
"""Of an event's XML, about, without its edits."""

_END = b"</notification>"


def now() -> datetime:
    """The time that an event is stamped with."""
    return datetime.now(UTC)


def timestamp(time: datetime) -> str:
    """A time as yang:date-and-time in its canonical form, in UTC, to the millisecond."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds")


class Event:
    """A notification that happened.

    values: as for yang/build.py.  edits: of netconf-config-change, those that it lists.

    As a rule nobody asks for more than that: it waits in the log until it makes way for others.
    So what is sent is made when somebody is there whom it is sent to.
    """

    def __init__(
        self,
        time: datetime,
        node: SchemaNode,
        values: Mapping[str, Any],
        edits: tuple[Edit, ...] = (),
    ) -> None:
        self.time = time
        self.node = node
        self._values = values
        self._edits = edits
        self.size = OCTETS + sum([edit.size for edit in edits])
        """The octets of its XML, about."""

    @cached_property
    def tree(self) -> Container:
        """A root whose only child is the notification, as filters want it."""
        assert self.node.parent is not None
        values = self._values
        if self._edits:
            values = {**values, "edit": [edit.listed() for edit in self._edits]}
        return Container(self.node.parent, {self.node.qname: build(self.node, values)})

    @cached_property
    def content(self) -> bytes:
        """Its XML."""
        return to_xml(self.tree)

    def forget(self) -> None:
        """Let go of what was made for those who were told: it can be made again."""
        for made in ("tree", "content"):
            self.__dict__.pop(made, None)

    def seen_by(
        self, may_see: Callable[[SchemaNode, Mapping[SchemaNode, Key]], bool]
    ) -> Event | None:
        """The event without the edits of nodes that may not be seen, None when that is all."""
        seen = tuple([edit for edit in self._edits if may_see(edit.node, edit.keys)])
        if len(seen) == len(self._edits):
            return self
        return Event(self.time, self.node, self._values, seen) if seen else None


def message(time: datetime, content: bytes) -> tuple[bytes, ...]:
    """A <notification> (RFC 5277, section 4) around some content."""
    stamp = timestamp(time).replace("+00:00", "Z")
    start = f'<notification xmlns="{NOTIFICATION}"><eventTime>{stamp}</eventTime>'
    return (start.encode(), content, _END)
