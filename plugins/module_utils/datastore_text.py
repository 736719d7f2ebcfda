# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole datastore as text, and whether two of them say the same."""

from __future__ import annotations

from typing import Any, NamedTuple

from ansible_collections.mcast.smcroute.plugins.module_utils import codec
from ansible_collections.mcast.smcroute.plugins.module_utils.errors import (
    MissingLibrary,
    OptionError,
    UnknownData,
)
from ansible_collections.mcast.smcroute.plugins.module_utils.kinds import GROUP, PHYINT, ROUTE
from ansible_collections.mcast.smcroute.plugins.module_utils.reconcile import Entries

try:
    from lxml import etree
except ImportError:
    etree = None  # type: ignore[assignment]

KINDS = (PHYINT, GROUP, ROUTE)
_CONFIG = f"{{{codec.NETCONF_NAMESPACE}}}config"
_OURS = f"{{{codec.NAMESPACE}}}smcroute"


class Meaning(NamedTuple):
    """What a datastore says, whatever the spelling and the order.

    entries: the complete entries of each kind, in the order of KINDS; others: what other YANG
    modules have, as sorted trees.
    """

    entries: tuple[Entries, ...]
    others: tuple[Any, ...]


def meaning(data: Any) -> Meaning:
    """What a data or config element says; None for one without content."""
    others = () if data is None else [_tree(child) for child in data if child.tag != _OURS]
    return Meaning(tuple(codec.decode(kind, data) for kind in KINDS), tuple(sorted(others)))


def to_text(data: Any) -> str:
    """A datastore as a document for people and for from_text()."""
    _check_library()
    config = etree.Element(_CONFIG, nsmap={None: codec.NETCONF_NAMESPACE})  # type: ignore[dict-item]
    config.extend([] if data is None else list(data))
    etree.indent(config)
    return etree.tostring(config, encoding="unicode", pretty_print=True)


def from_text(text: str) -> Any:
    """The config element of a backup; OptionError when it is none."""
    _check_library()
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, huge_tree=True
    )
    try:
        element = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        raise OptionError(
            f"restore is no XML: {error}", "give the text of a file that backup wrote"
        ) from None
    if element.tag != _CONFIG:
        raise OptionError(
            f"restore is no backup: its root is {element.tag} and not {_CONFIG}",
            "give the text of a file that backup wrote",
        )
    return element


def meaning_of_backup(config: Any) -> Meaning:
    """What a backup says; OptionError when an entry of it cannot be."""
    try:
        return meaning(config)
    except UnknownData as error:
        raise OptionError(
            "restore holds what cannot be: " + error.message.partition(": ")[2]
        ) from None


def to_xml(config: Any) -> str:
    """A config element as it is sent."""
    return etree.tostring(config, encoding="unicode")


def _tree(element: Any) -> tuple[str, str, tuple[Any, ...]]:
    children = [_tree(child) for child in element]
    text = "" if children else (element.text or "").strip()
    return element.tag, text, tuple(sorted(children))


def _check_library() -> None:
    if etree is None:
        raise MissingLibrary(
            "the Python library lxml is missing where the module runs",
            "install it there (pip install lxml); ncclient needs it too",
        )
