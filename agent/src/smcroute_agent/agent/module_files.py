"""The startup data of modules other than smcroute: one JSON file a module (RFC 7951)."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Iterator

from .. import model
from ..compat.conf import Files
from ..errors import ConfigError, DataError, Error
from ..yang.data import Container, Node, empty
from ..yang.json_data import from_json, to_json
from ..yang.schema import Schema


def others(schema: Schema, tree: Container) -> Container:
    """A tree without the data of smcroute.yang."""
    kept = {
        name: node
        for name, node in tree.children.items()
        if node.schema.namespace != model.NAMESPACE
    }
    return Container(schema.root, kept)


class ModuleFiles:
    """DIRECTORY/MODULE.json for each module with configuration; touched in worker threads."""

    def __init__(self, schema: Schema, files: Files, directory: str) -> None:
        self._schema = schema
        self._files = files
        self._directory = directory
        self._modules = sorted(
            {
                node.module.name
                for node in schema.root.children.values()
                if node.config and node.namespace != model.NAMESPACE
            }
        )

    async def load(self) -> Container:
        """What all files say; a missing one says nothing.  Raises ConfigError."""
        return await asyncio.to_thread(self._load)

    @contextlib.asynccontextmanager
    async def saved(self, tree: Container) -> AsyncIterator[None]:
        """Make the files say the tree; they are put back when what is done inside fails."""
        undo: dict[str, bytes] = {}
        try:
            await asyncio.to_thread(self._save, tree, undo)
            yield
        except BaseException:
            await asyncio.to_thread(self._restore, undo)
            raise

    def _load(self) -> Container:
        children: dict[str, Node] = {}
        for module, path in self._paths():
            try:
                content = self._files.read(path)
            except FileNotFoundError:
                continue
            try:
                found = from_json(self._schema, content.decode())
                strangers = [n for n in found.children.values() if n.schema.module.name != module]
                if strangers:
                    raise DataError(f"it holds {strangers[0].schema.name}, of another module")
            except (DataError, UnicodeDecodeError) as error:
                raise ConfigError(
                    str(error), path=path, remedy="correct the file, or remove it"
                ) from None
            children.update(found.children)
        return Container(self._schema.root, children)

    def _save(self, tree: Container, undo: dict[str, bytes]) -> None:
        for module, path in self._paths():
            own = {n: c for n, c in tree.children.items() if c.schema.module.name == module}
            content = to_json(Container(self._schema.root, own)).encode()
            try:
                old: bytes | None = self._files.read(path)
            except FileNotFoundError:
                old = None
            if content == old or (old is None and not own):
                continue
            self._files.replace(path, content)
            undo[path] = to_json(empty(self._schema)).encode() if old is None else old

    def _restore(self, undo: dict[str, bytes]) -> None:
        for path, content in undo.items():
            with contextlib.suppress(Error):
                self._files.replace(path, content)

    def _paths(self) -> Iterator[tuple[str, str]]:
        for module in self._modules:
            yield module, os.path.join(self._directory, f"{module}.json")
