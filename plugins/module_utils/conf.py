# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of smcroute.conf: to entries with every error by its line, and from entries."""

from __future__ import annotations

import re
from typing import NamedTuple

from ansible_collections.mcast.smcroute.plugins.module_utils import conf_statements
from ansible_collections.mcast.smcroute.plugins.module_utils.conf_statements import (
    BadStatement,
    Statement,
)
from ansible_collections.mcast.smcroute.plugins.module_utils.entries import Config
from ansible_collections.mcast.smcroute.plugins.module_utils.errors import OptionError
from ansible_collections.mcast.smcroute.plugins.module_utils.kinds import (
    PHYINT,
    ROUTE,
    Entry,
    Key,
    Kind,
)
from ansible_collections.mcast.smcroute.plugins.module_utils.reconcile import Entries

MAX_LINE = 8192
"""Octets of a line that is no comment; the daemon takes no more."""

SHOWN_ERRORS = 20
"""How many bad lines a message tells."""

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_WORD = re.compile(r"[^ \t\n\r\v\f]+")
_BOMS = ("\ufeff", "\xef\xbb\xbf")
"""An editor's byte order mark, decoded as UTF-8 and as Latin-1."""


class Parsed(NamedTuple):
    """The complete entries of one kind, and the lines that include other files."""

    entries: Entries
    includes: list[tuple[int, str]]


def parse(kind: Kind, text: str) -> Parsed:
    """What the statements of one kind say together; the others are only checked.

    Raises OptionError that tells every bad line by its number.
    """
    says = _Says()
    includes = []
    errors = []
    for bom in _BOMS:
        text = text.removeprefix(bom)
    for number, line in enumerate(_LINE.findall(text), 1):
        try:
            words = _words(line)
            if words and words[0] == conf_statements.INCLUDE:
                includes.append((number, _pattern(words)))
            elif words:
                says.add(number, conf_statements.parse(words))
        except BadStatement as error:
            errors.append(f"line {number}: {error}")
    if errors:
        raise _all(errors)
    return Parsed(
        {
            key: kind.complete(entry)
            for (name, key), entry in says.found.items()
            if name == kind.list_name
        },
        includes,
    )


def render(kind: Kind, wanted: Config) -> str:
    """The lines of smcroute.conf for the entries of config, in its order."""
    lines = []
    for key, (index, entry) in wanted.items():
        try:
            lines.append(conf_statements.render(kind, entry) + "\n")
        except BadStatement as error:
            raise OptionError(
                f"config[{index}] ({kind.describe(key)}): {error}", "rename the interface"
            ) from None
    return "".join(lines)


class _Says:
    """What the lines say together: those with the same key add up."""

    def __init__(self) -> None:
        self.found: dict[tuple[str, Key], Entry] = {}
        self._lines: dict[Key, int] = {}  # where the first line of each phyint stands

    def add(self, number: int, statement: Statement) -> None:
        kind, entry = statement
        key = kind.key_of(entry)
        old = self.found.setdefault((kind.list_name, key), entry)
        if kind is PHYINT:
            first = self._lines.setdefault(key, number)
            for name, value in entry.items():
                if old.get(name, value) != value:
                    raise BadStatement(
                        f"phyint {entry['name']} contradicts what line {first} says about it; "
                        "keep one of the lines"
                    )
            old.update(entry)
        elif kind is ROUTE and old is not entry:
            outs = set(old["out_interfaces"]).union(entry["out_interfaces"])
            old["out_interfaces"] = sorted(outs)


def _words(line: str) -> list[str]:
    """The words of a line without its comment, which begins at a word that begins with #."""
    if "\0" in line:
        raise BadStatement("there is a NUL in the line; the file is plain text")
    words = _WORD.findall(line)
    for position, word in enumerate(words):
        if word.startswith("#"):
            del words[position:]
            break
    if words and len(line.encode()) > MAX_LINE:
        raise BadStatement(
            f"the line has more than {MAX_LINE} octets; "
            "write several with the same source and group, they add up"
        )
    return words


def _pattern(words: list[str]) -> str:
    if len(words) != 2:
        raise BadStatement("include takes one path or pattern")
    return words[1]


def _all(errors: list[str]) -> OptionError:
    count = f"{len(errors)} lines are" if len(errors) > 1 else "one line is"
    more = len(errors) - SHOWN_ERRORS
    shown = errors[:SHOWN_ERRORS] + ([f"and {more} more"] if more > 0 else [])
    return OptionError(f"running_config is no smcroute.conf, {count} wrong: " + ". ".join(shown))
