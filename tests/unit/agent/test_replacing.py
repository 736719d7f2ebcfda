"""New contents of several files: all take their places, or none."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from smcroute_agent import journal, replacing
from smcroute_agent.channel import memory_file
from smcroute_agent.replacing import Replacements

NAMES = ("a", "b", "c")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    for name in NAMES:
        (tmp_path / name).write_text(f"old {name}")
    return tmp_path


@pytest.fixture
def staged(directory: Path) -> Iterator[Replacements]:
    """All of them, and a new one, d."""
    replacements = Replacements()
    for name in (*NAMES, "d"):
        stage(replacements, directory, name, f"new {name}")
    yield replacements
    replacements.abandon()


def stage(replacements: Replacements, directory: Path, name: str, content: str) -> None:
    opened = os.open(directory, os.O_PATH)
    file = memory_file("content", content.encode())
    try:
        replacements.stage(opened, name, file, lambda *_: None)
    finally:
        os.close(file)
        os.close(opened)


def contents(directory: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in directory.iterdir()}


OLD = {name: f"old {name}" for name in NAMES}
NEW = {name: f"new {name}" for name in (*NAMES, "d")}


def test_until_they_are_committed_the_old_are_there(directory: Path, staged: Replacements) -> None:
    assert {name: text for name, text in contents(directory).items() if name in OLD} == OLD
    staged.commit()
    assert contents(directory) == NEW


def test_abandoned(directory: Path, staged: Replacements) -> None:
    before = len(os.listdir("/proc/self/fd"))
    staged.abandon()
    assert contents(directory) == OLD
    assert len(os.listdir("/proc/self/fd")) == before - 1
    staged.commit()
    assert contents(directory) == OLD


@pytest.mark.parametrize("fails_at", range(4))
def test_one_that_fails_puts_the_others_back(
    directory: Path, staged: Replacements, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    take_place = replacing._take_place
    taken: list[str] = []

    def failing(replacement: journal.Planned) -> bool:
        if len(taken) == fails_at:
            raise OSError(errno.EIO, "Input/output error")
        taken.append(replacement.name)
        return take_place(replacement)

    monkeypatch.setattr(replacing, "_take_place", failing)
    with pytest.raises(OSError, match="Input/output"):
        staged.commit()
    assert len(taken) == fails_at
    assert contents(directory) == OLD


def test_a_file_system_that_cannot_exchange(
    directory: Path, staged: Replacements, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replacing, "_exchange", lambda *_: False)
    staged.commit()
    assert contents(directory) == NEW


def test_the_last_content_of_a_file_counts(directory: Path, staged: Replacements) -> None:
    stage(staged, directory, "a", "newest")
    staged.commit()
    assert contents(directory) == NEW | {"a": "newest"}


def test_what_was_left_by_another_is_no_obstacle(directory: Path) -> None:
    (directory / f".a.{os.getpid()}.new").symlink_to("b")
    replacements = Replacements()
    stage(replacements, directory, "a", "new a")
    replacements.commit()
    assert contents(directory) == OLD | {"a": "new a"}


def test_a_directory_that_is_moved_takes_its_files_along(
    directory: Path, staged: Replacements, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """What has its name afterwards is not written to."""
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "moved"
    directory.rename(elsewhere)
    directory.mkdir()
    (directory / "a").write_text("another's")
    staged.commit()
    assert contents(elsewhere) == NEW
    assert contents(directory) == {"a": "another's"}
