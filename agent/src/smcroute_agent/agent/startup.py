"""The startup datastore: smcroute.conf, seen as a data tree."""

from __future__ import annotations

from pathlib import Path

from .. import model
from ..compat import conf
from ..compat.startup import StartupRules
from ..errors import Error
from ..yang.data import Container, empty
from ..yang.schema import Schema
from .files import OwnFiles


class Startup:
    """datastore.StartupStore over the rules of smcroute.conf."""

    def __init__(self, schema: Schema, rules: StartupRules) -> None:
        self._schema = schema
        self._rules = rules

    async def load(self) -> Container:
        """What the file says; raises ConfigError that tells every error with FILE:LINE."""
        return model.changed(empty(self._schema), self._schema, await self._rules.load())

    async def save(self, tree: Container) -> None:
        """Make the file say it; comments and order stay."""
        await self._rules.save(model.rules_of(tree))


def check(path: Path) -> list[Error]:
    """All that is wrong with a file and those that it includes (smcrouted -F)."""
    try:
        return list(conf.parse(OwnFiles(), str(path)).errors)
    except FileNotFoundError:
        return [Error("there is no such file", path=str(path), remedy="name one that exists")]
    except Error as error:
        return [error]
