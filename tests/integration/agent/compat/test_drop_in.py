"""Our daemon in the place of Debian's C one: the same file, packets and client, the same tables."""

from __future__ import annotations

from lab import Daemon, wait_for
from lab.daemon import DEBIAN, DEBIAN_CLIENT, OURS

FILE = """\
phyint in0 enable
phyint out0 enable
phyint out1 enable
mroute from out+ group 225.1.2.3 to in0
mroute from in0 group 225.2.0.0/16 to out+
mroute from in+ source 192.0.2.10 group 225.3.0.1 to out+
mroute from nope0 group 225.4.0.1 to out0
mroute from in0 group 225.5.0.1 to nope0 out1
mgroup from out+ group 225.1.2.3
mgroup from nope0 group 225.1.2.3
"""
"""With wildcards, and with an interface that is not there."""

LEARNED, UNMATCHED = "225.2.0.5", ("225.9.9.8", "225.9.9.9")

ROUTES, GROUPS = ("show", "routes"), ("show", "groups")


def tables(router, program):
    """What the C client shows of a daemon: its text, by what was asked for."""
    daemon = Daemon(router.lab.router, program=program, configuration=FILE)
    try:
        daemon.start()
        for group in (*UNMATCHED, LEARNED):
            router.exchange("192.0.2.10", group, 2)
        return {
            words: daemon.control("-p", *words, client=DEBIAN_CLIENT).stdout
            for words in (ROUTES, GROUPS)
        }
    finally:
        daemon.close()


def test_the_same_tables(router):
    router.join(LEARNED)
    theirs, ours = tables(router, DEBIAN), tables(router, OURS)
    title = "Kernel MFC Table\n"
    assert ours[GROUPS] == theirs[GROUPS]
    rules, kernel = ours[ROUTES].split(title)
    their_rules, their_kernel = theirs[ROUTES].split(title)
    assert rules == their_rules
    assert "out0  in0\n" in rules
    # Within those that forward and those that do not, the order is the kernel's.
    assert sorted(kernel.splitlines()) == sorted(their_kernel.splitlines())
    flows = [line for line in kernel.splitlines() if line.startswith("(")]
    assert [line.endswith("in0  ") for line in flows] == [False, False, True, True]
    assert UNMATCHED[0] in kernel


def test_pending_rules(router):
    """As smcroute 2.6 writes them, which Debian does not have yet."""
    daemon = router.start(FILE)

    def pending():
        return daemon.control("show", "pending", client=DEBIAN_CLIENT).stdout.split("\n")

    assert [line for line in pending() if line] == [
        "PENDING ROUTES AND GROUPS",
        "mgroup  from nope0 group 225.1.2.3",
        "mroute  from in0 group 225.5.0.1 to nope0 out1",
        "mroute  from nope0 group 225.4.0.1 to out0",
    ]
    router.lab.router.run("ip", "link", "add", "nope0", "type", "ifb")
    router.lab.router.run("ip", "link", "set", "nope0", "multicast", "on", "up")
    wait_for(lambda: pending()[0] == "No pending routes or groups", lambda: f"none: {pending()}")
