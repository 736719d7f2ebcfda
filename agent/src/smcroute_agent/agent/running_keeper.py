"""Keeps what running holds of modules other than smcroute.yang for the next agent.

The rules live in the engine, from which a new agent learns them.  Users and access rules live
in the agent alone: an agent that is killed must not give anybody other rights than those that
were in force.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ..yang.data import Container, empty
from ..yang.json_data import to_json
from ..yang.schema import Schema
from .handover import Handover
from .module_files import others

Apply = Callable[[Container, Container], Awaitable[None]]


class RunningKeeper:
    """A step of a datastore's transaction around another one.

    apply: the step that reaches the kernel.
    """

    def __init__(self, schema: Schema, apply: Apply, handover: Handover) -> None:
        self._schema = schema
        self._apply = apply
        self._handover = handover

    async def apply(self, before: Container, after: Container) -> None:
        """Keep first, then apply; what was kept is kept again when that fails."""
        old, new = others(self._schema, before), others(self._schema, after)
        if old == new:
            await self._apply(before, after)
            return
        await self._keep(new)
        try:
            await self._apply(before, after)
        except BaseException:
            await self._keep(old)
            raise

    async def load(self) -> Container:
        """What the agent before this one has kept."""
        record = await self._handover.load()
        if record is None:
            return empty(self._schema)
        from ..yang.json_input import from_json

        return from_json(self._schema, record.decode())

    async def forget(self) -> None:
        """A new life begins with startup."""
        await self._handover.clear()

    async def _keep(self, tree: Container) -> None:
        await self._handover.save(to_json(tree).encode())
