"""running: the tree that the system follows."""

from __future__ import annotations

from ..yang.data import Container, empty
from ..yang.diff import diff
from ..yang.schema import Schema
from ..yang.validate import validate
from .beside import beside
from .events import Change, Listener, tell
from .names import RUNNING, Apply


class Running:
    """The tree and its one change: validated, applied, and told to the listeners."""

    def __init__(self, schema: Schema, apply: Apply) -> None:
        self.tree = empty(schema)
        self.listeners: list[Listener] = []
        self.changes = 0
        """How often it has changed."""
        self._schema = schema
        self._apply = apply

    async def change(
        self,
        after: Container,
        session_id: int,
        user: str | None,
        *,
        valid: Container | None = None,
    ) -> bool:
        """Make it `after`, or raise errors.Error; False when it is so already.

        Only to be called within a transaction.  valid: a tree that is known to be valid and
        nearer to `after` than what running is.
        """
        before = self.tree
        changes = [] if after is before else diff(before, after)
        if not changes:
            return False
        known = before if valid is None else valid
        await beside(lambda: validate(self._schema, known, after), len(changes))
        await self._apply(before, after)
        self.tree = after
        self.changes += 1
        tell(self.listeners, Change(RUNNING, session_id, user, changes))
        return True
