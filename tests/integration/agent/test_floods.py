"""More than there is room for: flows that no rule matches, and events of links."""

from __future__ import annotations

import os
import signal

from lxml import etree

from lab import wait_for
from lab.netconf import SMCROUTE, unix_session
from lab.process import resident_octets

SOURCE = "192.0.2.10"


def counters(session):
    """What the engine has counted."""
    path = "/s:smcroute/s:agent/s:counters/*"
    found = session.get(("xpath", ({"s": SMCROUTE}, path))).data_ele
    return {
        etree.QName(leaf).localname: int(leaf.text)
        for leaf in found.iter(f"{{{SMCROUTE}}}*")
        if not len(leaf) and leaf.text
    }


def test_50000_unmatched_flows(router):
    """Matching ones in between are learned; the kernel's table and the memory stay small."""
    matching = [f"225.1.1.{number}" for number in range(1, 101)]
    router.join(*matching)
    daemon = router.start("mroute from in0 group 225.1.1.0/24 to out0\n")
    router.sender.send(SOURCE, "230.0.0.0", 1)
    before = {pid: resident_octets(pid) for pid in (daemon.engine_pid, daemon.agent_pid)}
    for burst, group in enumerate(matching):
        for number in range(500):
            router.sender.send(SOURCE, f"231.{burst}.{number // 250}.{number % 250 + 1}", 1)
        router.sender.send(SOURCE, group, 1)
        router.receivers[0].wait(SOURCE, group, 1)
    with unix_session(daemon) as session:
        wait_for(
            lambda: counters(session)["upcalls"] >= 50_101,
            lambda: f"all upcalls to be answered: {counters(session)}",
        )
        counted = counters(session)
    assert (counted["upcalls"], counted["stopped"], counted["learned"]) == (50_101, 50_001, 100)
    assert counted["kernel-refusals"] == counted["cache-limit-reached"] == 0
    entries = router.lab.router.proc_net("ip_mr_cache").splitlines()[1:]
    assert len(entries) == 16384
    assert all(resident_octets(pid) - size < 16 * 1024 * 1024 for pid, size in before.items())


def test_link_events_that_the_kernel_dropped_are_made_up_for(router):
    """A stopped engine's event buffer overflows (ENOBUFS); an interface is made anew meanwhile."""
    host = router.lab.router
    router.join("225.1.1.1")
    host.ip("link add late0 index 5000 type veth peer name late1\n")
    daemon = router.start(
        f"mroute from in0 source {SOURCE} group 225.1.1.1 to out0 late0\n"
        "mroute from in0 source 2001:db8::10 group ff0e::1 to out0 late0\n"
        "mgroup from late0 group 225.1.1.1\n"
    )

    def held():
        names = [line.split()[1] for line in host.proc_net("ip_mr_vif").splitlines()[1:]]
        cache = host.proc_net("ip_mr_cache").splitlines()[1:]
        return names, [line.split()[6:] for line in cache]

    before = held()
    os.kill(daemon.engine_pid, signal.SIGSTOP)
    try:
        host.ip("link delete late0\n")
        host.ip("link add late0 index 5000 type veth peer name late1\n")
        assert held() != before
        host.ip("link set late1 up\nlink set late1 down\n" * 3000)
        assert router.exchange(SOURCE, "225.1.1.1") == [20, 0]
    finally:
        os.kill(daemon.engine_pid, signal.SIGCONT)
    wait_for(lambda: held() == before, lambda: f"a VIF of the new late0: {held()}")
    assert daemon.log().count("link events were lost") == 1
    assert "late0" in host.proc_net("ip6_mr_vif")
    assert "010101E1" in host.proc_net("igmp").partition("late0")[2]
    assert router.exchange(SOURCE, "225.1.1.1") == [20, 0]
