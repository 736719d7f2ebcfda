"""What an engine leaves to the next: descriptors that smcrouted holds and does not look into."""

from __future__ import annotations

import os


class Estate:
    """Descriptors by the names that the engine gave them.

    Among them are the multicast routing sockets: while one is open, the kernel forwards, with
    an engine or without.
    """

    def __init__(self) -> None:
        self._held: dict[str, int] = {}

    def replace(self, names: list[str], descriptors: tuple[int, ...]) -> None:
        """Hold these, and let go of the ones before."""
        self.close()
        self._held = dict(zip(names, descriptors, strict=True))

    def arguments(self) -> list[str]:
        """The engine's options that hand all of them on."""
        return [f"--inherit={name}={number}" for name, number in self._held.items()]

    def descriptors(self) -> tuple[int, ...]:
        return tuple(self._held.values())

    def close(self) -> None:
        """Let go: the kernel ends what nobody else holds."""
        for number in self._held.values():
            os.close(number)
        self._held.clear()
