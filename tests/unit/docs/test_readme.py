"""README.md and the pages beside it name what is there: files, headings, targets, options."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from smcroute_agent.ctl import commands as ctl_commands
from smcroute_agent.ctl import options as ctl_options
from smcroute_agent.supervisor import command_line

ROOT = Path(__file__).resolve().parents[3]
PAGES = (ROOT / "README.md", ROOT / "docs" / "netconf.md", ROOT / "agent" / "README.md")


def headings(page):
    """The anchors of a page's headings, as hosts of Markdown make them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text())
    assert links
    for link in links:
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        assert target.exists(), link
        assert not anchor or anchor in headings(target), link


def test_entry_points_are_there():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:`|# )make ([a-z-]+)", (ROOT / "README.md").read_text()))
    assert {"demo", "test", "bench"} <= named
    assert named <= targets


def test_the_tables_of_options_have_all_and_no_other():
    """Those of smcrouted and of smcroutectl; -h stands there for --help."""
    chapter = (ROOT / "README.md").read_text().split("\n## smcrouted\n")[1].split("\n## ")[0]
    rows = "\n".join(line for line in chapter.splitlines() if line.startswith("|"))
    daemon, client = rows.split("| `smcroutectl` | does |")

    def told(text):
        return set(re.findall(r"`(--?[A-Za-z][\w-]*)", text))

    actions = command_line.parser()._actions
    known = {name for action in actions for name in action.option_strings}
    assert told(daemon) == known - {"--help", "--version"}
    assert told(client) == {f"-{letter}" for letter in ctl_options.FLAGS + ctl_options.VALUES}
    for name in (*ctl_commands.COMMANDS, *ctl_commands.OTHER_NAMES):
        assert name == "rem" or re.search(rf"\b{name}\b", client)
