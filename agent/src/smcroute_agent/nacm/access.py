"""What one user may do: the decisions of RFC 8341, sections 3.4.4 to 3.4.6.

A decision about data is taken once for each node of the schema, as far as it is the same for
all of its instances; only rules whose path names keys have to be asked for every instance.
So the cost of access control does not follow the size of the configuration.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from ..yang.data import Key
from ..yang.instance import USER
from ..yang.schema import SchemaNode
from .policy import ANY, EXEC, READ, Policy, Rule

ALWAYS_EXECUTED = ("ietf-netconf", "close-session")
"""Section 3.4.4: permitted to everybody."""

NEVER_BY_DEFAULT = frozenset((("ietf-netconf", "kill-session"), ("ietf-netconf", "delete-config")))
"""Section 3.4.4: what only a rule permits, whatever exec-default says."""

ALWAYS_TOLD = frozenset(("replayComplete", "notificationComplete"))
"""Section 3.4.6: permitted to everybody."""

HIDDEN = frozenset((("ietf-system", "password"),))
"""Leaves that are treated as if their model had nacm:default-deny-all: hashes are for root."""

Keys = Mapping[SchemaNode, Key]
"""The keys of the list entries that an instance stands in; of a leaf-list's value, that value."""


class Access:
    """The rights of one user under one policy."""

    def __init__(self, policy: Policy, user: str, external_groups: Collection[str] = ()) -> None:
        self._policy = policy
        self._user = user
        self._rules = policy.rules_for(policy.groups_of(user, external_groups))
        self._verdicts: dict[tuple[SchemaNode, str], bool | None] = {}
        self._uniform: dict[tuple[SchemaNode, str], bool] = {}
        self._usual: dict[tuple[SchemaNode, str], bool | None] = {}

    def may_execute(self, module: str, name: str, default_deny: str | None = None) -> bool:
        """Whether an RPC may be called; default_deny: as in its SchemaNode."""
        if not self._policy.enabled or (module, name) == ALWAYS_EXECUTED:
            return True
        for rule in self._rules:
            if rule.module not in (ANY, module) or EXEC not in rule.operations:
                continue
            if not rule.typed or rule.rpc in (ANY, name):
                return rule.permit
        if default_deny == "all" or (module, name) in NEVER_BY_DEFAULT:
            return False
        return self._policy.exec_default

    def may_hear(self, notification: SchemaNode) -> bool:
        """Whether a notification may be sent to the user."""
        name, module = notification.name, notification.module.name
        if not self._policy.enabled or name in ALWAYS_TOLD:
            return True
        for rule in self._rules:
            if rule.module not in (ANY, module) or READ not in rule.operations:
                continue
            if not rule.typed or rule.notification in (ANY, name):
                return rule.permit
        if notification.default_deny == "all":
            return False
        return self._policy.read_default

    def may(self, operation: str, node: SchemaNode, keys: Keys) -> bool:
        """Whether an instance of a data node may be accessed."""
        verdict = self.verdict(operation, node)
        if verdict is not None:
            return verdict
        for rule in self._rules:
            if self._concerns(rule, operation, node) and self._holds(rule, keys):
                return rule.permit
        return self._default(operation, node)

    def may_see(self, node: SchemaNode, keys: Keys) -> bool:
        """Whether an instance of a data node may be read, with all that it stands in."""
        above: SchemaNode | None = node
        while above is not None and above.kind != "root":
            if not self.may(READ, above, keys):
                return False
            above = above.parent
        return True

    def verdict(self, operation: str, node: SchemaNode) -> bool | None:
        """The decision about all instances of a node; None when it depends on their keys."""
        name = (node, operation)
        if name not in self._verdicts:
            self._verdicts[name] = self._decide(operation, node)
        return self._verdicts[name]

    def everywhere(self, operation: str, node: SchemaNode) -> bool:
        """Whether all instances of a node and of all nodes below it may be accessed."""
        known = self._uniform.get((node, operation))
        if known is None:
            known = (node.kind == "root" or self.verdict(operation, node) is True) and all(
                self.everywhere(operation, child) for child in node.children.values()
            )
            self._uniform[node, operation] = known
        return known

    def usual(self, operation: str, node: SchemaNode) -> bool | None:
        """The decision about the entries of a list that no rule names by key (`named`).

        True: such an entry and all below it may be accessed; False: the entry may not; None:
        it has to be looked at.
        """
        if (node, operation) not in self._usual:
            decided = self._decide(operation, node, besides=node)
            if decided and not self._all_below(operation, node, besides=node):
                decided = None
            self._usual[node, operation] = decided
        return self._usual[node, operation]

    def named(
        self, operation: str, node: SchemaNode, entries: Mapping[Key, object]
    ) -> Iterator[Key]:
        """The keys of the entries of a list that rules name by key, or by some of their keys.

        A key may come more than once.
        """
        for rule in self._rules:
            if rule.path is None or operation not in rule.operations:
                continue
            wanted = {
                position: self._user if value == USER else value
                for schema, position, value in rule.path.keys
                if schema is node
            }
            if not wanted:
                continue
            if len(wanted) == len(node.keys):
                key = tuple(wanted[position] for position in range(len(node.keys)))
                if key in entries:
                    yield key
            else:
                (position, value), *more = wanted.items()
                for key in entries:
                    if key[position] == value and all(key[at] == text for at, text in more):
                        yield key

    def _all_below(self, operation: str, node: SchemaNode, besides: SchemaNode) -> bool:
        return all(
            self._decide(operation, child, besides) and self._all_below(operation, child, besides)
            for child in node.children.values()
        )

    def _decide(
        self, operation: str, node: SchemaNode, besides: SchemaNode | None = None
    ) -> bool | None:
        """besides: a list; what is decided about entries of which no rule names a key."""
        if not self._policy.enabled:
            return True
        open_rules: set[bool] = set()
        decided: bool | None = None
        for rule in self._rules:
            if not self._concerns(rule, operation, node):
                continue
            if rule.path is not None and any(schema is besides for schema, _, _ in rule.path.keys):
                continue
            if rule.path is not None and rule.path.keys:
                open_rules.add(rule.permit)
                continue
            decided = rule.permit
            break
        if decided is None:
            decided = self._default(operation, node)
        return decided if open_rules <= {decided} else None

    @staticmethod
    def _concerns(rule: Rule, operation: str, node: SchemaNode) -> bool:
        """Whether a rule is about a node, its keys apart."""
        if operation not in rule.operations or rule.module not in (ANY, node.module.name):
            return False
        if rule.path is None:
            return not rule.typed
        above: SchemaNode | None = node
        while above is not None:
            if above is rule.path.node:
                return True
            above = above.parent
        return False

    def _holds(self, rule: Rule, keys: Keys) -> bool:
        """Whether an instance has the keys that a rule's path names."""
        if rule.path is None:
            return True
        for schema, position, value in rule.path.keys:
            key = keys.get(schema)
            if key is None or key[position] != (self._user if value == USER else value):
                return False
        return True

    def _default(self, operation: str, node: SchemaNode) -> bool:
        """Section 3.4.5, when no rule has matched; what denies a node denies all below it."""
        if (node.module.name, node.name) in HIDDEN:
            return False
        above: SchemaNode | None = node
        while above is not None:
            if above.default_deny == "all" or (above.default_deny and operation != READ):
                return False
            above = above.parent
        return self._policy.read_default if operation == READ else self._policy.write_default
