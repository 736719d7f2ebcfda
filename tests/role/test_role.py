"""The role on a whole Debian system: what it makes, what it makes again, and an upgrade.

Slow, and it wants the network once: `make role-check`.  The tests follow one another on one
system, as in its life.
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import pytest

from lab import wait_for
from lab.playbook import PLAYBOOKS
from lab.topology import Addresses
from tests.role.conftest import LOCAL_USER, package

S4, S6 = Addresses.SENDER
FLOWS = [(S4, "225.1.2.3"), (S4, "225.2.0.1"), (S6, "ff0e::1"), (S6, "ff0e:2::1")]
CONFIGURATION = f"""\
# by hand
mgroup from in0 group 225.8.8.8
mroute from in0 source {S4} group 225.1.2.3 to out0
mroute from in0 group 225.2.0.0/16 to out0
mroute from in0 source {S6} group ff0e::1 to out0
mroute from in0 group ff0e:2::/32 to out0
"""
BASE = "urn:ietf:params:xml:ns:netconf:base:1.0"
SESSION = f"""\
<hello xmlns="{BASE}"><capabilities>
<capability>urn:ietf:params:netconf:base:1.0</capability>
</capabilities></hello>]]>]]>
<rpc xmlns="{BASE}" message-id="1"><close-session/></rpc>]]>]]>
"""
SAVE = Path(__file__).with_name("save.yml")


def status(site, name):
    """A property of the service."""
    return site.machine.run(
        "systemctl", "show", f"--property={name}", "--value", "smcroute"
    ).stdout.strip()


def wait_until_forwarded(site, flows=FLOWS):
    for flow in flows:
        wait_for(
            lambda flow=flow: site.router.exchange(*flow, 2)[0] == 2,
            lambda flow=flow: f"{flow} forwarded; {journal(site)}",
        )


def journal(site):
    return site.machine.run("journalctl", "--unit=smcroute", "--no-pager", "--lines=30").stdout


@contextlib.contextmanager
def nothing_lost(site):
    """Streams of packets, all of which come, while the body runs."""
    router = site.router
    receiver = router.receivers[0]
    wait_until_forwarded(site)
    missing = {flow: router.sender.sent(*flow) - receiver.packets(*flow) for flow in FLOWS}
    with contextlib.ExitStack() as stack:
        for flow in FLOWS:
            stack.enter_context(router.stream(*flow, rate=200))
        yield
        before = receiver.packets(*FLOWS[0])
        wait_for(lambda: receiver.packets(*FLOWS[0]) > before + 50, "packets after it")
    for flow in FLOWS:
        expected = router.sender.sent(*flow) - missing[flow]
        assert receiver.wait(*flow, expected).packets == expected, flow


def test_a_check_of_a_bare_host_changes_nothing(site):
    assert site.install("--check").changed > 0
    assert not site.machine.path("/opt/smcroute").exists()
    assert not site.machine.path("/etc/smcroute").exists()


def test_the_first_run_installs_and_the_second_changes_nothing(site):
    assert site.install().changed > 0
    assert status(site, "StatusText") == "started"
    assert site.install().changed == 0
    assert status(site, "NRestarts") == "0"
    assert site.machine.run("smcroutectl", "show", "routes").returncode == 0
    assert (
        "net.ipv4.conf.in0.rp_filter = 0"
        in site.machine.run("sysctl", "net.ipv4.conf.in0.rp_filter").stdout
    )


def test_packets_and_reloads(site):
    site.router.join(*(group for _, group in FLOWS))
    site.machine.path("/etc/smcroute.conf").write_text(CONFIGURATION)
    site.machine.run("systemctl", "reload", "smcroute")
    wait_until_forwarded(site)
    assert [site.router.exchange(*flow) for flow in FLOWS] == [[20, 0]] * 4
    with nothing_lost(site):
        site.machine.path("/etc/smcroute.conf").write_text(
            CONFIGURATION.replace("225.8.8.8", "225.8.8.9")
        )
        site.machine.run("systemctl", "kill", "--kill-whom=main", "--signal=HUP", "smcroute")
        wait_for(
            lambda: "225.8.8.9" in site.machine.run("smcroutectl", "show", "groups").stdout,
            "a reload",
        )


def test_the_program_of_a_route_is_called(site):
    site.router.join("225.2.0.77")
    assert site.router.exchange(S4, "225.2.0.77")[0] == 20
    log = site.machine.path("/var/lib/on-route/log")
    wait_for(
        lambda: f"install {S4} 225.2.0.77" in log.read_text(), lambda: f"a call: {log.read_text()}"
    )
    assert "reload" in log.read_text()


def test_an_operator_saves(site):
    assert site.configure(SAVE).changed == 2
    text = site.machine.path("/etc/smcroute.conf").read_text()
    assert text.startswith("# by hand\n")
    assert "225.7.0.1" in text
    assert site.configure(SAVE).changed == 0


def test_modules_run_on_the_router_with_the_agents_interpreter(site):
    demo = PLAYBOOKS / "demo.yml"
    assert site.configure_on_router(demo, "r1.example.net").changed == 3
    assert site.configure_on_router(demo, "r1.example.net").changed == 0
    # What was not saved goes.
    site.machine.run("systemctl", "reload", "smcroute")
    wait_until_forwarded(site)


@pytest.mark.parametrize("user", ["root", LOCAL_USER])
def test_netconf_is_a_subsystem_of_sshd(site, user):
    said = site.ssh(user, "netconf", said=SESSION)
    assert "urn:ietf:params:netconf:capability:startup:1.0" in said
    assert "<ok/>" in said


def processes(site):
    """The pids, as texts, of smcrouted, the engine and the agent; empty where there is none."""
    main = status(site, "MainPID")
    children = (
        site.machine.run(
            *("pgrep", f"--parent={main}", "--full", f"smcroute_agent.{name}"), check=False
        ).stdout.strip()
        for name in ("engine", "agent")
    )
    return main, *children


def test_whatever_is_killed_or_restarted_no_packet_is_lost(site):
    main, engine, agent = processes(site)
    with nothing_lost(site):
        for pid in (engine, agent):
            site.machine.run("kill", "-KILL", pid)
            wait_for(lambda pid=pid: all(processes(site)) and pid not in processes(site), "another")
        wait_until_ready(site)
    with nothing_lost(site):
        site.machine.run("systemctl", "restart", "smcroute")
    assert status(site, "NRestarts") == "0"
    with nothing_lost(site):
        site.machine.run("systemctl", "kill", "--kill-whom=main", "--signal=KILL", "smcroute")
        wait_for(
            lambda: status(site, "NRestarts") == "1",
            lambda: f"a restart, not {status(site, 'NRestarts')}; {journal(site)}",
        )
        wait_until_ready(site)
    assert processes(site)[0] != main


def wait_until_ready(site):
    wait_for(
        lambda: site.machine.run("smcroutectl", "show", "routes", check=False).returncode == 0,
        lambda: f"an answer; {journal(site)}",
    )


def test_what_a_failed_run_has_not_restarted_the_next_one_does(site):
    main = processes(site)[0]
    site.machine.run("touch", "/etc/default/smcroute")
    with nothing_lost(site):
        assert site.install().changed > 0
        wait_until_ready(site)
    assert processes(site)[0] != main
    assert site.install().changed == 0


def test_an_upgrade_loses_no_packet(site):
    new = package(site.directory, "99.0")
    begun = time.monotonic()
    with nothing_lost(site):
        assert site.install("-e", f"agent_package={new}").changed > 0
        wait_until_ready(site)
    print(f"upgraded in {time.monotonic() - begun:.0f} s")
    assert "99.0" in site.machine.run("smcrouted", "-v").stdout
    main = site.machine.run("cat", f"/proc/{status(site, 'MainPID')}/cmdline").stdout
    assert str(site.machine.path("/opt/smcroute").readlink()) in main
    # The one before is there to go back to.
    assert len(list(site.machine.path("/opt/smcroute-releases").iterdir())) == 2


def test_another_user_and_the_oldest_installation_goes(site):
    new = package(site.directory, "99.1")
    before = site.machine.path("/opt/smcroute").readlink().parent.name
    site.install("-e", f"agent_package={new}", "-e", "agent_user=mcast")
    now = site.machine.path("/opt/smcroute").readlink().parent.name
    releases = site.machine.path("/opt/smcroute-releases")
    assert {path.name for path in releases.iterdir()} == {before, now}
    wait_until_forwarded(site)
    _, engine, agent = processes(site)
    for pid in (engine, agent):
        assert site.machine.run("ps", "-o", "user=", "-p", pid).stdout.strip() == "mcast"
    assert site.machine.run("stat", "--format=%G", "/var/lib/smcroute").stdout.strip() == "mcast"
    assert site.machine.run("stat", "--format=%G", "/run/smcroute.sock").stdout.strip() == "mcast"


def test_after_a_reboot_all_is_as_before(site):
    site.machine.reboot()
    wait_for(lambda: status(site, "ActiveState") == "active", lambda: journal(site), timeout=30)
    wait_until_forwarded(site)
    assert site.machine.run("systemctl", "--failed", "--quiet", "--no-legend").stdout == ""


def test_a_stop_ends_the_flows(site):
    site.machine.run("systemctl", "stop", "smcroute")
    assert site.router.exchange(*FLOWS[0]) == [0, 0]
    site.machine.run("systemctl", "start", "smcroute")
    wait_until_forwarded(site)
