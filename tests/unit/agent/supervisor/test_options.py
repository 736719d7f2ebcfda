"""The command line of smcrouted."""

from pathlib import Path

import pytest

from smcroute_agent.errors import UsageError
from smcroute_agent.supervisor import user as user_module
from smcroute_agent.supervisor.options import Place, parse


def test_defaults_follow_from_the_identity() -> None:
    options = parse(["-i", "video"])
    assert options.config == Place(Path("/etc/video.conf"), given=False)
    assert options.pid_file == Place(Path("/run/video.pid"), given=False)
    assert options.socket == Place(Path("/run/video.sock"), given=False)
    assert options.netconf_socket == Place(Path("/run/video.netconf.sock"), given=False)
    assert options.syslog
    assert options.expire == 60
    assert options.netconf_ssh is None


def test_what_is_given_wins_and_becomes_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    options = parse(["-n", "-f", "my.conf", "-u", "/tmp/x.sock", "-P", "name.pid", "-I", "foo"])
    assert options.config == Place(tmp_path / "my.conf", given=True)
    assert options.socket == Place(Path("/tmp/x.sock"), given=True)
    assert options.pid_file == Place(Path("/run/name.pid"), given=True)
    assert not options.syslog


def test_short_options_may_be_joined() -> None:
    options = parse(["-nNs", "-t123", "-ldebug"])
    assert (options.foreground, options.syslog, options.table) == (True, True, 123)
    assert options.log_level == "debug"


def test_user_and_group() -> None:
    options = parse(["-p", "nobody:daemon"])
    assert options.user.name == "nobody"
    assert options.drop_engine_user
    assert not parse([]).drop_engine_user
    assert parse([]).user.uid != 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("830", ("::", 830)),
        ("192.0.2.1:22830", ("192.0.2.1", 22830)),
        ("[2001:db8::1]:830", ("2001:db8::1", 830)),
    ],
)
def test_ssh_address(text: str, expected: tuple[str, int]) -> None:
    assert parse(["--netconf-ssh", text]).netconf_ssh == expected


def test_the_words_of_a_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert parse([]).script == ()
    assert parse(["-e", "conntrack -F"]).script == ("conntrack", "-F")
    assert parse(["-e", "./run 'a b' ./c"]).script == (str(tmp_path / "run"), "a b", "./c")


def test_netconf_timeout() -> None:
    assert parse([]).netconf_timeout == 60
    found = [parse(["--netconf-timeout", text]).netconf_timeout for text in ("1", "3600")]
    assert found == [1, 3600]


def test_mrdisc_interval() -> None:
    assert parse([]).mrdisc_interval == 20
    assert [parse(["-m", text]).mrdisc_interval for text in ("4", "180")] == [4, 180]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-Z"], "unrecognized arguments: -Z"),
        (["-l", "loud"], "invalid choice: 'loud'"),
        (["-t", "-1"], "-t"),
        (["-t", "4294967296"], "no table id"),
        (["-c", "soon"], "no number of seconds"),
        (["-i", "../etc/passwd"], "no identity"),
        (["-p", "no-such-user"], "no user 'no-such-user'"),
        (["-p", "nobody:no-such-group"], "no group 'no-such-group'"),
        (["--netconf-ssh", "0"], "not [ADDR:]PORT"),
        (["--netconf-ssh", "example.net:830"], "no IP address"),
        (["--netconf-ssh", "2001:db8::1:830"], "not [ADDR:]PORT"),
        (["-D", "-1"], "-D"),
        (["-e", "cmd 'unclosed"], "no command: No closing quotation"),
        (["-e", ""], "no command"),
        (["-e", "''"], "no command"),
        (["--cache-limit", "0"], "no number from 1"),
        (["-m", "3"], "from 4 to 180"),
        (["-m", "181"], "from 4 to 180"),
        (["-m", "x"], "from 4 to 180"),
        (["--netconf-timeout", "0"], "from 1 to 3600"),
        (["--netconf-timeout", "3601"], "from 1 to 3600"),
        (["stray"], "unrecognized arguments"),
    ],
)
def test_a_wrong_command_line_says_what_is_wrong(arguments: list[str], says: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(arguments)
    assert says in str(caught.value)
    assert caught.value.remedy


def test_help_shows_every_option_and_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parse(["-h"])
    assert caught.value.code == 0
    shown = capsys.readouterr().out
    for option in (
        "-c",
        "-d",
        "-D",
        "-e",
        "-f",
        "-F",
        "-i",
        "-l",
        "-n",
        "-N",
        "-p",
        "-P",
        "-s",
        "-t",
        "-u",
        "-v",
    ):
        assert f"\n  {option}" in shown
    assert "examples:" in shown
    assert "exit codes:" in shown


def test_the_group_of_nobody_may_not_use_the_sockets_unless_it_was_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(user_module, "AGENT_USERS", ("nobody",))
    assert parse([]).user.name == "nobody"
    assert parse([]).group == 0
    named = parse(["-p", "nobody"])
    assert named.group == named.user.gid != 0
