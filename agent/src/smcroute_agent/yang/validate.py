"""The constraints on whole trees (RFC 7950, section 8.1); the cost follows the change."""

from __future__ import annotations

from typing import NamedTuple

from . import violations
from .checker import Checker, instances
from .conditions import Condition, anchor_message, anchored
from .data import Container, Leaf, LeafList, ListNode, Node
from .schema import Choice, Schema, SchemaNode
from .xpath.item import Item, has_data


class Rules(NamedTuple):
    """What has to be looked at in an instance of a node.

    mandatory: leaves and the like. counted: lists and leaf-lists with limits. unique: lists
    with unique statements. inner: containers and lists. demanding: non-presence containers
    that have rules of their own, so that they matter even when they are absent.
    """

    mandatory: tuple[SchemaNode, ...]
    counted: tuple[SchemaNode, ...]
    unique: tuple[SchemaNode, ...]
    choices: tuple[Choice, ...]
    inner: tuple[SchemaNode, ...]
    demanding: tuple[SchemaNode, ...]
    conditions: tuple[Condition, ...]


def rules(schema: Schema, node: SchemaNode) -> Rules:
    """The rules of a container, list entry or root."""
    found: Rules | None = node.derived.get("rules")
    if found is None:
        found = node.derived["rules"] = _rules(schema, node)
    return found


def _rules(schema: Schema, node: SchemaNode) -> Rules:
    children = [child for child in node.children.values() if child.config]
    inner = tuple(child for child in children if child.kind in ("container", "list"))
    conditions = anchored(schema, node)
    if node.kind in ("input", "output", "notification"):
        conditions = anchor_message(schema, node)
    return Rules(
        mandatory=tuple(
            child
            for child in children
            if child.mandatory and child.kind in ("leaf", "anydata", "anyxml") and not child.is_key
        ),
        counted=tuple(
            child for child in children if child.min_elements or child.max_elements is not None
        ),
        unique=tuple(child for child in children if child.unique),
        choices=tuple(choice for choice in node.all_choices() if choice.mandatory),
        inner=inner,
        demanding=tuple(
            child
            for child in inner
            if child.kind == "container" and not child.presence and _demands(schema, child)
        ),
        conditions=conditions,
    )


def _demands(schema: Schema, node: SchemaNode) -> bool:
    found = rules(schema, node)
    return bool(
        found.mandatory
        or any(child.min_elements for child in found.counted)
        or found.choices
        or found.demanding
        or found.conditions
    )


def validate(schema: Schema, before: Container, after: Container) -> None:
    """Whether `after` may follow `before`, which is valid; raises DataError at the first fault.

    An empty `before` has everything looked at.
    """
    if before is after:
        return
    _Validation(schema, after).run(before, after)


def validate_message(schema: Schema, given: Container) -> None:
    """Whether the input or output of an RPC or action, or a notification, is complete and right;
    raises DataError."""
    validation = _Validation(schema, Container(schema.root, {}), "missing-element")
    item = Item(validation.checker.tree, given, validation.checker.tree.root)
    validation.visit(given.schema, None, item)
    validation.conditions()


