"""Makes the checkout importable as ansible_collections.mcast.smcroute, wherever it lies.

ansible-test has a loader of its own that does the same for a tree of the right name.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

COLLECTION = "ansible_collections.mcast.smcroute"
ROOT = Path(__file__).resolve().parents[3]


def _expose(root: Path) -> None:
    parent: ModuleType | None = None
    name = ""
    for part in COLLECTION.split("."):
        name = f"{name}.{part}" if name else part
        package = ModuleType(name)
        package.__path__ = [str(root)] if name == COLLECTION else []
        sys.modules[name] = package
        if parent is not None:
            setattr(parent, part, package)
        parent = package


def _importable() -> bool:
    try:
        return importlib.util.find_spec(COLLECTION) is not None
    except ModuleNotFoundError:
        return False


if not _importable():
    _expose(ROOT)
