"""The guides of the documentation site say what the modules do."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
import yaml

import tests.unit.plugins.conftest  # noqa: F401  makes the collection importable
from ansible_collections.mcast.smcroute.plugins.module_utils import conf
from ansible_collections.mcast.smcroute.plugins.module_utils.entries import from_config
from ansible_collections.mcast.smcroute.plugins.module_utils.kinds import ROUTE
from ansible_collections.mcast.smcroute.plugins.module_utils.reconcile import (
    STATES,
    reconcile,
    sorted_entries,
)
from ansible_collections.mcast.smcroute.plugins.module_utils.resource import resource_arguments

ROOT = Path(__file__).resolve().parents[3]
GUIDES = sorted((ROOT / "docs" / "docsite" / "rst").glob("*.rst"))
MODULE = "mcast.smcroute.smcroute_route"

_BLOCK = re.compile(r"\.\. code-block:: (\w+)\n\n((?:(?: {4}.*)?\n)+)")
_TITLE = re.compile(r"\n([^\n]+)\n(?:-{3,}|={3,})\n")


def sections(guide):
    """The code blocks of a guide by the title above them, as pairs of language and text."""
    parts = _TITLE.split(guide.read_text())
    return {
        title: [(language, textwrap.dedent(text)) for language, text in _BLOCK.findall(body)]
        for title, body in zip(parts[1::2], parts[2::2], strict=True)
    }


STATE_SECTIONS = sections(ROOT / "docs" / "docsite" / "rst" / "guide_states.rst")


def blocks_of(state):
    """The options of the example task, and the block that shows what comes of it, if any."""
    (_, task), *shown = STATE_SECTIONS[state]
    (loaded,) = yaml.safe_load(task)
    assert loaded[MODULE]["state"] == state
    return loaded[MODULE], shown[0][1] if shown else None


def test_every_state_has_its_section():
    states = resource_arguments()["state"]["choices"]
    assert [title for title in STATE_SECTIONS if title in states] == states


@pytest.mark.parametrize("state", STATES)
def test_states_that_change_something(state):
    ((_, begin),) = STATE_SECTIONS["What each state does"]
    have = {ROUTE.key_of(entry): entry for entry in yaml.safe_load(begin)}
    options, after = blocks_of(state)
    change = reconcile(ROUTE, have, from_config(ROUTE, options["config"]), state)
    assert sorted_entries(change.after) == yaml.safe_load(after)


def test_rendered():
    options, text = blocks_of("rendered")
    lines = conf.render(ROUTE, from_config(ROUTE, options["config"]))
    assert lines.splitlines() == text.split("\n")[:1]


def test_parsed():
    options, entries = blocks_of("parsed")
    found = conf.parse(ROUTE, options["running_config"]).entries
    assert sorted_entries(found) == yaml.safe_load(entries)


def documented_options():
    """The options of each module, as its documentation and its fragments have them."""
    options = {}
    for path in (ROOT / "plugins" / "modules").glob("*.py"):
        documentation = _documentation(path)
        options[f"mcast.smcroute.{path.stem}"] = set(documentation.get("options", {})).union(
            *(
                _documentation(ROOT / "plugins" / "doc_fragments" / f"{name.split('.')[-1]}.py")[
                    "options"
                ]
                for name in documentation["extends_documentation_fragment"]
            )
        )
    return options


def _documentation(path):
    (text,) = re.findall(r'DOCUMENTATION = r"""\n(.*?)"""', path.read_text(), re.DOTALL)
    return yaml.safe_load(text)


def tasks_in(value):
    """Every dictionary that uses one of our modules, however deep."""
    if isinstance(value, dict):
        if any(key.startswith("mcast.smcroute.smcroute_") for key in value):
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for element in value:
            yield from tasks_in(element)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_tasks_use_options_that_there_are(guide):
    known = documented_options()
    found = 0
    for blocks in sections(guide).values():
        for language, text in blocks:
            for task in tasks_in(yaml.safe_load(text) if language == "yaml" else None):
                (module,) = (key for key in task if key.startswith("mcast.smcroute."))
                assert set(task[module]) <= known[module], task
                found += 1
    assert found
