"""The engine alone, in a host of the lab, driven as its supervisor and its agent would."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

from lab import Host, wait_for
from smcroute_agent.channel import Channel, ChannelFull, channel_pair

PART = 1000
"""Rules a message."""


class Refusal(AssertionError):
    """The engine's answer was an error; `wire` is what it said."""

    def __init__(self, wire: dict[str, Any]) -> None:
        super().__init__(str(wire))
        self.wire = wire


class Agent:
    """The agent's end of the channel."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.channel.socket.settimeout(20)
        self.events: list[dict[str, Any]] = []
        self._number = 0

    def send(self, **request: Any) -> int:
        """Send a request; its id."""
        self._number += 1
        self.channel.send({"id": self._number, **request})
        return self._number

    def receive(self) -> dict[str, Any]:
        """The next message; TimeoutError after 20 s of silence."""
        received = self.channel.receive()
        if received is None:
            raise TimeoutError("the engine does not answer")
        message, _ = received
        if "event" in message:
            self.events.append(message)
        return message

    def answer(self, number: int | None) -> dict[str, Any]:
        """The rows of a request, and what else its last message holds; Refusal for an error."""
        rows: dict[str, Any] = {}
        while True:
            message = self.receive()
            if "event" in message:
                continue
            assert message["id"] == number
            if "error" in message:
                raise Refusal(message["error"])
            for subject, part in message.get("rows", {}).items():
                if isinstance(part, dict):
                    rows[subject] = part
                else:
                    rows.setdefault(subject, []).extend(part)
            if "ok" in message:
                return rows | message

    def apply(
        self, add: Iterable[list[Any]] = (), remove: Iterable[list[str]] = (), **more: Any
    ) -> dict[str, Any]:
        """Change rules, in parts when there are many."""
        adds, removes = list(add), list(remove)
        self._number += 1
        for start in range(0, max(len(adds), len(removes), 1), PART):
            rest = max(len(adds), len(removes)) > start + PART
            request = {
                "id": self._number,
                "do": "apply",
                "add": adds[start : start + PART],
                "remove": removes[start : start + PART],
                "more": rest,
                **more,
            }
            self.channel.send(request)
        return self.answer(self._number)

    def read(self, subject: str) -> Any:
        return self.answer(self.send(do="read", what=[subject]))[subject]

    def entries(self) -> dict[tuple[str, str], tuple[str, str, set[str]]]:
        """{(source, group): (in-interface, origin, out-interfaces)}."""
        return {
            (source, group): (interface, origin, {name for name, _ in outs})
            for source, group, interface, origin, outs, *_ in self.read("entries")
        }

    def vifs(self) -> dict[str, list[int | None]]:
        """{name: [VIF, MIF]} of the interfaces that have one."""
        rows = {row[0]: row[2:4] for row in self.read("interfaces")}
        return {name: numbers for name, numbers in rows.items() if numbers != [None, None]}

    def status(self, *key: str) -> tuple[str, str | None]:
        for row_key, state, reason, _ in self.read("statuses"):
            if tuple(row_key) == key:
                return state, reason
        raise AssertionError(f"no status of {key}")

    def event(self, name: str) -> dict[str, Any]:
        """Wait for an event."""
        while True:
            for event in self.events:
                if event["event"] == name:
                    self.events.remove(event)
                    return event
            self.receive()

    def eventually(self, condition: Callable[[], bool], what: str) -> None:
        wait_for(condition, what, interval=0.01)


class Engine:
    """A context manager: one engine process."""

    def __init__(self, host: Host, *options: str, **popen: Any) -> None:
        self.control, theirs = channel_pair()
        self.control.socket.settimeout(20)
        descriptor = theirs.fileno()
        command = [sys.executable, "-m", "smcroute_agent.engine", "--control", str(descriptor)]
        handed_on = popen.pop("inherit", {})
        command += [f"--inherit={name}={number}" for name, number in handed_on.items()]
        self.process: subprocess.Popen[Any] = host.popen(
            [*command, *options], pass_fds=[descriptor, *handed_on.values()], **popen
        )
        theirs.close()
        self.left: dict[str, int] = {}
        """What it leaves to the next engine, open here."""

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self.control.close()
        self.forget()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def first_word(self) -> dict[str, Any]:
        """Its next message to the supervisor, but for those about sockets with memberships."""
        while True:
            received = self.control.receive()
            assert received is not None
            message, descriptors = received
            if "keep" in message:
                self.left = dict(zip(message["keep"], descriptors, strict=True))
            else:
                for descriptor in descriptors:
                    os.close(descriptor)
            if not {"hold", "release"} & message.keys():
                return message

    def ready(self, *, keep: bool = False) -> None:
        """Wait until it says so.  keep: hold what it leaves, so that the kernel keeps it."""
        assert self.first_word()["ready"] is True
        if not keep:
            self.forget()

    def forget(self) -> None:
        """Close what it leaves."""
        for number in self.left.values():
            os.close(number)
        self.left.clear()

    def agent(self) -> Agent:
        """Hand over a new agent's channel."""
        ours, theirs = channel_pair()
        self.control.send({"do": "client"}, (theirs.fileno(),))
        theirs.close()
        return Agent(ours)

    @property
    def pid(self) -> int:
        return self.process.pid


def fill(agent: Agent, message: dict[str, Any], *, timeout: float = 10) -> int:
    """Send a message until the channel takes no more for a while; how often."""
    agent.channel.socket.setblocking(False)
    sent, deadline = 0, time.monotonic() + timeout
    with contextlib.suppress(ChannelFull):
        while time.monotonic() < deadline:
            agent.channel.send(message)
            sent += 1
    agent.channel.socket.settimeout(20)
    return sent
