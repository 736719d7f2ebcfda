"""Group memberships: what the mgroup rules want, what is joined, and the way from one to other."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping

from ..errors import EngineError, Error, ResourceError
from ..rules import Mgroup, RuleKey, rule_key
from .addresses import Prefix, parse_flow
from .interfaces import Interfaces
from .kernel.membership import Membership, MembershipSockets
from .matching import PatternCounts
from .protocol import MAX_MEMBERSHIPS

log = logging.getLogger("engine")

STEP = 32
"""Groups that are joined or left in one step; upcalls are looked after between two."""

Wanted = dict[Membership, tuple[str, RuleKey]]
"""What is to be joined: the name of its interface, and the first rule that wants it."""


class GroupRule:
    """An mgroup with its addresses parsed."""

    __slots__ = ("family", "groups", "key", "rule", "sources")

    def __init__(self, rule: Mgroup) -> None:
        """Raises DataError for bad addresses, ResourceError for a range with too many members."""
        self.key: RuleKey = rule_key(rule)
        self.rule = rule
        self.family, self.sources, self.groups = parse_flow(rule.source, rule.group)
        if self._size(self.sources) * self._size(self.groups) > MAX_MEMBERSHIPS:
            raise ResourceError(
                f"the mgroup stands for more than {MAX_MEMBERSHIPS} groups and sources",
                remedy="use a smaller range, that is a longer prefix",
            )

    def members(self, ifindex: int) -> Iterator[Membership]:
        """The memberships that the rule stands for on one interface."""
        for group in self._addresses(self.groups):
            for source in self._addresses(self.sources):
                yield Membership(self.family, ifindex, source, group)

    def size(self) -> int:
        """How many memberships the rule stands for on one interface."""
        return self._size(self.sources) * self._size(self.groups)

    def _size(self, prefix: Prefix) -> int:
        return 1 if prefix.length == 0 else 1 << (self.family.bits - prefix.length)

    def _addresses(self, prefix: Prefix) -> range:
        # No sender has the first address of all, and in a membership it stands for any.
        first = max(prefix.address, 1) if prefix.length else 0
        return range(first, prefix.address + self._size(prefix))


class JoinRefused(Exception):
    """A membership could not be had; carries the error and the rule."""

    def __init__(self, error: Error, rule: RuleKey) -> None:
        super().__init__(str(error))
        self.error = error
        self.rule = rule


class Memberships:
    """The groups that are joined."""

    def __init__(self, sockets: MembershipSockets, interfaces: Interfaces) -> None:
        self.rules: dict[RuleKey, GroupRule] = {}
        self.patterns = PatternCounts()
        self.joined: dict[Membership, str] = {}
        """What is joined, and the name of its interface."""
        self.refused: dict[RuleKey, str] = {}
        """Rules that the kernel refused while nobody waited for an answer."""
        self._sockets = sockets
        self._interfaces = interfaces

    def add_rule(self, rule: GroupRule) -> None:
        """Take a rule; nothing is done about it yet."""
        self.rules[rule.key] = rule
        self.patterns.add((rule.rule.interface,))

    def remove_rule(self, rule: GroupRule) -> None:
        """Forget a rule; nothing is done about it yet."""
        del self.rules[rule.key]
        self.patterns.remove((rule.rule.interface,))

    def join_missing(self, *, strict: bool) -> Iterator[None]:
        """Join what the rules want and is not joined, in steps.

        strict: a refusal raises JoinRefused; otherwise the rule is noted as refused.
        """
        told, self.refused = self.refused, {}
        wanted, too_many = self._wanted()
        if too_many is not None:
            self._refuse(JoinRefused(too_many_memberships(), too_many), told, strict=strict)
        done = 0
        for membership, (name, rule) in wanted.items():
            if membership in self.joined:
                self.joined[membership] = name
                continue
            try:
                self._sockets.join(membership, name)
            except EngineError as error:
                self._refuse(JoinRefused(error, rule), told, strict=strict)
            else:
                self.joined[membership] = name
            done += 1
            if done % STEP == 0:
                yield

    def _refuse(self, refusal: JoinRefused, told: Mapping[RuleKey, str], *, strict: bool) -> None:
        """told: what has been said of rules before."""
        if strict:
            raise refusal from None
        reason = str(refusal.error)
        if reason not in (told.get(refusal.rule), self.refused.get(refusal.rule)):
            log.warning("%s: %s", " ".join(refusal.rule), reason)
        self.refused[refusal.rule] = reason

    def leave_unwanted(self) -> Iterator[None]:
        """Leave what no rule wants any more, in steps."""
        wanted, _ = self._wanted()
        yield from self._leave([member for member in self.joined if member not in wanted])

    def check_kernel(self, membership: Membership, name: str) -> None:
        """Raises EngineError when the kernel takes no membership of the kind on the interface."""
        self._sockets.check(membership, name)

    def forget_interfaces(self, lost: Iterable[int]) -> Iterator[None]:
        """Leave the groups of interfaces that are gone from the kernel."""
        gone = frozenset(lost)
        yield from self._leave([member for member in self.joined if member.ifindex in gone])

    def _leave(self, members: list[Membership]) -> Iterator[None]:
        for done, membership in enumerate(members, 1):
            self._sockets.leave(membership)
            del self.joined[membership]
            if done % STEP == 0:
                yield

    def _wanted(self) -> tuple[Wanted, RuleKey | None]:
        return wanted_by(self.rules.values(), self._interfaces)


def wanted_by(rules: Iterable[GroupRule], interfaces: Interfaces) -> tuple[Wanted, RuleKey | None]:
    """What rules want, and the first of them for which there is no room any more."""
    wanted: Wanted = {}
    too_many = None
    for rule in rules:
        for interface in interfaces.joinable(rule.rule.interface):
            if len(wanted) + rule.size() > MAX_MEMBERSHIPS:
                too_many = too_many or rule.key
                continue
            for member in rule.members(interface.ifindex):
                wanted.setdefault(member, (interface.name, rule.key))
    return wanted, too_many


def too_many_memberships() -> ResourceError:
    """The error for the rule for which there is no room."""
    return ResourceError(
        f"all rules together stand for more than {MAX_MEMBERSHIPS} group memberships",
        remedy="use smaller ranges, or fewer mgroup rules",
    )
