"""What `smcroutectl show` prints: rows as tables, brief or detailed, and as JSON.

A table's title ends in "_" and its heading in "="; smcroutectl makes lines of them.  A table
without rows is left out.  Columns and widths are those that smcroutectl's users parse.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ..rules import ANY_SOURCE
from .ipc import REPLY_PIECE


class InterfaceRow(NamedTuple):
    """An interface; vif and mif are None where it takes no part in routing of that family."""

    ifindex: int
    name: str
    vif: int | None
    mif: int | None


class GroupRow(NamedTuple):
    """A group that is to be joined, or that the kernel has joined."""

    source: str
    group: str
    interface: str


class RouteRow(NamedTuple):
    """A rule, or an entry of the kernel, with what passed through it."""

    source: str
    group: str
    in_interface: str
    out_interfaces: tuple[str, ...]
    packets: int = 0
    octets: int = 0


class PendingRow(NamedTuple):
    """A rule that waits for an interface; kind is "mgroup" or "mroute"."""

    kind: str
    source: str
    group: str
    interface: str
    out_interfaces: tuple[str, ...] = ()


class Groups(NamedTuple):
    """The groups of the rules, and those of the kernel."""

    configured: Sequence[GroupRow] = ()
    kernel: Sequence[GroupRow] = ()


class Routes(NamedTuple):
    """Rules that wait for flows, rules for one flow, and the kernel's forwarding cache.

    interfaces: the names that the column of the incoming interface has to hold.
    """

    templates: Sequence[RouteRow] = ()
    static: Sequence[RouteRow] = ()
    kernel: Sequence[RouteRow] = ()
    interfaces: Sequence[str] = ()


def interfaces(rows: Sequence[InterfaceRow]) -> str:
    """The table of interfaces."""
    if not rows:
        return ""
    width = max(6, *(len(row.name) for row in rows))
    lines = [f" INDEX {'PHYINT':{width}}  VIF  MIF="]
    lines += [
        f"{row.ifindex:6} {row.name:{width}} {_number(row.vif):>4} {_number(row.mif):>4}"
        for row in rows
    ]
    return _text(lines)


def groups(rows: Groups, detailed: bool) -> str:
    """The table of groups to join; when detailed, also those that the kernel has joined."""
    lines = []
    if rows.configured:
        lines += ["Group Memberships Table_", f"{'GROUP (S,G)':42} {'IIF':16}="]
        lines += [_group_line(row) for row in rows.configured]
    if detailed and rows.kernel:
        lines.append("Kernel Group Membership Table_")
        lines += [_group_line(row) for row in rows.kernel]
    return _text(lines)


def routes(rows: Routes, detailed: bool) -> str:
    """The tables of routes; when detailed, with packets and octets."""
    sections = (
        ("(*,G) Template Rules", rows.templates),
        ("(S,G) Rules", rows.static),
        ("Kernel MFC Table", rows.kernel),
    )
    width = max(
        3,
        *(len(name) for name in rows.interfaces),
        *(len(row.in_interface) for _, section in sections for row in section),
        0,
    )
    heading = f"{'ROUTE (S,G)':42} {'IIF':{width}} "
    if detailed:
        heading += f"{'PACKETS':>10} {'BYTES':>10} "
    lines = []
    for title, section in sections:
        if section:
            lines += [f"{title}_", f"{heading} OIFS="]
            lines += [_route_line(row, width, detailed) for row in section]
    return _text(lines)


def pending(rows: Sequence[PendingRow]) -> str:
    """The rules that wait for an interface, as smcroute.conf has them; no table."""
    if not rows:
        return _text(["No pending routes or groups"])
    lines = ["PENDING ROUTES AND GROUPS"]
    for row in rows:
        source = "" if row.source == ANY_SOURCE else f" source {row.source}"
        outs = f" to{_outs(row.out_interfaces)}" if row.out_interfaces else ""
        lines.append(_row(f"{row.kind:7} from {row.interface}{source} group {row.group}{outs}"))
    return _text(lines)


def interfaces_json(rows: Iterable[InterfaceRow]) -> str:
    """{"interfaces": [{index, name, vif, mif}]}, null where there is none."""
    return _document(
        [('{"interfaces":', map(_interface_json, rows), "}")],
    )


def groups_json(rows: Groups) -> str:
    """{"groups": {"conf": [{source, group, iif}], "kernel": [...]}}."""
    return _document(
        [
            ('{"groups":{"conf":', map(_group_json, rows.configured), ","),
            ('"kernel":', map(_group_json, rows.kernel), "}}"),
        ]
    )


def routes_json(rows: Routes) -> str:
    """{"routes": {"asm": [...], "ssm": [...], "kernel": [{source, group, iif, oifs}]}}."""
    return _document(
        [
            ('{"routes":{"asm":', map(_route_json, rows.templates), ","),
            ('"ssm":', map(_route_json, rows.static), ","),
            ('"kernel":', map(_route_json, rows.kernel), "}}"),
        ]
    )


def pending_json(rows: Iterable[PendingRow]) -> str:
    """{"pending": [{kind, iif, source, group, oifs}]}."""
    elements = (
        _json(
            {
                "kind": row.kind,
                "iif": row.interface,
                "source": _source(row.source),
                "group": row.group,
                "oifs": row.out_interfaces,
            }
        )
        for row in rows
    )
    return _document([('{"pending":', elements, "}")])


def _number(number: int | None) -> str:
    return "N/A" if number is None else str(number)


def _flow(source: str, group: str) -> str:
    return f"({source}, {group})"


def _outs(names: Iterable[str]) -> str:
    return "".join([f" {name}" for name in names])


def _group_line(row: GroupRow) -> str:
    return _row(f"{_flow(row.source, row.group):42} {row.interface}")


def _route_line(row: RouteRow, width: int, detailed: bool) -> str:
    counters = f"{row.packets:10} {row.octets:10} " if detailed else ""
    flow = _flow(row.source, row.group)
    return _row(f"{flow:42} {row.in_interface:{width}} {counters}{_outs(row.out_interfaces)}")


def _row(line: str) -> str:
    """A line that is no title, also when it ends in the name of an interface such as "br_"."""
    return f"{line} " if line.endswith(("_", "=")) else line


def _text(lines: Sequence[str]) -> str:
    return "".join([f"{line}\n" for line in lines])


_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\w+|[^"\w]')

_json = json.JSONEncoder(separators=(",", ":")).encode


def _source(source: str) -> str | None:
    return None if source == ANY_SOURCE else source


def _interface_json(row: InterfaceRow) -> str:
    return _json({"index": row.ifindex, "name": row.name, "vif": row.vif, "mif": row.mif})


def _group_json(row: GroupRow) -> str:
    return _json({"source": _source(row.source), "group": row.group, "iif": row.interface})


def _route_json(row: RouteRow) -> str:
    return _json(
        {
            "source": _source(row.source),
            "group": row.group,
            "iif": row.in_interface,
            "oifs": row.out_interfaces,
        }
    )


def _document(arrays: Iterable[tuple[str, Iterable[str], str]]) -> str:
    """A JSON document of arrays, each with what stands before and after it.

    smcroutectl -j of smcroute prints a newline after each piece that it receives, or cuts lines
    that are longer.  Each piece of REPLY_PIECE octets therefore ends in a newline between tokens.
    """
    return "".join(_aligned(_tokens(arrays)))


def _tokens(arrays: Iterable[tuple[str, Iterable[str], str]]) -> Iterator[str]:
    for before, elements, after in arrays:
        yield before + "["
        separator = "\n"
        for element in elements:
            yield separator + element
            separator = ",\n"
        yield "]" + after


def _aligned(tokens: Iterable[str]) -> Iterator[str]:
    position = 0
    for token in tokens:
        # A newline counts in octets; the text is ASCII, as json escapes the rest.
        for part in _parts(token):
            room = REPLY_PIECE - position % REPLY_PIECE
            if len(part) >= room:
                yield " " * (room - 1) + "\n"
                position += room
            yield part
            position += len(part)


def _parts(token: str) -> Iterable[str]:
    """A text that fits into a piece with a newline, or else the JSON tokens that it is made of."""
    if len(token) < REPLY_PIECE:
        return (token,)
    return _JSON_TOKEN.findall(token)
