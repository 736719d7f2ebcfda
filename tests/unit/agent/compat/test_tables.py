"""The tables and the JSON of show."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcroute_agent.compat import tables
from smcroute_agent.compat.ipc import REPLY_PIECE
from smcroute_agent.compat.tables import (
    GroupRow,
    Groups,
    InterfaceRow,
    PendingRow,
    RouteRow,
    Routes,
)

TEMPLATE = RouteRow("*", "225.1.2.0/24", "eth0", ("eth1", "eth2"), 3, 4)
STATIC = RouteRow("10.0.0.9", "225.1.2.9", "eth0", (), 12345678901, 0)


def test_routes():
    names = ["lo", "eth0", "peer0"]
    assert tables.routes(Routes([TEMPLATE], [STATIC], [STATIC], names), False) == (
        "(*,G) Template Rules_\n"
        "ROUTE (S,G)                                IIF    OIFS=\n"
        "(*, 225.1.2.0/24)                          eth0   eth1 eth2\n"
        "(S,G) Rules_\n"
        "ROUTE (S,G)                                IIF    OIFS=\n"
        "(10.0.0.9, 225.1.2.9)                      eth0  \n"
        "Kernel MFC Table_\n"
        "ROUTE (S,G)                                IIF    OIFS=\n"
        "(10.0.0.9, 225.1.2.9)                      eth0  \n"
    )


def test_routes_in_detail():
    assert tables.routes(Routes([TEMPLATE], [STATIC], [], ["eth0", "peer0"]), True) == (
        "(*,G) Template Rules_\n"
        "ROUTE (S,G)                                IIF      PACKETS      BYTES  OIFS=\n"
        "(*, 225.1.2.0/24)                          eth0           3          4  eth1 eth2\n"
        "(S,G) Rules_\n"
        "ROUTE (S,G)                                IIF      PACKETS      BYTES  OIFS=\n"
        "(10.0.0.9, 225.1.2.9)                      eth0  12345678901          0 \n"
    )


def test_the_column_fits_a_wildcard_that_is_no_known_interface():
    text = tables.routes(Routes([TEMPLATE._replace(in_interface="verylongname+")]), False)
    assert "verylongname+  eth1" in text


def test_groups():
    rows = Groups([GroupRow("*", "225.1.2.3", "eth0")], [GroupRow("10.0.0.9", "232.1.1.1", "eth1")])
    brief = (
        "Group Memberships Table_\n"
        "GROUP (S,G)                                IIF             =\n"
        "(*, 225.1.2.3)                             eth0\n"
    )
    assert tables.groups(rows, False) == brief
    assert tables.groups(rows, True) == brief + (
        "Kernel Group Membership Table_\n(10.0.0.9, 232.1.1.1)                      eth1\n"
    )


def test_interfaces():
    rows = [InterfaceRow(1, "lo", None, None), InterfaceRow(123, "abcdefg", 3, 31)]
    assert tables.interfaces(rows) == (
        " INDEX PHYINT   VIF  MIF=\n     1 lo       N/A  N/A\n   123 abcdefg    3   31\n"
    )


def test_pending():
    rows = [
        PendingRow("mroute", "*", "225.1.2.3", "eth9", ("eth1",)),
        PendingRow("mgroup", "10.0.0.9", "232.1.1.0/24", "eth+"),
    ]
    assert tables.pending(rows) == (
        "PENDING ROUTES AND GROUPS\n"
        "mroute  from eth9 group 225.1.2.3 to eth1\n"
        "mgroup  from eth+ source 10.0.0.9 group 232.1.1.0/24\n"
    )


def test_nothing_to_show():
    assert tables.routes(Routes(interfaces=["eth0"]), True) == ""
    assert tables.groups(Groups(), True) == ""
    assert tables.interfaces([]) == ""
    assert tables.pending([]) == "No pending routes or groups\n"
    assert json.loads(tables.routes_json(Routes())) == {
        "routes": {"asm": [], "ssm": [], "kernel": []}
    }


def test_json():
    assert json.loads(tables.interfaces_json([InterfaceRow(1, "lo", None, 2)])) == {
        "interfaces": [{"index": 1, "name": "lo", "vif": None, "mif": 2}]
    }
    group = GroupRow("*", "225.1.2.3", "eth0")
    assert json.loads(tables.groups_json(Groups([group], [group._replace(source="10.0.0.1")]))) == {
        "groups": {
            "conf": [{"source": None, "group": "225.1.2.3", "iif": "eth0"}],
            "kernel": [{"source": "10.0.0.1", "group": "225.1.2.3", "iif": "eth0"}],
        }
    }
    assert json.loads(tables.routes_json(Routes([TEMPLATE], [STATIC]))) == {
        "routes": {
            "asm": [
                {"source": None, "group": "225.1.2.0/24", "iif": "eth0", "oifs": ["eth1", "eth2"]}
            ],
            "ssm": [{"source": "10.0.0.9", "group": "225.1.2.9", "iif": "eth0", "oifs": []}],
            "kernel": [],
        }
    }
    assert json.loads(tables.pending_json([PendingRow("mroute", "*", "ff1e::1", "a", ("b",))])) == {
        "pending": [
            {"kind": "mroute", "iif": "a", "source": None, "group": "ff1e::1", "oifs": ["b"]}
        ]
    }


names = st.text('abc\\"é,', min_size=1, max_size=15)
rows = st.builds(
    RouteRow, st.just("*"), st.just("225.1.2.3"), names, st.lists(names, max_size=130).map(tuple)
)


def in_pieces(text: str) -> list[str]:
    """As a client prints it that adds a newline to what it has received."""
    return [text[start : start + REPLY_PIECE] for start in range(0, len(text), REPLY_PIECE)]


def in_lines(text: str) -> list[str]:
    """As a client prints it that reads lines with fgets(3), into a buffer as large as a piece."""
    return [
        line[start : start + REPLY_PIECE]
        for line in text.splitlines()
        for start in range(0, len(line) + 1, REPLY_PIECE)
    ]


CUT = pytest.mark.parametrize("cut", [in_pieces, in_lines])


@CUT
@settings(deadline=None)
@given(templates=st.lists(rows, max_size=20), kernel=st.lists(rows, max_size=10))
def test_json_stays_valid_with_a_newline_after_each_piece(cut, templates, kernel):
    text = tables.routes_json(Routes(templates, (), kernel))
    shown = json.loads("\n".join(cut(text)))["routes"]
    for name, given_rows in (("asm", templates), ("kernel", kernel)):
        assert [tuple(row["oifs"]) for row in shown[name]] == [row[3] for row in given_rows]
        assert [row["iif"] for row in shown[name]] == [row.in_interface for row in given_rows]


@CUT
def test_json_of_a_row_longer_than_a_piece(cut):
    outs = tuple(f'"{n:03},' for n in range(300))
    text = tables.routes_json(Routes([TEMPLATE._replace(out_interfaces=outs)]))
    assert len(cut(text)) > 2
    assert tuple(json.loads("\n".join(cut(text)))["routes"]["asm"][0]["oifs"]) == outs


def test_no_row_passes_for_a_title():
    row = TEMPLATE._replace(out_interfaces=("br_",))
    text = tables.routes(Routes([row], [], [row._replace(out_interfaces=("a=",))]), False)
    text += tables.groups(Groups([GroupRow("*", "225.1.2.3", "br_")]), False)
    text += tables.pending([PendingRow("mgroup", "*", "225.1.2.3", "br_")])
    marked = [line.split()[0] for line in text.split("\n") if line.endswith(("_", "="))]
    assert marked == ["(*,G)", "ROUTE", "Kernel", "ROUTE", "Group", "GROUP"]
