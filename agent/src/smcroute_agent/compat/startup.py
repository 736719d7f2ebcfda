"""The startup rules: smcroute.conf behind `load` and `save`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from ..log import NOTICE
from ..rules import Rule, rule_key
from . import conf, rewrite

_log = logging.getLogger(__name__)


class StartupRules:
    """smcroute.conf as a store of rules; its files are touched in a worker thread only.

    A file with errors is neither loaded nor written over: nothing of it is dropped silently.
    """

    def __init__(self, files: conf.Files, path: str) -> None:
        self._files = files
        self._path = path
        self._saving = asyncio.Lock()
        self._told_missing = False

    async def load(self) -> list[Rule]:
        """The rules of the file; none when there is no file.

        Raises ConfigError that tells every error with FILE:LINE, and Error when a file cannot
        be read.
        """
        document = await asyncio.to_thread(self.read)
        return list(document.rules.values())

    async def save(
        self, rules: Iterable[Rule], others: Mapping[str, bytes] = MappingProxyType({})
    ) -> None:
        """Make the file say these rules, keeping what people wrote around them.

        The file is read anew first, so that what was edited by hand since stays, but for the
        rules.  All files are written, or none; so are others, by their paths.
        """
        wanted = list(rules)
        async with self._saving:
            await asyncio.to_thread(self._save, wanted, others)

    def read(self) -> conf.Document:
        """The document, without errors; blocks.  Raises as `load` does."""
        try:
            document = conf.parse(self._files, self._path)
        except FileNotFoundError:
            if not self._told_missing:
                _log.log(NOTICE, "%s does not exist: there are no rules", self._path)
            self._told_missing = True
            return rewrite.new_document(self._path)
        self._told_missing = False
        conf.check(document)
        if _log.isEnabledFor(logging.DEBUG):
            for path, lines in document.files.items():
                for number, line in enumerate(lines, 1):
                    if line.rule is not None:
                        _log.debug("%s:%d: %s", path, number, " ".join(rule_key(line.rule)))
        return document

    def _save(self, wanted: list[Rule], others: Mapping[str, bytes]) -> None:
        contents = {**rewrite.rewrite(self.read(), wanted), **others}
        if contents:
            self._files.replace(contents)
