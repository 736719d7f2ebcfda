"""smcroute.conf, written: only the lines whose rule changed; all else stays, octet by octet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ..errors import ConfigError, DataError
from ..rules import Mroute, Phyint, Rule, RuleKey, rule_key
from .conf import BOM, Document, Line, collector_paused, line_words
from .statements import TO, format_rule, phyint_options
from .words import interface

_WORD = re.compile(rb"[^ \t\n\r\v\f]+")

_KINDS = ("phyint", "mgroup", "mroute")
"""The order in which new rules are appended; smcroute wants phyint first."""


class Place(NamedTuple):
    """A line of a document: its file, and its number there, from 0."""

    path: str
    line: int


@collector_paused
def rewrite(document: Document, wanted: Iterable[Rule]) -> dict[str, bytes]:
    """The files that have to change so that the document says `wanted`, with their content.

    A line whose rule is still wanted keeps every octet; of a line whose rule changed only the
    outgoing interfaces or the phyint's options change; a line whose rule is gone goes, and new
    rules are appended to the main file.  The order of outgoing interfaces does not count, and
    "mrdisc false" is not written: it is the default.

    Raises ConfigError for a document with errors, which would lose its bad lines' meaning, and
    for a rule that no line can say.
    """
    if document.errors:
        raise ConfigError(
            "smcroute.conf has lines that cannot be read, so it is not written",
            path=document.errors[0].path,
            remedy=f"mend them first: {document.errors[0]}",
        )
    targets = {rule_key(rule): _sayable(rule) for rule in wanted}
    edits: dict[str, dict[int, bytes]] = {}
    for key, places in _changed_places(document, targets).items():
        for (path, index), octets in _edits(document, places, targets.get(key)):
            edits.setdefault(path, {})[index] = octets
    new = [rule for key, rule in targets.items() if key not in document.rules]
    new.sort(key=lambda rule: _KINDS.index(rule_key(rule)[0]))

    if new:
        edits.setdefault(document.main, {})
    return {
        path: _content(document.files[path], own, new if path == document.main else [])
        for path, own in edits.items()
    }


def new_document(path: str) -> Document:
    """An empty main file that does not exist yet."""
    return Document(path, {path: []}, {}, [])


def _sayable(rule: Rule) -> Rule:
    """The rule as a file can say it."""
    names: tuple[str, ...]
    if isinstance(rule, Phyint):
        names = (rule.name,)
        rule = rule._replace(mrdisc=rule.mrdisc or None)
    elif isinstance(rule, Mroute):
        names = (rule.interface, *rule.out_interfaces)
        rule = rule._replace(out_interfaces=tuple(dict.fromkeys(rule.out_interfaces)))
    else:
        names = (rule.interface,)
    for name in names:
        try:
            interface(name)
        except DataError as error:
            raise ConfigError(error.message, remedy=error.remedy) from None
        if name.startswith("#"):
            raise ConfigError(
                f"the interface name {name!r} cannot be written: it would begin a comment",
                remedy="rename the interface, or take its rules out",
            )
    return rule


def _same(first: Rule, second: Rule | None) -> bool:
    if isinstance(first, Mroute) and isinstance(second, Mroute):
        return set(first.out_interfaces) == set(second.out_interfaces)
    return first == second


def _changed_places(
    document: Document, targets: dict[RuleKey, Rule]
) -> dict[RuleKey, list[tuple[Place, Rule]]]:
    """The lines of each rule of the document that is not wanted as it is."""
    places: dict[RuleKey, list[tuple[Place, Rule]]] = {
        key: [] for key, rule in document.rules.items() if not _same(rule, targets.get(key))
    }
    if places:
        for path, lines in document.files.items():
            for index, (_, rule) in enumerate(lines):
                if rule is not None and (found := places.get(rule_key(rule))) is not None:
                    found.append((Place(path, index), rule))
    return places


def _edits(
    document: Document, places: list[tuple[Place, Rule]], target: Rule | None
) -> Iterator[tuple[Place, bytes]]:
    """The new octets of the lines that say something about one rule; none for a line that goes."""
    shares: list[Rule | None]
    if isinstance(target, Mroute):
        shares = _shares([rule for _, rule in places], target)
    else:
        shares = [target, *[None] * (len(places) - 1)]
    for (place, rule), share in zip(places, shares, strict=True):
        if share is None:
            yield place, b""
        elif not _same(rule, share):
            raw = document.files[place.path][place.line].raw
            yield place, _edited(raw, share)


def _shares(lines: list[Rule], target: Mroute) -> list[Rule | None]:
    """What each of several lines of one route is to say, so that together they say `target`."""
    outs = [line.out_interfaces for line in lines if isinstance(line, Mroute)]
    wanted = set(target.out_interfaces)
    kept = [[name for name in names if name in wanted] for names in outs]
    present = {name for names in kept for name in names}
    missing = [name for name in target.out_interfaces if name not in present]
    # The line that takes the new names: the first that stays, else the first of all.
    taker = next((index for index, names in enumerate(kept) if names), 0)
    kept[taker] += missing
    return [
        target._replace(out_interfaces=tuple(names)) if names or index == taker else None
        for index, names in enumerate(kept)
    ]


def _edited(raw: bytes, rule: Rule) -> bytes:
    """A line with the changeable part of its rule replaced; blanks, comment and end stay."""
    start = len(BOM) if raw.startswith(BOM) else 0
    spans = [match.span() for match in _WORD.finditer(raw, start)][: len(line_words(raw))]
    end = spans[-1][1]
    if isinstance(rule, Phyint):
        return raw[: spans[1][1]] + _said(phyint_options(rule)) + raw[end:]
    assert isinstance(rule, Mroute)
    to = _position_of_to([raw[slice(*span)] for span in spans])
    if to is None:
        return raw[:end] + _said([TO, *rule.out_interfaces]) + raw[end:]
    if not rule.out_interfaces:
        return raw[: spans[to - 1][1]] + raw[end:]
    return raw[: spans[to + 1][0]] + " ".join(rule.out_interfaces).encode() + raw[end:]


def _position_of_to(words: list[bytes]) -> int | None:
    """Where the keyword `to` stands: keywords have odd positions, their values even ones."""
    odd = range(1, len(words), 2)
    return next((position for position in odd if words[position] == TO.encode()), None)


def _said(words: list[str]) -> bytes:
    return "".join(f" {word}" for word in words).encode()


def _content(lines: list[Line], edits: dict[int, bytes], new: list[Rule]) -> bytes:
    content = b"".join([edits.get(index, line.raw) for index, line in enumerate(lines)])
    if not new:
        return content
    end = b"\r\n" if lines and lines[0].raw.endswith(b"\r\n") else b"\n"
    if content and not content.endswith(b"\n"):
        content += end
    return content + b"".join([format_rule(rule).encode() + end for rule in new])
