# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task has to do: the entries a router has and those that are wanted, to a change.

Pure: no router is asked and nothing is sent.  Each state is one function in STATES.

An edit says what it takes for granted, so that the router refuses it when somebody else
changed the entry since it was read: `create` an entry that must not be there, `delete`
one that must be, `merge` into one that must be.  `replace` takes nothing for granted,
for the result is the same whatever was there.
"""

from __future__ import annotations

from typing import Callable, Dict, NamedTuple

from ansible_collections.mcast.smcroute.plugins.module_utils.entries import Config
from ansible_collections.mcast.smcroute.plugins.module_utils.kinds import Entry, Key, Kind

Entries = Dict[Key, Entry]
"""Complete entries by their keys."""


class Edit(NamedTuple):
    """One entry of an edit-config; operation is one of RFC 6241, section 7.2.

    entry holds the key options and what is to be set; for merge only what is new.
    """

    operation: str
    entry: Entry


class Change(NamedTuple):
    """What to send, and the entries that the router has then."""

    edits: tuple[Edit, ...]
    after: Entries


def sorted_entries(entries: Entries) -> list[Entry]:
    """The entries in the order of their keys, as a task returns them."""
    return [entry for _key, entry in sorted(entries.items())]


def reconcile(kind: Kind, have: Entries, wanted: Config | None, state: str) -> Change:
    """The change that brings a router from `have` to what a task asks for.

    wanted: the entries of config, None where the task has no config.
    """
    edits, after = STATES[state](kind, have, wanted)
    return Change(tuple(edits), after)


def _merged(kind: Kind, have: Entries, wanted: Config | None) -> tuple[list[Edit], Entries]:
    edits: list[Edit] = []
    after = dict(have)
    for key, (_index, entry) in (wanted or {}).items():
        old = have.get(key)
        if old is None:
            edits.append(Edit("create", entry))
            after[key] = kind.complete(entry)
            continue
        new, result = _additions(kind, old, entry)
        if new:
            edits.append(Edit("merge", dict(zip((key.name for key in kind.keys), key), **new)))
            after[key] = result
    return edits, after


def _additions(kind: Kind, old: Entry, entry: Entry) -> tuple[Entry, Entry]:
    """What an entry says that the old one does not have, and the two together."""
    new: Entry = {}
    result = dict(old)
    for option in kind.others:
        value = entry.get(option.name)
        if option.type == "list":
            value = sorted(set(value or ()).difference(old[option.name]))
            if value:
                new[option.name] = value
                result[option.name] = sorted(old[option.name] + value)
        elif value is not None and value != old[option.name]:
            new[option.name] = result[option.name] = value
    return new, result


def _replaced(kind: Kind, have: Entries, wanted: Config | None) -> tuple[list[Edit], Entries]:
    edits: list[Edit] = []
    after = dict(have)
    for key, (_index, entry) in (wanted or {}).items():
        old = have.get(key)
        full = kind.complete(entry)
        if old != full:
            edits.append(Edit("create" if old is None else "replace", entry))
            after[key] = full
    return edits, after


def _overridden(kind: Kind, have: Entries, wanted: Config | None) -> tuple[list[Edit], Entries]:
    keep = wanted or {}
    gone = {key: entry for key, entry in have.items() if key not in keep}
    edits, after = _replaced(kind, {key: have[key] for key in have if key in keep}, keep)
    return [*_deletions(kind, gone), *edits], after


def _deleted(kind: Kind, have: Entries, wanted: Config | None) -> tuple[list[Edit], Entries]:
    gone = have if wanted is None else {key: have[key] for key in wanted if key in have}
    after = {key: entry for key, entry in have.items() if key not in gone}
    return _deletions(kind, gone), after


def _deletions(kind: Kind, gone: Entries) -> list[Edit]:
    return [
        Edit("delete", {option.name: part for option, part in zip(kind.keys, key)}) for key in gone
    ]


_Rule = Callable[[Kind, Entries, "Config | None"], "tuple[list[Edit], Entries]"]

STATES: dict[str, _Rule] = {
    "merged": _merged,
    "replaced": _replaced,
    "overridden": _overridden,
    "deleted": _deleted,
}
"""The states that change something; `gathered` only reads."""
