"""What smcrouted hears from its children, which may have been taken over: it goes on, and no file
but its own is touched."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from smcroute_agent.channel import Channel, channel_pair, memory_file
from smcroute_agent.supervisor.child import Child
from smcroute_agent.supervisor.handover import Handover
from smcroute_agent.supervisor.hearing import take
from smcroute_agent.supervisor.options import parse
from smcroute_agent.supervisor.startup_files import StartupFiles
from smcroute_agent.supervisor.supervisor import Supervisor
from tests.effort import effort
from tests.fuzz.messages import bent, mostly

paths = st.sampled_from(
    ["smcroute.conf", "smcroute.d/a.conf", "smcroute.d/b.conf", "smcroute.d/new.conf", "secret",
     "smcroute.d/../secret", "smcroute.d/link.conf", "lib/state/a.json", "lib/state/../../secret",
     "lib/state/.hidden.json", "smcroute.d/*.conf", "smcroute.d", "", "smcroute.d/*"]
)  # fmt: skip
requests = st.fixed_dictionaries(
    {"do": st.sampled_from(["read", "list", "stage", "stage", "commit", "abandon"]), "path": paths}
) | st.fixed_dictionaries(
    {
        "do": st.sampled_from(Handover.REQUESTS),
        "name": st.sampled_from([*Handover.NAMES, "other"]),
    }
)
contents = st.none() | st.binary(max_size=9)


class Mute(Child):
    """A child that is not there; killed: it said what none of ours says."""

    def __init__(self) -> None:
        super().__init__("agent", "none", silent=True)
        self.killed = False

    def kill(self) -> None:
        self.killed = True


def tree(directory: Path) -> dict[str, bytes]:
    """All files below a directory."""
    found = (path for path in directory.rglob("*") if path.is_file() and not path.is_symlink())
    return {str(path.relative_to(directory)): path.read_bytes() for path in found}


OURS = {"smcroute.conf", "smcroute.d/a.conf", "smcroute.d/b.conf", "lib/state/a.json"}
OTHERS = {"secret": b"secret", "smcroute.d/notes.txt": b"mine"}


@effort()
@given(st.lists(st.tuples(mostly(requests, bent(requests), times=2), contents), max_size=8))
def test_files_of_others_are_neither_told_nor_touched(asked: list[tuple[Any, Any]]) -> None:
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        directory = Path(name)
        (directory / "smcroute.d").mkdir()
        for path, content in {**dict.fromkeys(OURS - {"lib/state/a.json"}, b"#"), **OTHERS}.items():
            (directory / path).write_bytes(content)
        (directory / "smcroute.d" / "link.conf").symlink_to("../secret")
        files = StartupFiles(directory / "smcroute.conf", os.getgid(), directory / "lib" / "state")
        stack.callback(files.abandon)
        handover, child = Handover(), Mute()
        stack.callback(lambda: [handover._replace(name, None) for name in Handover.NAMES])
        ours, theirs = channel_pair()
        stack.callback(ours.close)
        stack.callback(theirs.close)
        ours.socket.setblocking(False)
        for message, content in asked:
            if isinstance(message.get("path"), str):
                message["path"] = os.path.join(name, message["path"])
            served = handover if message.get("do") in Handover.REQUESTS else files
            beside = () if content is None else (memory_file("content", content),)
            take(child, lambda *said, to=served: to.serve(theirs, *said), message, beside)
            told(ours)
        found = tree(directory)
        assert {path: found.pop(path) for path in OTHERS} == OTHERS
        assert {path for path in found if not path.endswith(".new")} <= OURS
        files.abandon()
        assert set(tree(directory)) <= OURS | OTHERS.keys()


def told(channel: Channel) -> None:
    """The agent hears nothing of the files of others."""
    while (received := channel.receive()) is not None:
        for descriptor in received[1]:
            with os.fdopen(descriptor, "rb") as file:
                assert file.read() not in OTHERS.values()


problems = st.fixed_dictionaries(
    {"message": st.text(max_size=5), "path": st.none() | st.text(max_size=5), "remedy": st.none()}
)
words = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("ready", "applied", "reloaded", "ordered"), st.booleans()),
        "reload_failed": st.text(max_size=9),
        "fatal": st.fixed_dictionaries(
            {"kind": st.sampled_from(["Error", "x"]), "problems": st.lists(problems, max_size=2)}
        ),
        "script": st.fixed_dictionaries(
            {
                "event": st.sampled_from(["install", "install", "reload"]),
                "source": st.sampled_from(["192.0.2.1", "2001:db8::1", "\0"]),
                "group": st.sampled_from(["225.1.2.3", "ff1e::1", "$(reboot)"]),
            }
        ),
        "keep": st.sampled_from([["IPv4"], ["IPv4", "vifs"], ["a\0"], "ab"]),
        "hold": st.integers(0, 2),
        "release": st.integers(0, 2),
    },
)


@effort()
@given(
    st.lists(
        st.tuples(
            st.booleans(),
            mostly(words, words.filter(bool).flatmap(lambda word: bent(st.just(word))), times=2),
            st.integers(0, 2),
        ),
        max_size=8,
    )
)
def test_what_children_say_does_not_end_smcrouted(said: list[tuple[bool, Any, int]]) -> None:
    """Once it is ready; before that, a child's failure is the start's.  Neither then nor later,
    when a child is started again, or a script is run."""
    with tempfile.TemporaryDirectory() as name:
        options = parse(["-n", "-P", f"{name}/pid", "-e", "true"])
        supervisor = Supervisor(options, lambda: None)
        supervisor._agent_said({"ready": True}, ())
        supervisor._engine_said({"ready": True}, ())
        child = Mute()
        try:
            for of_engine, message, count in said:
                beside = tuple(memory_file("content", b"") for _ in range(count))
                hears = supervisor._engine_said if of_engine else supervisor._agent_said
                take(child, hears, message, beside)
            arguments = supervisor._engine._estate.arguments()
            assert all(word.isascii() and word.isprintable() for word in arguments)
            while supervisor._script is not None and supervisor._script.pidfd is not None:
                supervisor._watch.turn(None)
        finally:
            supervisor._engine.close()
            if supervisor._script is not None:
                supervisor._script.stop()
