"""What each command letter does."""

from __future__ import annotations

import asyncio

import pytest

from smcroute_agent.compat import commands
from smcroute_agent.errors import EngineError, Error
from smcroute_agent.rules import Mgroup, Mroute
from tests.unit.agent.compat.memory import MemoryRouter

ROUTE = Mroute("eth0", "10.0.0.1", "225.1.2.3", ("eth1", "eth2"))
GROUP = Mgroup("eth0", "*", "225.1.2.3")


def run(router, line):
    letter, *arguments = line.split()
    return asyncio.run(commands.execute(router, letter, arguments))


@pytest.mark.parametrize(
    ("before", "line", "after"),
    [
        ([], "a eth0 10.0.0.1 225.1.2.3 eth1 eth2", [ROUTE]),
        ([], "a eth0 225.1.2.3 eth1", [Mroute("eth0", "*", "225.1.2.3", ("eth1",))]),
        ([], "a eth0 0.0.0.0 225.1.2.3/24", [Mroute("eth0", "*", "225.1.2.0/24")]),
        ([], "a eth+ * ff1e::1 eth+", [Mroute("eth+", "*", "ff1e::1", ("eth+",))]),
        ([], "a eth0 10.0.0.1/24 225.1.2.3", [Mroute("eth0", "10.0.0.0/24", "225.1.2.3")]),
        ([ROUTE], "a eth0 10.0.0.1 225.1.2.3 eth2 eth3",
         [ROUTE._replace(out_interfaces=("eth1", "eth2", "eth3"))]),
        ([ROUTE], "a eth0 10.0.0.1 225.1.2.3 eth2", [ROUTE]),
        ([ROUTE], "r eth0 10.0.0.1 225.1.2.3/32", []),
        ([ROUTE], "r eth0 10.0.0.1 225.1.2.3 eth1", [ROUTE._replace(out_interfaces=("eth2",))]),
        ([ROUTE], "r eth0 10.0.0.1 225.1.2.3 eth1 eth2", [ROUTE._replace(out_interfaces=())]),
        ([], "j eth0 225.1.2.3", [GROUP]),
        ([], "j eth0 10.0.0.1 232.1.2.3/30", [Mgroup("eth0", "10.0.0.1", "232.1.2.0/30")]),
        ([GROUP], "l eth0 225.1.2.3", []),
    ],
)  # fmt: skip
def test_edits(before, line, after):
    router = MemoryRouter(*before)
    assert run(router, line) == commands.Reply()
    assert list(router.rules.values()) == after


@pytest.mark.parametrize(
    ("before", "line", "says"),
    [
        ([], "x", "unknown command letter 'x'"),
        ([], "a", "too few words"),
        ([], "a eth0", "too few words"),
        ([], "a eth0 10.0.0.1", "no multicast group"),
        ([], "a eth0 foo bar", "the source 'foo' is no IP address"),
        ([], "a eth0 10.0.0.1 nosuch", "the group 'nosuch' is no IP address"),
        ([], "a eth0 10.0.0.1 ff1e::1 eth1", "different address families"),
        ([], "a eth0 10.0.0.1 225.1.2.3/40 eth1", "prefix length"),
        ([], "a an-interface-name 225.1.2.3 eth1", "characters"),
        ([], "a eth0 225.1.2.3 an-interface-name", "characters"),
        ([ROUTE], "r eth0 225.1.2.3", r"no route \(\*, 225.1.2.3\) from eth0"),
        ([ROUTE], "r eth0 10.0.0.1 225.1.2.3 eth1 eth3", "does not go to eth3; .* eth1 eth2"),
        ([GROUP], "j eth0 225.1.2.3", r"\(\*, 225.1.2.3\) on eth0 is joined already"),
        ([], "j eth0 225.1.2.3 eth1", "'eth1' is one word too many"),
        ([GROUP], "l eth0 10.0.0.1 225.1.2.3", "is not joined"),
        ([], "j eth0 10.1.1.1", "no multicast group"),
    ],
)
def test_errors_change_nothing(before, line, says):
    router = MemoryRouter(*before)
    with pytest.raises(Error, match=says):
        run(router, line)
    assert list(router.rules.values()) == before
    assert router.calls == []


def test_what_the_router_refuses_is_the_answer():
    router = MemoryRouter()
    router.refuse = EngineError("no VIF is left")
    with pytest.raises(EngineError, match="no VIF"):
        run(router, "a eth0 225.1.2.3 eth1")


@pytest.mark.parametrize(("letter", "call"), [("F", "flush"), ("H", "reload")])
def test_flush_and_reload(letter, call):
    router = MemoryRouter()
    assert run(router, letter) == commands.Reply()
    assert router.calls == [call]


def test_kill_comes_after_the_reply():
    router = MemoryRouter()
    reply = run(router, "k")
    assert reply.text == ""
    assert router.calls == []
    asyncio.run(reply.afterwards())
    assert router.calls == ["kill"]


@pytest.mark.parametrize(
    ("line", "begins"),
    [
        ("s", "(S,G) Rules_"),
        ("s routes", "(S,G) Rules_"),
        ("s xyz", "(S,G) Rules_"),
        ("S", "(S,G) Rules_"),
        ("s g", "Group Memberships Table_"),
        ("S groups", "Group Memberships Table_"),
        ("J groups", '{"groups":'),
        ("J", '{"routes":'),
        ("J i", '{"interfaces":'),
        ("J pending", '{"pending":'),
        ("s i", ""),
        ("s p", "No pending routes or groups\n"),
    ],
)
def test_show(line, begins):
    text = run(MemoryRouter(ROUTE, GROUP), line).text
    assert text.startswith(begins) if begins else text == ""
