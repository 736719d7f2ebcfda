"""The agent's end of the channel to the engine: apply, read and events."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import count
from typing import Any

from ..channel import Channel, ChannelClosed, ChannelFull, Message
from ..engine.encoding import decode_error, encode_key, encode_rules
from ..engine.protocol import MAX_ONLY, PENDING
from ..errors import EngineError, Error
from ..rules import Rule, RuleKey

PART_SIZE = 120_000
"""Octets of rules in one message at the most; a message holds channel.MAX_MESSAGE."""

_KIND_SIZE = 20
_FIELD_SIZE = 46
"""Octets that a rule's kind and each of its words take in JSON at the most: an IPv6 range, or a
name of 15 characters with a backslash before each."""

CONNECT_PATIENCE = 10.0
"""Seconds that a request waits for an engine that is being restarted."""

_log = logging.getLogger(__name__)


class _Request:
    """An answer that has not come, or not all of it."""

    def __init__(self) -> None:
        self.done: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self.rows: dict[str, list[Any]] = {}


class EngineClient:
    """Requests to whichever engine is connected at the time.

    `attach` takes the channel of a new engine; the caller then restores the rules with
    `restoring=True` and calls `restored`, upon which waiting requests go on.

    on_event: is given each event of engine/protocol.py.  path_of: where a rule stands in the
    data tree, for errors.
    """

    def __init__(
        self, on_event: Callable[[Message], None], path_of: Callable[[RuleKey], str]
    ) -> None:
        self._on_event = on_event
        self._path_of = path_of
        self._channel: Channel | None = None
        self._usable = asyncio.Event()
        self._writable = asyncio.Event()
        self._requests: dict[int, _Request] = {}
        self._numbers = count(1)
        self._sending = asyncio.Lock()

    def attach(self, channel: Channel) -> None:
        """Talk to the engine at the other end from now on."""
        self._detach("the engine was replaced")
        channel.socket.setblocking(False)
        self._channel = channel
        asyncio.get_running_loop().add_reader(channel.fileno(), self._readable)

    def restored(self) -> None:
        """The engine holds the rules of running: requests may be sent."""
        self._usable.set()

    def close(self) -> None:
        self._detach("the agent stops")

    async def apply(
        self,
        remove: Iterable[RuleKey] = (),
        add: Iterable[Rule] = (),
        *,
        replace_all: bool = False,
        flush: bool = False,
        lenient: bool = False,
        restoring: bool = False,
    ) -> list[tuple[RuleKey, str]]:
        """Change the rules, all or nothing; returns warnings (rule, text).

        lenient: a rule for which the kernel has no VIF or membership left waits for one.
        Raises the engine's error, with the path of the rule; nothing of the change remains.
        """
        how = {"replace_all": replace_all, "flush": flush, "lenient": lenient}
        answer, _ = await self._ask(_requests(_parts(remove, add), how), restoring)
        return [(tuple(key), text) for key, text in answer.get("warnings", [])]

    async def rehearse(
        self, remove: Iterable[RuleKey], add: Iterable[Rule], *, pending: bool = False
    ) -> list[Error]:
        """Raises what apply() would raise, as far as it can be known; nothing changes.

        pending: return a warning, with its path, for each rule to be added that would wait.
        """
        how = {"rehearsal": True, "pending": pending}
        _, rows = await self._ask(_requests(_parts(remove, add), how), restoring=False)
        return [
            Error(reason, path=self._path_of(tuple(key)), app_tag=PENDING)
            for key, reason in rows.get(PENDING, [])
        ]

    async def read(
        self,
        *what: str,
        only: Mapping[str, Collection[tuple[str, ...]]] | None = None,
        restoring: bool = False,
    ) -> dict[str, Any]:
        """State of the kernel and the engine: {"entries": rows, ...}; engine/protocol.py has
        the shapes of the rows.

        only: of some of it, the rows of these keys; it is read whole where they are many.
        """
        few = {
            name: list(map(list, keys))
            for name, keys in (only or {}).items()
            if len(keys) <= MAX_ONLY
        }
        message: Message = {"do": "read", "what": list(what), "only": few}
        _, rows = await self._ask([message], restoring)
        return {name: rows.get(name, []) for name in what}

    async def _ask(
        self, parts: Iterable[Message], restoring: bool
    ) -> tuple[Message, dict[str, list[Any]]]:
        if not restoring and not self._usable.is_set():
            try:
                await asyncio.wait_for(self._usable.wait(), CONNECT_PATIENCE)
            except TimeoutError:
                raise _gone("the engine is not running") from None
        # A later engine does not know the parts that went to this one, nor all rules yet.
        channel = self._channel
        number = next(self._numbers)
        request = self._requests[number] = _Request()
        try:
            async with self._sending:
                for part in parts:
                    await self._send(channel, part | {"id": number})
                    if part.get("more"):
                        await asyncio.sleep(0)  # the others' turn
            answer = await request.done
        except ChannelClosed:
            raise _gone("the engine ended") from None
        finally:
            self._requests.pop(number, None)
            if not request.done.cancel() and not request.done.cancelled():
                request.done.exception()  # so that asyncio knows that it was seen
        if "error" in answer:
            error, rule = decode_error(answer["error"])
            if rule is not None:
                error.path = self._path_of(rule)
            raise error
        return answer, request.rows

    async def _send(self, channel: Channel | None, message: Message) -> None:
        loop = asyncio.get_running_loop()
        while True:
            if channel is None or channel is not self._channel:
                raise ChannelClosed("the engine ended")
            try:
                channel.send(message)
                return
            except ChannelFull:
                self._writable.clear()
                loop.add_writer(channel.fileno(), self._writable.set)
                await self._writable.wait()
                if self._channel is channel:
                    loop.remove_writer(channel.fileno())

    def _readable(self) -> None:
        channel = self._channel
        while channel is not None and channel is self._channel:
            try:
                received = channel.receive()
            except (ChannelClosed, ValueError) as error:
                _log.info("the channel to the engine is closed: %s", error)
                self._detach("the engine ended")
                return
            if received is None:
                return
            message = received[0]
            self._heard(message)
            if "ok" in message:
                return  # the last of an answer: as a rule nothing is behind it

    def _heard(self, message: Message) -> None:
        if "event" in message:
            self._on_event(message)
            return
        request = self._requests.get(message.get("id", 0))
        if request is None or request.done.done():
            return
        if "rows" in message:
            for name, rows in message["rows"].items():
                if isinstance(rows, list):
                    request.rows.setdefault(name, []).extend(rows)
                else:
                    request.rows[name] = rows
            return
        request.done.set_result(message)

    def _detach(self, why: str) -> None:
        self._usable.clear()
        channel, self._channel = self._channel, None
        if channel is not None:
            loop = asyncio.get_running_loop()
            with contextlib.suppress(ValueError, OSError):
                loop.remove_reader(channel.fileno())
                loop.remove_writer(channel.fileno())
            channel.close()
        self._writable.set()
        for request in self._requests.values():
            if not request.done.done():
                request.done.set_exception(ChannelClosed(why))


def _requests(parts: Iterator[Message], how: Message) -> Iterator[Message]:
    """The messages of one apply, made as they are sent."""
    part = next(parts) | how
    for following in parts:
        yield part | {"do": "apply", "more": True}
        part = following
    yield part | {"do": "apply", "more": False}


def _parts(remove: Iterable[RuleKey], add: Iterable[Rule]) -> Iterator[Message]:
    """Keys and rules in messages of a bounded size; at least one message."""
    part: Message = {"remove": [], "add": []}
    left = PART_SIZE
    for name, items in (("remove", map(encode_key, remove)), ("add", encode_rules(add))):
        for item in items:
            size = _KIND_SIZE + _FIELD_SIZE * sum(
                len(field) if isinstance(field, (list, tuple)) else 1 for field in item[1:]
            )
            if size > left:
                yield part
                part, left = {"remove": [], "add": []}, PART_SIZE
            part[name].append(item)
            left -= size
    yield part


def _gone(message: str) -> EngineError:
    return EngineError(message, remedy="it is restarted with the rules of running; try again")