class _Validation:
    """One validation: structure first, so that a must meets complete data."""

    def __init__(self, schema: Schema, root: Container, missing: str = "data-missing") -> None:
        self.schema = schema
        self.checker = Checker(schema, root)
        self.missing = missing
        self.pending: list[tuple[Item, tuple[Condition, ...]]] = []
        self.changed: set[str] = set()
        """The local names of the nodes that may differ."""
        self._noted: set[tuple[object, ...]] = set()

    def run(self, before: Container, after: Container) -> None:
        self.visit(self.schema.root, before, self.checker.tree.root)
        self.conditions()

    def conditions(self) -> None:
        changed = self.changed
        for item, conditions in self.pending:
            for condition in conditions:
                if (
                    condition.everywhere
                    and condition.names is not None
                    and changed.isdisjoint(condition.names)
                ):
                    continue
                if condition.check is None:
                    for node in instances(item, condition.steps):
                        self.complete(rules(self.schema, node.schema), node)
                        self.absent(rules(self.schema, node.schema), node)
                else:
                    self.checker.check(condition, item)

    def visit(self, node: SchemaNode, before: Container | None, item: Item) -> None:
        """Look at one changed container and at what has changed below it."""
        after = item.node
        assert isinstance(after, Container)
        found = rules(self.schema, node)
        self.note(node, before, after)
        self.complete(found, item)
        for child in found.unique:
            self.unique(child, before, after, item)
        for child in found.inner:
            self.inner(child, before, after, item)
        self.absent(found, item)
        if found.conditions:
            self.pending.append((item, found.conditions))

    def complete(self, found: Rules, item: Item) -> None:
        """Whether what has to be in a container is there."""
        after = item.node
        assert isinstance(after, Container)
        for child in found.mandatory:
            if child.qname not in after.children and self.required(child, item):
                raise violations.missing_mandatory(child, item.path(), self.missing)
        for child in found.counted:
            self.count(child, after, item)
        for choice in found.choices:
            self.choice(choice, after, item)

    def absent(self, found: Rules, item: Item) -> None:
        """Look at the containers that are implied."""
        after = item.node
        assert isinstance(after, Container)
        for child in found.demanding:
            if child.qname not in after.children and self.required(child, item):
                for absent in item.named(child.qname):
                    self.visit(child, None, absent)

    def note(self, node: SchemaNode, before: Container | None, after: Container) -> None:
        """Remember the names of what has changed."""
        if before is None:
            # Ten thousand new entries are of a few shapes only.
            shape = (node, *after.children)
            if shape in self._noted:
                return
            self._noted.add(shape)
        old = before.children if before is not None else {}
        new = after.children
        for name, child in node.children.items():
            left, right = old.get(name), new.get(name)
            if left is right:
                continue
            self.changed.add(child.name)
            if (left is None or right is None) and child.children:
                self.changed |= _names_below(child)

    def required(self, child: SchemaNode, parent: Item) -> bool:
        """Whether a mandatory child is due: its case is the chosen one, its whens hold."""
        container = parent.node
        assert isinstance(container, Container)
        case = child.case
        while case is not None:
            if not has_data(container, case):
                return False
            case = case.choice.case
        return self.checker.in_use(parent, child)

    def count(self, child: SchemaNode, after: Container, item: Item) -> None:
        number = _size(after.children.get(child.qname))
        few = number < child.min_elements
        many = child.max_elements is not None and number > child.max_elements
        if many or (few and (number or self.required(child, item))):
            raise violations.wrong_count(child, item.path(), number)

    def choice(self, choice: Choice, after: Container, item: Item) -> None:
        if any(has_data(after, case) for case in choice.cases.values()):
            return
        if choice.case is not None and not has_data(after, choice.case):
            return
        for when in choice.whens:
            if not self.checker.expression(when).boolean(item):
                return
        raise violations.missing_choice(choice.name, choice.cases, item.path())

    def inner(
        self, child: SchemaNode, before: Container | None, after: Container, item: Item
    ) -> None:
        new = after.children.get(child.qname)
        old = before.children.get(child.qname) if before is not None else None
        if new is old or new is None:
            return
        tree = self.checker.tree
        if isinstance(new, Container):
            present = old if isinstance(old, Container) else None
            self.visit(child, present, Item(tree, new, item))
        elif isinstance(new, ListNode):
            if not isinstance(old, ListNode):
                for key, entry in new.entries.items():
                    self.visit(child, None, Item(tree, entry, item, key))
                return
            for key in new.differing(old):
                changed = new.entries.get(key)
                if changed is None:
                    self.changed |= _names_below(child)
                else:
                    if key not in old.entries:
                        self.changed |= _names_below(child)
                    self.visit(child, old.entries.get(key), Item(tree, changed, item, key))

    def unique(
        self, child: SchemaNode, before: Container | None, after: Container, item: Item
    ) -> None:
        node = after.children.get(child.qname)
        if not isinstance(node, ListNode):
            return
        if before is not None and before.children.get(child.qname) is node:
            return
        for paths in child.unique:
            seen: dict[tuple[str, ...], Item] = {}
            for key, entry in node.entries.items():
                own = Item(self.checker.tree, entry, item, key)
                leaves = [_leaf(own, path) for path in paths]
                if any(leaf is None for leaf in leaves):
                    continue
                values = tuple(leaf.string() for leaf in leaves if leaf is not None)
                other = seen.setdefault(values, own)
                if other is not own:
                    raise violations.not_unique(
                        own.path(),
                        (leaf.path() for leaf in leaves if leaf is not None),
                        other.path(),
                    )


def _leaf(item: Item, path: tuple[str, ...]) -> Item | None:
    for step in path:
        found = item.named(step)
        if not found:
            return None
        item = found[0]
    return item if isinstance(item.node, Leaf) else None


def _size(node: Node | None) -> int:
    if isinstance(node, ListNode):
        return len(node.entries)
    return len(node.values) if isinstance(node, LeafList) else 0


def _names_below(node: SchemaNode) -> frozenset[str]:
    found: frozenset[str] | None = node.derived.get("names-below")
    if found is None:
        found = frozenset(below.name for below in node.descendants())
        node.derived["names-below"] = found
    return found
