"""startup: the tree that the system starts with."""

from __future__ import annotations

from ..yang.data import Container
from .events import Change, Listener, tell
from .names import STARTUP, StartupStore


class Startup:
    """What is kept elsewhere, and its one change: saved, and told to the listeners."""

    def __init__(self, store: StartupStore, listeners: list[Listener]) -> None:
        self._store = store
        self._listeners = listeners

    async def load(self) -> Container:
        """What it holds now; raises errors.Error."""
        return await self._store.load()

    async def save(self, tree: Container, session_id: int, user: str | None) -> None:
        """Replace what it holds, all or nothing; raises errors.Error."""
        await self._store.save(tree)
        tell(self._listeners, Change(STARTUP, session_id, user))
