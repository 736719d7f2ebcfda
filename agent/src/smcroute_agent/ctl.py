"""smcroutectl: tells a running smcrouted what to do.  Standard library only, for a quick start."""

from __future__ import annotations

import os
import socket
import struct
import sys

from . import __version__
from .compat import ipc
from .errors import Error, SystemProblem, UsageError

DEFAULT_IDENTITY = "smcroute"
RUN_DIRECTORY = "/run"

TIMEOUT = 300.0
"""Seconds to wait for the daemon; a reload of very many routes takes some."""

COLUMNS = 80

USAGE = f"""\
Usage: smcroutectl [OPTIONS] [COMMAND [ARGUMENTS]]

Options:
  -b, --batch          read commands from standard input, one a line
  -d, --detail         show packets and bytes, and what the kernel has joined
  -i, --ident NAME     the smcrouted with this identity, default: {DEFAULT_IDENTITY}  (-I too)
  -j, --json           show as JSON
  -p, --plain          show without control characters
  -t, --no-heading     show without titles and headings
  -u, --socket FILE    the daemon's socket, default: {RUN_DIRECTORY}/NAME.sock
  -v, --version        show the version
  -h, --help           show this, or with a COMMAND what that command does

Commands, which may be shortened (sh ro, fl, rel):
"""

EXAMPLES = """
IIF and OIF are interface names or wildcards such as eth+.  Without SOURCE a route or
join holds for any sender.  With OIFs, remove takes only these off the route.

Examples:
  smcroutectl add eth0 192.0.2.42 225.1.2.3 eth1 eth2
  smcroutectl add eth0 225.1.2.0/24 eth1
  smcroutectl remove eth0 192.0.2.42 225.1.2.3 eth2
  smcroutectl join eth0 192.0.2.42 232.1.2.3
  smcroutectl -j show groups
"""

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

SUBJECTS = ("routes", "groups", "interfaces", "pending")

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


def call(path: str, letter: str, arguments: list[str]) -> str:
    """Send a command to the daemon and return its answer, "" for success.

    Raises SystemProblem when it cannot be reached or gives none.
    """
    request = ipc.encode_request(letter, arguments)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        # A socket that Python times would not wait for room in a full queue of connections.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _timeval(TIMEOUT))
        try:
            connection.connect(path)
        except OSError as error:
            raise _unreachable(path, error) from None
        connection.settimeout(TIMEOUT)
        octets = bytearray()
        try:
            connection.sendall(request)
            while piece := connection.recv(64 * 1024):
                octets += piece
        except TimeoutError:
            raise SystemProblem(
                f"no answer on {path} within {TIMEOUT:g} s", remedy="see smcrouted's log"
            ) from None
        except ConnectionError:
            octets.clear()
    text = ipc.decode_reply(bytes(octets))
    if text is None:
        raise SystemProblem(
            f"the daemon closed {path} without an answer", remedy="see smcrouted's log"
        )
    return text


def _timeval(seconds: float) -> bytes:
    """struct timeval of <sys/time.h>."""
    return struct.pack("@ll", int(seconds), int(seconds % 1 * 1_000_000))


def _unreachable(path: str, error: OSError) -> SystemProblem:
    problem, remedy = f"cannot connect to {path}: {error.strerror or error}", None
    if isinstance(error, (FileNotFoundError, ConnectionRefusedError)):
        problem = f"no smcrouted answers on {path}"
        remedy = "start smcrouted; if it runs, name its identity with -i NAME or its socket with -u"
    elif isinstance(error, PermissionError):
        problem = f"no permission to use {path}"
        remedy = "become root, or join the group that 'ls -l' shows for the socket"
    elif isinstance(error, BlockingIOError):
        problem = f"smcrouted accepts nothing on {path} within {TIMEOUT:g} s"
        remedy = "see smcrouted's log"
    return SystemProblem(problem, remedy=remedy)


def render(text: str, flags: set[str]) -> str:
    """A reply of show with its titles and headings as lines, and a blank line at the end."""
    width = columns(flags) - 1
    lines = []
    for line in text.removesuffix("\n").split("\n"):
        mark, rest = line[-1:], line[:-1]
        if not rest or mark not in ("_", "="):
            lines.append(line)
        elif "t" in flags:
            continue
        elif "p" in flags:
            rule = ("_" if mark == "_" else "=") * max(width, len(rest))
            lines += [rule, rest] if mark == "_" else [rule, rest, rule]
        elif mark == "_":
            lines += [f"\x1b[4m{'':{width}}\x1b[0m", rest]
        else:
            # A heading wider than the terminal gets as many blanks as it is too wide: so
            # does smcroute's.
            lines.append(f"\x1b[7m{rest}{' ' * abs(width - len(rest))}\x1b[0m")
    return "\n".join(lines) + "\n\n"


def columns(flags: set[str]) -> int:
    """The width of the terminal; 80 where there is none, and for -p."""
    if "p" in flags:
        return COLUMNS
    try:
        return os.get_terminal_size(1).columns or COLUMNS
    except OSError:
        return COLUMNS


def usage(words: list[str]) -> str:
    """What all commands do, or one of them."""
    if words:
        name = find(words[0], (*COMMANDS, *OTHER_NAMES), "command")
        name = OTHER_NAMES.get(name, name)
        _, _, form, does = COMMANDS[name]
        text = f"Usage: smcroutectl {name} {form}".rstrip() + f"\n  {does}\n"
        others = [other for other, one in OTHER_NAMES.items() if one == name]
        if others:
            text += f"  also: {' '.join(others)}\n"
        examples = [line for line in EXAMPLES.splitlines() if f" {name} " in line and "ctl" in line]
        return text + ("\nExamples:\n" + "\n".join(examples) + "\n" if examples else "")
    lines = [f"  {f'{name} {form}':50} {does}" for name, (_, _, form, does) in COMMANDS.items()]
    return USAGE + "\n".join(lines) + "\n" + EXAMPLES


def version() -> str:
    """The program's version."""
    return f"smcroutectl {__version__} (mcast.smcroute)\n"


def batch(options: Options) -> int:
    """Do each line of standard input; blank lines and comments are passed over.

    A command that fails does not stop the others; the exit code is then 1.
    """
    failed = 0
    for number, line in enumerate(sys.stdin, 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        try:
            print(run(options, words), end="", flush=True)
        except Error as error:
            failed = _fail(f"line {number}: {error}")
    return failed


def _fail(text: str) -> int:
    print(f"smcroutectl: {text}", file=sys.stderr, flush=True)
    return 1


def main(arguments: list[str] | None = None) -> int:
    """The command smcroutectl; exits with 0 when all went well, else with 1, as smcroute does."""
    try:
        options = parse(sys.argv[1:] if arguments is None else arguments)
        if "v" in options.flags:
            print(version(), end="")
        elif "h" in options.flags and not options.words:
            print(usage([]), end="")
        elif "b" in options.flags:
            return batch(options)
        else:
            print(run(options, options.words), end="")
        sys.stdout.flush()
    except Error as error:
        return _fail(str(error))
    except BrokenPipeError:
        # The reader of our output, such as head, has gone; nothing is left to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
