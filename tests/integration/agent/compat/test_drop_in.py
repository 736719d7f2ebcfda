"""Our daemon in the place of Debian's C one: the same file, packets and client, the same tables."""

from __future__ import annotations

import json

from lab import Daemon, wait_for
from lab.daemon import DEBIAN, DEBIAN_CLIENT, OURS
from lab.netconf import SMCROUTE, unix_session

IDLE_INTERFACE = "abcdefghijklmno"
"""No rule names it, and its name is the longest that the kernel takes."""

FILE = """\
phyint in0 enable
phyint out0 enable
phyint out1 enable
mroute from out+ group 225.1.2.3 to in0
mroute from in0 group 225.2.0.0/16 to out+
mroute from in+ source 192.0.2.10 group 225.3.0.1 to out+
mroute from in0 source 2001:db8::1 group ff1e::1 to out+
mroute from nope0 group 225.4.0.1 to out0
mroute from in0 group 225.5.0.1 to nope0 out1
mgroup from out+ group 225.1.2.3
mgroup from nope0 group 225.1.2.3
"""
"""With wildcards, and with an interface that is not there."""

LEARNED, UNMATCHED = "225.2.0.5", ("225.9.9.8", "225.9.9.9")

ROUTES, GROUPS, INTERFACES = ("show", "routes"), ("show", "groups"), ("show", "interfaces")


def tables(router, program):
    """What the C client shows of a daemon: its text, by what was asked for."""
    daemon = Daemon(router.lab.router, program=program, configuration=FILE, options=("-N",))
    try:
        daemon.start()
        for group in (*UNMATCHED, LEARNED):
            router.exchange("192.0.2.10", group, 2)
        return {
            words: daemon.control("-p", *words, client=DEBIAN_CLIENT).stdout
            for words in (ROUTES, GROUPS, INTERFACES)
        }
    finally:
        daemon.close()


def test_the_same_tables(router):
    router.join(LEARNED)
    host = router.lab.router
    host.run("ip", "link", "add", IDLE_INTERFACE, "type", "ifb")
    host.run("ip", "link", "set", IDLE_INTERFACE, "multicast", "on")
    theirs, ours = tables(router, DEBIAN), tables(router, OURS)
    title = "Kernel MFC Table\n"
    assert ours[GROUPS] == theirs[GROUPS]
    rules, kernel = ours[ROUTES].split(title)
    their_rules, their_kernel = theirs[ROUTES].split(title)
    assert rules == their_rules
    assert f"{'out0':{len(IDLE_INTERFACE)}}  in0\n" in rules
    # Within those that forward and those that do not, the order is the kernel's.
    assert sorted(kernel.splitlines()) == sorted(their_kernel.splitlines())
    flows = [line for line in kernel.splitlines() if line.startswith("(")]
    assert [line.endswith("  ") for line in flows] == [False, False, False, True, True]
    assert UNMATCHED[0] in kernel
    assert ours[INTERFACES] == theirs[INTERFACES]
    (idle,) = (line for line in ours[INTERFACES].splitlines() if IDLE_INTERFACE in line)
    assert idle.split()[2:] == ["N/A", "N/A"]


def test_interfaces_in_json(router):
    daemon = router.start("mroute from in0 group 225.1.2.3 to out0\n")
    host = router.lab.router
    # The kernel takes octets that are no text; XML and JSON do not.
    odd = b"odd\x01\xff".decode(errors="surrogateescape")
    host.run("ip", "link", "add", odd, "index", "77", "type", "ifb")

    def shown():
        text = daemon.control("-j", "show", "interfaces").stdout
        return {row.pop("name"): row for row in json.loads(text)["interfaces"]}

    wait_for(lambda: len(shown()) == 5, lambda: f"the new one too: {shown()}")
    none = {"vif": None, "mif": None}
    assert shown() == {
        "lo": {"index": 1, **none},
        "in0": {"index": host.interface_index("in0"), "vif": 0, "mif": None},
        "out0": {"index": host.interface_index("out0"), "vif": 1, "mif": None},
        "out1": {"index": host.interface_index("out1"), **none},
        r"odd\x01\xff": {"index": 77, **none},
    }
    assert r"odd\x01\xff" in daemon.control("show", "interfaces").stdout
    with unix_session(daemon) as session:
        path = "/s:smcroute/s:interface/s:name"
        names = session.get(("xpath", ({"s": SMCROUTE}, path))).data_ele.itertext()
        assert r"odd\x01\xff" in set(names)


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
