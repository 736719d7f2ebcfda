"""What smcrouted reads and writes for the agent, and what it refuses."""

import os
from pathlib import Path
from typing import Any

import pytest

from smcroute_agent.channel import Channel, channel_pair, memory_file
from smcroute_agent.supervisor import startup_files
from smcroute_agent.supervisor.startup_files import StartupFiles


@pytest.fixture
def main(tmp_path: Path) -> Path:
    path = tmp_path / "smcroute.conf"
    path.write_text("# mine\n")
    return path


def ask(main: Path, message: Any, content: bytes | None = None) -> tuple[Any, tuple[int, ...]]:
    return Asking(main)(message, content)


class Asking:
    """What the agent asks for on one channel."""

    def __init__(self, main: Path) -> None:
        self.files = StartupFiles(main, os.getgid(), main.parent / "lib" / "state")

    def __call__(self, message: Any, content: bytes | None = None) -> tuple[Any, tuple[int, ...]]:
        ours, theirs = channel_pair()
        descriptors = () if content is None else (memory_file("content", content),)
        try:
            self.files.serve(theirs, message, descriptors)
            received = ours.receive()
            assert received is not None
            return received
        finally:
            for end in (ours, theirs):
                Channel.close(end)
            for descriptor in descriptors:
                os.close(descriptor)

    def replace(self, path: Path | str, content: bytes) -> Any:
        """The answer that tells whether it was done."""
        answer = self({"do": "stage", "path": str(path)}, content)[0]
        return answer if answer != {"ok": True} else self({"do": "commit"})[0]


def replace(main: Path, path: Path | str, content: bytes) -> Any:
    return Asking(main).replace(path, content)


def test_the_main_file_is_read(main: Path) -> None:
    answer, (descriptor,) = ask(main, {"do": "read", "path": str(main)})
    with os.fdopen(descriptor, "rb") as file:
        assert file.read() == b"# mine\n"
    assert answer == {"ok": True}


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    path = tmp_path / "none.conf"
    assert ask(path, {"do": "read", "path": str(path)})[0] == {"missing": True}


def test_replacing_keeps_owner_and_mode(main: Path) -> None:
    os.chown(main, 65534, 65534)
    main.chmod(0o640)
    assert replace(main, main, b"new\n") == {"ok": True}
    status = main.stat()
    assert main.read_bytes() == b"new\n"
    assert (status.st_uid, status.st_gid, status.st_mode & 0o777) == (65534, 65534, 0o640)
    assert [entry.name for entry in main.parent.iterdir()] == ["smcroute.conf"]


