"""README.md and the pages beside it name what is there: files, headings, targets, options."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

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


def test_the_table_of_options_has_all():
    text = (ROOT / "README.md").read_text()
    table = text[text.index("## smcrouted") : text.index("Exit codes")]
    listed = re.findall(r"^\| (`.+?`) \|", table, re.MULTILINE)
    words = {word for row in listed for word in re.findall(r"--?[\w-]+", row)}
    options = set(re.findall(r'"(--?[a-zA-Z][\w-]*)"', Path(command_line.__file__).read_text()))
    assert words - {"-h"} == options - {"-h", "--help", "--version"}
