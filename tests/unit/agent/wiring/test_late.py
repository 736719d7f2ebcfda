"""What is imported late is imported early where it could not be."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from smcroute_agent.agent import late
from smcroute_agent.yang import source


@pytest.fixture
def directory() -> Iterator[Path]:
    """One that everybody may enter, which pytest's are not."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(autouse=True)
def _modes_anew() -> None:
    late._everybody_may_enter.cache_clear()


def made(path: Path, mode: int = 0o644) -> str:
    path.parent.mkdir(exist_ok=True)
    path.touch()
    path.chmod(mode)
    return str(path)


def test_what_everybody_may_read(directory: Path) -> None:
    assert late.everybody_may_read(made(directory / "sub" / "file"))


def test_what_everybody_may_not_read(directory: Path) -> None:
    assert not late.everybody_may_read(made(directory / "file", 0o640))
    assert not late.everybody_may_read(str(directory / "missing"))


@pytest.mark.parametrize("private", ["sub", "sub/deeper"])
def test_below_what_everybody_may_not_enter(directory: Path, private: str) -> None:
    (directory / "sub").mkdir()
    file = made(directory / "sub" / "deeper" / "file")
    (directory / private).chmod(0o750)
    assert not late.everybody_may_read(file)


@pytest.mark.parametrize("private", ["open", "closed"])
def test_a_link_from_or_to_where_everybody_may_not_enter(directory: Path, private: str) -> None:
    file = made(directory / "open" / "file")
    link = directory / "closed" / "link"
    link.parent.mkdir()
    os.symlink(file, link)
    assert late.everybody_may_read(str(link))
    (directory / private).chmod(0o700)
    late._everybody_may_enter.cache_clear()
    assert not late.everybody_may_read(str(link))


@pytest.mark.parametrize("may", [True, False])
def test_what_is_prepared(may: bool) -> None:
    code = f"""
import sys
from smcroute_agent.agent import late
from smcroute_agent.yang import source
late.everybody_may_read = lambda path: {may}
late.prepare()
loaded = [name in sys.modules for name in ("hashlib", "hmac", "secrets", "lxml.etree")]
print(*loaded, source._installed_text.cache_info().currsize > 0)
"""
    assert printed(code) == [str(not may)] * 5


def test_what_only_netconf_needs_is_not_there_at_the_start() -> None:
    code = """
import sys
import smcroute_agent.agent.__main__
print(*{"asyncssh", "lxml", "smcroute_agent.netconf.session", "ssl"} & set(sys.modules), "end")
"""
    assert printed(code) == ["end"]


def printed(code: str) -> list[str]:
    """The words that a Python of its own prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_every_text_is_found_before_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    files = source.installed_files()
    assert any(Path(file).name.startswith("ietf-inet-types") for file in files)
    assert len(files) == sum(module.text is None for module in source.modules())
    monkeypatch.setattr(source, "_roots", list)
    assert source.installed_files() == []
