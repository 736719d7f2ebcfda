"""The files for systemd: they are valid, and smcrouted works under what the unit allows."""

from __future__ import annotations

import configparser
import os
import re
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from lab import Daemon, process, wait_for
from lab.daemon import OURS
from lab.netconf import edit, mroute, ssh_session, unix_session
from lab.ssh import SshAccess
from lab.topology import Addresses
from lab.unit import CAPABILITIES, restriction
from smcroute_agent import privileges

SHARE = Path(__file__).resolve().parents[3] / "agent" / "share"
UNIT, TEMPLATE = SHARE / "smcroute.service", SHARE / "smcroute@.service"
PROGRAMS = "/opt/smcroute/bin/"

MAX_EXPOSURE = 3.5
"""Of 10, by systemd's own count; it does not know that the parts give up more by themselves."""

OWNER = 12345


def service(unit):
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str
    parser.read(unit)
    return parser["Service"]


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, (done.stdout + done.stderr).strip()


@pytest.fixture
def installed(tmp_path):
    """The units as they are where the programs are installed."""
    for unit in (UNIT, TEMPLATE):
        text = unit.read_text().replace(PROGRAMS, f"{OURS.parent}/")
        (tmp_path / unit.name).write_text(text)
    return tmp_path


@pytest.mark.parametrize("name", [UNIT.name, TEMPLATE.name])
def test_the_units_are_valid(installed, name):
    # The manual pages are not in the manual's path before they are installed.
    assert run("systemd-analyze", "verify", "--man=no", str(installed / name)) == (0, "")


def test_the_units_are_hardened(installed):
    code, text = run(
        *("systemd-analyze", "security", "--offline=yes", "--no-pager"), str(installed / UNIT.name)
    )
    assert code == 0, text
    found = re.search(r"Overall exposure level for smcroute.service: ([0-9.]+)", text)
    assert float(found[1]) <= MAX_EXPOSURE


def test_smcrouted_and_the_unit_agree_on_what_is_needed():
    allowed = {CAPABILITIES[name] for name in service(UNIT)["CapabilityBoundingSet"].split()}
    assert {number for number in range(64) if privileges.SUPERVISOR >> number & 1} == allowed


def test_the_template_differs_in_the_name_only():
    def without_name(unit):
        text = unit.read_text()
        text = text[text.index("[Unit]") :]
        return re.sub(r", %i|-%i| -i %i", "", text)

    assert without_name(TEMPLATE) == without_name(UNIT)
    assert TEMPLATE.read_text().count("%i") == 4


def test_the_options_of_debians_unit_are_passed_on():
    assert service(UNIT)["ExecStart"].endswith(" -n -s -p smcroute $SMCROUTED_OPTS $SMCROUTED_ARGS")
    assert service(UNIT)["EnvironmentFile"] == "-/etc/default/smcroute"
    code, text = run("sh", "-c", f'. {SHARE}/default/smcroute; echo "[$SMCROUTED_OPTS]"')
    assert (code, text) == (0, "[]")


def test_the_example_is_a_good_configuration():
    assert run(str(OURS), "-F", str(SHARE / "examples" / "smcroute.conf"))[0] == 0


def test_user_and_directories_are_made(tmp_path):
    (tmp_path / "etc").mkdir()
    for name in ("passwd", "group", "shadow", "gshadow"):
        (tmp_path / "etc" / name).touch()
    root = f"--root={tmp_path}"
    assert run("systemd-sysusers", root, str(SHARE / "sysusers.d" / "smcroute.conf"))[0] == 0
    passwd = (tmp_path / "etc" / "passwd").read_text().split(":")
    assert passwd[0] == "smcroute"
    assert passwd[6].strip() == "/usr/sbin/nologin"
    code, text = run(
        *("systemd-tmpfiles", "--create", root), str(SHARE / "tmpfiles.d" / "smcroute.conf")
    )
    assert code == 0, text
    for path, mode in {
        "etc/smcroute": 0o755,
        "etc/smcroute/authorized_keys": 0o755,
        "etc/smcroute.d": 0o755,
        "var/lib/smcroute": 0o750,
    }.items():
        assert stat.S_IMODE((tmp_path / path).stat().st_mode) == mode
    assert (tmp_path / "var/lib/smcroute").stat().st_gid == int(passwd[3])


def test_what_the_unit_takes_is_really_taken(router):
    """The test below would tell nothing if it were not."""
    program = """
import errno, os, socket, time
for attempt in (
    lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW),
    lambda: os.chroot("/"),
    lambda: socket.sethostname("x"),
    lambda: time.clock_settime(time.CLOCK_REALTIME, time.time()),
    lambda: socket.socket().close(),
):
    try:
        attempt()
        print("done")
    except OSError as error:
        print(errno.errorcode[error.errno])
"""
    done = router.lab.router.run(
        *(sys.executable, "-I", "-c", program), preexec_fn=restriction(service(UNIT))
    )
    assert done.stdout.split() == ["EAFNOSUPPORT", "EPERM", "EPERM", "EPERM", "done"]


def test_it_works_with_what_the_unit_allows(managed_router, tmp_path):
    router = managed_router
    router.join("225.1.2.3", "225.2.0.1", "ff1e::1")
    access = SshAccess(tmp_path, Addresses.ROUTER_MANAGEMENT[0])
    daemon = Daemon(
        router.lab.router,
        configuration="# by hand\nmroute from in0 group 225.1.2.3 to out0\n",
        options=access.daemon_options,
        user="nobody",
    )
    try:
        # Somebody else's file, that only its owner may read.
        daemon.configuration_file.chmod(0o600)
        os.chown(daemon.configuration_file, OWNER, OWNER)
        daemon.start(preexec_fn=restriction(service(UNIT)))
        assert process.capabilities(daemon.pid) == set(CAPABILITIES.values())
        # The parts' own filter comes on top of the unit's.
        filters = int(process.status(daemon.pid)["Seccomp_filters"])
        for pid in (daemon.engine_pid, daemon.agent_pid):
            assert int(process.status(pid)["Seccomp_filters"]) == filters + 1
        assert router.exchange("192.0.2.10", "225.1.2.3") == [20, 0]
        with ssh_session(router.lab.control, access) as session:
            edit(session, mroute("in0", "*", "ff1e::1", "out1"))
            session.copy_config(source="running", target="startup")
        assert router.exchange("2001:db8::10", "ff1e::1") == [0, 20]
        text = daemon.configuration_file.read_text()
        assert text.startswith("# by hand\n")
        assert "ff1e::1" in text
        status = daemon.configuration_file.stat()
        assert (status.st_uid, stat.S_IMODE(status.st_mode)) == (OWNER, 0o600)
        daemon.control("join", "in0", "225.1.2.3")
        # Both processes come back with the same privileges.
        for which in ("agent_pid", "engine_pid"):
            old = getattr(daemon, which)
            os.kill(old, signal.SIGKILL)
            wait_for(lambda which=which, old=old: getattr(daemon, which) != old, which)
        wait_for(
            lambda: router.exchange("192.0.2.10", "225.1.2.3", 2) == [2, 0],
            lambda: f"the route works again; the log: {daemon.log()}",
        )
        daemon.control("add", "in0", "225.2.0.1", "out0")
        with unix_session(daemon) as session:
            session.copy_config(source="running", target="startup")
        # A deaf agent, another user's process, can be ended.
        os.kill(daemon.agent_pid, signal.SIGSTOP)
        assert daemon.stop() == 0
    finally:
        daemon.close()
