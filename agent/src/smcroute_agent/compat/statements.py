"""One line of smcroute.conf: from its words to the rule that it holds, and back."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence

from ..errors import DataError
from ..rules import ANY_SOURCE, Mgroup, Mroute, Phyint, Rule
from . import words

INCLUDE = "include"


def _unknown(word: str, known: Iterable[str], what: str) -> DataError:
    known = sorted(known)
    near = difflib.get_close_matches(word.lower(), known, n=1)
    remedy = f"did you mean '{near[0]}'?" if near else f"use one of: {', '.join(known)}"
    return DataError(f"unknown {what} {words.shown(word)}", remedy=remedy)


def _phyint(arguments: Sequence[str]) -> Phyint:
    if not arguments:
        raise DataError(
            "phyint without an interface",
            remedy="write: phyint IFNAME [enable|disable] [mrdisc] [ttl-threshold TTL]",
        )
    enabled = mrdisc = threshold = None
    rest = iter(arguments[1:])
    for word in rest:
        if word in ("enable", "disable"):
            if enabled not in (None, word == "enable"):
                raise DataError("both enable and disable", remedy="keep one of the two")
            enabled = word == "enable"
        elif word == "mrdisc":
            mrdisc = True
        elif word == "ttl-threshold":
            number = next(rest, None)
            if number is None:
                raise DataError(
                    "ttl-threshold without a number", remedy="write a number from 1 to 255"
                )
            value = words.ttl_threshold(number)
            if threshold not in (None, value):
                raise DataError("two values for ttl-threshold", remedy="keep one of the two")
            threshold = value
        else:
            raise _unknown(word, PHYINT_WORDS, "word")
    return Phyint(words.interface(arguments[0]), enabled, mrdisc, threshold)


PHYINT_WORDS = ("enable", "disable", "mrdisc", "ttl-threshold")
FLOW_WORDS = ("from", "source", "group")
TO = "to"


def _flow(keyword: str, arguments: Sequence[str]) -> tuple[str, str, str, tuple[str, ...]]:
    """Interface, source, group, and the words behind `to`, which takes all that follow it."""
    found: dict[str, str] = {}
    outs: tuple[str, ...] = ()
    rest = iter(arguments)
    for word in rest:
        if word == TO and keyword == "mroute":
            outs = tuple(rest)
            if not outs:
                raise DataError(
                    "'to' without an interface",
                    remedy="name the outgoing interfaces; leave 'to' out for a route without any",
                )
            break
        if word not in FLOW_WORDS:
            raise _unknown(word, (*FLOW_WORDS, TO) if keyword == "mroute" else FLOW_WORDS, "word")
        if word in found:
            raise DataError(f"'{word}' is there twice", remedy="keep one of the two")
        value = next(rest, None)
        if value is None:
            raise DataError(f"'{word}' is the last word", remedy=f"write {FLOW_VALUES[word]}")
        found[word] = value
    for word in ("from", "group"):
        if word not in found:
            remedy = f"write: {word} {FLOW_VALUES[word]}"
            if word in outs:
                remedy = "put 'to' and the outgoing interfaces last"
            raise DataError(f"{keyword} without '{word}'", remedy=remedy)
    source, group = words.flow(found.get("source"), found["group"])
    return words.interface(found["from"]), source, group, outs


FLOW_VALUES = {
    "from": "the interface that the packets come in on",
    "source": "the sender's address",
    "group": "a multicast group",
}


def _mgroup(arguments: Sequence[str]) -> Mgroup:
    interface, source, group, _ = _flow("mgroup", arguments)
    return Mgroup(interface, source, group)


def _mroute(arguments: Sequence[str]) -> Mroute:
    interface, source, group, outs = _flow("mroute", arguments)
    return Mroute(interface, source, group, words.out_interfaces(outs))


STATEMENTS: Mapping[str, Callable[[Sequence[str]], Rule]] = {
    "phyint": _phyint,
    "mgroup": _mgroup,
    "mroute": _mroute,
    "ssmgroup": _mgroup,  # how mgroup with a source was once written
}


def parse(line: Sequence[str]) -> Rule:
    """The rule of a line, given as its words without the comment.

    Raises DataError for what is wrong with it.
    """
    statement = STATEMENTS.get(line[0])
    if statement is None:
        raise _unknown(line[0], (*STATEMENTS, INCLUDE), "keyword")
    return statement(line[1:])


def phyint_options(rule: Phyint) -> list[str]:
    """The words behind the name of a phyint; "no mrdisc" is the default and has no word."""
    options = []
    if rule.enabled is not None:
        options.append("enable" if rule.enabled else "disable")
    if rule.mrdisc:
        options.append("mrdisc")
    if rule.ttl_threshold is not None:
        options += ["ttl-threshold", str(rule.ttl_threshold)]
    return options


def format_rule(rule: Rule) -> str:
    """The line that says this rule, without its end."""
    if isinstance(rule, Phyint):
        return " ".join(["phyint", rule.name, *phyint_options(rule)])
    keyword = "mgroup" if isinstance(rule, Mgroup) else "mroute"
    source = "" if rule.source == ANY_SOURCE else f"source {rule.source} "
    line = f"{keyword} from {rule.interface} {source}group {rule.group}"
    if isinstance(rule, Mroute) and rule.out_interfaces:
        line += f" {TO} {' '.join(rule.out_interfaces)}"
    return line
