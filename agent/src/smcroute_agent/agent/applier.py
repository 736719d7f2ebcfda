"""Makes the engine hold the rules that a data tree says."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterable, Iterator

from .. import model
from ..errors import Error
from ..rules import Rule, RuleKey, rule_key
from ..yang.data import Container
from ..yang.diff import diff
from .engine_client import EngineClient

_log = logging.getLogger(__name__)


class Applier:
    """The step of a datastore transaction that reaches the kernel."""

    def __init__(self, engine: EngineClient) -> None:
        self._engine = engine
        self._lenient = False

    @contextlib.contextmanager
    def leniently(self) -> Iterator[None]:
        """What finds no VIF waits meanwhile, as it does when a link appears: nobody is there to
        make the rules fit, and the others must not go without theirs."""
        self._lenient = True
        try:
            yield
        finally:
            self._lenient = False

    async def apply(self, before: Container, after: Container) -> None:
        """Send the difference; raises the engine's error with the path of the rule's node."""
        remove, add = _difference(before, after)
        if remove or add:
            _tell(await self._engine.apply(remove, add, lenient=self._lenient))
            if _log.isEnabledFor(logging.DEBUG):
                for key in remove:
                    _log.debug("%s: removed", " ".join(key))
                for rule in add:
                    _log.debug("%s: set up", " ".join(rule_key(rule)))

    async def rehearse(
        self, before: Container, after: Container, *, pending: bool = False
    ) -> list[Error]:
        """Raises what apply() would raise, as far as it can be known; nothing changes.

        pending: return a warning for each new or changed rule that would be pending.
        """
        remove, add = _difference(before, after)
        if not remove and not add:
            return []
        return await self._engine.rehearse(remove, add, pending=pending)

    async def restore(self, tree: Container) -> None:
        """Give a new engine all rules of running, also those that had to wait in the old one."""
        rules = model.rules_of(tree)
        _tell(await self._engine.apply((), rules, replace_all=True, lenient=True, restoring=True))


def _difference(before: Container, after: Container) -> tuple[list[RuleKey], list[Rule]]:
    """The rules to remove, and those to add."""
    remove: list[RuleKey] = []
    add: list[Rule] = []
    for change in diff(before, after):
        if isinstance(change.after, Container):
            rule = model.rule_of(change.after)
            if rule is not None:
                add.append(rule)
        else:
            key = model.key_of_entry(change.schema, change.key)
            if key is not None:
                remove.append(key)
    return remove, add


def _tell(warnings: Iterable[tuple[RuleKey, str]]) -> None:
    for key, text in warnings:
        _log.warning("%s: %s", " ".join(key), text)
