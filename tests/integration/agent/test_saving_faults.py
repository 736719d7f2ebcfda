"""copy-config to startup on file systems that are full or read-only: nothing is lost."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from pathlib import Path

import pytest
from ncclient.operations import RPCError

from lab.netconf import edit, mroute, running, unix_session
from lab.scratch import scratch_directory

FLOW = ("192.0.2.10", "225.1.2.3")
MAIN = """\
# Kept by hand.
mroute from in0 group 225.1.2.3 to out0   # the camera

include more/*.conf
"""
INCLUDED = "# An included file.\nmroute from in0 group 225.4.0.1 to out0\n"
EXPECTED_REASON = {"full": "No space left on device", "read-only": "Read-only file system"}
FAULTS = pytest.mark.parametrize("fault", EXPECTED_REASON)


class SmallDisk:
    """A tiny file system of its own in a directory, which can be made to refuse writing."""

    def __init__(self, path):
        self.path = path
        path.mkdir()
        subprocess.run(
            ["mount", "-n", "-t", "tmpfs", "-o", "size=64k,mode=777", "none", str(path)], check=True
        )

    def _remount(self, option):
        command = ["mount", "-n", "-o", f"remount,{option}", str(self.path)]
        subprocess.run(command, check=True)

    def refuse(self, fault):
        if fault == "read-only":
            self._remount("ro")
            return
        with contextlib.suppress(OSError), open(self.path / "filler", "wb", buffering=0) as filler:
            while True:
                filler.write(b"x" * 4096)

    def accept(self, fault):
        if fault == "read-only":
            self._remount("rw")
        else:
            (self.path / "filler").unlink()

    def files(self):
        """Every file but the filler, with its content."""
        return {
            path.name: path.read_bytes()
            for path in self.path.iterdir()
            if path.is_file() and path.name != "filler"
        }

    def close(self):
        subprocess.run(["umount", "-n", "--lazy", str(self.path)], check=True)


@pytest.fixture
def directory():
    with scratch_directory() as name:
        yield Path(name)


@pytest.fixture
def small_disk(directory):
    disk = SmallDisk(directory / "disk")
    yield disk
    disk.close()


def save(session):
    session.copy_config(source="running", target="startup")


@FAULTS
@pytest.mark.parametrize("user", [None, "nobody"], ids=["root", "p-nobody"])
def test_the_main_file(router, small_disk, fault, user):
    router.join(FLOW[1], "225.2.0.1")
    path = small_disk.path / "small.conf"
    path.write_text(MAIN)
    path.chmod(0o640)
    daemon = router.start("", "-f", str(path), user=user)
    with unix_session(daemon) as session:
        edit(session, mroute("in0", "*", "225.2.0.1", "out1"))
        before = running(session)
        small_disk.refuse(fault)
        with pytest.raises(RPCError) as refused:
            save(session)
        told = f"{refused.value.message} {refused.value.path}"
        assert str(path) in told
        assert EXPECTED_REASON[fault] in told
        assert small_disk.files() == {"small.conf": MAIN.encode()}
        assert running(session) == before
        assert router.exchange(*FLOW) == [20, 0]
        assert router.exchange("192.0.2.10", "225.2.0.1") == [0, 20]
        small_disk.accept(fault)
        save(session)
    expected = MAIN + "mroute from in0 group 225.2.0.1 to out1\n"
    assert small_disk.files() == {"small.conf": expected.encode()}
    assert path.stat().st_mode & 0o777 == 0o640


@FAULTS
@pytest.mark.parametrize("place", ["smcroute.d", "more"], ids=["kept", "elsewhere"])
def test_an_included_file(router, directory, fault, place):
    """The main file could be written: it is put back, for the two belong together.

    smcrouted keeps the directory smcroute.d; other files the agent writes with its own rights.
    """
    router.join(FLOW[1])
    main = directory / "smcroute.conf"
    main.write_text(MAIN.replace("more", place))
    disk = SmallDisk(directory / place)
    try:
        included = disk.path / "a.conf"
        included.write_text(INCLUDED)
        included.chmod(0o666)
        daemon = router.start("", "-f", str(main))
        with unix_session(daemon) as session:
            edit(
                session,
                mroute("in0", "*", "225.1.2.3", "out1"),
                mroute("in0", "*", "225.4.0.1", "out1"),
                mroute("in0", "*", "225.5.0.1", "out1"),
            )
            before = running(session)
            disk.refuse(fault)
            with pytest.raises(RPCError) as refused:
                save(session)
            told = f"{refused.value.message} {refused.value.path}"
            assert str(included) in told
            assert EXPECTED_REASON[fault] in told
            assert main.read_text() == MAIN.replace("more", place)
            assert disk.files() == {"a.conf": INCLUDED.encode()}
            assert {path.name for path in directory.iterdir()} == {place, main.name}
            assert running(session) == before
            assert router.exchange(*FLOW) == [20, 20]
            disk.accept(fault)
            save(session)
        assert "225.1.2.3 to out0 out1   # the camera\n" in main.read_text()
        assert disk.files() == {"a.conf": INCLUDED.replace("out0", "out0 out1").encode()}
    finally:
        disk.close()


def test_a_directory_that_is_gone(router, directory):
    place = directory / "etc"
    place.mkdir()
    path = place / "smcroute.conf"
    path.write_text(MAIN)
    daemon = router.start("", "-f", str(path))
    shutil.rmtree(place)
    with unix_session(daemon) as session:
        before = running(session)
        with pytest.raises(RPCError) as refused:
            save(session)
        assert str(path) in f"{refused.value.message} {refused.value.path}"
        assert running(session) == before
        place.mkdir()
        save(session)
    assert path.read_text() == "mroute from in0 group 225.1.2.3 to out0\n"


def test_smcrouted_ends_in_good_order_on_a_full_disk(router, small_disk):
    """Its log, pid file and sockets lie there too."""
    daemon = router.start(MAIN, directory=small_disk.path)
    small_disk.refuse("full")
    assert "225.1.2.3" in daemon.control("show").stdout
    assert daemon.stop() == 0
    assert not daemon.pid_file.exists()
