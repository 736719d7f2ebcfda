"""Cyclic garbage: looked for by hand, so that it does not fall between a packet and its route."""

from __future__ import annotations

import gc

ENOUGH = 2000
"""Objects that have been made and not freed since garbage was last looked for: less is not worth
it, and would make every small change a quarter slower."""


def collect() -> None:
    """To be called in a quiet moment; what has survived once is not looked at again."""
    if _is_enough():
        gc.collect()
        gc.freeze()


def keep() -> None:
    """To be called after a bit of a change of rules: what many rules have made will stay.

    Looking at it would stop the engine for 0.1 s when there are 100 000, and find nothing: neither
    a change nor its refusal leaves cycles.
    """
    if _is_enough():
        gc.freeze()


def _is_enough() -> bool:
    return gc.get_count()[0] >= ENOUGH
