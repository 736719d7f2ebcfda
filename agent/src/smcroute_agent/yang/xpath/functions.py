"""All functions that an expression may call."""

from __future__ import annotations

from .core_functions import CORE
from .function import Function, Scope
from .yang_functions import YANG

__all__ = ["FUNCTIONS", "Function", "Scope"]

FUNCTIONS: dict[str, Function] = {**CORE, **YANG}
"""By name."""
