"""The agent's channel: requests in, answers and events out.

One request is served at a time; the next is not read before, so that nothing piles up here.
Whatever the agent sends is answered, never believed: it faces the network.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Generator, Iterator
from typing import Any

from ..channel import Channel, ChannelClosed, ChannelFull, DescriptorRefused, encoded_size
from ..errors import DataError, EngineError, Error
from ..rules import RuleKey
from . import garbage, protocol
from .change import Change
from .counters import Counters, Event
from .encoding import encode_error, encode_key
from .jobs import Job, JobQueue
from .matching import Route
from .reading import Part, decode_only, in_parts, read
from .reconcile import Refused
from .rehearsal import Rehearsal
from .router import CompiledRule, Router
from .status import route_warnings
from .succession import Inheritance
from .transaction import Stage
from .waiting import Waiting

log = logging.getLogger("engine")

MAX_EVENTS = 4096
"""Events that wait until the upcalls are answered."""

_EVENTS_AT_ONCE = 32
"""Events in one step; upcalls are looked after between two."""

_STEP = 256
"""Rules whose warnings are found in one step."""

Answer = dict[str, Any]


class Client:
    """One agent, from the handing over of its channel until it has gone."""

    def __init__(
        self, channel: Channel, router: Router, jobs: JobQueue, inheritance: Inheritance
    ) -> None:
        channel.socket.setblocking(False)
        channel.distrust()
        self._channel = channel
        self._router = router
        self._jobs = jobs
        self._inheritance = inheritance
        self._task: Iterator[Answer | None] | None = None
        self._unsent: Answer | None = None
        self._events: deque[Event] = deque()
        self._stage: tuple[int, Stage] | None = None
        self._waiting = Waiting(router.interfaces)
        self._job: Job | None = None
        self.closed = False

    def fileno(self) -> int:
        return self._channel.fileno()

    @property
    def busy(self) -> bool:
        """Whether step() has something to do at once."""
        return self._unsent is None and (self._task is not None or bool(self._events))

    @property
    def wants_to_read(self) -> bool:
        return self._task is None and self._unsent is None

    @property
    def wants_to_write(self) -> bool:
        return self._unsent is not None

    def close(self) -> None:
        """Close the channel, which nothing waits at any more."""
        self._end()
        self._channel.close()

    def _end(self) -> None:
        """The agent is gone: what it had not finished is undone."""
        self.closed = True
        self._task = self._unsent = self._stage = None
        if self._job is not None:
            self._job.abandon()

    def emit(self, event: Event, counters: Counters) -> None:
        """Tell the agent, if it listens."""
        if len(self._events) >= MAX_EVENTS:
            counters.count("events_dropped")
        else:
            self._events.append(event)

    def on_readable(self) -> None:
        """Take the next request."""
        if not self.wants_to_read:
            return
        try:
            received = self._channel.receive()
        except ChannelClosed:
            self._end()
            return
        except DescriptorRefused as error:
            log.error("the agent sent %s; it is heard no more", error)
            self._end()
            return
        except (ValueError, OSError) as error:
            self._task = iter([_refusal(None, DataError(f"{error}"))])
            return
        if received is None:
            return
        self._task = self._serve(received[0])

    def on_writable(self) -> None:
        """Go on with the answer that did not fit."""
        unsent, self._unsent = self._unsent, None
        if unsent is not None:
            self._send(unsent)

    def step(self) -> None:
        """Do the next bit of the request, and pass on some events."""
        if self._events:
            self._send_events()
        if self._task is None or self._unsent is not None or self.closed:
            return
        try:
            answer = next(self._task)
        except StopIteration:
            self._task = None
            return
        if answer is not None:
            self._send(answer)

    def _send(self, answer: Answer) -> None:
        try:
            self._channel.send(answer)
        except ChannelFull:
            self._unsent = answer
        except ChannelClosed:
            self._end()
        except ValueError as error:
            # Every part of an answer is bounded where it is made; should one not be, it is no
            # reason to end the engine.
            log.error("an answer cannot be sent: %s", error)
            self._send(_refusal(answer.get("id"), EngineError(f"no answer: {error}")))

    def _send_events(self) -> None:
        try:
            for _ in range(min(_EVENTS_AT_ONCE, len(self._events))):
                self._channel.send(self._events[0])
                self._events.popleft()
        except ChannelFull:
            self._router.counters.values["events_dropped"] += len(self._events)
            self._events.clear()
        except ChannelClosed:
            self._end()

    # Requests

    def _serve(self, message: dict[str, Any]) -> Iterator[Answer | None]:
        number = message.get("id")
        if type(number) is not int:
            yield _refusal(None, DataError("a request has a number as its id"))
            return
        verb = message.get("do")
        try:
            if verb == protocol.APPLY:
                yield from self._apply(number, message)
            elif verb == protocol.READ:
                yield from self._read(number, message)
            else:
                raise DataError('a request is to "apply" or to "read"')
        except Refused as refusal:
            yield _refusal(number, refusal.error, refusal.rule)
        except Error as error:
            yield _refusal(number, error)
        except OSError as error:
            yield _refusal(number, EngineError(f"the kernel does not answer: {error}"))

    def _read(self, number: int, message: dict[str, Any]) -> Iterator[Answer | None]:
        subjects = message.get("what")
        if (
            not isinstance(subjects, list)
            or len(subjects) > len(protocol.SUBJECTS)
            or not all(subject in protocol.SUBJECTS for subject in subjects)
        ):
            raise DataError(f'"what" is a list of {", ".join(protocol.SUBJECTS)}')
        only = decode_only(message.get("only"))
        yield from self._in_turn(Job(iter(())))
        for part in read(self._router, subjects, only):
            yield None if part is None else {"id": number, "rows": part}
        yield {"id": number, "ok": True}

    def _apply(self, number: int, message: dict[str, Any]) -> Iterator[Answer | None]:
        if self._stage is None:
            stage = Stage(
                replace_all=message.get("replace_all") is True,
                lenient=message.get("lenient") is True,
                rehearsal=message.get("rehearsal") is True,
                pending=message.get("pending") is True,
            )
        elif self._stage[0] == number:
            stage = self._stage[1]
        else:
            raise DataError(
                f"apply {self._stage[0]} has not been sent to its end",
                remedy="send the parts of one change before those of another",
            )
        for _ in stage.take(message.get("remove", []), message.get("add", [])):
            yield None
        garbage.keep()
        stage.flush = stage.flush or message.get("flush") is True
        if message.get("more") is True:
            self._stage = (number, stage)
            return
        self._stage = None
        if stage.refusal is not None:
            yield _refusal(number, stage.refusal.error, stage.refusal.rule)
            return
        if stage.rehearsal:
            yield from self._rehearse(number, stage)
            return
        change = Change(self._router, stage, self._inheritance)
        yield from self._in_turn(Job(change.run(), change.abandon))
        garbage.keep()
        yield from self._waiting.look_at(change.added)
        warnings = yield from _warnings(change.added)
        yield {"id": number, "ok": True, **warnings}

    def _rehearse(self, number: int, stage: Stage) -> Iterator[Answer | None]:
        parts: list[Part] = []

        def work() -> Iterator[None]:
            rehearsal = Rehearsal(self._router, *(yield from stage.difference(self._router)))
            yield from rehearsal.run()
            if stage.pending:
                for part in in_parts(protocol.PENDING, rehearsal.pending()):
                    if part is not None:
                        parts.append(part)
                    yield

        yield from self._in_turn(Job(work()))
        for part in parts:
            yield {"id": number, "rows": part}
        yield {"id": number, "ok": True}

    def _in_turn(self, job: Job) -> Iterator[None]:
        """Wait until a job and those before it are done; raises what ended it."""
        self._job = self._jobs.add(job)
        while not job.done:
            yield
        self._job = None
        try:
            if job.error is not None:
                raise job.error
        finally:
            del job  # it holds the error, which holds this frame


def _refusal(number: int | None, error: Error, rule: RuleKey | None = None) -> Answer:
    return {"id": number, "error": encode_error(error, rule)}


def _warnings(added: list[CompiledRule]) -> Generator[None, None, Answer]:
    """The warnings of an answer, found in steps."""
    found: list[list[Any]] = []
    size = omitted = 0
    for done, rule in enumerate(added, 1):
        if done % _STEP == 0:
            yield
        for words in route_warnings(rule.rule) if isinstance(rule, Route) else ():
            warning = [encode_key(rule.key), words]
            size += encoded_size(warning)
            if size <= protocol.MAX_ROWS:
                found.append(warning)
            else:
                omitted += 1
    return {"warnings": found} | ({"omitted": omitted} if omitted else {})
