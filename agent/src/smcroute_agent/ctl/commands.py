"""The words of smcroutectl: its commands, and what they may be shortened to."""

from __future__ import annotations

from ..errors import UsageError

# Name: letter on the wire ("" for what smcroutectl does by itself), fewest arguments,
# arguments, what it does.
COMMANDS: dict[str, tuple[str, int, str, str]] = {
    "add": ("a", 2, "IIF [SOURCE[/LEN]] GROUP[/LEN] [OIF ...]", "add a route, or OIFs to one"),
    "remove": ("r", 2, "IIF [SOURCE[/LEN]] GROUP[/LEN] [OIF ...]", "remove a route, or its OIFs"),
    "join": ("j", 2, "IIF [SOURCE[/LEN]] GROUP[/LEN]", "join a group on an interface"),
    "leave": ("l", 2, "IIF [SOURCE[/LEN]] GROUP[/LEN]", "leave a joined group"),
    "flush": ("F", 0, "", "remove the routes that were learned from flows"),
    "show": ("s", 0, "[routes|groups|interfaces|pending]", "show the state, default: routes"),
    "reload": ("H", 0, "", "read smcroute.conf again, like SIGHUP"),
    "kill": ("k", 0, "", "stop the daemon"),
    "version": ("", 0, "", "show the version"),
    "help": ("", 0, "[COMMAND]", "show help"),
}

OTHER_NAMES = {"del": "remove", "rem": "remove", "restart": "reload"}

NAMES = (*COMMANDS, *OTHER_NAMES)

SUBJECTS = ("routes", "groups", "interfaces", "pending")


def named(word: str) -> str:
    """The command that a word, or the beginning of one, stands for; raises UsageError."""
    name = find(word, NAMES, "command")
    return OTHER_NAMES.get(name, name)


def check(name: str, arguments: list[str]) -> None:
    """Raises UsageError when a command needs more words."""
    _, fewest, form, _ = COMMANDS[name]
    if len(arguments) < fewest:
        raise UsageError(
            f"too few words for {name}", remedy=f"write: smcroutectl {name} {form}".rstrip()
        )


def find(word: str, names: tuple[str, ...], what: str) -> str:
    """The only name that begins with a word; raises UsageError."""
    if word in names:
        return word
    found = {OTHER_NAMES.get(name, name): name for name in names if name.startswith(word)}
    if len(found) == 1:
        return next(iter(found.values()))
    if found:
        raise UsageError(
            f"the {what} '{word}' is ambiguous", remedy=f"use one of: {' '.join(found)}"
        )
    listed = " ".join(name for name in names if name not in OTHER_NAMES)
    raise UsageError(f"unknown {what} '{word}'", remedy=f"use one of: {listed}")
