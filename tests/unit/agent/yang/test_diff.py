"""Differences: the outermost list entries, and what changes outside of lists."""

from __future__ import annotations

from smcroute_agent.yang.data import ListNode, empty, lookup
from smcroute_agent.yang.diff import diff
from smcroute_agent.yang.edit import edit
from smcroute_agent.yang.schema import Schema

from .conftest import Load, config

ORDER = "<order xmlns='urn:zoo:rules'>{}</order>"


def shown(zoo: Schema, before: object, after: object) -> list[tuple[str, tuple[str, ...], str]]:
    changes = diff(before, after)  # type: ignore[arg-type]
    return [
        (
            change.schema.name,
            change.key,
            "+" if change.before is None else "-" if change.after is None else "~",
        )
        for change in changes
    ]


def test_kinds_of_changes(zoo: Schema, load: Load) -> None:
    before = load(
        ORDER.format(
            "<pair><a>x</a><b>1</b></pair><system>s</system><default-one>d</default-one>"
            "<outer><inner><leaf>x</leaf></inner></outer>"
        )
        + "<limits xmlns='urn:zoo:rules'><server><name>a</name></server></limits>"
    )
    after = load(
        ORDER.format("<default-one>e</default-one><present><leaf>l</leaf></present>")
        + "<limits xmlns='urn:zoo:rules'><server><name>a</name><address><ip>i</ip></address>"
        "</server><server><name>b</name></server></limits>"
    )
    assert shown(zoo, before, after) == [
        ("server", ("a",), "~"),
        ("server", ("b",), "+"),
        ("pair", ("x", "1"), "-"),
        ("system", (), "-"),
        ("default-one", (), "~"),
        ("leaf", (), "-"),
        ("present", (), "+"),
    ]
    assert diff(before, before) == []
    assert diff(before, edit(zoo, empty(zoo), config(""))) != []


def test_only_the_order(zoo: Schema, load: Load) -> None:
    users = "<user><name>a</name></user><user><name>b</name></user>"
    before = load(ORDER.format(users))
    after = edit(
        zoo, before, config(ORDER.format("<user yang:insert='first'><name>b</name></user>"))
    )
    assert shown(zoo, before, after) == [("user", (), "~")]
    swapped = load(ORDER.format("<system>a</system><system>b</system>"))
    assert shown(zoo, swapped, load(ORDER.format("<system>b</system><system>a</system>"))) == []


def test_the_history_of_a_list_is_bounded_and_right(zoo: Schema, load: Load) -> None:
    first = load(ORDER.format("<user><name>0</name></user>"))
    trees = [first]
    for number in range(1, 9):
        content = ORDER.format(f"<user><name>{number}</name></user>")
        trees.append(edit(zoo, trees[-1], config(content)))
    for index, old in enumerate(trees):
        for new in trees[index:]:
            expected = len(trees[trees.index(new)].children) and trees.index(new) - index
            changes = [change for change in diff(old, new) if change.key]
            assert len(changes) == expected
            assert len([change for change in diff(new, old) if change.key]) == expected
    last = lookup(trees[-1], "order", "user")
    assert isinstance(last, ListNode)
    assert len(last._history) <= 4
