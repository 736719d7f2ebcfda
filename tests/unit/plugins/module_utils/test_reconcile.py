"""What a router has and what is wanted, to the least change: every state."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.mcast.smcroute.plugins.module_utils.entries import from_config
from ansible_collections.mcast.smcroute.plugins.module_utils.kinds import PHYINT, ROUTE
from ansible_collections.mcast.smcroute.plugins.module_utils.reconcile import STATES, reconcile


def route(group, *out, source="*"):
    return {
        "interface": "in0",
        "source": source,
        "group": group,
        "out_interfaces": list(out),
    }


def key(entry):
    return {name: value for name, value in entry.items() if name != "out_interfaces"}


def phyint(name, enabled=True, mrdisc=False, ttl_threshold=1):
    return {"name": name, "enabled": enabled, "mrdisc": mrdisc, "ttl_threshold": ttl_threshold}


def run(kind, have, config, state):
    have = {kind.key_of(entry): entry for entry in have}
    wanted = None if config is None else from_config(kind, config)
    change = reconcile(kind, have, wanted, state)
    return list(change.edits), [entry for _key, entry in sorted(change.after.items())]


A, B, C = "225.0.0.1", "225.0.0.2", "225.0.0.3"


def test_merged_makes_what_is_not_there():
    assert run(ROUTE, [], [route(A, "a")], "merged") == (
        [("create", route(A, "a"))],
        [route(A, "a")],
    )


def test_merged_sends_only_the_outgoing_interfaces_that_are_new():
    assert run(ROUTE, [route(A, "a", "c"), route(B, "a")], [route(A, "b", "a")], "merged") == (
        [("merge", route(A, "b"))],
        [route(A, "a", "b", "c"), route(B, "a")],
    )


@pytest.mark.parametrize("config", [[route(A, "a")], [key(route(A))], [route(A)], []])
def test_merged_leaves_alone_what_is_already_so(config):
    assert run(ROUTE, [route(A, "a", "b")], config, "merged") == ([], [route(A, "a", "b")])


def test_merged_sets_the_leaves_that_are_given():
    have = [phyint("eth0", mrdisc=True, ttl_threshold=3)]
    config = [{"name": "eth0", "ttl_threshold": 5, "enabled": True}, {"name": "eth1"}]
    assert run(PHYINT, have, config, "merged") == (
        [("merge", {"name": "eth0", "ttl_threshold": 5}), ("create", {"name": "eth1"})],
        [phyint("eth0", mrdisc=True, ttl_threshold=5), phyint("eth1")],
    )


def test_merged_takes_a_default_for_what_is_not_said():
    assert run(PHYINT, [phyint("eth0")], [phyint("eth0")], "merged")[0] == []


def test_replaced_makes_the_named_entries_as_given():
    have = [route(A, "a", "b"), route(B, "a")]
    config = [route(A, "c"), route(C, "a")]
    assert run(ROUTE, have, config, "replaced") == (
        [("replace", route(A, "c")), ("create", route(C, "a"))],
        [route(A, "c"), route(B, "a"), route(C, "a")],
    )


def test_replaced_resets_what_is_left_out():
    config = [{"name": "eth0", "mrdisc": True}]
    assert run(PHYINT, [phyint("eth0", mrdisc=True, ttl_threshold=9)], config, "replaced") == (
        [("replace", {"name": "eth0", "mrdisc": True})],
        [phyint("eth0", mrdisc=True)],
    )


def test_replaced_does_not_care_how_a_default_is_said():
    assert (
        run(PHYINT, [phyint("eth0")], [{"name": "eth0", "ttl_threshold": 1}], "replaced")[0] == []
    )
    assert run(ROUTE, [route(A)], [key(route(A))], "replaced")[0] == []


def test_overridden_removes_all_others():
    have = [route(A, "a"), route(B, "a"), route(C, "a")]
    assert run(ROUTE, have, [route(B, "b"), route(C, "a")], "overridden") == (
        [("delete", key(route(A))), ("replace", route(B, "b"))],
        [route(B, "b"), route(C, "a")],
    )


def test_overridden_with_nothing_removes_everything():
    assert run(ROUTE, [route(A, "a")], [], "overridden") == ([("delete", key(route(A)))], [])


def test_deleted_removes_what_is_named_whatever_else_is_said_of_it():
    have = [route(A, "a"), route(B, "a")]
    assert run(ROUTE, have, [route(A, "x", "y"), route(C)], "deleted") == (
        [("delete", key(route(A)))],
        [route(B, "a")],
    )


def test_deleted_without_config_removes_everything_and_with_an_empty_one_nothing():
    have = [route(A, "a"), route(B)]
    assert run(ROUTE, have, None, "deleted") == (
        [("delete", key(route(A))), ("delete", key(route(B)))],
        [],
    )
    assert run(ROUTE, have, [], "deleted") == ([], have)


INTERFACES = st.lists(st.sampled_from("abcd"), unique=True).map(sorted)
TABLES = st.dictionaries(st.sampled_from((A, B, C)), INTERFACES).map(
    lambda table: [route(group, *out) for group, out in sorted(table.items())]
)


@given(TABLES, TABLES, st.sampled_from(sorted(STATES)))
def test_a_second_run_changes_nothing(have, config, state):
    _edits, after = run(ROUTE, have, config, state)
    assert run(ROUTE, after, config, state) == ([], after)


@given(TABLES, TABLES, st.sampled_from(sorted(STATES)))
def test_after_is_what_the_edits_make_of_before(have, config, state):
    """The edits, carried out as RFC 6241 says, lead to `after`."""
    edits, after = run(ROUTE, have, config, state)
    table = {entry["group"]: entry for entry in have}
    for operation, entry in edits:
        group = entry["group"]
        assert (group in table) == (operation != "create")
        if operation == "delete":
            del table[group]
        elif operation == "merge":
            out = sorted({*table[group]["out_interfaces"], *entry["out_interfaces"]})
            table[group] = route(group, *out)
        else:
            table[group] = entry
    assert sorted(table.values(), key=lambda entry: entry["group"]) == after


@given(TABLES, TABLES)
def test_overridden_ends_with_exactly_what_is_wanted(have, config):
    assert run(ROUTE, have, config, "overridden")[1] == config
