"""Results as a table for people, and as JSON."""

from __future__ import annotations

from typing import Any

from .benchmark import Benchmark, Row

HEADINGS = ("", "ours", "{peer}", "ratio", "target", "")
VERDICTS = {True: "met", False: "MISSED", None: ""}


def number(value: float | None, unit: str) -> str:
    """A figure with about three digits and its unit; "-" for none."""
    if value is None:
        return "-"
    digits = 0 if value == int(value) or value >= 100 else 1 if value >= 10 else 2
    if 0 < value < 0.1:
        digits = 3
    return f"{value:.{digits}f} {unit}".rstrip()


def cells(row: Row) -> tuple[str, ...]:
    """One line of the table."""
    sign = "≥" if row.more_is_better else "≤"
    return (
        row.what,
        number(row.our_median, row.unit),
        number(row.their_median, row.unit),
        number(row.ratio, "x"),
        "" if row.target is None else f"{sign} {number(row.target, row.unit)}",
        VERDICTS[row.met],
    )


def render(rows: list[Row]) -> str:
    """All lines, in columns; a table for each peer."""
    return "\n\n".join(
        _table(peer, [row for row in rows if row.peer == peer])
        for peer in dict.fromkeys(row.peer for row in rows)
    )


def _table(peer: str, rows: list[Row]) -> str:
    headings = tuple(heading.format(peer=peer) for heading in HEADINGS)
    lines = [headings, *(cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    out = []
    for line in lines:
        first = line[0].ljust(widths[0])
        rest = (cell.rjust(width) for cell, width in zip(line[1:-1], widths[1:-1], strict=True))
        out.append("  ".join((first, *rest, line[-1])).rstrip())
    return "\n".join(out)


def as_json(benchmark: Benchmark, rows: list[Row]) -> list[dict[str, Any]]:
    """All that was measured: one object a row."""
    return [
        {
            "benchmark": benchmark.name,
            "what": row.what,
            "unit": row.unit,
            "ours": row.ours,
            "peer": row.peer,
            "theirs": row.theirs,
            "our_median": row.our_median,
            "their_median": row.their_median,
            "ratio": row.ratio,
            "target": row.target,
            "met": row.met,
        }
        for row in rows
    ]
