"""What an engine leaves to the next: descriptors that smcrouted holds and does not look into."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable, Mapping
from typing import Any

from .fdstore import NoStore, Store

_HELD = "held-"
"""What is held, and not handed on, is in the store under this and a number."""

_NAME = re.compile("[A-Za-z0-9]{1,32}").fullmatch

_NOTHING: Mapping[str, int] = {}


class Estate:
    """Descriptors that must not be closed when the engine that opened them dies.

    Some are handed on to the next engine, by name; among them are the multicast routing
    sockets: while one is open, the kernel forwards, with an engine or without.  Others, those
    with group memberships, are held until the next engine has sockets of its own.

    store: what is here is also there, for the next smcrouted.
    left: what the smcrouted before has left there.
    """

    def __init__(self, store: Store | None = None, left: Mapping[str, int] = _NOTHING) -> None:
        self._store = store or NoStore()
        # The names of the smcrouted before must not come again.
        self._serial = time.monotonic_ns()
        self._handed_on: dict[str, int] = {}
        self._held: dict[int, tuple[str, int]] = {}
        self._former: dict[str, int] = {}
        for name, descriptor in left.items():
            (self._former if name.startswith(_HELD) else self._handed_on)[name] = descriptor

    def hand_on(self, names: Any, descriptors: tuple[int, ...]) -> None:
        """Keep these for the next engine, and let go of those before.

        Raises ValueError, and lets go of them, unless each has a name of its own.
        """
        if not _are_names(names) or len(names) != len(descriptors):
            _close(descriptors)
            raise ValueError("no names of what is handed on")
        before, self._handed_on = self._handed_on, dict(zip(names, descriptors, strict=True))
        for name, descriptor in before.items():
            if not _same(descriptor, self._handed_on.get(name)):
                self._store.remove(name)
        for name, descriptor in self._handed_on.items():
            if not _same(descriptor, before.get(name)):
                self._store.put(name, descriptor)
        _close(before.values())

    def arguments(self) -> list[str]:
        """The engine's options that give it what is handed on."""
        return [f"--inherit={name}={number}" for name, number in self._handed_on.items()]

    def descriptors(self) -> tuple[int, ...]:
        """What is handed on."""
        return tuple(self._handed_on.values())

    def hold(self, number: Any, descriptors: tuple[int, ...]) -> None:
        """Hold one, by the number that the engine calls it; ValueError when that is none."""
        if type(number) is not int:
            _close(descriptors)
            raise ValueError("no number of what is held")
        self.release(number)
        first, *more = descriptors
        self._serial += 1
        name = f"{_HELD}{self._serial}"
        self._held[number] = name, first
        self._store.put(name, first)
        _close(more)

    def release(self, number: int) -> None:
        """The engine does not want it held any more."""
        if number in self._held:
            name, descriptor = self._held.pop(number)
            self._store.remove(name)
            os.close(descriptor)

    def begin_succession(self) -> None:
        """The engine is dead: its numbers mean nothing to the next one."""
        self._former.update(self._held.values())
        self._held.clear()

    def end_succession(self) -> None:
        """The next engine has all that it needs."""
        self._remove(self._former)
        _close(self._former.values())
        self._former.clear()

    def close(self) -> None:
        """Let go of everything: the kernel ends what nobody else holds.

        The store does not let go: whoever stops smcrouted says what becomes of it.
        """
        self.begin_succession()
        _close([*self._handed_on.values(), *self._former.values()])
        self._handed_on.clear()
        self._former.clear()

    def renounce(self) -> None:
        """Let go of everything, in the store too: it may be of no good."""
        self.begin_succession()
        self._remove([*self._handed_on, *self._former])
        self.close()

    def _remove(self, names: Iterable[str]) -> None:
        for name in names:
            self._store.remove(name)


def _are_names(names: Any) -> bool:
    """Whether these can be in a command line, and be told to the service manager."""
    return (
        isinstance(names, list)
        and all(isinstance(name, str) and _NAME(name) for name in names)
        and len(set(names)) == len(names)
    )


def _same(descriptor: int, other: int | None) -> bool:
    """Whether both stand for the same socket, or file."""
    return other is not None and os.path.samestat(os.fstat(descriptor), os.fstat(other))


def _close(descriptors: Iterable[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
