"""Rules as data of yang/smcroute.yang and back: the only place that knows how they correspond."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, MutableMapping
from functools import lru_cache
from typing import NamedTuple

from .errors import DataError
from .rules import Mgroup, Mroute, Phyint, Rule, RuleKey, rule_key
from .yang.data import (
    Container,
    Key,
    Leaf,
    LeafList,
    ListNode,
    Node,
    empty,
    entry_step,
    key_of,
    leaf_values,
    lookup,
    replaced,
)
from .yang.problems import invalid_value, within
from .yang.schema import Schema, SchemaNode
from .yang.value_problem import ValueProblem

NAMESPACE = "urn:mcast:params:xml:ns:yang:smcroute"
MODULE = "smcroute"
TOP = "smcroute"

SHARED = 4096
"""Leaves, and leaf-lists, that are remembered: most rules differ from others in the group alone."""

BOOLEANS = {"true": True, "false": False}


class _Kind(NamedTuple):
    """How the rules of one kind look in the data tree."""

    leaves: Callable[[Rule], Iterable[tuple[str, str | None]]]
    leaf_list: Callable[[Rule], tuple[str, tuple[str, ...]] | None]
    rule: Callable[[Container], Rule]


def _flag(value: bool | None) -> str | None:
    return None if value is None else str(value).lower()


def _phyint_leaves(rule: Rule) -> Iterable[tuple[str, str | None]]:
    assert isinstance(rule, Phyint)
    threshold = rule.ttl_threshold
    return (
        ("name", rule.name),
        ("enabled", _flag(rule.enabled)),
        ("mrdisc", _flag(rule.mrdisc)),
        ("ttl-threshold", None if threshold is None else str(threshold)),
    )


def _flow_leaves(rule: Rule) -> Iterable[tuple[str, str | None]]:
    assert not isinstance(rule, Phyint)
    return (("interface", rule.interface), ("source", rule.source), ("group", rule.group))


def _out_interfaces(rule: Rule) -> tuple[str, tuple[str, ...]]:
    assert isinstance(rule, Mroute)
    return "out-interface", rule.out_interfaces


def _phyint(entry: Container) -> Rule:
    values = leaf_values(entry)
    threshold = values.get("ttl-threshold")
    return Phyint(
        values["name"],
        BOOLEANS.get(values.get("enabled", "")),
        BOOLEANS.get(values.get("mrdisc", "")),
        None if threshold is None else int(threshold),
    )


_MROUTE = ("interface", "source", "group", "out-interface")
_INTERFACE, _SOURCE, _GROUP, _OUT_INTERFACE = (f"{{{NAMESPACE}}}{name}" for name in _MROUTE)


def _mgroup(entry: Container) -> Rule:
    return Mgroup(*_flow(entry))


def _flow(entry: Container) -> tuple[str, str, str]:
    interface, source, group = key_of(entry)
    return interface, source, group


def _mroute(entry: Container) -> Rule:
    children = entry.children
    interface, source, group = children[_INTERFACE], children[_SOURCE], children[_GROUP]
    assert isinstance(interface, Leaf)
    assert isinstance(source, Leaf)
    assert isinstance(group, Leaf)
    outs = children.get(_OUT_INTERFACE)
    names = tuple(outs.values) if isinstance(outs, LeafList) else ()
    return Mroute(interface.value, source.value, group.value, names)


KINDS: dict[str, _Kind] = {
    "phyint": _Kind(_phyint_leaves, lambda _: None, _phyint),
    "mgroup": _Kind(_flow_leaves, lambda _: None, _mgroup),
    "mroute": _Kind(_flow_leaves, _out_interfaces, _mroute),
}
"""The YANG list of each kind of rule is named like the kind."""


def rules_of(tree: Container) -> Iterator[Rule]:
    """All rules of a data tree."""
    for kind, form in KINDS.items():
        node = lookup(tree, TOP, kind)
        if isinstance(node, ListNode):
            yield from map(form.rule, node.entries.values())


def alone(tree: Container) -> Container:
    """A tree without the data of other modules."""
    ours = {
        name: node for name, node in tree.children.items() if node.schema.namespace == NAMESPACE
    }
    return Container(tree.schema, ours)


def rule_of(entry: Container) -> Rule | None:
    """The rule of a list entry; None when the entry is of another list."""
    schema = entry.schema
    if schema.namespace != NAMESPACE or schema.name not in KINDS:
        return None
    return KINDS[schema.name].rule(entry)


def key_of_entry(schema: SchemaNode, key: Key) -> RuleKey | None:
    """The key of the rule of a list entry; None when the entry is of another list."""
    if schema.namespace != NAMESPACE or schema.name not in KINDS:
        return None
    return (schema.name, *key)


def instance_path(schema: Schema, key: RuleKey) -> str:
    """Where a rule stands in the data tree."""
    top = _top(schema)
    return top.step + entry_step(top.child(key[0]), key[1:])


def changed(
    tree: Container, schema: Schema, add: Iterable[Rule] = (), remove: Iterable[RuleKey] = ()
) -> Container:
    """The tree without some rules and with others; one that is added replaces its namesake.

    Raises DataError for a value that the model does not allow, and data-missing for a rule
    to be removed that is not there.
    """
    top = _top(schema)
    before = tree.children.get(top.qname)
    above = before if isinstance(before, Container) else Container(top, {})
    work: dict[str, tuple[MutableMapping[Key, Container], dict[Key, None]]] = {}

    def of(kind: str) -> tuple[MutableMapping[Key, Container], dict[Key, None]]:
        if kind not in work:
            node = above.get(kind)
            work[kind] = (node.to_change() if isinstance(node, ListNode) else {}, {})
        return work[kind]

    for key in remove:
        entries, touched = of(key[0])
        if entries.pop(key[1:], None) is None:
            raise DataError(
                f"there is no such {key[0]}", path=instance_path(schema, key), tag="data-missing"
            )
        touched[key[1:]] = None
    for rule in add:
        kind = rule_key(rule)[0]
        entries, touched = of(kind)
        key, entry = _entry(top, kind, rule)
        entries[key] = entry
        touched[key] = None

    changes: dict[str, Node | None] = {}
    for kind, (entries, touched) in work.items():
        old = above.get(kind)
        list_schema = top.child(kind)
        changes[list_schema.qname] = (
            old.changed(entries, touched)
            if isinstance(old, ListNode)
            else ListNode(list_schema, entries)
        )
    return replaced(tree, {top.qname: replaced(above, changes)})


def from_words(schema: Schema, rules: Iterable[Rule]) -> Container:
    """A valid tree of rules, no two with the same key, that are made of words as compat/words.py
    lets them pass.

    For thousands of rules at once: the group of an mroute, which no other has, is not looked at
    again, nor need be what the tree says as a whole.  That both are within the model is what
    tests/unit/agent/test_model.py proves, for whatever the words may be.
    """
    top = _top(schema)
    node = top.child("mroute")
    of_interface, of_source, of_group, of_outs = map(node.child, _MROUTE)
    qnames = of_interface.qname, of_source.qname, of_group.qname, of_outs.qname
    in_name, source_name, group_name, outs_name = qnames
    entries: dict[Key, Container] = {}
    others: list[Rule] = []
    for rule in rules:
        if not isinstance(rule, Mroute):
            others.append(rule)
            continue
        interface, source, group, outs = rule
        children: dict[str, Node] = {
            in_name: _leaf(of_interface, interface),
            source_name: _leaf(of_source, source),
            group_name: Leaf(of_group, group),
        }
        if outs:
            children[outs_name] = _leaf_list(of_outs, outs)
        entries[interface, source, group] = Container(node, children)
    routes = ListNode(node, entries)
    tree = replaced(empty(schema), {top.qname: replaced(Container(top, {}), {node.qname: routes})})
    return changed(tree, schema, others) if others else tree


def _top(schema: Schema) -> SchemaNode:
    return schema.root.children[f"{{{NAMESPACE}}}{TOP}"]


@lru_cache(SHARED)
def _leaf(node: SchemaNode, text: str) -> Leaf:
    """A leaf; raises DataError for a value that the model does not allow."""
    assert node.type is not None
    try:
        return Leaf(node, node.type.parse(text))
    except ValueProblem as problem:
        raise invalid_value(node, problem) from None


@lru_cache(SHARED)
def _leaf_list(node: SchemaNode, texts: tuple[str, ...]) -> LeafList:
    return LeafList(node, [_leaf(node, text).value for text in texts])


_child = lru_cache(SHARED)(SchemaNode.child)


def _entry(top: SchemaNode, kind: str, rule: Rule) -> tuple[Key, Container]:
    schema = _child(top, kind)
    form = KINDS[kind]
    children: dict[str, Node] = {}
    try:
        for name, text in form.leaves(rule):
            if text is not None:
                node = _child(schema, name)
                children[node.qname] = _leaf(node, text)
        values = form.leaf_list(rule)
        if values is not None and values[1]:
            node = _child(schema, values[0])
            children[node.qname] = _leaf_list(node, values[1])
    except DataError as error:
        raise within(error, top.step + entry_step(schema, rule_key(rule)[1:])) from None
    entry = Container(schema, children)
    return key_of(entry), entry
