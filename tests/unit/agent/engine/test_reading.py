"""Answers to reads: in parts that fit, and right."""

from __future__ import annotations

import json
import time

import pytest

from smcroute_agent.channel import MAX_MESSAGE
from smcroute_agent.engine import protocol
from smcroute_agent.engine.interfaces import IFF_MULTICAST, IFF_UP
from smcroute_agent.engine.kernel.netlink import LinkState
from smcroute_agent.engine.reading import decode_only, read
from smcroute_agent.errors import DataError
from tests.unit.agent.engine.kernels import Bench

S, G = "10.0.0.1", "225.1.1.1"


def collect(bench: Bench, *subjects: str, only=None) -> dict[str, list]:
    rows: dict[str, list] = {}
    for part in read(bench.router, list(subjects), decode_only(only)):
        if part is not None:
            assert len(json.dumps(part)) < MAX_MESSAGE - 1024
            for subject, more in part.items():
                rows.setdefault(subject, []).extend(json.loads(json.dumps(list(more))))
    return rows


def test_rules_fit_into_messages_and_come_back(bench):
    outs = [f"interface-{i:05}" for i in range(256)]
    wires = [["mroute", "eth0", "*", f"225.1.{i // 250}.{i % 250}", outs] for i in range(100)]
    wires += [["phyint", "eth0", True, False, 3], ["mgroup", "eth1", S, "232.1.1.1"]]
    bench.apply(wires)
    assert collect(bench, protocol.RULES) == {"rules": wires}


def test_statuses_fit_into_messages(bench):
    outs = [f"eth{i}" for i in range(256)]
    bench.apply([["mroute", "eth+", "*", f"225.1.1.{i}", outs] for i in range(40)])
    rows = [protocol.status_row(row) for row in collect(bench, protocol.STATUSES)["statuses"]]
    assert len(rows) == 40
    assert rows[0].state == "pending"
    assert rows[0].reason == "interface eth4 does not exist"
    assert len(rows[0].warnings) == 256


def test_entries(bench, monkeypatch):
    clock = [1000.9]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    bench.apply([["mroute", "eth0", S, G, ["eth1"]]])
    clock[0] += 61.2
    (row,) = collect(bench, protocol.ENTRIES)["entries"]
    entry = protocol.entry_row(row)
    assert entry == (S, G, "eth0", "static", (("eth1", 1),), 0, 0, 0, 61, None)


def test_all_interfaces_and_what_a_rule_has_made_of_them(bench):
    bench.apply(
        [
            ["mroute", "eth1", "*", "ff0e::1", []],
            ["mroute", "eth1", "*", G, ["eth0"]],
            ["mgroup", "eth2", "*", G],
        ]
    )
    bench.links([LinkState(9, "lo", IFF_UP)])
    flags = [IFF_MULTICAST]
    assert collect(bench, protocol.INTERFACES)["interfaces"] == [
        ["eth0", 2, 0, None, None, [0, 0, 0, 0], None, *flags],
        ["eth1", 3, 1, 0, None, [1, 0, 0, 0], [0, 0, 0, 0], *flags],
        ["eth2", 4, None, None, None, None, None, *flags],
        ["eth3", 5, None, None, None, None, None, *flags],
        ["lo", 9, None, None, "interface lo has no MULTICAST flag", None, None, IFF_UP],
    ]


def test_thousands_of_interfaces_and_one_of_them(bench):
    bench.links([LinkState(n, f"veth{n}", 0) for n in range(10, 3010)])
    assert len(collect(bench, protocol.INTERFACES)["interfaces"]) == 3004
    only = {protocol.INTERFACES: [["veth2000"], ["eth1"], ["none"], ["a", "b"], []]}
    rows = collect(bench, protocol.INTERFACES, only=only)["interfaces"]
    assert [row[:2] for row in rows] == [["veth2000", 2000], ["eth1", 3]]


def test_an_interface_that_goes_while_they_are_read(bench):
    bench.links([LinkState(n, f"veth{n}", 0) for n in range(10, 110)])
    parts = read(bench.router, [protocol.INTERFACES], {})
    assert next(parts) is None
    bench.links(gone=[100])
    names = [row[0] for part in parts if part for row in part[protocol.INTERFACES]]
    assert (len(names), "veth100" in names) == (103, False)


def test_memberships(bench):
    bench.apply([["mgroup", "eth0", "*", G], ["mgroup", "eth0", "2001:db8::1", "ff3e::1"]])
    assert collect(bench, protocol.MEMBERSHIPS)["memberships"] == [
        ["eth0", "*", G],
        ["eth0", "2001:db8::1", "ff3e::1"],
    ]


def test_every_subject_answers_when_there_is_nothing():
    rows = collect(Bench(interfaces=0), *protocol.SUBJECTS)
    assert set(rows) == set(protocol.SUBJECTS)


def test_interface_names_that_json_escapes_fit(bench):
    name = "\\xff" * 15
    assert len(json.dumps(name)) <= 110
    bench.links([LinkState(n, name, 0) for n in range(10, 1010)])
    assert len(collect(bench, protocol.INTERFACES)["interfaces"]) == 1004


def test_only_some_statuses(bench):
    bench.apply(
        [
            ["mroute", "eth0", S, G, ["eth1"]],
            ["mroute", "eth0", "*", G, ["eth1"]],
            ["mgroup", "eth0", "*", G],
            ["phyint", "eth0", True, None, None],
        ]
    )

    def keys(*wanted):
        rows = collect(bench, protocol.STATUSES, only={protocol.STATUSES: list(map(list, wanted))})
        return [tuple(row[0]) for row in rows["statuses"]]

    assert keys(("mroute", "eth0", S, G)) == [("mroute", "eth0", S, G)]
    assert keys(("mgroup",), ("phyint", "eth0"), ("phyint", "eth9")) == [
        ("mgroup", "eth0", "*", G),
        ("phyint", "eth0"),
    ]
    assert len(keys(("mroute",))) == 2
    assert keys() == keys(("mroute", "eth0", "\0", "x")) == []


def test_only_some_entries(bench):
    flows = [(S, G), ("10.0.0.2", G), ("2001:db8::1", "ff1e::1")]
    bench.apply([["mroute", "eth0", source, group, ["eth1"]] for source, group in flows])

    def found(*wanted):
        rows = collect(bench, protocol.ENTRIES, only={protocol.ENTRIES: list(map(list, wanted))})
        return [tuple(row[:2]) for row in rows["entries"]]

    assert found(*flows[1:]) == flows[1:]
    assert found((S, "225.1.1.2"), ("nonsense", G), (S,), ("\0", "\0"), (S, "ff1e::1")) == []


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        "x",
        {"rules": []},
        {"statuses": "x"},
        {"statuses": ["x"]},
        {"entries": [[1, 2]]},
        {"entries": [["a", "b"]] * (protocol.MAX_ONLY + 1)},
    ],
)
def test_keys_that_have_not_their_shape_are_refused(wrong):
    with pytest.raises(DataError):
        decode_only(wrong)
