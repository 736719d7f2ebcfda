"""Rules, keys and errors as they travel between the engine and the agent.

A rule is a JSON array: its kind, then its fields as in rules.py.  The group of an mroute may be a
list: so many routes that differ in nothing else, as those of a large file mostly do.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from ..errors import DataError, EngineError, Error, ResourceError
from ..rules import Mgroup, Mroute, Phyint, Rule, RuleKey, rule_key
from .protocol import MAX_OUT_INTERFACES, Wire

MAX_GROUPS = 512
"""Groups of one array at the most."""

_NAME = re.compile(r"(?!\.{1,2}\Z|\+\Z)[!-.0-9;-~]{1,15}").fullmatch
"""The pattern of the model's typedef interface-pattern."""

_KEY_LENGTH = {"phyint": 2, "mgroup": 4, "mroute": 4}


def encode_rule(rule: Rule) -> Wire:
    """One rule as it travels."""
    return [rule_key(rule)[0], *rule]


def encode_rules(rules: Iterable[Rule]) -> Iterator[Wire]:
    """Rules as they travel, in their order; neighbours that may share an array do."""
    routes: Wire | None = None
    for rule in rules:
        if not isinstance(rule, Mroute):
            if routes is not None:
                yield routes
                routes = None
            yield encode_rule(rule)
            continue
        interface, source, group, outs = rule
        if routes is not None:
            if (
                routes[1] == interface
                and routes[2] == source
                and routes[4] == outs
                and len(routes[3]) < MAX_GROUPS
            ):
                routes[3].append(group)
                continue
            yield routes
        routes = ["mroute", interface, source, [group], outs]
    if routes is not None:
        yield routes


def decode_rules(wire: Any) -> list[Rule]:
    """The rules of an array; DataError when it has not the shape of one.

    Addresses are checked by whoever computes with them (addresses.py), not here.
    """
    kind = wire[0] if isinstance(wire, list) and wire else None
    fields = wire[1:] if kind is not None else []
    if kind == "mroute" and len(fields) == 4:
        return _mroutes(*fields)
    if kind == "mgroup" and len(fields) == 3:
        interface, source, group = fields
        return [Mgroup(_name(interface), _text(source), _text(group))]
    if kind == "phyint" and len(fields) == 4:
        name, enabled, mrdisc, threshold = fields
        if not all(value is None or isinstance(value, bool) for value in (enabled, mrdisc)):
            raise DataError("enabled and mrdisc are true, false or null")
        if threshold is not None and (type(threshold) is not int or not 1 <= threshold <= 255):
            raise DataError("a TTL threshold is from 1 to 255")
        return [Phyint(_name(name), enabled, mrdisc, threshold)]
    raise DataError('a rule is ["phyint" | "mgroup" | "mroute", fields...]')


def _mroutes(interface: Any, source: Any, group: Any, outs: Any) -> list[Rule]:
    groups = group if isinstance(group, list) else [group]
    if not 1 <= len(groups) <= MAX_GROUPS:
        raise DataError(f"an mroute is for a group, or for a list of up to {MAX_GROUPS}")
    known = _name(interface), _known_text(_text(source)), _names(outs)
    return [Mroute(known[0], known[1], _text(group), known[2]) for group in groups]


def encode_key(key: RuleKey) -> Wire:
    """A rule's key as it travels."""
    return list(key)


def decode_key(wire: Any) -> RuleKey:
    """The key that was sent; DataError when it has not the shape of one."""
    if (
        not isinstance(wire, list)
        or not wire
        or not all(isinstance(part, str) and len(part) <= 64 for part in wire)
        or _KEY_LENGTH.get(wire[0]) != len(wire)
    ):
        raise DataError('a rule\'s key is ["phyint", name] or [kind, interface, source, group]')
    return tuple(wire)


ERROR_KINDS: dict[str, type[Error]] = {
    "engine": EngineError,
    "resource": ResourceError,
    "invalid": DataError,
}


def encode_error(error: Error, rule: RuleKey | None) -> dict[str, Any]:
    """An error as it travels, with the rule that it is about."""
    kind = next((kind for kind, type_ in ERROR_KINDS.items() if type(error) is type_), "engine")
    return {
        "message": error.message,
        "remedy": error.remedy,
        "rule": None if rule is None else encode_key(rule),
        "kind": kind,
    }


def decode_error(wire: dict[str, Any]) -> tuple[Error, RuleKey | None]:
    """The error that the engine answered with, and the rule that it is about."""
    error = ERROR_KINDS.get(wire["kind"], EngineError)(wire["message"], remedy=wire["remedy"])
    return error, None if wire["rule"] is None else tuple(wire["rule"])


def _name(value: Any) -> str:
    if not isinstance(value, str):
        raise DataError(f"{_quote(value)} is no interface name or wildcard")
    return _known_name(value)


@lru_cache(1024)
def _known_name(value: str) -> str:
    if not _NAME(value):
        raise DataError(f"{_quote(value)} is no interface name or wildcard")
    return sys.intern(value)


def _names(values: Any) -> tuple[str, ...]:
    if not isinstance(values, list) or len(values) > MAX_OUT_INTERFACES:
        raise DataError(f"out-interface is a list of at most {MAX_OUT_INTERFACES} names")
    try:
        return _known_names(tuple(values))
    except TypeError:  # not hashable
        raise DataError("an out-interface is a name") from None


@lru_cache(256)
def _known_names(values: tuple[Any, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(_name, values)))


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 64:
        raise DataError(f"{_quote(value)} is no address")
    return value


@lru_cache(1024)
def _known_text(value: str) -> str:
    """What many rules have in common is kept once."""
    return value


def _quote(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 64 else f"{text[:60]}..."
