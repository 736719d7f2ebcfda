"""What an engine leaves to the next: descriptors that smcrouted holds and does not look into."""

from __future__ import annotations

import os
from collections.abc import Iterable


class Estate:
    """Descriptors that must not be closed when the engine that opened them dies.

    Some are handed on to the next engine, by name; among them are the multicast routing
    sockets: while one is open, the kernel forwards, with an engine or without.  Others, those
    with group memberships, are held until the next engine has sockets of its own.
    """

    def __init__(self) -> None:
        self._handed_on: dict[str, int] = {}
        self._held: dict[int, int] = {}
        self._former: list[int] = []

    def hand_on(self, names: list[str], descriptors: tuple[int, ...]) -> None:
        """Keep these for the next engine, and let go of those before."""
        _close(self._handed_on.values())
        self._handed_on = dict(zip(names, descriptors, strict=True))

    def arguments(self) -> list[str]:
        """The engine's options that give it what is handed on."""
        return [f"--inherit={name}={number}" for name, number in self._handed_on.items()]

    def descriptors(self) -> tuple[int, ...]:
        """What is handed on."""
        return tuple(self._handed_on.values())

    def hold(self, number: int, descriptors: tuple[int, ...]) -> None:
        """Hold one, by the number that the engine calls it."""
        self.release(number)
        first, *more = descriptors
        self._held[number] = first
        _close(more)

    def release(self, number: int) -> None:
        """The engine does not want it held any more."""
        if number in self._held:
            os.close(self._held.pop(number))

    def begin_succession(self) -> None:
        """The engine is dead: its numbers mean nothing to the next one."""
        self._former += self._held.values()
        self._held.clear()

    def end_succession(self) -> None:
        """The next engine has all that it needs."""
        _close(self._former)
        self._former.clear()

    def close(self) -> None:
        """Let go of everything: the kernel ends what nobody else holds."""
        _close([*self._handed_on.values(), *self._held.values(), *self._former])
        self._handed_on.clear()
        self._held.clear()
        self._former.clear()


def _close(descriptors: Iterable[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
