"""One command of smcroutectl."""

from __future__ import annotations

from ..errors import Error, UsageError
from .commands import COMMANDS, OTHER_NAMES, SUBJECTS, find
from .connection import call
from .help_text import usage, version
from .options import Options
from .terminal import render


def run(options: Options, words: list[str]) -> str:
    """Do one command and return what it prints; raises Error."""
    word, *arguments = words or ["show"]
    name = find(word, (*COMMANDS, *OTHER_NAMES), "command")
    name = OTHER_NAMES.get(name, name)
    letter, fewest, form, _ = COMMANDS[name]
    if name == "version":
        return version()
    if name == "help" or "h" in options.flags:
        return usage(arguments if name == "help" else [name])
    if len(arguments) < fewest:
        raise UsageError(
            f"too few words for {name}", remedy=f"write: smcroutectl {name} {form}".rstrip()
        )
    if name != "show":
        text = call(options.path, letter, arguments)
        if text:
            raise Error(text)
        return ""
    subject = find(arguments[0], SUBJECTS, "subject") if arguments else SUBJECTS[0]
    letter = "J" if "j" in options.flags else "S" if "d" in options.flags else "s"
    text = call(options.path, letter, [subject])
    if not text:
        return ""
    return f"{text}\n" if letter == "J" else render(text, options.flags)
