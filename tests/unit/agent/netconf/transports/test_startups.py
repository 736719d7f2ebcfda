"""netconf/transports/startups.py: who makes way when too many have not logged in."""

from __future__ import annotations

from collections import Counter

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


def test_who_says_nothing_pushes_out_nobody_who_logs_in() -> None:
    startups: Startups[str] = Startups(4)
    for name in ("key exchange", "version"):
        assert startups.add(name, "192.0.2.1") is None
        startups.progressed(name)
    startups.progressed("key exchange")
    gone = [startups.add(f"silent {number}", "192.0.2.1") for number in range(5)]
    assert gone == [None, None, "silent 0", "silent 1", "silent 2"]
    startups.progressed("silent 3")
    # All but the latest have spoken; of those who have got least far the oldest makes way.
    assert startups.add("another", "192.0.2.1") == "version"
    assert startups.add("one more", "192.0.2.1") == "silent 4"


ADD, REMOVE, PROGRESS = range(3)


@given(
    st.lists(
        st.tuples(
            st.sampled_from((ADD, ADD, REMOVE, PROGRESS)),
            st.integers(0, 20),
            st.sampled_from(("192.0.2.1", "192.0.2.2", "2001:db8::1")),
        ),
        max_size=60,
    ),
    st.integers(1, 12),
)
def test_there_are_never_more_and_who_gets_far_stays(
    steps: list[tuple[int, int, str]], limit: int
) -> None:
    startups: Startups[int] = Startups(limit)
    there: dict[int, str] = {}
    progress: Counter[int] = Counter()
    for number, (step, which, address) in enumerate(steps):
        one = list(there)[which % len(there)] if there else -1
        if step == ADD:
            there[number] = address
            gone = startups.add(number, address)
            if gone is not None:
                assert len(there) == limit + 1
                of_address = [other for other in there if there[other] == there[gone]]
                assert len(of_address) == max(Counter(there.values()).values())
                # But for the latest, nobody of its address has got less far, or as far and been
                # there longer.
                earlier = of_address[: max(1, len(of_address) - max(1, limit // 2))]
                assert gone == min(earlier, key=lambda other: (progress[other], other))
                del there[gone]
        elif step == REMOVE:
            startups.remove(one)
            startups.remove(one)
            there.pop(one, None)
        else:
            startups.progressed(one)
            progress[one] += 1
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
