"""Keeps the pending confirmed commit with smcrouted, so that the next agent finds it."""

from __future__ import annotations

import asyncio
import os

from ..errors import SystemProblem
from .files import SupervisedFiles


class Handover:
    """A datastore.pending.PendingStore at the other end of the channel to smcrouted."""

    def __init__(self, files: SupervisedFiles) -> None:
        self._files = files

    async def save(self, record: bytes) -> None:
        """Keep this record in place of the old one."""
        await asyncio.to_thread(self._save, record)

    async def load(self) -> bytes | None:
        """What this agent or the one before it has saved."""
        return await asyncio.to_thread(self._load)

    async def clear(self) -> None:
        """Keep none."""
        await asyncio.to_thread(self._ask, "forget")

    def _save(self, record: bytes) -> None:
        descriptor = os.memfd_create("pending-commit", os.MFD_CLOEXEC)
        with os.fdopen(descriptor, "wb") as file:
            file.write(record)
            file.flush()
            self._ask("keep", (descriptor,))

    def _load(self) -> bytes | None:
        descriptors = self._ask("kept")
        if not descriptors:
            return None
        # The file's offset is where its writer left it, and shared with whoever reads.
        with os.fdopen(descriptors[0], "rb") as file:
            file.seek(0)
            return file.read()

    def _ask(self, request: str, descriptors: tuple[int, ...] = ()) -> tuple[int, ...]:
        answer, received = self._files.ask({"do": request}, descriptors)
        if not answer.get("ok"):
            raise SystemProblem(
                f"smcrouted does not keep the confirmed commit: {answer.get('error')}",
                remedy=answer.get("remedy"),
            )
        return received
