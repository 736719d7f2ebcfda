"""Messages are parsed beside the event loop, in threads that are replaced from time to time.

libxml2 keeps every name, namespace and short text that a thread of lxml has ever parsed, until
the thread ends.  A client that sends other names in each message would fill the memory of an
agent that parsed in its main thread.  And a large message would hold up all other sessions.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from lxml import etree

from . import xml

SMALL = 256 * 1024
"""Octets of messages that do not wait until larger ones are parsed."""

RENEWAL = 8 * 1024 * 1024
"""Octets that a thread parses before another one takes its place."""


class _Parser:
    """One thread at a time."""

    def __init__(self) -> None:
        self._parsed = RENEWAL
        self._thread: ThreadPoolExecutor | None = None

    def thread(self, octets: int) -> ThreadPoolExecutor:
        """The thread that parses so many octets."""
        if self._thread is None or self._parsed >= RENEWAL:
            if self._thread is not None:
                self._thread.shutdown(wait=False)
            self._thread = ThreadPoolExecutor(1, "parse")
            self._parsed = 0
        self._parsed += octets
        return self._thread


_small, _large = _Parser(), _Parser()


async def cost(message: bytes) -> int:
    """What it takes to parse a message; raises xml.TooCostly."""
    if len(message) <= SMALL:
        return xml.cost(message)
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_large.thread(0), xml.cost, message)


async def parse(message: bytes) -> etree._Element:
    """The root element of a message; raises xml.NotWellFormed."""
    parser = _small if len(message) <= SMALL else _large
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(parser.thread(len(message)), xml.parse, message)
