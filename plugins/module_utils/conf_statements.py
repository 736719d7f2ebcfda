# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One statement of smcroute.conf: from its words to an entry, and back.

The agent has a reader of its own; tests/integration/collection/test_conf_agrees.py holds
the two together.
"""

from __future__ import annotations

import difflib
import socket
from typing import Any, Callable, Iterable, NamedTuple, Sequence

from ansible_collections.mcast.smcroute.plugins.module_utils import values
from ansible_collections.mcast.smcroute.plugins.module_utils.kinds import (
    GROUP,
    PHYINT,
    ROUTE,
    Entry,
    Kind,
)

TO = "to"
INCLUDE = "include"


class BadStatement(ValueError):
    """What is wrong with a statement, and what to do, without saying where it stands."""


class Statement(NamedTuple):
    """The kind of a statement, and what it says: options that it does not name are absent."""

    kind: Kind
    entry: Entry


def parse(words: Sequence[str]) -> Statement:
    """The statement of a line, given as its words without the comment; or BadStatement."""
    read = _STATEMENTS.get(words[0])
    if read is None:
        raise _unknown(words[0], (*_STATEMENTS, INCLUDE), "keyword")
    return read(words[1:])


def render(kind: Kind, entry: Entry) -> str:
    """The line that says an entry, without its end; BadStatement for what no line can say."""
    if kind is PHYINT:
        names = [entry["name"]]
        words = ["phyint", entry["name"], *_phyint_options(entry)]
    else:
        outs = entry.get("out_interfaces") or []
        names = [entry["interface"], *outs]
        words = [kind.list_name, "from", entry["interface"]]
        if entry["source"] != values.ANY_SOURCE:
            words += ["source", entry["source"]]
        words += ["group", entry["group"], *([TO, *outs] if outs else [])]
    for name in names:
        if name.startswith("#"):
            raise BadStatement(f"the interface name {name} would begin a comment in smcroute.conf")
    return " ".join(words)


def _phyint_options(entry: Entry) -> list[str]:
    """The words behind the name; "no mrdisc" is the default and has no word."""
    options = []
    if entry.get("enabled") is not None:
        options.append("enable" if entry["enabled"] else "disable")
    if entry.get("mrdisc"):
        options.append("mrdisc")
    if entry.get("ttl_threshold") is not None:
        options += ["ttl-threshold", str(entry["ttl_threshold"])]
    return options


def _unknown(word: str, known: Iterable[str], what: str) -> BadStatement:
    known = sorted(known)
    near = difflib.get_close_matches(word.lower(), known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"use one of {', '.join(known)}"
    return BadStatement(f"unknown {what} {_shown(word)}; {hint}")


def _shown(word: str) -> str:
    return repr(word if len(word) <= 64 else word[:60] + "...")


def _checked(check: Callable[[Any], Any], word: str) -> Any:
    try:
        return check(word)
    except values.BadValue as error:
        raise BadStatement(f"{_shown(word)}: {error}") from None


_PHYINT_WORDS = {
    "enable": ("enabled", True),
    "disable": ("enabled", False),
    "mrdisc": ("mrdisc", True),
}
_TTL_THRESHOLD = "ttl-threshold"


def _phyint(words: Sequence[str]) -> Statement:
    if not words:
        raise BadStatement(
            "phyint without an interface; "
            "write phyint IFNAME [enable|disable] [mrdisc] [ttl-threshold TTL]"
        )
    entry: Entry = {"name": _checked(values.interface, words[0])}
    rest = iter(words[1:])
    for word in rest:
        if word == _TTL_THRESHOLD:
            option, value = "ttl_threshold", _ttl_threshold(next(rest, None))
        elif word in _PHYINT_WORDS:
            option, value = _PHYINT_WORDS[word]
        else:
            raise _unknown(word, (*_PHYINT_WORDS, _TTL_THRESHOLD), "word")
        if entry.setdefault(option, value) != value:
            raise BadStatement(f"{word} contradicts what the line says before; keep one of the two")
    return Statement(PHYINT, entry)


def _ttl_threshold(word: str | None) -> int:
    if word is None:
        raise BadStatement("ttl-threshold without a number; write one from 1 to 255")
    if not (word.isascii() and word.isdigit() and len(word) <= 3):
        raise BadStatement(f"{_shown(word)}: a TTL threshold is from 1 to 255")
    number: int = _checked(lambda _word: values.ttl_threshold(int(word)), word)
    return number


_FLOW_VALUES = {
    "from": "the interface that the packets come in on",
    "source": "the sender's address",
    "group": "a multicast group",
}


def _group(words: Sequence[str]) -> Statement:
    return Statement(GROUP, _flow(GROUP, words))


def _route(words: Sequence[str]) -> Statement:
    return Statement(ROUTE, _flow(ROUTE, words))


def _flow(kind: Kind, words: Sequence[str]) -> Entry:
    found: dict[str, str] = {}
    outs: Sequence[str] = ()
    rest = iter(words)
    for word in rest:
        if word == TO and kind is ROUTE:
            outs = tuple(rest)
            if not outs:
                raise BadStatement(
                    "'to' without an interface; leave it out for a route without any"
                )
            break
        if word not in _FLOW_VALUES:
            raise _unknown(word, (*_FLOW_VALUES, *([TO] if kind is ROUTE else [])), "word")
        if word in found:
            raise BadStatement(f"{word!r} is there twice; keep one of the two")
        value = next(rest, None)
        if value is None:
            raise BadStatement(f"{word!r} is the last word; write {_FLOW_VALUES[word]} behind it")
        found[word] = value
    for word in ("from", "group"):
        if word not in found:
            last = "; put 'to' and the outgoing interfaces last" if word in outs else ""
            raise BadStatement(f"{kind.list_name} without {word!r}{last}")
    return _entry(kind, found, outs)


def _entry(kind: Kind, found: dict[str, str], outs: Sequence[str]) -> Entry:
    written = found.get("source", values.ANY_SOURCE)
    entry: Entry = {
        "interface": _checked(values.interface, found["from"]),
        "source": _checked(_source, written),
        "group": _checked(_group_address, found["group"]),
    }
    # Also where the source stands for any: "source 0.0.0.0 group ff02::1" is a slip.
    if written != values.ANY_SOURCE and values.is_ipv6(written) != values.is_ipv6(entry["group"]):
        raise BadStatement(
            f"source {written} and group {found['group']} are of different address families"
        )
    if kind is ROUTE:
        entry["out_interfaces"] = sorted({_checked(values.interface, name) for name in outs})
    return entry


def _source(word: str) -> str:
    """smcroute writes any source also as 0.0.0.0, as :: and with the prefix length 0."""
    address, length = _prefix(word)
    if length == 0 or (length is None and address in ("0.0.0.0", "::")):
        return values.ANY_SOURCE
    return values.source(address if length is None else f"{address}/{length}")


def _group_address(word: str) -> str:
    address, length = _prefix(word)
    return values.group(address if length is None else f"{address}/{length}")


def _prefix(word: str) -> tuple[str, int | None]:
    """Address and length, None for a single address, which smcroute lets have its full length."""
    address, slash, length = word.partition("/")
    family, bits = (socket.AF_INET6, 128) if values.is_ipv6(address) else (socket.AF_INET, 32)
    try:
        address = socket.inet_ntop(family, socket.inet_pton(family, address))
    except (OSError, ValueError):
        return address, None if not slash else bits  # values.py says what is wrong with it
    if not slash:
        return address, None
    if not (length.isascii() and length.isdigit() and len(length) <= 3 and int(length) <= bits):
        raise BadStatement(f"{_shown(word)}: the prefix length is a number up to {bits}")
    return address, None if int(length) == bits else int(length)


_STATEMENTS: dict[str, Callable[[Sequence[str]], Statement]] = {
    "phyint": _phyint,
    "mgroup": _group,
    "mroute": _route,
    "ssmgroup": _group,  # how mgroup with a source was once written
}
