"""The startup data of modules other than smcroute: one JSON file a module (RFC 7951)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator

from .. import model
from ..compat.conf import Files
from ..errors import ConfigError, DataError
from ..yang.data import Container, Node
from ..yang.json_data import to_json
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

    async def changed(self, tree: Container) -> dict[str, bytes]:
        """What the files that differ from the tree have to say.  Raises Error."""
        return await asyncio.to_thread(self._changed, tree)

    def _load(self) -> Container:
        children: dict[str, Node] = {}
        for module, path in self._paths():
            try:
                content = self._files.read(path)
            except FileNotFoundError:
                continue
            from ..yang.json_input import from_json

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

    def _changed(self, tree: Container) -> dict[str, bytes]:
        contents: dict[str, bytes] = {}
        for module, path in self._paths():
            own = {n: c for n, c in tree.children.items() if c.schema.module.name == module}
            content = to_json(Container(self._schema.root, own)).encode()
            try:
                old: bytes | None = self._files.read(path)
            except FileNotFoundError:
                old = None
            if content != old and (own or old is not None):
                contents[path] = content
        return contents

    def _paths(self) -> Iterator[tuple[str, str]]:
        for module in self._modules:
            yield module, os.path.join(self._directory, f"{module}.json")
