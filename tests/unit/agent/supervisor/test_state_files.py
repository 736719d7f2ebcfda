"""Files of the state directory: which there may be, how many, and whose they are."""

import os
from pathlib import Path

import pytest

from smcroute_agent.supervisor import startup_files
from tests.unit.agent.supervisor.asking import ask, replace, write


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
