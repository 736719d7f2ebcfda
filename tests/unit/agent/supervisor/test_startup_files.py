"""What smcrouted reads and writes for the agent, and what it refuses."""

import os
from pathlib import Path
from typing import Any

import pytest

from smcroute_agent.channel import Channel, channel_pair
from smcroute_agent.supervisor import startup_files
from smcroute_agent.supervisor.startup_files import StartupFiles


@pytest.fixture
def main(tmp_path: Path) -> Path:
    path = tmp_path / "smcroute.conf"
    path.write_text("# mine\n")
    return path


def ask(main: Path, message: Any, content: bytes | None = None) -> tuple[Any, tuple[int, ...]]:
    ours, theirs = channel_pair()
    descriptors: tuple[int, ...] = ()
    if content is not None:
        descriptors = (os.memfd_create("content"),)
        os.write(descriptors[0], content)
    try:
        StartupFiles(main, os.getgid(), main.parent / "lib" / "state").serve(
            theirs, message, descriptors
        )
        received = ours.receive()
        assert received is not None
        return received
    finally:
        for end in (ours, theirs):
            Channel.close(end)
        for descriptor in descriptors:
            os.close(descriptor)


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
    assert ask(main, {"do": "replace", "path": str(main)}, b"new\n")[0] == {"ok": True}
    status = main.stat()
    assert main.read_bytes() == b"new\n"
    assert (status.st_uid, status.st_gid, status.st_mode & 0o777) == (65534, 65534, 0o640)
    assert [entry.name for entry in main.parent.iterdir()] == ["smcroute.conf"]


def test_a_link_is_followed_and_stays(main: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.conf"
    link.symlink_to(main)
    assert ask(link, {"do": "replace", "path": str(link)}, b"new\n")[0] == {"ok": True}
    assert link.is_symlink()
    assert main.read_bytes() == b"new\n"


def test_the_directory_beside_it_is_served(main: Path, tmp_path: Path) -> None:
    (tmp_path / "smcroute.d").mkdir()
    path = tmp_path / "smcroute.d" / "more.conf"
    assert ask(main, {"do": "replace", "path": str(path)}, b"x\n")[0] == {"ok": True}
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    "path",
    ["/etc/shadow", "smcroute.d/../../etc/shadow", "smcroute.d/notes.txt", "other.conf", "a\0b", 7],
)
def test_other_files_are_refused(main: Path, tmp_path: Path, path: Any) -> None:
    (tmp_path / "smcroute.d").mkdir()
    if isinstance(path, str):
        path = os.path.join(tmp_path, path)
    for do, content in (("read", None), ("replace", b"evil")):
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
    assert "more than" in ask(main, {"do": "replace", "path": str(main)}, b"long")[0]["error"]
    assert main.read_text() == "# mine\n"


def test_a_full_disk_leaves_the_old_file(main: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "sendfile", full)
    answer = ask(main, {"do": "replace", "path": str(main)}, b"new\n")[0]
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
        assert ask(main, {"do": "replace", "path": str(path)}, content)[0] == {"ok": True}
        assert path.read_bytes() == content
        assert (path.stat().st_uid, path.stat().st_mode & 0o777) == (0, 0o600)
        assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "name", ["x.conf", ".x.json", "../x.json", "a/b.json", "x.json/..", "x\n.json", "1.json", ""]
)
def test_no_other_file_of_the_state_directory(main: Path, name: str) -> None:
    path = f"{main.parent}/lib/state/{name}"
    assert ask(main, {"do": "replace", "path": path}, b"x")[0].get("kept") is False


def test_a_link_in_the_state_directory_is_not_followed(main: Path) -> None:
    state = main.parent / "lib" / "state"
    state.mkdir(parents=True)
    secret = main.parent / "secret"
    secret.write_text("secret")
    (state / "x.json").symlink_to(secret)
    assert "error" in ask(main, {"do": "read", "path": str(state / "x.json")})[0]
    assert ask(main, {"do": "replace", "path": str(state / "x.json")}, b"x")[0] == {"ok": True}
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
    answer = ask(main, {"do": "replace", "path": str(main)}, b"evil")[0]
    assert answer["error"] == "not a regular file"
    assert main.is_symlink()
    assert program.read_text() == ""


def test_no_mode_beyond_read_write_and_execute_is_taken_over(main: Path) -> None:
    main.chmod(0o4750)
    assert ask(main, {"do": "replace", "path": str(main)}, b"new")[0] == {"ok": True}
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
        link.unlink()
        link.symlink_to(own)
        answer, (descriptor,) = ask(link, {"do": "read", "path": str(link)})
        os.close(descriptor)
        os.chown(home, 0, -1)
