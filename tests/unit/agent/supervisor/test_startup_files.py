"""What smcrouted reads and writes for the agent, and what it refuses."""

import os
from pathlib import Path
from typing import Any

import pytest

from smcroute_agent.supervisor import startup_files
from tests.unit.agent.supervisor.asking import Asking, ask, replace, write


def test_the_main_file_is_read(main: Path) -> None:
    answer, (descriptor,) = ask(main, {"do": "read", "path": str(main)})
    with os.fdopen(descriptor, "rb") as file:
        assert file.read() == b"# mine\n"
    assert answer == {"ok": True}


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    path = tmp_path / "none.conf"
    assert ask(path, {"do": "read", "path": str(path)})[0] == {"missing": True}


def test_the_directory_beside_it_is_served(main: Path, tmp_path: Path) -> None:
    (tmp_path / "smcroute.d").mkdir()
    path = tmp_path / "smcroute.d" / "more.conf"
    assert replace(main, path, b"x\n")["error"] == "no file is made there"
    assert list(path.parent.iterdir()) == []
    path.touch(mode=0o604)
    assert replace(main, path, b"x\n") == {"ok": True}
    assert path.read_bytes() == b"x\n"
    assert path.stat().st_mode & 0o777 == 0o604


@pytest.mark.parametrize(
    "path",
    ["/etc/shadow", "smcroute.d/../../etc/shadow", "smcroute.d/notes.txt", "other.conf", "a\0b", 7],
)
def test_other_files_are_refused(main: Path, tmp_path: Path, path: Any) -> None:
    (tmp_path / "smcroute.d").mkdir()
    if isinstance(path, str):
        path = os.path.join(tmp_path, path)
    for do, content in (("read", None), ("stage", b"evil")):
        answer, descriptors = ask(main, {"do": do, "path": path}, content)
        assert answer.get("error")
        assert not descriptors
    assert not (tmp_path / "other.conf").exists()


def test_the_agent_may_try_a_file_that_is_not_kept(main: Path, tmp_path: Path) -> None:
    answer, _ = ask(main, {"do": "read", "path": str(tmp_path / "other.conf")})
    assert answer["kept"] is False


def test_too_much_is_refused(main: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup_files, "MAX_SIZE", 3)
    assert "more than" in replace(main, main, b"long")["error"]
    assert main.read_text() == "# mine\n"


def test_all_that_is_staged_is_bounded(main: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup_files, "MAX_SIZE", 25)
    directory = main.with_suffix(".d")
    write(directory, "a.conf", "b.conf", "c.conf", size=1)
    asking = Asking(main)
    for name, expected in (("a", "ok"), ("b", "ok"), ("c", "error")):
        message = {"do": "stage", "path": str(directory / f"{name}.conf")}
        assert expected in asking(message, b"x" * 10)[0]
    asking.files.abandon()
    assert sorted(path.name for path in directory.iterdir()) == ["a.conf", "b.conf", "c.conf"]
    assert asking.replace(directory / "c.conf", b"x" * 10) == {"ok": True}


def test_the_directory_beside_it_is_bounded(main: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """File by file the agent fills no disk; what is too large already may become smaller."""
    monkeypatch.setattr(startup_files, "MAX_SIZE", 25)
    directory = main.with_suffix(".d")
    write(directory, "a.conf", "b.conf", "c.conf", size=1)
    assert replace(main, directory / "a.conf", b"x" * 10) == {"ok": True}
    assert replace(main, directory / "b.conf", b"x" * 10) == {"ok": True}
    assert "more than" in replace(main, directory / "c.conf", b"x" * 10)["error"]
    assert (directory / "c.conf").stat().st_size == 1
    write(directory, "a.conf", "b.conf", "c.conf", size=20)
    assert replace(main, directory / "c.conf", b"x" * 19) == {"ok": True}
    assert "more than" in replace(main, directory / "c.conf", b"x" * 20)["error"]
    assert not list(directory.glob(".*"))


def test_an_agent_that_ends_leaves_nothing_of_a_save(main: Path) -> None:
    asking = Asking(main)
    assert asking({"do": "stage", "path": str(main)}, b"new\n")[0] == {"ok": True}
    assert len(list(main.parent.iterdir())) == 2
    asking.files.abandon()
    assert [path.name for path in main.parent.iterdir()] == [main.name]
    assert asking({"do": "commit"})[0] == {"ok": True}
    assert main.read_text() == "# mine\n"


def test_a_full_disk_leaves_the_old_file(main: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "sendfile", full)
    answer = replace(main, main, b"new\n")
    assert answer["error"] == "No space left on device"
    assert answer["remedy"]
    assert main.read_text() == "# mine\n"
    assert [entry.name for entry in main.parent.iterdir()] == ["smcroute.conf"]


def test_an_unknown_request_is_refused(main: Path) -> None:
    assert ask(main, {"do": "unlink", "path": str(main)})[0]["error"] == "an unknown request"
