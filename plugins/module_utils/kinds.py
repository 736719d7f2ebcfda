# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The three kinds of entries, as tables: options of a module beside leaves of the YANG list.

An entry is a dict with a module's sub-options for keys and canonical values.  A complete
entry has every option, with the YANG module's default where nothing was said; this is
what modules compare and return.  The key of an entry is the tuple of its key options.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, NamedTuple, Tuple

from ansible_collections.mcast.smcroute.plugins.module_utils import values

Entry = Dict[str, Any]
Key = Tuple[str, ...]


class Option(NamedTuple):
    """A sub-option of config, and the leaf that it becomes.

    type: str, int, bool or list (of str, a leaf-list); check: a value of the right type
    (for list: each element) to its canonical form, or BadValue; default: what holds when
    the option is left out, None where it must be given; longest: how many elements a list
    may have.
    """

    name: str
    leaf: str
    type: str
    check: Callable[[Any], Any]
    default: Any = None
    longest: int = 0


class Kind(NamedTuple):
    """A list of the YANG module and the module that manages it.

    noun: what a person calls an entry; list_name: the YANG list; keys and others: the
    options that identify an entry, and the rest.
    """

    noun: str
    list_name: str
    keys: tuple[Option, ...]
    others: tuple[Option, ...] = ()

    @property
    def options(self) -> tuple[Option, ...]:
        """All options, in the order in which entries are shown."""
        return self.keys + self.others

    def key_of(self, entry: Entry) -> Key:
        """What identifies an entry."""
        return tuple([entry[option.name] for option in self.keys])

    def complete(self, entry: Entry) -> Entry:
        """An entry with every option, defaults filled in."""
        full = {option.name: entry[option.name] for option in self.keys}
        for option in self.others:
            value = entry.get(option.name)
            if value is None:
                value = option.default
            full[option.name] = list(value) if option.type == "list" else value
        return full

    def describe(self, key: Key) -> str:
        """A key for a person: interface eth0, source *, group 225.1.2.3."""
        return ", ".join(f"{option.name} {part}" for option, part in zip(self.keys, key))


def _same(value: bool) -> bool:
    return value


_FLOW = (
    Option("interface", "interface", "str", values.interface),
    Option("source", "source", "str", values.source, values.ANY_SOURCE),
    Option("group", "group", "str", values.group),
)

PHYINT = Kind(
    "phyint",
    "phyint",
    (Option("name", "name", "str", values.interface),),
    (
        Option("enabled", "enabled", "bool", _same, True),
        Option("mrdisc", "mrdisc", "bool", _same, False),
        Option("ttl_threshold", "ttl-threshold", "int", values.ttl_threshold, 1),
    ),
)
GROUP = Kind("group", "mgroup", _FLOW)
ROUTE = Kind(
    "route",
    "mroute",
    _FLOW,
    (Option("out_interfaces", "out-interface", "list", values.interface, (), 128),),
)
