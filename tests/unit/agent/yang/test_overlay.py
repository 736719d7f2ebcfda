"""Overlays behave as dicts, and copies of them share what did not change."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcroute_agent.yang.data import Container, ListNode
from smcroute_agent.yang.overlay import SMALL, Overlay, copied, settled
from smcroute_agent.yang.schema import packaged

MROUTE = packaged().node("smcroute/mroute")

SIZE = 3 * SMALL
keys = st.integers(0, SIZE + 20)
steps = st.lists(
    st.tuples(st.sampled_from(["set", "delete", "pop", "copy", "settle", "back"]), keys),
    max_size=60,
)


def same(overlay, plain):
    assert overlay == plain
    assert list(overlay) == list(plain)
    assert list(overlay.items()) == list(plain.items())
    assert list(overlay.values()) == list(plain.values())
    assert len(overlay) == len(plain)
    assert bool(overlay) == bool(plain)


@given(st.integers(0, SIZE), steps)
def test_whatever_is_done_it_is_what_a_dict_would_be(size, steps):
    """Earlier versions, too, stay as they were, whatever is done to their copies."""
    base = {key: key for key in range(size)}
    versions = [(Overlay(base), dict(base))]
    current, plain = Overlay(base), dict(base)
    for number, (step, key) in enumerate(steps):
        value = -1 - number
        if step == "set":
            current[key] = plain[key] = value
        elif step == "delete" and key not in plain:
            with pytest.raises(KeyError):
                del current[key]
        elif step == "delete":
            del current[key], plain[key]
        elif step == "pop":
            assert current.pop(key, None) == plain.pop(key, None)
        else:
            versions.append((settled(current) if step == "settle" else current, dict(plain)))
            kept = versions[key % len(versions)] if step == "back" else versions[-1]
            current, plain = copied(kept[0]), dict(kept[1])
        assert (key in current) == (key in plain)
        assert current.get(key, "none") == plain.get(key, "none")
    for version, expected in (*versions, (current, plain)):
        same(version, expected)
    assert base == {key: key for key in range(size)}


def test_what_is_not_there():
    overlay = Overlay({1: "a"})
    with pytest.raises(KeyError):
        overlay[2]
    del overlay[1]
    with pytest.raises(KeyError):
        overlay[1]
    with pytest.raises(KeyError):
        del overlay[1]


def test_a_copy_shares_what_did_not_change():
    base = dict.fromkeys(range(10_000), "")
    kept = base
    flattened = 0
    for number in range(1000):
        work = copied(kept)
        assert isinstance(work, Overlay)
        assert work._base is (kept._base if isinstance(kept, Overlay) else kept)
        assert len(work._changed) + len(work._tail) <= 101
        work[number] = "changed"
        kept = settled(work)
        flattened += not isinstance(kept, Overlay)
    # Every hundredth of the edits copied the whole dict, none of the others.
    assert flattened == 9
    assert list(kept) == list(base)


def test_a_small_dict_is_copied():
    small = dict.fromkeys(range(SMALL), "")
    assert copied(small) == small
    assert copied(small) is not small
    assert type(copied(small)) is dict


@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.lists(st.tuples(st.booleans(), keys), max_size=40)),
        max_size=12,
    )
)
def test_the_differing_entries_of_any_two_versions(edits):
    """Whatever way led from one list to the other, over however many that are gone."""
    first = {(str(number),): Container(MROUTE, {}) for number in range(SIZE)}
    versions = [ListNode(MROUTE, first)]
    for whose, changes in edits:
        before = versions[whose % len(versions)]
        entries, touched = before.to_change(), set()
        for there, number in changes:
            key = (str(number),)
            touched.add(key)
            if there:
                entries[key] = Container(MROUTE, {})
            else:
                entries.pop(key, None)
        versions.append(before.changed(entries, touched))
    for one in versions:
        for other in versions:
            differing = {
                key
                for key in {*one.entries, *other.entries}
                if one.entries.get(key) is not other.entries.get(key)
            }
            assert set(one.differing(other)) == differing


def test_versions_that_are_far_apart_are_compared_by_what_changed():
    first = ListNode(MROUTE, {(str(number),): Container(MROUTE, {}) for number in range(10_000)})
    entries = first.to_change()
    entries[("0",)] = Container(MROUTE, {})
    early = latest = first.changed(entries, [("0",)])
    versions = []
    for number in range(1, 20):
        versions.append(latest)
        entries = latest.to_change()
        entries[(str(number),)] = Container(MROUTE, {})
        latest = latest.changed(entries, [(str(number),)])
    assert isinstance(latest.entries, Overlay)
    assert latest.entries.may_differ(early.entries) == {(str(number),) for number in range(20)}
    assert set(latest.differing(early)) == {(str(number),) for number in range(1, 20)}
