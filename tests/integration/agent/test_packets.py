"""Routes of every kind, from smcroute.conf: what is forwarded where, counted at the receivers."""

from __future__ import annotations

import pytest

from lab import Sender, wait_for

CONFIGURATION = """\
mroute from in0 source 192.0.2.10   group 225.1.2.3    to out0 out1
mroute from in0                     group 225.2.0.1    to out0
mroute from in0                     group 225.3.0.0/16 to out1
mroute from in0 source 2001:db8::10 group ff1e::1      to out0 out1
mroute from in0                     group ff1e::2      to out0
mroute from in0                     group ff1e:3::/32  to out1
"""


@pytest.mark.parametrize(
    ("source", "group", "expected"),
    [
        pytest.param("192.0.2.10", "225.1.2.3", [20, 20], id="IPv4-S-G"),
        pytest.param("192.0.2.10", "225.2.0.1", [20, 0], id="IPv4-any-G"),
        pytest.param("192.0.2.11", "225.2.0.1", [20, 0], id="IPv4-any-G-other-source"),
        pytest.param("192.0.2.10", "225.3.255.1", [0, 20], id="IPv4-any-G-LEN"),
        pytest.param("2001:db8::10", "ff1e::1", [20, 20], id="IPv6-S-G"),
        pytest.param("2001:db8::10", "ff1e::2", [20, 0], id="IPv6-any-G"),
        pytest.param("2001:db8::11", "ff1e::2", [20, 0], id="IPv6-any-G-other-source"),
        pytest.param("2001:db8::10", "ff1e:3:ffff::1", [0, 20], id="IPv6-any-G-LEN"),
    ],
)
def test_a_flow_goes_where_its_rule_says(router, source, group, expected):
    router.start(CONFIGURATION)
    router.join(group)
    assert router.exchange(source, group) == expected


@pytest.mark.parametrize(
    ("source", "group", "control"),
    [
        ("192.0.2.11", "225.1.2.3", ("192.0.2.10", "225.2.0.1")),
        ("192.0.2.10", "225.4.0.0", ("192.0.2.10", "225.2.0.1")),
        ("2001:db8::11", "ff1e::1", ("2001:db8::10", "ff1e::2")),
        ("2001:db8::10", "ff1e:4::1", ("2001:db8::10", "ff1e::2")),
    ],
)
def test_a_flow_that_no_rule_matches_is_dropped(router, source, group, control):
    router.start(CONFIGURATION)
    router.join(group, control[1])
    assert router.exchange(source, group) == [0, 0]
    # The engine answers upcalls in turn: when this flow is through, that one has been decided.
    assert router.exchange(*control) == [20, 0]
    assert [r.packets(source, group) for r in router.receivers] == [0, 0]


def test_outgoing_interfaces_are_the_union_over_all_rules_that_match(router):
    router.start(
        "mroute from in0 source 192.0.2.10 group 225.1.2.3 to out0\n"
        "mroute from in0 group 225.1.0.0/16 to out1\n"
    )
    router.join("225.1.2.3")
    assert router.exchange("192.0.2.10", "225.1.2.3") == [20, 20]
    assert router.exchange("192.0.2.11", "225.1.2.3") == [0, 20]


THRESHOLD = """\
phyint out1 enable ttl-threshold 5
mroute from in0 group 225.1.2.3 to out0 out1
mroute from in0 group ff1e::1 to out0 out1
"""


def test_ttl_threshold(router):
    router.start(THRESHOLD)
    router.join("225.1.2.3")
    assert router.exchange("192.0.2.10", "225.1.2.3", ttl=5) == [20, 0]
    assert router.exchange("192.0.2.10", "225.1.2.3", ttl=6) == [20, 20]
    assert router.receivers[1].arrivals("192.0.2.10", "225.1.2.3").ttl == 5
    # TTL 1 ends in the router, whatever the rule.
    assert router.exchange("192.0.2.10", "225.1.2.3", ttl=1) == [0, 0]


def test_the_kernel_has_no_threshold_for_ipv6(router):
    """struct mf6cctl has a set of interfaces where struct mfcctl has a TTL for each."""
    router.start(THRESHOLD)
    router.join("ff1e::1")
    assert router.exchange("2001:db8::10", "ff1e::1", ttl=5) == [20, 20]
    assert router.exchange("2001:db8::10", "ff1e::1", ttl=1) == [0, 0]


