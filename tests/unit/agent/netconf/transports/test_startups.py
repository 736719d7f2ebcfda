"""netconf/transports/startups.py: who makes way when too many have not logged in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcroute_agent.netconf.transports.startups import Startups, network_of


def test_the_oldest_of_the_network_with_most_makes_way() -> None:
    startups: Startups[str] = Startups(3)
    assert startups.add("friend", "192.0.2.1") is None
    assert startups.add("a", "192.0.2.66") is None
    assert startups.add("b", "192.0.2.66") is None
    assert startups.add("c", "192.0.2.66") == "a"
    assert startups.add("other friend", "2001:db8::1") == "b"
    startups.remove("friend")
    assert startups.add("d", "192.0.2.66") is None


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 20), st.sampled_from("abc")), max_size=60),
    st.integers(1, 5),
)
def test_there_are_never_more_and_a_lone_one_stays(
    steps: list[tuple[bool, int, str]], limit: int
) -> None:
    startups: Startups[tuple[int, int]] = Startups(limit)
    there: dict[tuple[int, int], str] = {}
    for number, (adds, which, address) in enumerate(steps):
        if adds:
            there[(number, which)] = address
            gone = startups.add((number, which), address)
            if gone is not None:
                assert len(there) == limit + 1
                # Nobody else of its address has been there longer.
                assert gone == next(one for one in there if there[one] == there[gone])
                del there[gone]
        elif there:
            one = list(there)[which % len(there)]
            startups.remove(one)
            startups.remove(one)
            del there[one]
        assert len(startups) == len(there) <= limit


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1:2:3:4", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        (None, ""),
        ("no address", ""),
    ],
)
def test_networks(address: str | None, network: str) -> None:
    assert network_of(address) == network
