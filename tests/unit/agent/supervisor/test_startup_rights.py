"""Links, modes and owners: the files of others are not reached through the supervisor."""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.unit.agent.supervisor.asking import Asking, ask, replace


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


def test_a_new_main_file_is_of_the_agents_group(tmp_path: Path) -> None:
    path = tmp_path / "new.conf"
    assert replace(path, path, b"x\n") == {"ok": True}
    assert (path.stat().st_gid, path.stat().st_mode & 0o777) == (os.getgid(), 0o640)


def test_a_link_out_of_the_directory_is_refused(main: Path, tmp_path: Path) -> None:
    (tmp_path / "smcroute.d").mkdir()
    link = tmp_path / "smcroute.d" / "x.conf"
    link.symlink_to("/etc/passwd")
    assert "error" in ask(main, {"do": "read", "path": str(link)})[0]


def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.conf"
    os.mkfifo(pipe)
    assert "not a regular file" in ask(pipe, {"do": "read", "path": str(pipe)})[0]["error"]


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
