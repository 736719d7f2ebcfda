"""Does what a message asks for, and writes down who asked and what came of it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from itertools import groupby
from typing import NamedTuple

from ..errors import Error
from ..log import NOTICE
from ..users import Peer
from . import batch, commands, ipc

_log = logging.getLogger(__name__)


class Answer(NamedTuple):
    """What is sent, and what is to be done when it has been sent.

    record: writes down what was asked for; nobody has to wait for it.
    """

    octets: bytes
    record: Callable[[], None]
    afterwards: Callable[[], Awaitable[None]] | None = None


class Executor:
    """Commands of one client."""

    def __init__(self, client: Peer, router: commands.Router) -> None:
        self._client = client
        self._router = router

    async def one(self, letter: str, arguments: Sequence[str]) -> Answer:
        """Do one command."""
        try:
            command = commands.command(letter)
        except Error as error:
            return Answer(ipc.encode_error(str(error)), _nothing)
        try:
            reply = await command.run(self._router, arguments)
        except Error as error:
            record = partial(self._record, command, arguments, error)
            return Answer(ipc.encode_error(str(error)), record)
        except Exception:
            # Without an answer the client would take it for success.
            _log.exception("the smcroutectl command %r failed", letter)
            return Answer(ipc.encode_error("smcrouted failed in this; its log tells why"), _nothing)
        record = partial(self._record, command, arguments, None)
        return Answer(ipc.encode_reply(reply.text), record, reply.afterwards)

    async def many(self, items: Sequence[batch.Item]) -> AsyncIterator[bytes]:
        """Do the commands of a batch in their order; yields the answers, some at a time.

        Neighbours that do the same, such as adding routes, are done in one transaction.  Each
        has the effect and the answer that it would have alone: a limit that an addition
        reaches cannot be made room for by another addition, nor can a removal need another,
        and what is refused together is done one by one.
        """
        for letter, group in groupby(items, _letter):
            run = list(group)
            octets = await self._together(letter, run) if letter and len(run) > 1 else None
            if octets is not None:
                yield octets
                continue
            for item in run:
                if isinstance(item, ipc.MalformedRequest):
                    yield ipc.encode_error(str(item))
                else:
                    answer = await self.one(*item)
                    answer.record()
                    yield answer.octets

    async def _together(self, letter: str, run: Sequence[batch.Item]) -> bytes | None:
        """The answers to edits that could be done in one transaction; None when they could not,
        and nothing has changed."""
        command = commands.command(letter)
        assert command.edit is not None
        outcomes: dict[int, Error | None] = {}
        edits: dict[int, commands.Edit] = {}
        arguments: list[Sequence[str]] = []
        for number, item in enumerate(run):
            assert not isinstance(item, ipc.MalformedRequest)
            arguments.append(item[1])
            try:
                edits[number] = command.edit(item[1])
            except Error as error:
                outcomes[number] = error
        try:
            done = await self._router.edit_together(list(edits.values()))
        except Exception:
            # One by one it shows which of them it is, and each gets its own error.
            return None
        outcomes.update(zip(edits, done, strict=True))
        answers = []
        for number, words in enumerate(arguments):
            refusal = outcomes[number]
            self._record(command, words, refusal)
            answers.append(ipc.encode_error(str(refusal)) if refusal else ipc.encode_reply())
        return b"".join(answers)

    def _record(
        self, command: commands.Command, arguments: Sequence[str], error: Error | None
    ) -> None:
        level = NOTICE if command.changes else logging.DEBUG
        if _log.isEnabledFor(level):
            shown = " ".join(arguments).encode("unicode_escape").decode()
            said = f"smcroutectl {command.name} {shown}".rstrip()
            who = f"by uid {self._client.uid}, pid {self._client.pid}"
            _log.log(level, "%s %s: %s", said, who, error or "done")


def _nothing() -> None:
    pass


def _letter(item: batch.Item) -> str:
    return "" if isinstance(item, ipc.MalformedRequest) else item[0]
