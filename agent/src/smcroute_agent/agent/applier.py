"""Makes the engine hold the rules that a data tree says."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from .. import model
from ..rules import Rule, RuleKey
from ..yang.data import Container
from ..yang.diff import diff
from .engine_client import EngineClient

_log = logging.getLogger(__name__)


class Applier:
    """The step of a datastore transaction that reaches the kernel."""

    def __init__(self, engine: EngineClient) -> None:
        self._engine = engine

    async def apply(self, before: Container, after: Container) -> None:
        """Send the difference; raises the engine's error with the path of the rule's node."""
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
        if remove or add:
            _tell(await self._engine.apply(remove, add))

    async def restore(self, tree: Container) -> None:
        """Give a new engine all rules of running."""
        rules = model.rules_of(tree)
        _tell(await self._engine.apply((), rules, replace_all=True, restoring=True))


def _tell(warnings: Iterable[tuple[RuleKey, str]]) -> None:
    for key, text in warnings:
        _log.warning("%s: %s", " ".join(key), text)
