"""What the daemon shows, for a terminal."""

from __future__ import annotations

import os

COLUMNS = 80
"""The width where there is no terminal that tells its own."""


def render(text: str, flags: set[str]) -> str:
    """A reply of show with its titles and headings as lines, and a blank line at the end."""
    width = columns(flags) - 1
    lines = []
    for line in text.removesuffix("\n").split("\n"):
        mark, rest = line[-1:], line[:-1]
        if not rest or mark not in ("_", "="):
            lines.append(line)
        elif "t" in flags:
            continue
        elif "p" in flags:
            rule = ("_" if mark == "_" else "=") * max(width, len(rest))
            lines += [rule, rest] if mark == "_" else [rule, rest, rule]
        elif mark == "_":
            lines += [f"\x1b[4m{'':{width}}\x1b[0m", rest]
        else:
            # A heading wider than the terminal gets as many blanks as it is too wide: so
            # does smcroute's.
            lines.append(f"\x1b[7m{rest}{' ' * abs(width - len(rest))}\x1b[0m")
    return "\n".join(lines) + "\n\n"


def columns(flags: set[str]) -> int:
    """The width of the terminal; 80 where there is none, and for -p."""
    if "p" in flags:
        return COLUMNS
    try:
        return os.get_terminal_size(1).columns or COLUMNS
    except OSError:
        return COLUMNS
