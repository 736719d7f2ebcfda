"""Edits that go on where a judge says no: what it is asked, and what is left out."""

from __future__ import annotations

from typing import Any

from smcroute_agent.errors import Error
from smcroute_agent.yang.data import ListNode
from smcroute_agent.yang.schema import Schema, SchemaNode
from smcroute_agent.yang.tolerant import Judge, edit_on

from .conftest import Load, config
from .test_tolerant import BEFORE, ORDER, USER, A, B


def test_a_judge_is_asked_about_each_change(zoo: Schema, load: Load) -> None:
    def judge(node: SchemaNode, before: Any, after: Any, path: str, keys: Any) -> None:
        if node.name == "value" and keys[node.parent] == ("a",):
            raise Error("no", path=f"{path}{node.step}")
        if node.name == "word" and before is not None:
            raise Error("no")

    content = (
        "<user><name>a</name><value>2</value></user><user><name>b</name><value>2</value></user>"
        "<word nc:operation='delete'>x</word><word>y</word>"
    )
    tree = load(BEFORE)
    after, failed = edit_on(zoo, tree, config(ORDER.format(content)), "merge", judge)
    assert [error.path for error in failed] == [f"{USER}[r:name='a']/r:value", None]
    b = "<user><name>b</name><value>2</value></user>"
    words = "<word>x</word><word>y</word><default-one>d</default-one>"
    assert after == load(ORDER.format(f"{A}{b}{words}"))


def refusing(*names: str) -> Judge:
    """A judge that lets nothing of these names be deleted or moved."""

    def judge(node: SchemaNode, before: Any, after: Any, path: str, keys: Any) -> None:
        if node.name in names and before is not None:
            raise Error("no", path=f"{path}{node.step}")

    return judge


CHOICES = "<choices xmlns='urn:zoo:rules'>{}</choices>"


def test_a_judge_is_asked_before_another_case_takes_its_place(zoo: Schema, load: Load) -> None:
    tree = load(CHOICES.format("<udp-port>1</udp-port><one>x</one><yes/>"))
    content = "<tcp-port>2</tcp-port><no/>"
    after, failed = edit_on(
        zoo, tree, config(CHOICES.format(content)), "merge", refusing("one", "tcp-port")
    )
    assert [error.path for error in failed] == ["/r:choices/r:one"]
    assert after == load(CHOICES.format("<udp-port>1</udp-port><one>x</one><no/>"))
    content = "<two>y</two><udp-port>3</udp-port>"
    after, failed = edit_on(
        zoo, tree, config(CHOICES.format(content)), "merge", refusing("tcp-port", "one")
    )
    assert [error.path for error in failed] == ["/r:choices/r:one"]
    assert after == load(CHOICES.format("<udp-port>3</udp-port><one>x</one><yes/>"))


def test_a_judge_is_asked_before_something_is_moved(zoo: Schema, load: Load) -> None:
    words = "<word>x</word><word>y</word>"
    tree = load(ORDER.format(f"{A}{B}{words}"))
    asked: list[tuple[str, list[Any], list[Any]]] = []

    def judge(node: SchemaNode, before: Any, after: Any, path: str, keys: Any) -> None:
        if node.name in ("user", "word"):
            old, new = (
                list(one.entries if isinstance(one, ListNode) else one.values) if one else []
                for one in (before, after)
            )
            if old:
                asked.append((node.name, old, new))
                raise Error("no")

    content = (
        "<user yang:insert='first'><name>b</name></user>"
        "<word yang:insert='last'>x</word>"
        "<user><name>c</name></user><word>z</word>"
    )
    after, failed = edit_on(zoo, tree, config(ORDER.format(content)), "merge", judge)
    assert asked == [("user", [("a",), ("b",)], [("b",), ("a",)]), ("word", ["x", "y"], ["y", "x"])]
    assert len(failed) == 2
    assert after == load(ORDER.format(f"{A}{B}<user><name>c</name></user>{words}<word>z</word>"))


def test_what_is_replaced_is_judged_with_what_there_was(zoo: Schema, load: Load) -> None:
    """What is in it need not be created anew."""
    seen: list[tuple[str, Any]] = []

    def judge(node: SchemaNode, before: Any, after: Any, path: str, keys: Any) -> None:
        seen.append((node.name, before))

    tree = load(BEFORE)
    content = "<user nc:operation='replace'><name>a</name><value>2</value></user>"
    _, failed = edit_on(zoo, tree, config(ORDER.format(content)), "merge", judge)
    assert not failed
    assert [(name, before is not None) for name, before in seen] == [
        ("user", True),
        ("order", True),
    ]
