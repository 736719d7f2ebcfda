"""The startup files as the agent sees them, with smcrouted's side of the channel behind."""

import errno
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from smcroute_agent.agent import files as agent_files
from smcroute_agent.agent.files import OwnFiles, SupervisedFiles
from smcroute_agent.agent.startup import check
from smcroute_agent.channel import ChannelClosed, channel_pair
from smcroute_agent.errors import SystemProblem
from smcroute_agent.supervisor.startup_files import StartupFiles


@pytest.fixture
def files(tmp_path: Path) -> Iterator[SupervisedFiles]:
    """SupervisedFiles whose supervisor keeps tmp_path/main.conf."""
    ours, theirs = channel_pair()
    keeper = StartupFiles(tmp_path / "main.conf", os.getgid(), tmp_path / "state")

    def serve() -> None:
        try:
            while (received := theirs.receive()) is not None:
                keeper.serve(theirs, *received)
                for descriptor in received[1]:
                    os.close(descriptor)
        except ChannelClosed:
            theirs.close()

    thread = threading.Thread(target=serve)
    thread.start()
    yield SupervisedFiles(ours)
    ours.close()
    thread.join(5)


def test_a_kept_file_is_replaced_and_read_back(files: SupervisedFiles, tmp_path: Path) -> None:
    path = str(tmp_path / "main.conf")
    with pytest.raises(FileNotFoundError):
        files.read(path)
    files.replace({path: b"# one\n"})
    files.replace({path: b"# two\n"})
    assert files.read(path) == b"# two\n"


def test_another_file_is_opened_with_the_agents_rights(
    files: SupervisedFiles, tmp_path: Path
) -> None:
    path = tmp_path / "elsewhere.txt"
    path.write_bytes(b"# old\n")
    path.chmod(0o604)
    assert files.read(str(path)) == b"# old\n"
    files.replace({str(path): b"# new\n"})
    assert path.read_bytes() == b"# new\n"
    assert path.stat().st_mode & 0o777 == 0o604
    with pytest.raises(FileNotFoundError):
        files.read(str(tmp_path / "nowhere.txt"))


def test_what_cannot_be_written_says_where_and_what_to_do(
    files: SupervisedFiles, tmp_path: Path
) -> None:
    for path in (tmp_path / "missing" / "x.conf", tmp_path / "main.d" / "x.conf"):
        with pytest.raises(SystemProblem) as caught:
            files.replace({str(path): b""})
        assert caught.value.path == str(path)
        assert caught.value.remedy


def test_all_or_none(files: SupervisedFiles, tmp_path: Path) -> None:
    """Those that smcrouted keeps and another one, and each of them cannot be written once."""
    main, other = tmp_path / "main.conf", tmp_path / "elsewhere.txt"
    state = tmp_path / "state" / "some-module.json"
    paths = (main, other, state)
    contents = {str(path): b"new" for path in paths}
    for path in (main, other):
        path.write_bytes(b"old")
    for bad in (
        {str(tmp_path / "none" / "x.txt"): b"new"},
        {str(tmp_path / "main.d" / "x.conf"): b"new"},
    ):
        for together in ({**contents, **bad}, {**bad, **contents}):
            with pytest.raises(SystemProblem):
                files.replace(together)
            assert main.read_bytes() == other.read_bytes() == b"old"
            assert not state.exists()
    files.replace(contents)
    assert [path.read_bytes() for path in paths] == [b"new"] * 3
    assert not list(tmp_path.rglob(".*"))


def test_a_commit_that_fails_puts_the_agents_own_files_back(
    files: SupervisedFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    main, other = tmp_path / "main.conf", tmp_path / "elsewhere.txt"
    for path in (main, other):
        path.write_bytes(b"old")

    def fail(*_: object) -> None:
        assert other.read_bytes() == b"new"
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(StartupFiles, "_commit", fail)
    with pytest.raises(SystemProblem, match="Input/output error"):
        files.replace({str(main): b"new", str(other): b"new"})
    assert main.read_bytes() == other.read_bytes() == b"old"


def test_own_files_tell_what_they_may_not(tmp_path: Path) -> None:
    with pytest.raises(SystemProblem, match="cannot read it"):
        OwnFiles().read(str(tmp_path))


def test_check_tells_every_error_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "bad.conf"
    path.write_text("mgroup from eth0 group 10.0.0.1\n# fine\nfrobnicate\n")
    places = [problem.path for problem in check(path)]
    assert places == [f"{path}:1", f"{path}:3"]
    assert check(tmp_path / "..") != []
    assert "no such file" in str(check(tmp_path / "none.conf")[0])
    path.write_text("mgroup from eth0 group 225.1.2.3\n")
    assert check(path) == []


def test_a_pipe_is_not_waited_for(files: SupervisedFiles, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.conf"
    os.mkfifo(pipe)
    for reader in (OwnFiles(), files):
        with pytest.raises(SystemProblem, match="not a regular file"):
            reader.read(str(pipe))


def test_own_files_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent_files, "MAX_SIZE", 3)
    path = tmp_path / "large.conf"
    path.write_bytes(b"123")
    assert OwnFiles().read(str(path)) == b"123"
    path.write_bytes(b"1234")
    with pytest.raises(SystemProblem, match="more than 3 octets"):
        OwnFiles().read(str(path))


def test_a_directory_that_the_agent_may_not_look_into(
    files: SupervisedFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """smcrouted looks into the one that it keeps; any other is an error, and not empty."""
    kept, other = tmp_path / "main.d", tmp_path / "other.d"
    for directory in (kept, other):
        directory.mkdir()
        for name in ("b.conf", "a.conf", ".hidden.conf", "c.txt"):
            (directory / name).touch()
    assert files.glob(f"{other}/*") == [f"{other}/{name}" for name in ("a.conf", "b.conf", "c.txt")]
    assert files.glob(f"{other}/none/*.conf") == files.glob(f"{other}/none.conf") == []

    # The supervisor of this test is in the same process, and looks by descriptor.
    listdir, stat = os.listdir, os.stat

    def refuse(path: object) -> None:
        if str(path).startswith(str(tmp_path)):
            raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "listdir", lambda path: refuse(path) or listdir(path))
    assert files.glob(f"{kept}/*") == [f"{kept}/a.conf", f"{kept}/b.conf"]
    assert files.glob(f"{kept}/b*") == [f"{kept}/b.conf"]
    with pytest.raises(SystemProblem, match="cannot look for it: Permission denied") as caught:
        files.glob(f"{other}/*.conf")
    assert caught.value.path == f"{other}/*.conf"
    with monkeypatch.context() as patch:
        patch.setattr(os, "stat", lambda path, **more: refuse(path) or stat(path, **more))
        with pytest.raises(SystemProblem, match="Permission denied"):
            OwnFiles().glob(f"{other}/a.conf")
