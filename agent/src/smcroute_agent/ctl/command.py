"""One command of smcroutectl."""

from __future__ import annotations

from ..compat import batch, ipc
from ..errors import Error
from .commands import COMMANDS, SUBJECTS, check, find, named
from .connection import call
from .help_text import usage, version
from .options import Options
from .terminal import render


def run(options: Options, words: list[str]) -> str:
    """Do one command and return what it prints; raises Error."""
    word, *arguments = words or ["show"]
    name = named(word)
    letter = COMMANDS[name][0]
    if name == "version":
        return version()
    if name == "help" or "h" in options.flags:
        return usage(arguments if name == "help" else [name])
    check(name, arguments)
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


def edit_request(options: Options, words: list[str]) -> bytes | None:
    """What is sent for a command that changes the rules; None for any other command.

    Raises Error for one that cannot be sent.
    """
    word, *arguments = words
    name = named(word)
    letter = COMMANDS[name][0]
    if letter not in batch.LETTERS or "h" in options.flags:
        return None
    check(name, arguments)
    return ipc.encode_request(letter, arguments)
