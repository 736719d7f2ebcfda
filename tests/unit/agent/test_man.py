"""The manual pages: fresh, without warnings, and no option too many or too few."""

import argparse
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from agent.man import build
from smcroute_agent import daemon
from smcroute_agent.agent import startup
from smcroute_agent.ctl import commands as ctl_commands
from smcroute_agent.ctl import options as ctl_options
from smcroute_agent.supervisor import options

SOURCES = sorted(build.SOURCES.glob("*.rst"))
EACH = pytest.mark.parametrize("source", SOURCES, ids=[source.stem for source in SOURCES])


def section(page: str, title: str) -> str:
    return page.split(f".SH {title}\n")[1].split("\n.SH ")[0]


def page(name: str) -> str:
    return build.page_path(build.SOURCES / f"{name}.rst").read_text()


def plain(text: str) -> str:
    """A page's text without its formatting."""
    return re.sub(r"\\f.|\\&|^\.B ", "", text, flags=re.MULTILINE).replace("\\-", "-")


def bold_options(text: str) -> set[str]:
    """The options that stand in bold."""
    bold = " ".join(re.findall(r"\\fB(.*?)\\fP", text.replace("\\-", "-")))
    return set(re.findall(r"(?<![\w-])--?[A-Za-z][\w-]*", bold))


def names(actions: list[argparse.Action]) -> set[str]:
    return {name for action in actions for name in action.option_strings}


@EACH
def test_the_committed_page_is_fresh(source: Path) -> None:
    assert build.page_path(source).read_text() == build.build(source), "run: make man"


def test_there_are_three_pages() -> None:
    assert [s.stem for s in SOURCES] == ["smcroute.conf.5", "smcroutectl.8", "smcrouted.8"]
    assert {path.name for path in build.PAGES.rglob("*.?")} == {s.stem for s in SOURCES}


@EACH
def test_mandoc_finds_nothing_to_warn_about(source: Path) -> None:
    done = subprocess.run(
        ["mandoc", "-T", "lint", "-W", "warning", str(build.page_path(source))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_every_option_of_smcrouted_is_there_and_no_other() -> None:
    known = names(build.smcrouted_actions())
    assert bold_options(section(page("smcrouted.8"), "OPTIONS")) == known
    assert bold_options(page("smcrouted.8")) - {"-hnNsv"} == known
    synopsis = plain(section(page("smcrouted.8"), "SYNOPSIS"))
    for action in build.smcrouted_actions():
        shown = [action.option_strings[0], action.metavar] if action.metavar else []
        assert " ".join(shown) in synopsis


def test_every_option_of_smcroutectl_is_there_and_no_other() -> None:
    known = {f"-{letter}" for letter in ctl_options.LONG_OPTIONS.values()} | set(
        ctl_options.LONG_OPTIONS
    )
    assert bold_options(section(page("smcroutectl.8"), "OPTIONS")) == known
    # -I is another name for -i, of older smcroutes.
    assert {f"-{letter}" for letter in ctl_options.FLAGS + ctl_options.VALUES} - {"-I"} <= known
    assert bold_options(page("smcroutectl.8")) == known


def test_the_options_that_other_pages_speak_of_exist() -> None:
    assert bold_options(page("smcroute.conf.5")) <= names(build.smcrouted_actions())


def test_every_command_of_smcroutectl_is_there() -> None:
    commands = plain(section(page("smcroutectl.8"), "COMMANDS"))
    for name, (_, _, form, _) in ctl_commands.COMMANDS.items():
        assert f"\n{name} {form}".rstrip() in commands
    for other in ctl_commands.OTHER_NAMES:
        assert other in commands


def test_the_exit_codes_are_those_of_the_program() -> None:
    told = re.findall(r"^(\d+) ", plain(section(page("smcrouted.8"), "EXIT STATUS")), re.MULTILINE)
    assert {int(code) for code in told} == {0, 1, *daemon.EXIT_CODES.values()}


def test_the_examples_are_understood() -> None:
    for line in re.findall(r"^    smcrouted (.*)$", source_text("smcrouted.8"), re.MULTILINE):
        options.parse(shlex.split(line))
    for line in re.findall(r"^    smcroutectl (.*)$", source_text("smcroutectl.8"), re.MULTILINE):
        words = ctl_options.parse(shlex.split(line.partition("<")[0])).words
        assert not words or words[0] in ctl_commands.COMMANDS


def test_the_example_file_is_good(tmp_path: Path) -> None:
    text = source_text("smcroute.conf.5").split("\n::\n", 1)[1].split("\nLIMITS\n")[0]
    file = tmp_path / "smcroute.conf"
    file.write_text(text)
    assert startup.check(file) == []


def source_text(name: str) -> str:
    return (build.SOURCES / f"{name}.rst").read_text()
