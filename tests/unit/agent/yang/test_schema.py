"""The compiled schema: fresh, loaded as it was meant, and refused when it is another's."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from smcroute_agent.yang import compile as compiler
from smcroute_agent.yang import source, types
from smcroute_agent.yang.compile import COMPILED, CompileError, Served, compile_modules
from smcroute_agent.yang.schema import Schema, load, packaged
from smcroute_agent.yang.value_problem import ValueProblem

from .conftest import ZOO


def test_the_compiled_schema_is_fresh() -> None:
    assert COMPILED.read_text(encoding="utf-8") == compiler.render(compiler.compile_served()), (
        "run `make schema`"
    )


def test_main_writes_and_checks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiler, "COMPILED", tmp_path / "compiled" / "schema.json")
    assert compiler.main(["--check"]) == 1
    assert compiler.main([]) == 0
    assert compiler.main(["--check"]) == 0
    (tmp_path / "compiled" / "schema.json").write_text("{}")
    assert compiler.main(["--check"]) == 1


def test_nothing_at_run_time_imports_pyang() -> None:
    program = (
        "import sys; import smcroute_agent.yang.edit, smcroute_agent.yang.filter;"
        "import smcroute_agent.yang.source, smcroute_agent.yang.build;"
        "import smcroute_agent.yang.schema as s; s.packaged();"
        "sys.exit('pyang' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def module_versions(schema: Schema, *names: str) -> list[str]:
    return [schema.modules[name].yang_version for name in names]


def test_smcroute() -> None:
    schema = packaged()
    mroute = schema.node("smcroute/mroute")
    assert [mroute.children[key].name for key in mroute.keys] == ["interface", "source", "group"]
    assert list(mroute.children)[:3] == list(mroute.keys)
    assert mroute.path() == "/smc:smcroute/smc:mroute"
    assert schema.node("smcroute/phyint/ttl-threshold").default == "1"
    assert not schema.node("smcroute/agent/counters/upcalls").config
    assert not schema.node("smcroute/mroute/state").config
    rpcs = [rpc.name for rpc in schema.rpcs.values()]
    assert rpcs == ["flush", "get-schema", "create-subscription"]
    assert module_versions(schema, "smcroute", "ietf-yang-types") == ["1.1", "1"]
    module = schema.modules["smcroute"]
    assert module.implemented
    assert module.revision == "2026-11-22"
    assert not schema.modules["ietf-inet-types"].implemented


def test_augments_deviations_and_features(zoo: Schema) -> None:
    cage = zoo.node("cage")
    assert [child.name for child in cage.children.values()] == [
        *("size", "matt", "colour", "finish", "marks", "animal", "window"),
    ]
    assert zoo.node("cage/size").default == "4"
    assert zoo.node("cage/animal").max_elements == 2
    assert zoo.node("cage/zoo-more:window").namespace == "urn:zoo:more"
    assert zoo.node("cage/animal/zoo-more:hay").case is not None
    assert [item.name for item in zoo.node("cage/animal").attached.values()] == ["feed", "hungry"]
    assert [item.name for item in zoo.notifications.values()] == ["escaped"]
    assert zoo.modules["zoo-base"].features == ("dull",)
    assert zoo.modules["zoo-base"].deviations == ("zoo-more",)
    assert "zoo-base:colour" in zoo.identities["zoo-more:red"]


def test_features_of_enums_bits_and_identities(zoo: Schema) -> None:
    finish, marks = zoo.node("cage/finish").type, zoo.node("cage/marks").type
    assert isinstance(finish, types.Enumeration)
    assert finish.values == {"matt": 1}, "the one that is left out is counted"
    assert isinstance(marks, types.Bits)
    assert marks.positions == {"dust": 1}
    assert "zoo-base:silver" not in zoo.identities


def test_the_next_enum_has_the_highest_value_and_one(zoo: Schema) -> None:
    level = zoo.node("elsewhere/level").type
    assert isinstance(level, types.Enumeration)
    assert level.values == {"low": -5, "lower": -4, "none": 3, "high": 4}


def test_numbers_in_modules_may_be_octal_or_hexadecimal(zoo: Schema) -> None:
    node = zoo.node("types/int16")
    assert node.default == "16"
    assert node.type is not None
    assert node.type.parse("-16") == "-16"
    with pytest.raises(ValueProblem):
        node.type.parse("-17")


def test_unknown_nodes(zoo: Schema) -> None:
    with pytest.raises(KeyError):
        zoo.node("cage/bright")
    with pytest.raises(KeyError):
        zoo.node("zoo-rules:cage")


def test_another_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text(json.dumps({"format": 0}))
    with pytest.raises(ValueError, match="format 0"):
        load(path)


@pytest.mark.parametrize(
    "names",
    [
        ("smcroute", "ietf-netconf-acm"),
        ("ietf-system", "iana-crypt-hash"),
        ("ietf-interfaces", "ietf-ip"),
        ("ietf-yang-library", "ietf-netconf-monitoring", "ietf-netconf-notifications"),
    ],
)
def test_what_may_be_served_later_compiles(names: tuple[str, ...]) -> None:
    directories = [compiler.OWN_MODULES, *source.modules_directory()]
    schema = Schema(compile_modules([Served(name) for name in names], directories))
    for node in schema.root.descendants():
        assert isinstance(node.defaults, tuple)


def refused(tmp_path: Path, body: str) -> str:
    (tmp_path / "bad.yang").write_text(
        f"module bad {{ yang-version 1.1; namespace 'urn:bad'; prefix bad; {body} }}"
    )
    with pytest.raises(CompileError) as caught:
        compile_modules([Served("bad")], [tmp_path, ZOO, *source.modules_directory()])
    return str(caught.value)


def test_modules_that_are_wrong(tmp_path: Path) -> None:
    assert "bad.yang" in refused(tmp_path, "leaf a { type nonsense; }")
    assert "zoo-base" in refused(
        tmp_path, "import zoo-base { prefix b; } augment '/b:cage' { leaf x { type string; } }"
    )
    assert "pattern" in refused(tmp_path, "leaf a { type string { pattern '(?i)a'; } }")
    assert "unknown" in refused(tmp_path, "leaf a { type string; must 'unknown(.)'; }")
    assert "/bad:a: the default: '0x10' is not" in refused(
        tmp_path, "leaf a { type union { type uint8; type boolean; } default '0x10'; }"
    )
    with pytest.raises(CompileError, match="not found"):
        compile_modules([Served("nowhere")], [tmp_path])
