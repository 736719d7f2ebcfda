"""smcroutectl's command line, taken apart."""

from __future__ import annotations

from ..errors import UsageError

DEFAULT_IDENTITY = "smcroute"
RUN_DIRECTORY = "/run"

LONG_OPTIONS = {
    "--batch": "b",
    "--detail": "d",
    "--ident": "i",
    "--json": "j",
    "--plain": "p",
    "--no-heading": "t",
    "--socket": "u",
    "--version": "v",
    "--help": "h",
}

FLAGS = "bdjptvh"
VALUES = "iIu"


class Options:
    """The command line, taken apart."""

    def __init__(self) -> None:
        self.flags: set[str] = set()
        self.identity = DEFAULT_IDENTITY
        self.socket: str | None = None
        self.words: list[str] = []

    @property
    def path(self) -> str:
        """The daemon's socket."""
        return self.socket or f"{RUN_DIRECTORY}/{self.identity}.sock"


def parse(arguments: list[str]) -> Options:
    """Options may stand anywhere before "--"; raises UsageError."""
    options = Options()
    rest = iter(arguments)
    for word in rest:
        if word == "--":
            options.words += rest
        elif word.startswith("--"):
            name, equals, value = word.partition("=")
            letter = LONG_OPTIONS.get(name)
            if letter is None:
                raise UsageError(f"unknown option {name}", remedy="smcroutectl -h lists them")
            if letter in FLAGS and equals:
                raise UsageError(f"the option {name} takes no value", remedy="leave '=' out")
            _option(options, letter, name, value if equals else None, rest)
        elif word.startswith("-") and word != "-":
            letters = word[1:]
            while letters:
                letter, letters = letters[0], letters[1:]
                if letter not in FLAGS + VALUES:
                    raise UsageError(
                        f"unknown option -{letter}", remedy="smcroutectl -h lists them"
                    )
                if letter in VALUES:
                    _option(options, letter, f"-{letter}", letters or None, rest)
                    break
                _option(options, letter, f"-{letter}", None, rest)
        else:
            options.words.append(word)
    return options


def _option(options: Options, letter: str, name: str, value: str | None, rest: object) -> None:
    if letter in FLAGS:
        options.flags.add(letter)
        return
    if value is None:
        value = next(rest, None)  # type: ignore[call-overload]
    if not value:
        what = "a socket's path" if letter == "u" else "an identity"
        raise UsageError(f"the option {name} needs a value", remedy=f"write {what} behind it")
    if letter == "u":
        options.socket = value
    elif "/" in value:
        raise UsageError(f"{value!r} is no identity", remedy="use -u FILE for a socket's path")
    else:
        options.identity = value
