# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries to the XML of the YANG module smcroute, and back."""

from __future__ import annotations

from typing import Any, Callable, Iterable
from xml.sax.saxutils import escape

from ansible_collections.mcast.smcroute.plugins.module_utils.errors import UnknownData
from ansible_collections.mcast.smcroute.plugins.module_utils.kinds import Entry, Kind, Option
from ansible_collections.mcast.smcroute.plugins.module_utils.reconcile import Edit, Entries

NAMESPACE = "urn:mcast:params:xml:ns:yang:smcroute"
NETCONF_NAMESPACE = "urn:ietf:params:xml:ns:netconf:base:1.0"

_BOOLEANS = {"true": True, "false": False}
_LEAF_READERS: dict[str, Callable[[str], Any]] = {
    "str": str,
    "list": str,
    "int": int,
    "bool": _BOOLEANS.__getitem__,
}

_ENTRY_ATTRIBUTES = {
    # No attribute: with the default operation "none" the entry has to be there.
    "merge": "",
    "create": ' nc:operation="create"',
    "replace": ' nc:operation="replace"',
    "delete": ' nc:operation="delete"',
}


def list_filter(kind: Kind) -> str:
    """The content of a subtree filter (RFC 6241, section 6) for one list."""
    return f'<smcroute xmlns="{NAMESPACE}"><{kind.list_name}/></smcroute>'


def decode(kind: Kind, data: Any) -> Entries:
    """The complete entries below the data element of a reply to get-config.

    data: an element as xml.etree or lxml makes it; None for a reply without data.
    """
    options = {f"{{{NAMESPACE}}}{option.leaf}": option for option in kind.options}
    tag = f"{{{NAMESPACE}}}{kind.list_name}"
    entries: Entries = {}
    for top in () if data is None else data.findall(f"{{{NAMESPACE}}}smcroute"):
        for element in top.findall(tag):
            entry = _read(kind, options, element)
            entries[kind.key_of(entry)] = entry
    return entries


def _read(kind: Kind, options: dict[str, Option], element: Any) -> Entry:
    entry: Entry = {}
    try:
        for child in element:
            option = options.get(child.tag)
            if option is None:
                # A leaf of a newer agent; operations never send what they do not know.
                continue
            value = option.check(_LEAF_READERS[option.type](child.text or ""))
            if option.type == "list":
                entry.setdefault(option.name, []).append(value)
            else:
                entry[option.name] = value
        full = kind.complete(entry)
    except (KeyError, ValueError) as error:
        found = {child.tag.rpartition("}")[2]: child.text for child in element}
        raise UnknownData(
            f"the router holds a {kind.noun} that this collection does not understand: "
            f"{found}: {error}",
            "use the release of the collection that belongs to the agent's",
        ) from None
    for option in kind.others:
        if option.type == "list":
            full[option.name].sort()
    return full


def encode(kind: Kind, edits: Iterable[Edit]) -> str:
    """The config element of an edit-config whose default operation is "none"."""
    parts = [
        f'<config xmlns="{NETCONF_NAMESPACE}" xmlns:nc="{NETCONF_NAMESPACE}">'
        f'<smcroute xmlns="{NAMESPACE}">'
    ]
    for operation, entry in edits:
        parts.append(f"<{kind.list_name}{_ENTRY_ATTRIBUTES[operation]}>")
        for option in kind.keys:
            parts.append(f"<{option.leaf}>{escape(entry[option.name])}</{option.leaf}>")
        attribute = ' nc:operation="merge"' if operation == "merge" else ""
        for option in kind.others:
            value = entry.get(option.name)
            if value is not None:
                for one in value if option.type == "list" else (value,):
                    parts.append(f"<{option.leaf}{attribute}>{_text(one)}</{option.leaf}>")
        parts.append(f"</{kind.list_name}>")
    parts.append("</smcroute></config>")
    return "".join(parts)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(str(value))
