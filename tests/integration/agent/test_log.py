"""What the daemon says of its configuration: what waits, and in debug mode what it has read."""

from __future__ import annotations

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
    log = daemon.log()
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
