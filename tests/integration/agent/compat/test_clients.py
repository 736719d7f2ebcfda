"""Debian's C smcroutectl and ours against the same server: what they print and how they exit."""

from __future__ import annotations

import re
import subprocess

import pytest

from lab.daemon import DEBIAN_CLIENT, OUR_CLIENT
from smcroute_agent.compat.tables import InterfaceRow
from smcroute_agent.errors import EngineError
from smcroute_agent.rules import Mgroup, Mroute, rule_key
from tests.unit.agent.compat.memory import MemoryRouter
from tests.unit.agent.compat.serving import serving

RULES = [
    Mroute("eth0", "*", "225.1.2.0/24", ("eth1", "eth2")),
    Mroute("eth0", "10.0.0.1", "225.1.2.3", ("eth1",)),
    Mroute("longinterface12", "2001:db8::1", "ff1e::1"),
    Mgroup("eth0", "*", "225.1.2.3"),
    Mgroup("eth+", "10.0.0.1", "232.1.2.0/30"),
    *(Mroute("eth0", f"10.0.1.{n}", "225.9.9.9", ("eth1", "eth2")) for n in range(200)),
]

# The C client asks the terminal for its width, terminal or not.
WIDTH_QUESTION = re.compile("\x1b7\x1b\\[r\x1b\\[999;999H\x1b\\[6n\x1b8")


@pytest.fixture
def outcomes(tmp_path):
    """Runs both clients, each on a server of its own: what came of it, for each."""

    def run(*words, stdin="", refuse=None):
        results = []
        for number, client in enumerate((DEBIAN_CLIENT, OUR_CLIENT)):
            router = MemoryRouter(*RULES)
            router.refuse = refuse
            router.known = [InterfaceRow(1, "lo", None, None), InterfaceRow(12, "eth0", 0, 31)]
            path = tmp_path / str(number)
            path.unlink(missing_ok=True)
            with serving(path, router):
                done = subprocess.run(
                    [client, "-u", path, *words],
                    input=stdin,
                    capture_output=True,
                    text=True,
                    timeout=20,
                    check=False,
                )
            results.append(
                (
                    done.returncode,
                    WIDTH_QUESTION.sub("", done.stdout),
                    WIDTH_QUESTION.sub("", done.stderr),
                    router.rules,
                    router.calls,
                )
            )
        return results

    return run


@pytest.mark.parametrize("options", [(), ("-p",), ("-t",), ("-d",), ("-d", "-p"), ("-pt", "-d")])
@pytest.mark.parametrize(
    "words",
    [(), ("show",), ("sh", "ro"), ("show", "groups"), ("s", "g"), ("show", "int"), ("sh", "p")],
)
def test_show(outcomes, options, words):
    stock, ours = outcomes(*options, *words)
    assert ours == stock
    if words[1:] != ("p",):
        assert "eth0" in ours[1]


@pytest.mark.parametrize(
    "words",
    [
        ("add", "eth0", "10.0.0.1", "225.1.2.3", "eth1", "eth3"),
        ("add", "eth0", "225.7.7.7/24", "eth1"),
        ("add", "eth0", "ff1e::2", "eth1"),
        ("rem", "eth0", "10.0.0.1", "225.1.2.3"),
        ("remove", "eth0", "10.0.0.1", "225.1.2.3", "eth1"),
        ("del", "eth0", "225.1.2.0/24"),
        ("join", "eth0", "10.0.0.1", "232.1.1.1"),
        ("leave", "eth0", "225.1.2.3"),
        ("flush",),
        ("reload",),
        ("restart",),
        ("kill",),
    ],
)
def test_commands(outcomes, words):
    stock, ours = outcomes(*words)
    assert ours == stock
    assert ours[:3] == (0, "", "")
    assert len(ours[4]) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("add", "eth0", "10.0.0.1", "10.0.0.2", "eth1"),
        ("add", "eth0", "10.0.0.1", "ff1e::1", "eth1"),
        ("add", "an-interface-name", "225.1.2.3", "eth1"),
        ("add", "eth0", "225.1.2.3/33", "eth1"),
        ("add", "eth0", "x" * 500, "eth1"),
        ("remove", "eth0", "225.99.1.1"),
        ("remove", "eth0", "10.0.0.1", "225.1.2.3", "eth9"),
        ("join", "eth0", "225.1.2.3"),
        ("join", "eth0", "10.1.1.1"),
        ("leave", "eth0", "225.1.2.4"),
    ],
)
def test_errors(outcomes, words):
    stock, ours = outcomes(*words)
    assert ours == stock
    assert ours[:2] == (1, "")
    assert ours[2].startswith("smcroutectl: ")
    assert ours[3:] == ({rule_key(rule): rule for rule in RULES}, [])


def test_what_the_kernel_refuses(outcomes):
    stock, ours = outcomes("add", "eth0", "225.7.7.7", "eth1", refuse=EngineError("no VIF is left"))
    assert ours == stock
    assert ours[:3] == (1, "", "smcroutectl: no VIF is left\n")


def test_batch(outcomes):
    lines = "join eth0 225.8.8.8\nadd eth0 225.8.8.8 eth1\nrem eth0 225.8.8.8\n"
    stock, ours = outcomes("-b", stdin=lines * 50)
    # From the second round on, the join is an error; the C client exits with their number.
    assert ours[3] == stock[3]
    assert ours[4] == stock[4]
    assert (ours[0], stock[0]) == (1, 49)


def test_a_batch_with_lines_that_fail(outcomes):
    """Neighbours that ours sends together: the same effects and errors as one by one."""
    lines = [
        "add eth0 225.8.8.1 eth1",
        "add eth0 225.8.8.2 eth1",
        "add eth0 10.0.0.1 ff1e::1",
        "add eth0 225.8.8.1 eth2",
        "rem eth0 225.8.8.3",
        "rem eth0 225.8.8.2",
        "rem eth0 225.8.8.2",
        "rem eth0 225.8.8.1 eth1 eth9",
        "join eth0 10.1.1.1",
        "join eth0 225.8.8.9",
        "join eth0 225.8.8.9",
        "leave eth0 225.8.8.9",
        "leave eth0 225.8.8.9",
    ]
    stock, ours = outcomes("-b", stdin="".join(f"{line}\n" for line in lines))
    assert ours[3] == stock[3]
    assert re.sub("line [0-9]+: ", "", ours[2]) == stock[2]
    failed = [int(number) for number in re.findall("line ([0-9]+): ", ours[2])]
    assert failed == [3, 5, 7, 8, 9, 11, 13]
    assert (ours[0], stock[0]) == (1, len(failed))


def test_both_refuse_what_is_too_long(outcomes):
    stock, ours = outcomes("add", "eth0", "225.1.2.3", *[f"interface{n:03}" for n in range(100)])
    assert stock[0] == ours[0] == 1
    assert stock[3:] == ours[3:]
