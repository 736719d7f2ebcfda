"""The agent's end of the channel to smcrouted."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from typing import Any, Protocol

from ..channel import Channel, ChannelClosed, ChannelFull, Message
from ..errors import Error

MAX_PROBLEMS = 100
"""Problems of a start that are told at the most."""


class Orders(Protocol):
    """What smcrouted asks of the agent."""

    def new_engine(self, channel: Channel) -> None:
        """An engine has been started; this is the way to it."""

    def reload(self) -> None:
        """Copy startup to running."""

    def stop(self) -> None:
        """End in good order; also when smcrouted itself is gone."""


class Control:
    """Hears the orders of smcrouted, and tells it how things are."""

    def __init__(self, channel: Channel) -> None:
        channel.socket.setblocking(False)
        self._channel = channel

    def listen(self, orders: Orders) -> None:
        """Pass on every order as it comes."""
        table: dict[str, Callable[[], None]] = {"reload": orders.reload, "stop": orders.stop}

        def heard() -> None:
            try:
                received = self._channel.receive()
            except (ChannelClosed, ValueError):
                asyncio.get_running_loop().remove_reader(self._channel.fileno())
                orders.stop()
                return
            if received is None:
                return
            message, descriptors = received
            if message.get("do") == "engine" and len(descriptors) == 1:
                orders.new_engine(Channel.from_descriptor(descriptors[0]))
                return
            for descriptor in descriptors:
                os.close(descriptor)
            table.get(str(message.get("do")), lambda: None)()

        asyncio.get_running_loop().add_reader(self._channel.fileno(), heard)

    def ready(self) -> None:
        """Startup is running, and all sockets are served."""
        self._tell({"ready": True})

    def applied(self) -> None:
        """The engine holds the rules of running."""
        self._tell({"applied": True})

    def reloaded(self, *, ordered: bool) -> None:
        """A reload is done: one that smcrouted has asked for (ordered), or a client."""
        self._tell({"reloaded": True, "ordered": ordered})

    def not_reloaded(self, error: Error) -> None:
        """A reload that smcrouted asked for has changed nothing."""
        self._tell({"reload_failed": str(error)})

    def ask_to_stop(self) -> None:
        """A client wants the whole daemon to end."""
        self._tell({"do": "stop"})

    def fatal(self, problems: list[Error]) -> None:
        """The agent cannot start; the first problem's class decides the exit code."""
        told: list[dict[str, Any]] = [
            {"message": problem.message, "path": problem.path, "remedy": problem.remedy}
            for problem in problems[:MAX_PROBLEMS]
        ]
        self._tell({"fatal": {"kind": problems[0].kind, "problems": told}})

    def _tell(self, message: Message) -> None:
        with contextlib.suppress(ChannelClosed, ChannelFull):
            self._channel.send(message)
