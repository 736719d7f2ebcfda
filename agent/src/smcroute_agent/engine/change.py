"""A staged change as a job."""

from __future__ import annotations

from collections.abc import Iterator

from .expiry import flush
from .reconcile import Refused
from .router import CompiledRule, Router
from .succession import Inheritance
from .transaction import Abandoned, Stage, Transaction


class Change:
    """Makes a router what a stage says; the difference is taken when its turn has come.

    added: the rules that were new or changed, when it is done.
    """

    def __init__(self, router: Router, stage: Stage, inheritance: Inheritance) -> None:
        self._router = router
        self._inheritance = inheritance
        self._stage = stage
        self._transaction: Transaction | None = None
        self._abandoned = False
        self.added: list[CompiledRule] = []

    def abandon(self) -> None:
        """Undo what is done, and do no more."""
        self._abandoned = True
        if self._transaction is not None:
            self._transaction.abandon()

    def run(self) -> Iterator[None]:
        """In steps; raises Refused or Abandoned, and the router is as it was."""
        remove, self.added = yield from self._stage.difference(self._router)
        if self._abandoned:
            raise Abandoned
        self._transaction = Transaction(
            self._router, remove, self.added, strict=not self._stage.lenient
        )
        try:
            yield from self._transaction.run()
        except (Refused, Abandoned):
            yield from self._inheritance.settle()
            raise
        yield from self._inheritance.settle()
        if self._stage.flush:
            yield from flush(self._router)
