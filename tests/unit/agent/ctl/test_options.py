"""smcroutectl: its command line and its help."""

from __future__ import annotations

import pytest

from smcroute_agent import __version__, ctl
from smcroute_agent.ctl import commands, options
from smcroute_agent.errors import UsageError


@pytest.mark.parametrize(
    ("arguments", "flags", "path", "words"),
    [
        ([], "", "/run/smcroute.sock", []),
        (["-i", "foo", "sh"], "", "/run/foo.sock", ["sh"]),
        (["-Ifoo"], "", "/run/foo.sock", []),
        (["--ident=foo", "-u", "x"], "", "x", []),
        (["-dptu/x", "show"], "dpt", "/x", ["show"]),
        (["show", "-j", "--detail"], "dj", "/run/smcroute.sock", ["show"]),
        (["--json", "--", "-x"], "j", "/run/smcroute.sock", ["-x"]),
    ],
)
def test_options(arguments, flags, path, words):
    parsed = options.parse(arguments)
    assert (parsed.flags, parsed.path, parsed.words) == (set(flags), path, words)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-x"], "unknown option -x"),
        (["--frob"], "unknown option --frob"),
        (["--json=1"], "takes no value"),
        (["-i"], "needs a value"),
        (["--socket="], "needs a value"),
        (["-i", "a/b"], "is no identity"),
    ],
)
def test_bad_options(arguments, says):
    with pytest.raises(UsageError, match=says):
        options.parse(arguments)


def test_help_and_version(capsys):
    for words in (["-h"], ["--help"], ["help"]):
        assert ctl.main(words) == 0
        output = capsys.readouterr().out
        assert "smcroutectl add eth0 192.0.2.42 225.1.2.3 eth1 eth2" in output
        assert all(f"\n  {name}" in output for name in commands.COMMANDS)
    for words in (["-h", "add"], ["help", "add"]):
        assert ctl.main(words) == 0
        assert capsys.readouterr().out.startswith("Usage: smcroutectl add IIF")
    assert ctl.main(["help", "del"]) == 0
    assert "also: del rem" in capsys.readouterr().out
    assert ctl.main(["-v"]) == 0
    assert __version__ in capsys.readouterr().out
