"""The startup datastore: smcroute.conf and the files of the other modules, as a data tree."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from .. import model
from ..compat import conf
from ..compat.startup import StartupRules
from ..errors import Error
from ..yang.data import Container, replaced
from ..yang.schema import Schema
from .files import OwnFiles
from .module_files import ModuleFiles


class Startup:
    """datastore.StartupStore over the rules of smcroute.conf and the data of other modules."""

    def __init__(self, schema: Schema, rules: StartupRules, modules: ModuleFiles) -> None:
        self._schema = schema
        self._rules = rules
        self._modules = modules

    async def load(self) -> Container:
        """What the files say; raises ConfigError that tells every error with FILE:LINE."""
        rules = model.from_words(self._schema, await self._rules.load())
        return replaced(rules, (await self._modules.load()).children)

    async def save(self, tree: Container) -> None:
        """Make the files say it; comments and order stay in smcroute.conf.

        All are written, or none.
        """
        await self._rules.save(model.rules_of(tree), await self._modules.changed(tree))

    @contextlib.asynccontextmanager
    async def told_by_line(self) -> AsyncIterator[None]:
        """An Error of the body about a rule of smcroute.conf names its lines, FILE:LINE."""
        try:
            yield
        except Error as error:
            with contextlib.suppress(Error):
                error.path = await asyncio.to_thread(self._lines, error.path) or error.path
            raise

    def _lines(self, path: str | None) -> str:
        """FILE:LINE of the lines that make a rule, by its path in the data tree; blocks."""
        document = self._rules.read()
        for key in document.rules:
            if model.instance_path(self._schema, key) == path:
                return ", ".join(document.places(key))
        return ""


def check(path: Path) -> list[Error]:
    """All that is wrong with a file and those that it includes (smcrouted -F)."""
    try:
        return list(conf.parse(OwnFiles(), str(path)).errors)
    except FileNotFoundError:
        return [Error("there is no such file", path=str(path), remedy="name one that exists")]
    except Error as error:
        return [error]
