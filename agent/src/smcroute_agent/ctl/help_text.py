"""What smcroutectl says about itself."""

from __future__ import annotations

from .. import __version__
from .commands import COMMANDS, OTHER_NAMES, named
from .options import DEFAULT_IDENTITY, RUN_DIRECTORY

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


def usage(words: list[str]) -> str:
    """What all commands do, or one of them."""
    if words:
        name = named(words[0])
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
