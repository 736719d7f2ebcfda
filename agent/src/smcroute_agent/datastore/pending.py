"""What has to be kept of a confirmed commit to roll it back, and where."""

from __future__ import annotations

import json
from typing import NamedTuple, Protocol

from ..yang.data import Container
from ..yang.schema import Schema
from ..yang.serialize import to_xml


class Pending(NamedTuple):
    """A commit that is not confirmed.

    before: running as it was before the first confirmed commit of the sequence.  session_id:
    who issued the last one; None when that session has ended, or was another agent's.  user:
    whose session that was.
    persist: the token that lets any session confirm it, and has it survive its session.
    deadline: on the clock of time.monotonic(), which all processes of one boot share.
    """

    before: Container
    session_id: int | None
    user: str | None
    persist: str | None
    deadline: float

    def encode(self) -> bytes:
        """The record of a PendingStore."""
        record = {
            "user": self.user,
            "persist": self.persist,
            "deadline": self.deadline,
            "before": to_xml(self.before).decode(),
        }
        return json.dumps(record).encode()

    @classmethod
    def decode(cls, schema: Schema, record: bytes) -> Pending:
        """What encode() made, read by another process: its sessions are none of ours."""
        from lxml import etree

        from ..yang.parse import parse

        fields = json.loads(record)
        parser = etree.XMLParser(huge_tree=True, resolve_entities=False, no_network=True)
        content = etree.fromstring(f"<before>{fields['before']}</before>".encode(), parser)
        before = parse(schema, content)
        return cls(before, None, fields["user"], fields["persist"], fields["deadline"])


class PendingStore(Protocol):
    """Keeps one record for the process that takes the place of this one.

    It need not outlive the system: one that starts anew runs what startup says.
    """

    async def save(self, record: bytes) -> None:
        """Keep this record in place of the old one, in one step; raises errors.Error."""

    async def load(self) -> bytes | None:
        """The record that is kept; raises errors.Error."""

    async def clear(self) -> None:
        """Keep none; raises errors.Error."""


class ProcessMemory:
    """A PendingStore that ends with the process."""

    def __init__(self) -> None:
        self.record: bytes | None = None

    async def save(self, record: bytes) -> None:
        self.record = record

    async def load(self) -> bytes | None:
        return self.record

    async def clear(self) -> None:
        self.record = None
