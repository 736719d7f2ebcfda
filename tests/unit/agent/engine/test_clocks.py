"""A clock that is set, by a person or by NTP, changes nothing: nobody who plans looks at it."""

from __future__ import annotations

import ast
from importlib.resources import files

import pytest

PLANNERS = ("engine", "supervisor", "daemon.py", "channel.py")
WALL_CLOCKS = {"time", "time_ns", "localtime", "gmtime", "ctime", "strftime", "clock_gettime"}


def modules():
    package = files("smcroute_agent")
    waiting = [package / name for name in PLANNERS]
    for path in waiting:
        if path.is_dir():
            waiting += path.iterdir()
        elif path.name.endswith(".py"):
            yield path


def wall_clocks(source: str) -> list[int]:
    """Lines that read the wall clock or could."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(value=ast.Name(id="time"), attr=name) if name in WALL_CLOCKS:
                found.append(node.lineno)
            case (
                ast.ImportFrom(module="time" | "datetime")
                | ast.Import(names=[ast.alias(name="datetime"), *_])
            ):
                found.append(node.lineno)
    return found


def test_no_planner_reads_the_wall_clock():
    known = list(modules())
    assert len(known) > 30
    assert {path.name: lines for path in known if (lines := wall_clocks(path.read_text()))} == {}


@pytest.mark.parametrize(
    "source", ["import time\ntime.time()", "from time import time", "import datetime"]
)
def test_the_test_sees_them(source):
    assert wall_clocks(source)
