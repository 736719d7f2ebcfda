"""What the demo prints: a picture, progress, and tables of packets."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

PICTURE = r"""
                          +------------------+   out0      eth0 +-----------+
  +--------+ eth0    in0  |      router      |------------------| receiver0 |
  | sender |--------------|                  |   out1      eth0 +-----------+
  +--------+              |  smcrouted, the  |------------------| receiver1 |
  192.0.2.10, .11         |  engine + agent  |   mgmt0     eth0 +-----------+
  2001:db8::10, ::11      |                  |------------------|  control  |
                          +------------------+                  +-----------+
"""


class Line(NamedTuple):
    """One flow of a table: what was sent, and at each receiver what came and should have."""

    rule: str
    flow: str
    sent: int
    received: tuple[int, ...]
    expected: tuple[int, ...]

    @property
    def right(self) -> bool:
        return self.received == self.expected


def table(lines: Sequence[Line]) -> str:
    """The lines in columns, a mark at those that are wrong."""
    receivers = len(lines[0].received)
    cells = [
        ("rule", "flow", "sent", *(f"receiver{number}" for number in range(receivers)), "expected")
    ]
    for line in lines:
        cells.append(
            (
                line.rule,
                line.flow,
                str(line.sent),
                *map(str, line.received),
                " / ".join(map(str, line.expected)) + ("" if line.right else "   <-- WRONG"),
            )
        )
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    out = []
    for row in cells:
        left = [row[i].ljust(widths[i]) for i in (0, 1)]
        middle = [row[i].rjust(widths[i]) for i in range(2, len(row) - 1)]
        out.append("    " + "  ".join([*left, *middle, "", row[-1]]).rstrip())
    return "\n".join(out)


class Account:
    """Prints as things happen, and remembers what was not as it should be."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self.differences: list[str] = []

    def step(self, text: str) -> None:
        """Say what begins now."""
        print(f"[{time.monotonic() - self._start:5.1f} s] {text}", flush=True)

    def detail(self, text: str) -> None:
        print(f"          {text}", flush=True)

    def picture(self) -> None:
        print(PICTURE, flush=True)

    def packets(self, lines: Sequence[Line]) -> None:
        """A table of packets."""
        print(f"\n{table(lines)}\n", flush=True)
        for line in lines:
            if not line.right:
                self.differences.append(
                    f"{line.rule}, {line.flow}: received {line.received}, expected {line.expected}"
                )

    def check(self, what: str, found: object, expected: object) -> None:
        """Print a figure that has to be a certain one."""
        right = found == expected
        self.detail(f"{what}: {found}" + ("" if right else f"   <-- WRONG, expected {expected}"))
        if not right:
            self.differences.append(f"{what}: {found}, expected {expected}")

    def close(self) -> int:
        """The last lines; returns the exit code."""
        seconds = time.monotonic() - self._start
        if self.differences:
            print(f"\nNOT as it should be ({seconds:.0f} s):")
            for difference in self.differences:
                print(f"  - {difference}")
            return 1
        print(f"\nAll as it should be; every packet was counted. {seconds:.0f} s.", flush=True)
        return 0
