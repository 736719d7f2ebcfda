"""What smcrouted takes from the service manager at its start."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PROGRAM = """
import os
from smcroute_agent.supervisor.fdstore import ServiceStore
os.environ["LISTEN_PID"] = os.environ["LISTEN_PID"].replace("self", str(os.getpid()))
found = ServiceStore(7).handed_over()
left = [name for name in os.environ if name.startswith("LISTEN_")]
inherited = [number for number in found.values() if os.get_inheritable(number)]
def is_open(number):
    try:
        os.fstat(number)
    except OSError:
        return False
    return True
print(found, left, inherited, [number for number in (3, 4, 5) if is_open(number)])
"""
"""Says what was handed over, what of the environment is left, what a child would inherit, and
which of the descriptors are open."""


def handed_over(**environment: str) -> str:
    """What the program says when it is started with three descriptors from 3 on."""
    # The shell gives the descriptors their numbers.
    opened = 'exec 3</dev/null 4</dev/null 5</dev/null; exec "$0" -c "$1"'
    return subprocess.run(
        ["sh", "-c", opened, sys.executable, PROGRAM],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


def test_descriptors_of_the_table_are_taken_and_others_closed() -> None:
    found = handed_over(
        LISTEN_PID="self", LISTEN_FDS="3", LISTEN_FDNAMES="table-7.IPv4:table-70.IPv4:table-7.vifs"
    )
    assert found == "{'IPv4': 3, 'vifs': 5} [] [] [3, 5]"


def test_of_two_of_a_name_one_is_taken() -> None:
    found = handed_over(
        LISTEN_PID="self", LISTEN_FDS="3", LISTEN_FDNAMES="table-7.a:table-7.a:unknown"
    )
    assert found == "{'a': 3} [] [] [3]"


@pytest.mark.parametrize(
    ("pid", "count", "names"),
    [
        ("1", "3", "table-7.a:table-7.b:table-7.c"),
        ("self", "many", "table-7.a:table-7.b:table-7.c"),
        ("self", "3", "table-7.a"),
        ("self", "", ""),
    ],
)
def test_what_is_not_for_this_process_is_not_taken(pid: str, count: str, names: str) -> None:
    found = handed_over(LISTEN_PID=pid, LISTEN_FDS=count, LISTEN_FDNAMES=names)
    assert found == "{} [] [] [3, 4, 5]"
