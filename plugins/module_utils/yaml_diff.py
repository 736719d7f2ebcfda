# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The diff of a change as YAML, for a person: the entries that change and no others.

The target need not have PyYAML, and entries hold nothing but names, addresses, numbers
and lists of names.
"""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.mcast.smcroute.plugins.module_utils.kinds import Kind
from ansible_collections.mcast.smcroute.plugins.module_utils.reconcile import Entries

_PLAIN = re.compile(
    r"[A-Za-z][A-Za-z0-9_.@+-]*|\d+\.\d+\.\d+\.\d+(/\d+)?|[0-9a-fA-F:]*:[0-9a-fA-F]+"
)
_WORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"))
_SEXAGESIMAL = re.compile(r"[0-9:]*")


def difference(kind: Kind, before: Entries, after: Entries) -> dict[str, str]:
    """`before` and `after` of a module's diff: YAML lists, "[]" where no entry is left."""
    gone = {key: entry for key, entry in before.items() if after.get(key) != entry}
    new = {key: entry for key, entry in after.items() if before.get(key) != entry}
    header = f"smcroute {kind.noun}"
    return {
        "before_header": header,
        "after_header": header,
        "before": _list(gone) if before else "[]\n",
        "after": _list(new) if after else "[]\n",
    }


def _list(entries: Entries) -> str:
    lines = []
    for _key, entry in sorted(entries.items()):
        marker = "- "
        for name, value in entry.items():
            lines.append(f"{marker}{name}: {_value(value)}\n")
            marker = "  "
    return "".join(lines)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    text = str(value)
    plain = _PLAIN.fullmatch(text) and not _SEXAGESIMAL.fullmatch(text)
    if plain and text.lower() not in _WORDS:
        return text
    return "'" + text.replace("'", "''") + "'"
