"""The text of the modules, for get-schema and for the compiler.

Our own text travels in the compiled schema; that of the IETF's modules is in the data that
pyang's package installs below the prefix, share/yang/modules.
"""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import sysconfig
from pathlib import Path

from ..errors import SystemProblem
from .schema import Module, Schema, packaged

SUBDIRECTORIES = ("ietf", "iana")


def modules_directory() -> list[Path]:
    """The directories of pyang's modules.

    Raises SystemProblem when pyang's data is not installed.
    """
    for root in _roots():
        directory = root / "share" / "yang" / "modules"
        if (directory / "ietf").is_dir():
            return [directory / name for name in SUBDIRECTORIES if (directory / name).is_dir()]
    raise SystemProblem(
        "the YANG modules of the IETF are not installed",
        path=f"{sys.prefix}/share/yang/modules",
        remedy="install the Python package pyang, which carries them",
    )


def _roots() -> list[Path]:
    """The prefixes below which pip may have put a package's data."""
    roots = (sysconfig.get_path("data"), sys.prefix, "/usr/local", "/usr")
    return [Path(root) for root in dict.fromkeys(roots)]


def modules(schema: Schema | None = None) -> list[Module]:
    """All modules of the schema, implemented or only imported, by name."""
    return list((schema or packaged()).modules.values())


def module_text(name: str, revision: str = "", schema: Schema | None = None) -> str:
    """The YANG text of a module; an empty revision is the one that there is.

    Raises KeyError when the schema has no such module or not that revision.
    """
    module = (schema or packaged()).modules[name]
    if revision not in ("", module.revision):
        raise KeyError(revision)
    if module.text is not None:
        return module.text
    return _installed_text(name, module.revision)


def preload(schema: Schema | None = None) -> None:
    """Read the text of every module now: later the process may not be allowed to.

    A module that cannot be read is told when it is asked for.
    """
    for module in modules(schema):
        with contextlib.suppress(KeyError, OSError, SystemProblem):
            module_text(module.name, schema=schema)


def installed_files(schema: Schema | None = None) -> list[str]:
    """The paths of the modules whose text pyang's package carries, as far as it is installed."""
    try:
        directories = modules_directory()
    except SystemProblem:
        return []
    others = [module for module in modules(schema) if module.text is None]
    found = (_file(directories, module.name, module.revision) for module in others)
    return [path for path in found if path is not None]


@functools.cache
def _installed_text(name: str, revision: str | None) -> str:
    path = _file(modules_directory(), name, revision)
    if path is None:
        raise KeyError(name)
    return Path(path).read_text(encoding="utf-8")


def _file(directories: list[Path], name: str, revision: str | None) -> str | None:
    for directory in directories:
        for path in (f"{directory}/{name}@{revision}.yang", f"{directory}/{name}.yang"):
            if os.path.isfile(path):
                return path
    return None
