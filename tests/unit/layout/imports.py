"""What each module of a tree imports, read from its text."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[3]

TREES = {
    "smcroute_agent": ROOT / "agent/src/smcroute_agent",
    "ansible_collections.mcast.smcroute.plugins": ROOT / "plugins",
    "lab": ROOT / "lab",
    "bench": ROOT / "bench",
}
"""Directories of ours, by the name that their modules are imported under."""


def modules() -> dict[str, Path]:
    """All modules of ours by name."""
    found = {}
    for top, directory in TREES.items():
        for path in directory.rglob("*.py"):
            words = [top, *path.relative_to(directory).with_suffix("").parts]
            found[".".join(words[:-1] if words[-1] == "__init__" else words)] = path
    return found


def imports(known: Mapping[str, Path]) -> dict[str, set[str]]:
    """For each module what it imports, wherever in it and for types too; of ours, the module."""
    return {name: set(_imported(name, path, known)) for name, path in known.items()}


def _imported(name: str, path: Path, known: Mapping[str, Path]) -> Iterator[str]:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) + 1 - node.level]
            base = ".".join([*(above if node.level else ()), *filter(None, [node.module])])
            for alias in node.names:
                module = f"{base}.{alias.name}"
                yield module if module in known else base
