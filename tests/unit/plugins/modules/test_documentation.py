"""The documentation and the code say the same: sub-options are checked by us, not by Ansible."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
import yaml

from ansible_collections.mcast.smcroute.plugins.doc_fragments import connection, resource
from ansible_collections.mcast.smcroute.plugins.module_utils import conf, kinds
from ansible_collections.mcast.smcroute.plugins.module_utils.connection import (
    connection_arguments,
)
from ansible_collections.mcast.smcroute.plugins.module_utils.entries import from_config
from ansible_collections.mcast.smcroute.plugins.module_utils.resource import resource_arguments

ROOT = Path(__file__).resolve().parents[4]
KINDS = {kind.noun: kind for kind in (kinds.PHYINT, kinds.GROUP, kinds.ROUTE)}


@pytest.fixture(params=sorted(KINDS))
def kind(request):
    return KINDS[request.param]


def module_of(noun):
    name = f"ansible_collections.mcast.smcroute.plugins.modules.smcroute_{noun}"
    return importlib.import_module(name)


@pytest.fixture
def module(kind):
    return module_of(kind.noun)


def test_every_suboption_is_documented_as_it_is_checked(kind, module):
    documented = yaml.safe_load(module.DOCUMENTATION)["options"]["config"]["suboptions"]
    assert list(documented) == [option.name for option in kind.options]
    for option in kind.options:
        text = documented[option.name]
        assert text["type"] == option.type
        is_key = option in kind.keys
        assert text.get("required", False) == (is_key and option.default is None)
        assert text.get("default") == (option.default if is_key else None)
        assert text.get("elements") == ("str" if option.type == "list" else None)


def test_the_fragments_document_the_argument_spec():
    documented = {}
    for fragment in (connection, resource):
        documented.update(yaml.safe_load(fragment.ModuleDocFragment.DOCUMENTATION)["options"])
    for name, spec in resource_arguments().items():
        if name != "config":
            text = documented.pop(name)
            del text["description"]
            assert text == spec
    assert documented == {}


def test_every_example_is_accepted(kind, module):
    for task in yaml.safe_load(module.EXAMPLES):
        options = task[f"mcast.smcroute.smcroute_{kind.noun}"]
        assert options.keys() <= resource_arguments().keys()
        config = options.get("config")
        if isinstance(config, list):
            assert from_config(kind, config)


def test_every_state_has_an_example(kind, module):
    shown = {
        task[f"mcast.smcroute.smcroute_{kind.noun}"].get("state", "merged")
        for task in yaml.safe_load(module.EXAMPLES)
    }
    assert shown == set(resource_arguments()["state"]["choices"])


def test_samples_are_complete_entries(kind, module):
    documented = yaml.safe_load(module.RETURN)
    for name in ("before", "after", "gathered", "parsed"):
        for entry in documented[name]["sample"]:
            assert kind.complete(entry) == entry


def test_the_sample_of_rendered_is_what_reads_as_the_sample_of_parsed(kind, module):
    documented = yaml.safe_load(module.RETURN)
    text = documented["rendered"]["contains"]["smcroute_conf"]["sample"]
    assert list(conf.parse(kind, text).entries.values()) == documented["parsed"]["sample"]


def test_the_three_modules_return_the_same():
    """A fragment can hold options, notes and attributes, but not what is returned."""
    documented = [yaml.safe_load(module_of(noun).RETURN) for noun in sorted(KINDS)]
    first = documented[0]
    for other in documented[1:]:
        assert list(other) == list(first)
        for name in ("rpc", "parsed", "rendered"):
            assert other[name]["description"] == first[name]["description"]
        netconf, conf_text = (
            other["rendered"]["contains"][n] for n in ("netconf", "smcroute_conf")
        )
        assert netconf == first["rendered"]["contains"]["netconf"]
        assert (
            conf_text["description"]
            == (first["rendered"]["contains"]["smcroute_conf"]["description"])
        )
        for name, text in other.items():
            for key in ("type", "elements", "returned"):
                assert text.get(key) == first[name].get(key)


MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("smcroute_*.py"))


def test_the_action_group_has_every_module():
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())
    assert runtime["action_groups"] == {"smcroute": MODULES}


def test_the_changelog_has_every_module():
    changelog = yaml.safe_load((ROOT / "changelogs" / "changelog.yaml").read_text())
    told = [
        module["name"]
        for release in changelog["releases"].values()
        for module in release.get("modules", ())
    ]
    assert sorted(told) == MODULES


@pytest.mark.parametrize("name", MODULES)
def test_connection_options_are_documented_once(name):
    module = importlib.import_module(f"ansible_collections.mcast.smcroute.plugins.modules.{name}")
    documented = yaml.safe_load(module.DOCUMENTATION)
    assert "mcast.smcroute.connection" in documented["extends_documentation_fragment"]
    assert not set(documented.get("options", {})) & set(connection_arguments())
