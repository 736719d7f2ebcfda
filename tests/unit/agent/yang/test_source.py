"""The text of modules for get-schema."""

from __future__ import annotations

from pathlib import Path

import pytest

from smcroute_agent.errors import SystemProblem
from smcroute_agent.yang import source
from smcroute_agent.yang.compile import DEVIATIONS, OWN_MODULES, SERVED
from smcroute_agent.yang.schema import packaged


def test_every_module_has_its_text() -> None:
    for module in source.modules():
        text = source.module_text(module.name, module.revision)
        assert f"module {module.name} {{" in text
        assert module.revision in text
        assert source.module_text(module.name) == text


def test_our_own_text_is_that_of_the_file() -> None:
    expected = (OWN_MODULES / "smcroute.yang").read_text(encoding="utf-8")
    assert source.module_text("smcroute") == expected


def test_unknown_modules_and_revisions() -> None:
    with pytest.raises(KeyError):
        source.module_text("nonsense")
    with pytest.raises(KeyError):
        source.module_text("smcroute", "1999-01-01")


def test_modules_are_exactly_what_is_compiled() -> None:
    served = {item.name for item in SERVED} | set(DEVIATIONS)
    assert {module.name for module in source.modules() if module.implemented} == served
    imported = {"ietf-inet-types", "ietf-routing-types", "ietf-yang-types"}
    assert imported <= {module.name for module in source.modules()}


def test_pyang_without_its_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "_roots", lambda: [tmp_path])
    source._installed_text.cache_clear()
    with pytest.raises(SystemProblem) as caught:
        source.module_text("ietf-inet-types", schema=packaged())
    assert "pyang" in (caught.value.remedy or "")
