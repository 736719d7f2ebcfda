"""What a process and its descendants cost: CPU time and memory, from /proc."""

from __future__ import annotations

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def command_line(pid: int) -> list[str]:
    """Its arguments; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
    except OSError:
        return []


def children(pid: int) -> list[int]:
    """The children of all of its threads."""
    found: list[int] = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            text = Path(f"/proc/{pid}/task/{task}/children").read_text()
            found += [int(child) for child in text.split()]
    except OSError:
        pass
    return found


def tree(pid: int) -> list[int]:
    """The process and its descendants."""
    found = [pid]
    for process in found:
        found += children(process)
    return found


def _stat(pid: int) -> list[str]:
    # The command name, in parentheses, may hold blanks: proc(5).
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def running(pid: int) -> bool:
    """Whether it exists and is no zombie."""
    try:
        return _stat(pid)[0] not in "ZX"
    except OSError:
        return False


def cpu_seconds(pid: int) -> float:
    """User and system time of the process, its descendants and its dead, reaped children.

    The kernel counts in ticks of 10 ms.
    """
    ticks = 0
    for process in tree(pid):
        try:
            ticks += sum(int(field) for field in _stat(process)[11:15])
        except OSError:
            continue
    return ticks / TICKS


def resident_octets(pid: int) -> int:
    """Resident memory (VmRSS) of one process."""
    return int(status(pid)["VmRSS"].split()[0]) * 1024


def status(pid: int) -> dict[str, str]:
    """/proc/PID/status: field to value."""
    return fields(Path(f"/proc/{pid}/status").read_text())


def fields(text: str) -> dict[str, str]:
    """The same of a copy."""
    lines = text.splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def capabilities(pid: int, which: str = "CapEff") -> set[int]:
    """The numbers of the capabilities that it holds (linux/capability.h)."""
    return numbers(status(pid)[which])


def numbers(bits_in_hex: str) -> set[int]:
    """The capabilities of a field of /proc/PID/status."""
    bits = int(bits_in_hex, 16)
    return {number for number in range(64) if bits >> number & 1}
