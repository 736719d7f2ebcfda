"""What smcroutectl's commands do: edits of running, and reads of the operational state."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from .. import model
from ..compat import commands, tables
from ..datastore.datastores import Datastores
from ..datastore.events import OUTSIDE_NETCONF
from ..engine import protocol
from ..errors import DataError, Error
from ..nacm.guard import Guard, Subject
from ..nacm.writing import Denied, denied
from ..rules import ANY_SOURCE, Mgroup, Mroute, Rule, RuleKey, matches_interface
from ..yang.data import Container, lookup
from .engine_client import EngineClient
from .expansion import Expansion


class Router:
    """compat.commands.Router for one user."""

    def __init__(
        self,
        datastores: Datastores,
        engine: EngineClient,
        subject: Subject,
        guard: Guard,
        reload: Callable[[Subject], Awaitable[None]],
        stop: Callable[[], None],
    ) -> None:
        self._datastores = datastores
        self._engine = engine
        self._subject = subject
        self._guard = guard
        self._reload = reload
        self._stop = stop

    async def edit(self, edit: commands.Edit) -> None:
        """One transaction on running, under its locks.

        Refused while a confirmed commit is pending, like an edit of any other session.
        """
        await self._edit(lambda tree: self._changed(tree, edit))

    async def edit_together(self, edits: Sequence[commands.Edit]) -> list[Error | None]:
        """Several edits in one transaction; each is judged by itself."""
        outcomes: list[Error | None] = []

        def change(tree: Container) -> Container:
            outcomes.clear()
            for edit in edits:
                try:
                    tree = self._changed(tree, edit)
                except Error as error:
                    outcomes.append(error)
                else:
                    outcomes.append(None)
            return tree

        try:
            await self._edit(change)
        except BaseException:
            # They are judged, and counted, again when they are done one by one.
            self._guard.denied_writes -= sum(isinstance(error, Denied) for error in outcomes)
            raise
        return outcomes

    async def _edit(self, change: Callable[[Container], Container]) -> None:
        # compat/server.py cancels nobody before the agent ends.
        await self._datastores.edit(
            OUTSIDE_NETCONF, change, user=self._subject.user, cancellable=False
        )

    def _changed(self, tree: Container, edit: commands.Edit) -> Container:
        """The tree after an edit; raises Error when it is not possible, or not allowed."""

        asked: list[RuleKey] = []

        def find(key: RuleKey) -> Rule | None:
            asked.append(key)
            entry = lookup(tree, model.TOP, key[0], key[1:])
            return model.rule_of(entry) if isinstance(entry, Container) else None

        try:
            wanted = edit(find)
        except DataError:
            if all(map(self._may_see, asked)):
                raise
            # Neither whether it is there nor what it says.
            self._guard.denied_writes += 1
            raise denied() from None
        if not wanted.add and not wanted.remove:
            return tree
        after = model.changed(tree, self._datastores.schema, wanted.add, wanted.remove)
        authorize = self._guard.authorizer(self._subject)
        if authorize is not None:
            authorize(tree, after)
        return after

    def _may_see(self, key: RuleKey) -> bool:
        node = self._datastores.schema.node(f"{model.MODULE}:{model.TOP}/{key[0]}")
        return self._guard.may_see(self._subject, node, {node: key[1:]})

    async def flush(self) -> None:
        """Remove learned and stop entries."""
        self._guard.check_execute(self._subject, model.MODULE, "flush")
        await self._engine.apply(flush=True)

    async def reload(self) -> None:
        """Copy startup to running."""
        self._guard.check_execute(self._subject, "ietf-netconf", "copy-config")
        await self._reload(self._subject)

    def check_kill(self) -> None:
        """Root may, and whom a rule lets call ietf-system's system-shutdown."""
        self._guard.check_execute(self._subject, "ietf-system", "system-shutdown", "all")

    async def kill(self) -> None:
        """End the daemon."""
        self._stop()

    async def interfaces(self) -> Sequence[tables.InterfaceRow]:
        """All interfaces, by index."""
        self._check_read("interface")
        rows = await self._read(protocol.INTERFACES)
        found = [protocol.InterfaceRow(*row) for row in rows]
        return [
            tables.InterfaceRow(row.ifindex, row.name, row.vif, row.mif)
            for row in sorted(found, key=lambda row: row.ifindex)
        ]

    async def groups(self) -> tables.Groups:
        """The groups of running whose interface is there, and those that the kernel has joined."""
        self._check_read("mgroup", "membership", "interface")
        read = await self._engine.read(protocol.INTERFACES, protocol.MEMBERSHIPS)
        there = [protocol.InterfaceRow(*row).name for row in read[protocol.INTERFACES]]
        configured = [
            tables.GroupRow(rule.source, rule.group, rule.interface)
            for rule in model.rules_of(self._datastores.running)
            if isinstance(rule, Mgroup)
            and any(matches_interface(rule.interface, name) for name in there)
        ]
        joined = [protocol.MembershipRow(*row) for row in read[protocol.MEMBERSHIPS]]
        return tables.Groups(
            configured,
            [tables.GroupRow(row.source, row.group, row.interface) for row in joined],
        )

    async def routes(self) -> tables.Routes:
        """The routes of running, and the kernel's forwarding cache, stop entries last."""
        self._check_read("mroute", "forwarding-entry", "interface")
        read = await self._engine.read(protocol.ENTRIES, protocol.INTERFACES)
        interfaces = [protocol.InterfaceRow(*row) for row in read[protocol.INTERFACES]]
        expansion = Expansion(interfaces)
        templates: list[tables.RouteRow] = []
        static: list[tables.RouteRow] = []
        for rule in model.rules_of(self._datastores.running):
            if isinstance(rule, Mroute):
                (templates if _is_template(rule) else static).extend(expansion.rows(rule))
        kernel = [
            tables.RouteRow(
                row.source,
                row.group,
                row.in_interface,
                tuple(name for name, _ in row.out_interfaces),
                row.packets,
                row.bytes,
            )
            for row in map(protocol.entry_row, read[protocol.ENTRIES])
        ]
        kernel.sort(key=lambda row: not row.out_interfaces)
        return tables.Routes(templates, static, kernel, [row.name for row in interfaces])

    async def pending(self) -> Sequence[tables.PendingRow]:
        """The groups and routes of running that cannot act yet."""
        self._check_read(*model.KINDS)
        rows = await self._read(protocol.STATUSES)
        waiting = {row.key for row in map(protocol.status_row, rows) if row.state == "pending"}
        found = []
        for kind, interface, *flow in sorted(waiting):
            if not flow:
                continue  # a phyint stands for what may come
            entry = lookup(self._datastores.running, model.TOP, kind, (interface, *flow))
            rule = model.rule_of(entry) if isinstance(entry, Container) else None
            outs = rule.out_interfaces if isinstance(rule, Mroute) else ()
            source, group = flow
            found.append(tables.PendingRow(kind, source, group, interface, outs))
        return found

    def _check_read(self, *names: str) -> None:
        """A table is shown as a whole, to whoever may read all that it is made of."""
        top = self._datastores.schema.node(model.TOP)
        if not all(self._guard.may_read_all(self._subject, top.child(name)) for name in names):
            raise Error("the access rules do not let this user see it", tag="access-denied")

    async def _read(self, subject: str) -> list[Any]:
        rows: list[Any] = (await self._engine.read(subject))[subject]
        return rows


def _is_template(rule: Mroute) -> bool:
    return rule.source == ANY_SOURCE or "/" in rule.source or "/" in rule.group
