"""Keeps with smcrouted what the next agent has to find, when this one is killed."""

from __future__ import annotations

import asyncio
import os

from ..channel import memory_file
from ..errors import SystemProblem
from .files import SupervisedFiles


class Handover:
    """One record at the other end of the channel to smcrouted; a datastore.pending.PendingStore.

    name: one of supervisor.handover.Handover.NAMES.
    """

    def __init__(self, files: SupervisedFiles, name: str = "pending-commit") -> None:
        self._files = files
        self._name = name

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
        descriptor = memory_file(self._name, record)
        try:
            self._ask("keep", (descriptor,))
        finally:
            os.close(descriptor)

    def _load(self) -> bytes | None:
        descriptors = self._ask("kept")
        if not descriptors:
            return None
        # The file's offset is where its writer left it, and shared with whoever reads.
        with os.fdopen(descriptors[0], "rb") as file:
            file.seek(0)
            return file.read()

    def _ask(self, request: str, descriptors: tuple[int, ...] = ()) -> tuple[int, ...]:
        answer, received = self._files.ask({"do": request, "name": self._name}, descriptors)
        if not answer.get("ok"):
            raise SystemProblem(
                f"smcrouted does not keep the {self._name}: {answer.get('error')}",
                remedy=answer.get("remedy"),
            )
        return received
