"""What the daemon says of its configuration: what waits, and in debug mode what it has read."""

from __future__ import annotations

import os
import signal

from lab import wait_for

FILE = """\
# The camera.
phyint in0 enable
mgroup from in0 group 225.1.2.3

mroute from in0 group 225.1.2.3 to out0
mroute from in0 group 225.2.0.1 to nope0 out1
mroute from none+ group 225.2.0.1 to nope0
"""
PENDING = ("interface nope0 does not exist", "no interface matches none+")


def test_what_waits_is_told_once_and_when_it_does_no_more(router):
    daemon = router.start(FILE)
    daemon.control("add", "in0", "225.2.0.2", "nope0")
    daemon.control("add", "in0", "225.2.0.3", "in0")
    log = daemon.log()
    assert log.count("packets that come in on in0 go out on in0 again") == 1
    for reason in PENDING:
        assert log.count(f"{reason}; its rules are pending") == 1
    assert log.count("are pending") == len(PENDING)
    router.lab.router.run("ip", "link", "add", "nope0", "type", "ifb")
    router.lab.router.run("ip", "link", "set", "nope0", "multicast", "on", "up")
    wait_for(lambda: "interface nope0 is active" in daemon.log(), lambda: f"it: {daemon.log()}")
    router.lab.router.run("ip", "link", "del", "nope0")
    wait_for(lambda: daemon.log().count(PENDING[0]) == 2, lambda: f"its end: {daemon.log()}")


def test_debug_tells_each_line_and_each_route(router):
    daemon = router.start(FILE, "-l", "debug")
    log = daemon.log()
    path = daemon.configuration_file
    for number, rule in {
        2: "phyint in0",
        3: "mgroup in0 * 225.1.2.3",
        5: "mroute in0 * 225.1.2.3",
        6: "mroute in0 * 225.2.0.1",
        7: "mroute none+ * 225.2.0.1",
    }.items():
        assert f"{path}:{number}: {rule}\n" in log
        assert f"{rule}: set up\n" in log
    daemon.control("remove", "in0", "225.1.2.3")
    wait_for(lambda: "mroute in0 * 225.1.2.3: removed" in daemon.log(), lambda: daemon.log())


LEVELS = {
    "err": "the agent ended (killed by signal 9)",
    "notice": "interface nope0 does not exist; its rules are pending",
    "info": "route-learned source 192.0.2.10 group 225.1.2.3",
}
"""What is told first at each level; the level none tells nothing, debug what is tested above."""


def test_each_level_tells_more_than_the_one_before(router):
    router.join("225.1.2.3")
    for number, level in enumerate(["none", *LEVELS]):
        daemon = router.start(FILE, "-l", level)
        assert router.exchange("192.0.2.10", "225.1.2.3", 2) == [2, 0]
        expected = list(LEVELS.values())[:number]
        # What the agent tells comes after the packet, and not from an agent that is killed.
        wait_for(
            lambda d=daemon, texts=expected[1:]: all(text in d.log() for text in texts),
            lambda d=daemon: d.log(),
        )
        old = daemon.agent_pid
        os.kill(old, signal.SIGKILL)
        wait_for(lambda d=daemon, old=old: d.agent_pid != old, "another agent")
        assert daemon.stop() == 0
        assert [text for text in LEVELS.values() if text in daemon.log()] == expected
        assert level != "none" or daemon.log() == ""


def test_an_interface_that_is_kept_out_of_routing_waits_for_nothing(router):
    daemon = router.start("phyint out1 disable\nmgroup from out1 group 225.1.2.3\n")
    assert "pending" not in daemon.log()
    daemon.control("add", "in0", "225.1.2.3", "out1")
    assert "interface out1 is disabled by phyint out1; its rules are pending" in daemon.log()