def test_a_link_is_followed_and_stays(main: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.conf"
    link.symlink_to(main)
    assert replace(link, link, b"new\n") == {"ok": True}
    assert link.is_symlink()
    assert main.read_bytes() == b"new\n"


def test_the_directory_beside_it_is_served(main: Path, tmp_path: Path) -> None:
    (tmp_path / "smcroute.d").mkdir()
    path = tmp_path / "smcroute.d" / "more.conf"
    assert replace(main, path, b"x\n")["error"] == "no file is made there"
    assert list(path.parent.iterdir()) == []
    path.touch(mode=0o604)
    assert replace(main, path, b"x\n") == {"ok": True}
    assert path.read_bytes() == b"x\n"
    assert path.stat().st_mode & 0o777 == 0o604


def test_a_new_main_file_is_of_the_agents_group(tmp_path: Path) -> None:
    path = tmp_path / "new.conf"
    assert replace(path, path, b"x\n") == {"ok": True}
    assert (path.stat().st_gid, path.stat().st_mode & 0o777) == (os.getgid(), 0o640)


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


def test_a_link_out_of_the_directory_is_refused(main: Path, tmp_path: Path) -> None:
    (tmp_path / "smcroute.d").mkdir()
    link = tmp_path / "smcroute.d" / "x.conf"
    link.symlink_to("/etc/passwd")
    assert "error" in ask(main, {"do": "read", "path": str(link)})[0]


def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.conf"
    os.mkfifo(pipe)
    assert "not a regular file" in ask(pipe, {"do": "read", "path": str(pipe)})[0]["error"]


def test_too_much_is_refused(main: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup_files, "MAX_SIZE", 3)
    assert "more than" in replace(main, main, b"long")["error"]
    assert main.read_text() == "# mine\n"


def write(directory: Path, *names: str, size: int = 10) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for name in names:
        (directory / name).write_bytes(b"x" * size)


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


def test_the_state_directory_holds_so_many_files(
    main: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(startup_files, "MAX_STATE_FILES", 2)
    state = main.parent / "lib" / "state"
    for name, expected in (("a", "ok"), ("b", "ok"), ("c", "error"), ("a", "ok")):
        assert expected in replace(main, state / f"{name}.json", b"{}")
    assert sorted(path.name for path in state.iterdir()) == ["a.json", "b.json"]


def test_a_state_directory_that_others_may_write_is_not_used(main: Path) -> None:
    state = main.parent / "lib" / "state"
    write(state, "x.json")
    for mode, owner in ((0o720, 0), (0o702, 0), (0o700, 65534)):
        state.chmod(mode)
        os.chown(state, owner, -1)
        path = str(state / "x.json")
        assert "others than root" in ask(main, {"do": "read", "path": path})[0]["error"]
        assert "others than root" in replace(main, path, b"{}")["error"]
    assert (state / "x.json").read_bytes() == b"x" * 10


def test_a_path_is_not_looked_up_twice(main: Path, tmp_path: Path) -> None:
    """A link that the agent has made, and turns when it has been looked at, leads nowhere."""
    secret, link = tmp_path / "secret", tmp_path / "link"
    secret.write_text("secret")
    link.symlink_to(main)
    asking = Asking(main)
    kept = asking.files._kept(str(link))
    link.unlink()
    link.symlink_to(secret)
    assert kept == main


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


def test_a_file_of_the_state_directory_is_made_for_root_alone(main: Path) -> None:
    path = main.parent / "lib" / "state" / "ietf-netconf-acm.json"
    assert ask(main, {"do": "read", "path": str(path)})[0] == {"missing": True}
    for content in (b"{}", b"{ }"):
        assert replace(main, path, content) == {"ok": True}
        assert path.read_bytes() == content
        assert (path.stat().st_uid, path.stat().st_mode & 0o777) == (0, 0o600)
        assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "name", ["x.conf", ".x.json", "../x.json", "a/b.json", "x.json/..", "x\n.json", "1.json", ""]
)
def test_no_other_file_of_the_state_directory(main: Path, name: str) -> None:
    path = f"{main.parent}/lib/state/{name}"
    assert replace(main, path, b"x").get("kept") is False


def test_a_link_in_the_state_directory_is_not_followed(main: Path) -> None:
    state = main.parent / "lib" / "state"
    state.mkdir(parents=True)
    secret = main.parent / "secret"
    secret.write_text("secret")
    (state / "x.json").symlink_to(secret)
    assert "error" in ask(main, {"do": "read", "path": str(state / "x.json")})[0]
    assert replace(main, state / "x.json", b"x")["error"] == "not a regular file"
    assert secret.read_text() == "secret"


def test_a_link_that_takes_the_place_of_a_file_gives_it_no_rights(
    main: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "program"
    program.write_text("")
    program.chmod(0o4755)
    open_file = os.open

    def race(path: Any, flags: int, *more: Any, **named: Any) -> int:
        if flags & os.O_EXCL:
            main.unlink()
            main.symlink_to(program)
        return open_file(path, flags, *more, **named)

    monkeypatch.setattr(os, "open", race)
    main.chmod(0o640)
    assert replace(main, main, b"new") == {"ok": True}
    assert (main.is_symlink(), main.stat().st_mode & 0o7777) == (False, 0o640)
    assert program.read_text() == ""


def test_no_mode_beyond_read_write_and_execute_is_taken_over(main: Path) -> None:
    main.chmod(0o4750)
    assert replace(main, main, b"new") == {"ok": True}
    assert main.stat().st_mode & 0o7777 == 0o750


def test_a_user_does_not_lead_root_to_the_files_of_others(tmp_path: Path) -> None:
    """A link in a directory of his own, as in `-f /home/user/smcroute.conf`."""
    home = tmp_path / "home"
    home.mkdir()
    secret, own = tmp_path / "secret", tmp_path / "own"
    for path in (secret, own):
        path.write_text("x")
        path.chmod(0o600)
    os.chown(own, 65534, -1)
    link = home / "smcroute.conf"
    for user in (home, link):
        link.unlink(missing_ok=True)
        link.symlink_to("../secret")
        os.chown(user, 65534, -1, follow_symlinks=False)
        answer, descriptors = ask(link, {"do": "read", "path": str(link)})
        assert "of another user" in answer["error"]
        assert not descriptors
        assert "of another user" in replace(link, link, b"evil")["error"]
        assert secret.read_text() == "x"
        link.unlink()
        link.symlink_to(own)
        answer, (descriptor,) = ask(link, {"do": "read", "path": str(link)})
        os.close(descriptor)
        os.chown(home, 0, -1)
