# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The config option of a task: from what a playbook may write to checked entries.

The sub-options are checked here and not by AnsibleModule: its messages do not say which
of 10 000 entries is wrong.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, NamedTuple

from ansible.module_utils.common.validation import check_type_bool, check_type_int

from ansible_collections.mcast.smcroute.plugins.module_utils import values
from ansible_collections.mcast.smcroute.plugins.module_utils.errors import OptionError
from ansible_collections.mcast.smcroute.plugins.module_utils.kinds import Entry, Key, Kind, Option

NAMED = 5
"""How many entries a warning names."""


class Wanted(NamedTuple):
    """An entry of config: where it stands, and what it says (options left out are absent)."""

    position: int
    entry: Entry


Config = Dict[Key, Wanted]


def from_config(kind: Kind, config: list[Any]) -> Config:
    """The entries of config by their keys, in its order; OptionError says which is wrong."""
    wanted: Config = {}
    for index, given in enumerate(config):
        entry = _entry(kind, given, f"config[{index}]")
        key = kind.key_of(entry)
        if key in wanted:
            raise OptionError(
                f"config[{index}] names the same {kind.noun} as config[{wanted[key].position}]: "
                + kind.describe(key),
                "leave one of them out",
            )
        wanted[key] = Wanted(index, entry)
    return wanted


def _entry(kind: Kind, given: Any, where: str) -> Entry:
    if not isinstance(given, dict):
        raise OptionError(f"{where} is {given!r}, which is not a dictionary of options")
    unknown = given.keys() - {option.name for option in kind.options}
    if unknown:
        raise OptionError(
            f"{where}.{min(unknown, key=str)}: there is no such option",
            "the options are " + ", ".join(option.name for option in kind.options),
        )
    entry: Entry = {}
    for option in kind.keys:
        value = given.get(option.name)
        if value is None:
            value = option.default
        if value is None:
            raise OptionError(f"{where}.{option.name} is missing")
        entry[option.name] = _value(option, value, where)
    for option in kind.others:
        value = given.get(option.name)
        if value is not None:
            entry[option.name] = _value(option, value, where)
    _check_families(entry, where)
    return entry


def _value(option: Option, value: Any, where: str) -> Any:
    where = f"{where}.{option.name}"
    if option.type != "list":
        return _checked(option, _TYPES[option.type], value, where)
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",")] if value.strip() else []
    if not isinstance(value, list):
        raise OptionError(f"{where} is {value!r}, which is not a list")
    checked = {
        _checked(option, _text, element, f"{where}[{index}]") for index, element in enumerate(value)
    }
    if len(checked) > option.longest:
        raise OptionError(
            f"{where} has {len(checked)} elements, and {option.longest} is the most there can be"
        )
    return sorted(checked)


def _checked(option: Option, convert: Callable[[Any], Any], value: Any, where: str) -> Any:
    try:
        return option.check(convert(value))
    except (TypeError, ValueError) as error:
        raise OptionError(f"{where} is {value!r}: {error}") from None


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise TypeError("this is not a string")


def _number(value: Any) -> int:
    if isinstance(value, bool):
        raise TypeError("this is not a number")
    try:
        number: int = check_type_int(value)
    except TypeError:
        raise TypeError("this is not a whole number") from None
    return number


def _boolean(value: Any) -> bool:
    try:
        truth: bool = check_type_bool(value)
    except TypeError:
        raise TypeError("this is neither true nor false") from None
    return truth


_TYPES: dict[str, Callable[[Any], Any]] = {"str": _text, "int": _number, "bool": _boolean}


def _check_families(entry: Entry, where: str) -> None:
    source = entry.get("source", values.ANY_SOURCE)
    if source != values.ANY_SOURCE and values.is_ipv6(source) != values.is_ipv6(entry["group"]):
        raise OptionError(
            f"{where}: source {source} and group {entry['group']} are of different address families"
        )


def warning_about(says: str, entries: list[str]) -> list[str]:
    """One warning that names the first of some entries, or none when there are none."""
    if not entries:
        return []
    more = f" and {len(entries) - NAMED} more" if len(entries) > NAMED else ""
    return [f"{says} {'; '.join(entries[:NAMED])}{more}"]
