"""Builds the manual pages: python agent/man/build.py [DIRECTORY].

A page is a text, agent/man/NAME.SECTION.rst, with marks such as @smcrouted-options@ for what
the programs themselves know: so no option can be missing, or be there after it has gone.
The pages are committed, as agent/share/man, because they are installed where no docutils is.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from pathlib import Path

from docutils.core import publish_string
from docutils.writers.manpage import Writer

from smcroute_agent import __version__
from smcroute_agent.ctl import commands, help_text
from smcroute_agent.supervisor import command_line

SOURCES = Path(__file__).parent
PAGES = SOURCES.parent / "share" / "man"

_CTL_OPTION = re.compile(r"  (-\w), (--[\w-]+)(?: ([A-Z]+))? +(\S.*)")


def escape(text: str) -> str:
    """Plain text as reStructuredText."""
    return re.sub(r"([\\*`|_\[\]])", r"\\\1", text)


def sentence(text: str) -> str:
    """A help text as a sentence."""
    return escape(text[0].upper() + text[1:].rstrip(".") + ".")


def option_entry(names: list[str], metavar: str | None, text: str) -> str:
    value = f" *{escape(metavar)}*" if metavar else ""
    shown = ", ".join(f"**{name}**{value}" for name in names)
    return f"{shown}\n    {sentence(text)}\n"


def smcrouted_actions() -> list[argparse.Action]:
    """The options of smcrouted."""
    return command_line.parser()._actions


def smcrouted_synopsis() -> str:
    """The flags together, then the options with values."""
    actions = smcrouted_actions()
    flags = "".join(a.option_strings[0][1] for a in actions if a.nargs == 0)
    valued = [
        rf"\[**{a.option_strings[0]}** *{escape(str(a.metavar))}*]" for a in actions if a.nargs != 0
    ]
    return rf"**smcrouted** \[**-{flags}**] {' '.join(valued)}"


def smcrouted_options() -> str:
    return "\n".join(
        option_entry(list(a.option_strings), str(a.metavar) if a.metavar else None, str(a.help))
        for a in smcrouted_actions()
    )


def smcroutectl_options() -> str:
    found = [
        match for line in help_text.USAGE.splitlines() if (match := _CTL_OPTION.fullmatch(line))
    ]
    return "\n".join(
        option_entry([short, long], value, text)
        for short, long, value, text in (match.groups() for match in found)
    )


def smcroutectl_commands() -> str:
    entries = []
    for name, (_, _, form, does) in commands.COMMANDS.items():
        others = [other for other, one in commands.OTHER_NAMES.items() if one == name]
        also = f"  Also: {', '.join(others)}." if others else ""
        arguments = f" *{escape(form)}*" if form else ""
        entries.append(f"**{name}**{arguments}\n    {sentence(does)}{also}\n")
    return "\n".join(entries)


MARKS: dict[str, Callable[[], str]] = {
    "@version@": lambda: f"smcroute_agent {__version__}",
    "@smcrouted-synopsis@": smcrouted_synopsis,
    "@smcrouted-options@": smcrouted_options,
    "@smcroutectl-options@": smcroutectl_options,
    "@smcroutectl-commands@": smcroutectl_commands,
}


def build(source: Path) -> str:
    """The page of one text, in man(7)."""
    text = source.read_text()
    for mark, content in MARKS.items():
        if mark in text:
            text = text.replace(mark, content())
    page = publish_string(
        text,
        source_path=str(source.name),
        writer=Writer(),
        settings_overrides={"report_level": 2, "halt_level": 2, "output_encoding": "unicode"},
    )
    return tidy(str(page))


def tidy(page: str) -> str:
    """Without what checkers of man(7) complain about: docutils puts a space behind headings."""
    page = re.sub(r"^(\.SH .*\n)\.sp\n", r"\1", page, flags=re.MULTILINE)
    return page.replace(".SH Name\n", ".SH NAME\n")


def page_path(source: Path, directory: Path = PAGES) -> Path:
    """Where the page of a text belongs: NAME.8.rst to man8/NAME.8."""
    name = source.name.removesuffix(".rst")
    return directory / f"man{name.rpartition('.')[2]}" / name


def main(directory: Path) -> None:
    """Build all pages."""
    for source in sorted(SOURCES.glob("*.rst")):
        path = page_path(source, directory)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(build(source))
        print(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PAGES)
