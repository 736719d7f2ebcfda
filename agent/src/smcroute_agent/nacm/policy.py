"""The rules of ietf-netconf-acm, read from a data tree."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from ..yang.data import Container, LeafList, entries
from ..yang.instance import USER, steps
from ..yang.schema import Schema, SchemaNode
from ..yang.value_problem import ValueProblem

NAMESPACE = "urn:ietf:params:xml:ns:yang:ietf-netconf-acm"
TOP = f"{{{NAMESPACE}}}nacm"

ANY = "*"

CREATE = "create"
READ = "read"
UPDATE = "update"
DELETE = "delete"
EXEC = "exec"
WRITES = (CREATE, UPDATE, DELETE)


class Path(NamedTuple):
    """The nodes that a rule's path stands for, and all below them.

    node: None when the schema has no such node: nothing is meant.  keys: for lists on the
    way, the position of a key and the value that it must have, for a leaf-list its value as
    if it were a key; USER for the user's name.
    """

    node: SchemaNode | None
    keys: tuple[tuple[SchemaNode, int, str], ...] = ()


class Rule(NamedTuple):
    """One rule; rpc, notification and path are None where the rule has another rule-type."""

    module: str
    operations: frozenset[str]
    permit: bool
    rpc: str | None = None
    notification: str | None = None
    path: Path | None = None

    @property
    def typed(self) -> bool:
        """Whether the rule is about one kind of access only."""
        return not (self.rpc is None and self.notification is None and self.path is None)


class RuleList(NamedTuple):
    """Rules for some groups, in order."""

    groups: frozenset[str]
    rules: tuple[Rule, ...]


class Policy(NamedTuple):
    """All that the container nacm says."""

    enabled: bool = True
    read_default: bool = True
    write_default: bool = False
    exec_default: bool = True
    external_groups: bool = True
    members: Mapping[str, frozenset[str]] = MappingProxyType({})
    """Group → its users."""
    rule_lists: tuple[RuleList, ...] = ()

    def groups_of(self, user: str, external: Collection[str]) -> frozenset[str]:
        """The groups of a user; external: those that the transport reports."""
        own = {group for group, users in self.members.items() if user in users}
        return frozenset(own | set(external) if self.external_groups else own)

    def rules_for(self, groups: frozenset[str]) -> tuple[Rule, ...]:
        """The rules that apply to a member of these groups, in order.

        Without a group, none: not even those of "*" (RFC 8341, section 3.4.4).
        """
        if not groups:
            return ()
        return tuple(
            rule
            for rule_list in self.rule_lists
            if ANY in rule_list.groups or rule_list.groups & groups
            for rule in rule_list.rules
        )


def policy_of(schema: Schema, tree: Container) -> Policy:
    """The policy of a data tree; without a container nacm, that of its defaults."""
    nacm = tree.children.get(TOP)
    if not isinstance(nacm, Container):
        return Policy()

    def permits(name: str, default: bool) -> bool:
        value = nacm.value(name)
        return default if value is None else value == "permit"

    groups = nacm.get("groups")
    return Policy(
        enabled=nacm.value("enable-nacm") != "false",
        read_default=permits("read-default", True),
        write_default=permits("write-default", False),
        exec_default=permits("exec-default", True),
        external_groups=nacm.value("enable-external-groups") != "false",
        members={
            group.value("name") or "": frozenset(_values(group, "user-name"))
            for group in entries(groups.get("group") if isinstance(groups, Container) else None)
        },
        rule_lists=tuple(
            RuleList(
                frozenset(_values(rule_list, "group")),
                tuple(_rule(schema, rule) for rule in entries(rule_list.get("rule"))),
            )
            for rule_list in entries(nacm.get("rule-list"))
        ),
    )


def _values(node: Container, name: str) -> Iterator[str]:
    found = node.get(name)
    if isinstance(found, LeafList):
        yield from found.values


def _rule(schema: Schema, rule: Container) -> Rule:
    operations = rule.value("access-operations") or ANY
    path = rule.value("path")
    return Rule(
        module=rule.value("module-name") or ANY,
        operations=frozenset((*WRITES, READ, EXEC) if operations == ANY else operations.split()),
        permit=rule.value("action") == "permit",
        rpc=rule.value("rpc-name"),
        notification=rule.value("notification-name"),
        path=None if path is None else _path(schema, path),
    )


def _path(schema: Schema, text: str) -> Path:
    node = schema.root
    keys: list[tuple[SchemaNode, int, str]] = []
    for step in steps(text):
        module = schema.modules.get(step.module)
        child = node.children.get(f"{{{module.namespace}}}{step.name}") if module else None
        if child is None:
            return Path(None)
        node = child
        named = {node.children[key].name: node.children[key] for key in node.keys}
        if node.kind == "leaf-list":
            named = {".": node}
        for position, name in enumerate(named):
            if name in step.keys:
                keys.append((node, position, _canonical(named[name], step.keys[name])))
        if not step.keys.keys() <= named.keys():
            return Path(None)
    return Path(node, tuple(keys))


def _canonical(key: SchemaNode, value: str) -> str:
    """A key or value as data trees hold it; one that is none of its type is equal to nothing."""
    if value == USER or key.type is None:
        return value
    try:
        return key.type.parse(value)
    except ValueProblem:
        return value
