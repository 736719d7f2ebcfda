"""What the tables show of rules with wildcards, and of rules that wait."""

from smcroute_agent.agent.expansion import Expansion
from smcroute_agent.engine.protocol import InterfaceRow
from smcroute_agent.rules import Mroute

INTERFACES = [
    InterfaceRow("lan10", 9, 0, None),
    InterfaceRow("lan2", 3, 2, 0),
    InterfaceRow("wan", 7, 1, 1),
    InterfaceRow("lan3", 4, None, None),
]


def rows(interface: str, group: str, *outs: str) -> list[tuple[str, tuple[str, ...]]]:
    rule = Mroute(interface, "*", group, outs)
    found = list(Expansion(INTERFACES).rows(rule))
    assert {(row.source, row.group) for row in found} <= {("*", group)}
    return [(row.in_interface, row.out_interfaces) for row in found]


def test_names_stand_for_themselves() -> None:
    assert rows("wan", "225.1.2.3", "lan2", "lan10") == [("wan", ("lan10", "lan2"))]
    assert rows("wan", "225.1.2.3") == [("wan", ())]


def test_a_wildcard_is_a_row_for_each() -> None:
    assert rows("lan+", "225.1.2.3", "wan") == [("lan10", ("wan",)), ("lan2", ("wan",))]


def test_a_wildcard_means_the_others_and_a_name_itself() -> None:
    assert rows("lan+", "225.1.2.3", "lan+") == [("lan10", ("lan2",)), ("lan2", ("lan10",))]
    assert rows("lan2", "225.1.2.3", "lan2") == [("lan2", ("lan2",))]


def test_each_family_has_its_own_numbers() -> None:
    assert rows("+", "ff1e::1", "+") == [("lan2", ("wan",)), ("wan", ("lan2",))]
    assert rows("lan10", "ff1e::1", "wan") == []


def test_what_takes_no_part_is_left_out() -> None:
    assert rows("lan3", "225.1.2.3", "wan") == []
    assert rows("wan", "225.1.2.3", "lan3", "none", "lan2") == [("wan", ("lan2",))]
