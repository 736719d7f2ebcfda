"""The commands of smcroutectl: one table from the letter on the wire to what it does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

from ..errors import DataError, Error
from ..rules import Mgroup, Mroute, Rule, RuleKey, rule_key
from . import batch, tables, words


class Change(NamedTuple):
    """Rules to put in (one whose key exists replaces it), and keys of rules to take out."""

    add: tuple[Rule, ...] = ()
    remove: tuple[RuleKey, ...] = ()


Lookup = Callable[[RuleKey], Rule | None]
"""The rule of running with this key."""

Edit = Callable[[Lookup], Change]
"""What a command changes, computed from what running holds; raises DataError to refuse."""


class Router(Protocol):
    """What the commands need.  Every method raises errors.Error; nothing is then half done."""

    async def edit(self, edit: Edit) -> None:
        """Call `edit` within a transaction and apply its change, down to the kernel."""

    async def edit_together(self, edits: Sequence[Edit]) -> list[Error | None]:
        """Edits in their order in one transaction; what became of each.

        An edit that refuses changes nothing and keeps the others from nothing.  Raises Error
        when they are refused together: nothing has changed then, and whoever wants to know
        which of them is at fault has them done one by one.
        """

    async def flush(self) -> None:
        """Remove the learned entries and the stop entries."""

    async def reload(self) -> None:
        """Make running what smcroute.conf says."""

    def check_kill(self) -> None:
        """Raises Error when this user may not end the daemon."""

    async def kill(self) -> None:
        """End the daemon; called when the client has its answer."""

    async def interfaces(self) -> Sequence[tables.InterfaceRow]:
        """The interfaces that are known, in the order of their indexes."""

    async def groups(self) -> tables.Groups:
        """The groups of the rules and of the kernel."""

    async def routes(self) -> tables.Routes:
        """The routes of the rules and of the kernel, with counters."""

    async def pending(self) -> Sequence[tables.PendingRow]:
        """The rules that wait for an interface."""


class Reply(NamedTuple):
    """The text for the client, "" when all went well; what to do when it has been sent."""

    text: str = ""
    afterwards: Callable[[], Awaitable[None]] | None = None


class Command(NamedTuple):
    """What a letter does; `name` and `changes` say what is logged.

    edit: what its arguments stand for, if it is an edit; raises DataError.  Running it is to
    have the router do this edit.
    """

    name: str
    run: Callable[[Router, Sequence[str]], Awaitable[Reply]]
    changes: bool = True
    edit: Callable[[Sequence[str]], Edit] | None = None


async def execute(router: Router, letter: str, arguments: Sequence[str]) -> Reply:
    """Do what a request asks for; returns when the kernel has it.  Raises errors.Error."""
    return await command(letter).run(router, arguments)


def command(letter: str) -> Command:
    """The command of a letter; raises DataError for one that does not exist."""
    found = COMMANDS.get(letter)
    if found is None:
        raise DataError(
            f"unknown command letter '{letter}'",
            remedy="use a smcroutectl whose version fits this smcrouted",
        )
    return found


def _add(arguments: Sequence[str]) -> Edit:
    asked = _route(arguments)

    def edit(lookup: Lookup) -> Change:
        present = lookup(rule_key(asked))
        if not isinstance(present, Mroute):
            return Change(add=(asked,))
        names = dict.fromkeys(present.out_interfaces + asked.out_interfaces)
        if len(names) == len(present.out_interfaces):
            return Change()
        return Change(add=(present._replace(out_interfaces=tuple(names)),))

    return edit


def _remove(arguments: Sequence[str]) -> Edit:
    asked = _route(arguments)
    key, outs = rule_key(asked), asked.out_interfaces

    def edit(lookup: Lookup) -> Change:
        present = lookup(key)
        if not isinstance(present, Mroute):
            raise DataError(
                f"there is no route {_named(key)}",
                remedy="'smcroutectl show routes' tells which there are",
            )
        if not outs:
            return Change(remove=(key,))
        strange = [name for name in outs if name not in present.out_interfaces]
        if strange:
            raise DataError(
                f"the route {_named(key)} does not go to {' '.join(strange)}",
                remedy=f"it goes to: {' '.join(present.out_interfaces) or 'no interface'}",
            )
        kept = tuple(name for name in present.out_interfaces if name not in outs)
        return Change(add=(present._replace(out_interfaces=kept),))

    return edit


def _join(arguments: Sequence[str]) -> Edit:
    group = _group("join", arguments)
    key = rule_key(group)

    def edit(lookup: Lookup) -> Change:
        if lookup(key) is not None:
            raise DataError(f"{_named(key)} is joined already")
        return Change(add=(group,))

    return edit


def _leave(arguments: Sequence[str]) -> Edit:
    key = rule_key(_group("leave", arguments))

    def edit(lookup: Lookup) -> Change:
        if lookup(key) is None:
            raise DataError(
                f"{_named(key)} is not joined",
                remedy="'smcroutectl show groups' tells which groups are",
            )
        return Change(remove=(key,))

    return edit


async def _flush(router: Router, arguments: Sequence[str]) -> Reply:
    await router.flush()
    return Reply()


async def _reload(router: Router, arguments: Sequence[str]) -> Reply:
    await router.reload()
    return Reply()


async def _kill(router: Router, arguments: Sequence[str]) -> Reply:
    router.check_kill()
    return Reply(afterwards=router.kill)


async def _batch(router: Router, arguments: Sequence[str]) -> Reply:
    """What a client asks that would send a batch."""
    return Reply(str(batch.MAX_COMMANDS))


async def _show_interfaces(router: Router, form: str) -> str:
    rows = await router.interfaces()
    return tables.interfaces_json(rows) if form == JSON else tables.interfaces(rows)


async def _show_groups(router: Router, form: str) -> str:
    rows = await router.groups()
    return tables.groups_json(rows) if form == JSON else tables.groups(rows, form == DETAILED)


async def _show_routes(router: Router, form: str) -> str:
    rows = await router.routes()
    return tables.routes_json(rows) if form == JSON else tables.routes(rows, form == DETAILED)


async def _show_pending(router: Router, form: str) -> str:
    rows = await router.pending()
    return tables.pending_json(rows) if form == JSON else tables.pending(rows)


def _editing(name: str, edit: Callable[[Sequence[str]], Edit]) -> Command:
    async def run(router: Router, arguments: Sequence[str]) -> Reply:
        await router.edit(edit(arguments))
        return Reply()

    return Command(name, run, edit=edit)


BRIEF, DETAILED, JSON = "s", "S", "J"

SUBJECTS: Mapping[str, Callable[[Router, str], Awaitable[str]]] = {
    "g": _show_groups,
    "i": _show_interfaces,
    "p": _show_pending,
}
"""What to show by the first letter of the first argument; routes for any other."""


def _show(form: str) -> Command:
    async def run(router: Router, arguments: Sequence[str]) -> Reply:
        subject = arguments[0][:1] if arguments else ""
        return Reply(await SUBJECTS.get(subject, _show_routes)(router, form))

    return Command("show", run, changes=False)


COMMANDS: Mapping[str, Command] = {
    "a": _editing("add", _add),
    "r": _editing("remove", _remove),
    "j": _editing("join", _join),
    "l": _editing("leave", _leave),
    "F": Command("flush", _flush),
    "H": Command("reload", _reload),
    "k": Command("kill", _kill),
    batch.LETTER: Command("batch", _batch, changes=False),
    **{form: _show(form) for form in (BRIEF, DETAILED, JSON)},
}


def _route(arguments: Sequence[str]) -> Mroute:
    """The route that IIF [SOURCE] GROUP [OIF ...] stands for."""
    interface, source, group, rest = _flow(arguments)
    return Mroute(interface, source, group, words.out_interfaces(rest))


def _group(name: str, arguments: Sequence[str]) -> Mgroup:
    interface, source, group, rest = _flow(arguments)
    if rest:
        raise DataError(
            f"{words.shown(rest[0])} is one word too many",
            remedy=f"write: {name} IIF [SOURCE] GROUP",
        )
    return Mgroup(interface, source, group)


def _flow(arguments: Sequence[str]) -> tuple[str, str, str, tuple[str, ...]]:
    if len(arguments) < 2:
        raise DataError("too few words", remedy="give an interface and a multicast group")
    interface = words.interface(arguments[0])
    if words.is_group(arguments[1]):
        source_word, group_word, rest = None, arguments[1], arguments[2:]
    elif len(arguments) > 2:
        source_word, group_word, rest = arguments[1], arguments[2], arguments[3:]
        words.source(source_word)  # what is wrong with it is of more help than the group's error
    else:
        source_word, group_word, rest = None, arguments[1], arguments[2:]
    source, group = words.flow(source_word, group_word)
    return interface, source, group, tuple(rest)


def _named(key: RuleKey) -> str:
    kind, interface, source, group = key
    return f"({source}, {group}) {'on' if kind == 'mgroup' else 'from'} {interface}"
