"""smcroutectl -b: commands from standard input."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

from ..compat import batch as message
from ..errors import Error, SystemProblem
from .command import edit_request, run
from .connection import answers, ask, call
from .options import Options

CHUNK = 64 * 1024
"""Octets that are read at a time."""


def batch(options: Options) -> int:
    """Do each line of standard input; blank lines and comments are passed over.

    A command that fails does not stop the others; the exit code is then 1.  Lines that are
    there at the same time are sent together, if they change rules and the daemon takes that.
    """
    edits = _Edits(options.path)
    failed = 0
    for lines in _arriving():
        for number, words in lines:
            request, problem = None, None
            try:
                request = edit_request(options, words)
            except Error as error:
                problem = error
            if request is not None:
                edits.waiting.append((number, request))
                continue
            failed |= edits.send()
            if problem is None:
                try:
                    print(run(options, words), end="", flush=True)
                except Error as error:
                    problem = error
            if problem is not None:
                failed = fail(f"line {number}: {problem}")
        failed |= edits.send()
    return failed


def fail(text: str) -> int:
    """Say what went wrong; the exit code."""
    print(f"smcroutectl: {text}", file=sys.stderr, flush=True)
    return 1


def _arriving() -> Iterator[list[tuple[int, list[str]]]]:
    """The numbers and words of the lines of standard input that say something: at a time, what
    is there without waiting for more."""
    first, rest = 1, b""
    while piece := os.read(sys.stdin.fileno(), CHUNK):
        *lines, rest = (rest + piece).split(b"\n")
        yield list(_spoken(first, lines))
        first += len(lines)
    yield list(_spoken(first, [rest]))


def _spoken(first: int, lines: list[bytes]) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(lines, first):
        words = os.fsdecode(line).split()
        if words and not words[0].startswith("#"):
            yield number, words


class _Edits:
    """Changes of rules that wait to be sent.

    waiting: numbers of lines, and requests.
    """

    def __init__(self, path: str) -> None:
        self.waiting: list[tuple[int, bytes]] = []
        self._path = path
        self._at_a_time: int | None = None

    def send(self) -> int:
        """Send them all, and say what is wrong with each; the exit code."""
        waiting, self.waiting = self.waiting, []
        size = self._size() if len(waiting) > 1 else 1
        failed = 0
        for start in range(0, len(waiting), size):
            piece = waiting[start : start + size]
            numbers = iter([number for number, _ in piece])
            try:
                for text in self._answers([request for _, request in piece]):
                    number = next(numbers)
                    if text:
                        failed = fail(f"line {number}: {text}")
            except SystemProblem as error:
                for number in numbers:
                    failed = fail(f"line {number}: {error}")
        return failed

    def _answers(self, requests: list[bytes]) -> Iterator[str]:
        """An answer to each of them; raises SystemProblem when there is no further one."""
        if len(requests) == 1:
            yield ask(self._path, requests[0])
            return
        received = answers(self._path, message.encode(requests))
        for _ in requests:
            yield next(received)

    def _size(self) -> int:
        """How many the daemon takes at a time: one, unless it is ours."""
        if self._at_a_time is None:
            try:
                text = call(self._path, message.LETTER, [])
            except SystemProblem:
                return 1
            size = int(text) if text.isdecimal() and len(text) < 6 else 1
            self._at_a_time = max(1, min(size, message.MAX_COMMANDS))
        return self._at_a_time
