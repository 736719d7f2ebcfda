"""The orders of SIGHUP: one reload under way at a time, and at most one that waits."""

from __future__ import annotations

from collections.abc import Callable


class Reloads:
    """Asks the agent for a reload when it can take the order, and loses none with an agent.

    However many orders come while a reload is under way, one more reload obeys them all: it
    begins after the last of them.

    send: gives the order to the agent.
    """

    def __init__(self, send: Callable[[], None]) -> None:
        self._send = send
        self._agent_ready = False
        self._waiting = False
        self._under_way = False

    def order(self) -> None:
        """SIGHUP has come."""
        self._waiting = True
        self._go_on()

    def agent_ready(self) -> None:
        """An agent holds running now: what is reloaded is compared with it."""
        self._agent_ready = True
        self._go_on()

    def agent_ended(self) -> None:
        """What it had not finished is left to the next."""
        self._agent_ready = False
        self._waiting = self._waiting or self._under_way
        self._under_way = False

    def done(self) -> None:
        """The agent has obeyed, or has said why it has not."""
        self._under_way = False
        self._go_on()

    def _go_on(self) -> None:
        if self._waiting and self._agent_ready and not self._under_way:
            self._waiting = False
            self._under_way = True
            self._send()
