"""A process that is killed while it replaces several files: the next one ends what it has begun."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from smcroute_agent import journal, replacing
from smcroute_agent.channel import memory_file
from smcroute_agent.replacing import Replacements, recover

NAMES = ("a.conf", "b.conf", "c.conf", "new.conf")
OLD = {name: f"old {name}" for name in NAMES[:3]}
NEW = {name: f"new {name}" for name in NAMES}
JOURNAL = ".a.conf.journal"

Crash = Callable[[], None]


@pytest.fixture
def places(tmp_path: Path) -> list[Path]:
    """Two directories with two files each; the last file is not there yet."""
    paths = [tmp_path / "one", tmp_path / "two"]
    for path in paths:
        path.mkdir()
    for position, (name, text) in enumerate(OLD.items()):
        (paths[position // 2] / name).write_text(text)
    return paths


@contextlib.contextmanager
def opened(places: list[Path]) -> Iterator[list[int]]:
    descriptors = [os.open(place, os.O_PATH) for place in places]
    try:
        yield descriptors
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def replace(places: list[Path]) -> None:
    replacements = Replacements(JOURNAL)
    with opened(places) as directories:
        for position, name in enumerate(NAMES):
            content = memory_file("content", NEW[name].encode())
            replacements.stage(directories[position // 2], name, content, lambda *_: None)
            os.close(content)
    replacements.commit()


def killed(places: list[Path], prepare: Callable[[Crash], None]) -> None:
    """Replace them in a process that is killed where `prepare` puts the crash."""
    pid = os.fork()
    if not pid:
        try:
            prepare(lambda: os.kill(os.getpid(), signal.SIGKILL))
            replace(places)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL


def recovered(places: list[Path]) -> str | None:
    with opened(places) as directories:
        return recover(dict.fromkeys(directories, lambda name: name in NAMES), JOURNAL)


def contents(places: list[Path]) -> dict[str, str]:
    return {path.name: path.read_text() for place in places for path in place.iterdir()}


def before_rename(count: int) -> Callable[[Crash], None]:
    """The crash comes when so many files have taken their places."""

    def prepare(crash: Crash) -> None:
        take_place, taken = replacing._take_place, []

        def counting(planned: journal.Planned) -> bool:
            if len(taken) == count:
                crash()
            taken.append(planned.name)
            return take_place(planned)

        replacing._take_place = counting

    return prepare


def before(module: object, name: str) -> Callable[[Crash], None]:
    return lambda crash: setattr(module, name, lambda *_, **__: crash())


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("exchange", [True, False], ids=["exchange", "rename"])
def test_between_two_renames(
    places: list[Path], count: int, exchange: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not exchange:
        monkeypatch.setattr(replacing, "_exchange", lambda *_: False)
    killed(places, before_rename(count))
    found = contents(places)
    assert sum(found.get(name) == text for name, text in NEW.items()) == count
    said = recovered(places)
    assert said is not None
    assert "is ended now: " + ", ".join(NAMES[count:]) in said
    assert contents(places) == NEW
    assert recovered(places) is None


@pytest.mark.parametrize(
    ("where", "after"),
    [
        (before(journal, "write"), OLD),
        (before(os, "fsync"), OLD),
        (before(journal.json, "dump"), OLD),
        (before_rename(0), OLD),
        (before(replacing.Replacements, "abandon"), NEW),
        (before(journal, "sync"), OLD),
    ],
    ids=["staged", "staging", "half a journal", "none yet", "all", "journal"],
)
def test_before_and_behind_them(
    places: list[Path], where: Callable[[Crash], None], after: dict[str, str]
) -> None:
    killed(places, where)
    assert recovered(places) is None
    assert contents(places) == after


def test_when_all_is_done_but_the_journal_is_there(places: list[Path]) -> None:
    def prepare(crash: Crash) -> None:
        journal.remove = lambda *_: crash() if (places[1] / "new.conf").exists() else None

    killed(places, prepare)
    assert JOURNAL in contents(places)
    assert recovered(places) is None
    assert contents(places) == NEW


def test_what_somebody_has_changed_meanwhile_stays(places: list[Path]) -> None:
    killed(places, before_rename(1))
    (places[1] / "c.conf").write_text("mine")
    said = recovered(places)
    assert said is not None
    assert "c.conf changed since, so a.conf new and b.conf, new.conf old" in said
    assert contents(places) == {"a.conf": "new a.conf", "b.conf": "old b.conf", "c.conf": "mine"}


@pytest.mark.parametrize("next_journal", [None, "{}"])
def test_what_fails_is_tried_again_whatever_the_next_journal_says(
    places: list[Path], monkeypatch: pytest.MonkeyPatch, next_journal: str | None
) -> None:
    def read_only(*_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    killed(places, before_rename(1))
    if next_journal is not None:
        (places[1] / JOURNAL).write_text(next_journal)
    with monkeypatch.context() as patch:
        patch.setattr(replacing, "_take_place", read_only)
        said = recovered(places)
    assert said is not None
    assert "cannot be ended: Read-only file system" in said
    assert recovered(places) is not None
    assert contents(places) == NEW


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"files": 1}',
        '{"files": [[1, "../x", ".../x.1.new", [1, 1, 1], null]]}',
        '{"files": [[1, "a.conf", ".b.conf.1.new", [1, 1, 1], null]]}',
        '{"files": [[1, "a.conf", ".a.conf.1.new", null, null]]}',
        '{"files": [[1, "a.conf", ".a.conf.1.new", [1, 1], null]]}',
        '{"files": [[1, 1, 1, 1, 1]]}',
    ],
)
def test_what_is_no_journal_is_removed(places: list[Path], text: str) -> None:
    (places[0] / JOURNAL).write_text(text)
    assert recovered(places) is None
    assert contents(places) == OLD


def test_a_journal_of_somebody_else_counts_for_nothing(places: list[Path]) -> None:
    killed(places, before_rename(1))
    os.chown(places[0] / JOURNAL, 65534, -1)
    assert recovered(places) is None
    assert contents(places)["b.conf"] == "old b.conf"


def test_only_what_waits_for_files_of_ours_is_removed(places: list[Path]) -> None:
    ended = os.fork()
    if not ended:
        os._exit(0)
    os.waitpid(ended, 0)
    for name in (f".a.conf.{ended}.new", f".other.{ended}.new", ".a.conf.1.new", ".a.conf.x.new"):
        (places[0] / name).write_text("x")
    assert recovered(places) is None
    left = {name for name in contents(places) if name.startswith(".")}
    assert left == {f".other.{ended}.new", ".a.conf.1.new", ".a.conf.x.new"}


def test_one_file_alone_needs_no_journal(
    places: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "write", None)
    replacements = Replacements(JOURNAL)
    content = memory_file("content", b"x")
    with opened(places) as directories:
        replacements.stage(directories[0], "a.conf", content, lambda *_: None)
    os.close(content)
    replacements.commit()
    assert (places[0] / "a.conf").read_text() == "x"