def test_a_packet_comes_once(router):
    router.start("mroute from in0 group 225.1.2.3 to out0 out1\n")
    router.join("225.1.2.3")
    router.exchange("192.0.2.10", "225.1.2.3", 200)
    for receiver in router.receivers:
        arrivals = receiver.arrivals("192.0.2.10", "225.1.2.3")
        assert (arrivals.packets, arrivals.duplicates, arrivals.missing) == (200, 0, ())


def test_only_packets_from_the_rules_interface_are_forwarded(router):
    """The same group, sent from behind out0: no rule is about that interface."""
    router.start("mroute from in0 group 225.1.2.3 to out0 out1\n")
    router.join("225.1.2.3", "225.2.0.1")
    with Sender(router.lab.receivers[0]) as other:
        other.mark = router.sender.mark
        other.send("10.0.0.2", "225.1.2.3", 20, rate=2000)
    assert router.exchange("192.0.2.10", "225.1.2.3") == [20, 20]
    assert router.receivers[1].packets("10.0.0.2", "225.1.2.3") == 0


def test_the_loopback_interface_when_it_is_switched_to_multicast(router):
    """What the router itself sends to it goes where a rule says; as smcroute has it."""
    router.join("225.1.2.3")
    host = router.lab.router
    host.ip("link set lo multicast on\naddress add 198.51.100.77/32 dev lo\n")
    router.start("mroute from lo group 225.1.2.3 to out0\n")
    with Sender(host, "lo") as sender:
        sender.mark = router.sender.mark
        sender.send("198.51.100.77", "225.1.2.3", 1)
        router.receivers[0].wait("198.51.100.77", "225.1.2.3", 1)
        sender.send("198.51.100.77", "225.1.2.3", 9)
        router.receivers[0].wait("198.51.100.77", "225.1.2.3", 10)
    assert router.receivers[1].packets("198.51.100.77", "225.1.2.3") == 0


def test_a_disabled_interface_takes_no_part(router):
    router.start("phyint out1 disable\nmroute from in0 group 225.1.2.3 to out0 out1\n")
    router.join("225.1.2.3")
    assert router.exchange("192.0.2.10", "225.1.2.3") == [20, 0]


def test_wildcards_stand_for_interfaces_that_come_later(router):
    """In lines of all kinds: late0 is joined on, forwarded from, and late1 to, with a threshold."""
    lab, host = router.lab, router.lab.router
    daemon = router.start(
        "phyint late+ ttl-threshold 5\n"
        "mgroup from late+ group 225.1.2.3\n"
        "mroute from late+ group 225.1.2.3 to late+ out+\n"
    )
    assert "225.1.2.3" in daemon.control("show", "pending").stdout
    router.join("225.1.2.3")
    for name in ("late0", "late1"):
        lab.add_output(name, lab.sender)
    lab.sender.ip("address add 192.0.2.99/24 dev late0\n")
    wait_for(
        lambda: host.proc_net("igmp").count("030201E1") == 2,
        lambda: f"both joined: {host.proc_net('igmp')}",
    )
    with Sender(lab.sender, "late0") as sender:
        sender.mark = router.sender.mark
        sender.send("192.0.2.99", "225.1.2.3", 1)
        for receiver in router.receivers:
            receiver.wait("192.0.2.99", "225.1.2.3", 1)
    (entry,) = host.proc_net("ip_mr_cache").splitlines()[1:]
    vifs = {words[1]: words[0] for words in map(str.split, host.proc_net("ip_mr_vif").splitlines())}
    legs = dict(word.split(":") for word in entry.split()[6:])
    assert legs == {vifs["late1"]: "5", vifs["out0"]: "1", vifs["out1"]: "1"}


def test_a_file_with_comments_anywhere_dos_line_ends_and_includes(router, tmp_path):
    """Included from a directory that root alone may look into, as from any other."""
    included = tmp_path / "lab.d"
    included.mkdir(mode=0o700)
    (included / "b.conf").write_bytes(b"mroute from in0 group 225.1.0.2 to out1 # b\r\n")
    (included / "a.conf").write_bytes(b"#mroute from in0 group 225.1.0.1 to out1\r\n\r\n")
    (included / "c.txt").write_bytes(b"no line of ours\r\n")
    router.join("225.1.0.1", "225.1.0.2")
    tmp_path.chmod(0o755)
    router.start(
        "# group before from\r\n"
        "include lab.d/*.conf # in their order\r\n"
        "   mroute group 225.1.0.1   source 192.0.2.10 from in0 to out0 # the camera\r\n"
        "\t phyint in0 enable\r\n",
        directory=tmp_path,
    )
    assert router.exchange("192.0.2.10", "225.1.0.1") == [20, 0]
    assert router.exchange("192.0.2.10", "225.1.0.2") == [0, 20]
