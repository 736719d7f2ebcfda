"""The usual line of a long smcroute.conf, read in a fraction of the time.

    mroute from IN [source S] group G to OUT...

Lines of a long file differ in the group; what stands before and behind it comes again and again.
Once such a line has been read the thorough way (statements.py), others with the same octets before
and behind an address that is as good have nothing else that could be wrong with them.  All that
is unusual, and all that is wrong, is left to the thorough way.
"""

from __future__ import annotations

import socket
from typing import NamedTuple

from ..rules import ANY_SOURCE, Mroute

_GROUP = b" group "
_TO = b" to "

MAX_KNOWN = 4096
"""Beginnings, and ends, that are remembered."""


class _Beginning(NamedTuple):
    interface: str
    source: str
    six: bool | None
    """The source's address family; None when the group may be of either."""


class UsualLines:
    """What the lines of one reading have in common so far."""

    def __init__(self, longest: int) -> None:
        """longest: octets of a line that is read here."""
        self._longest = longest
        self._beginnings: dict[bytes, _Beginning] = {}
        self._ends: dict[bytes, tuple[str, ...]] = {}

    def read(self, raw: bytes) -> Mroute | None:
        """The rule of a line with its end; None when it has to be read the thorough way."""
        before, _, rest = raw.partition(_GROUP)
        word, _, behind = rest.partition(_TO)
        beginning = self._beginnings.get(before)
        outs = self._ends.get(behind)
        if beginning is None or outs is None or len(raw) > self._longest:
            return None
        interface, source, wanted = beginning
        six = b":" in word
        if wanted not in (None, six):
            return None
        try:
            if six:
                packed = socket.inet_pton(socket.AF_INET6, word.decode("ascii"))
                if packed[0] != 0xFF:
                    return None
                group = socket.inet_ntop(socket.AF_INET6, packed)
            else:
                packed = socket.inet_pton(socket.AF_INET, word.decode("ascii"))
                if not 224 <= packed[0] < 240:
                    return None
                group = socket.inet_ntop(socket.AF_INET, packed)
        except (OSError, ValueError):
            return None
        return Mroute(interface, source, group, outs)

    def learn(self, raw: bytes, rule: Mroute) -> None:
        """Remember what stands around the group of a line that was read the thorough way."""
        before, _, rest = raw.partition(_GROUP)
        word, to, behind = rest.partition(_TO)
        words = before.split()
        if not to or len(word.split()) != 1:
            return
        if words[:2] == [b"mroute", b"from"] and len(words) == 3:
            beginning = _Beginning(rule.interface, ANY_SOURCE, None)
        # "source 0.0.0.0" is any source too, but of one family.
        elif words[3:4] == [b"source"] and len(words) == 5 and rule.source != ANY_SOURCE:
            beginning = _Beginning(rule.interface, rule.source, ":" in rule.source)
        else:
            return
        if len(self._beginnings) < MAX_KNOWN:
            self._beginnings[before] = beginning
        if len(self._ends) < MAX_KNOWN:
            self._ends[behind] = rule.out_interfaces
