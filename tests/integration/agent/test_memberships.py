"""Groups that the router joins: visible in the kernel's own tables, and undone again."""

from __future__ import annotations

import pytest

from lab import wait_for


def ipv4_groups(host, interface):
    """The groups joined on an interface, from /proc/net/igmp (little-endian hexadecimal)."""
    groups, current = set(), ""
    for line in host.proc_net("igmp").splitlines()[1:]:
        if line[0].isdigit():
            current = line.split()[1]
        elif current == interface:
            raw = bytes.fromhex(line.split()[0])[::-1]
            groups.add(".".join(map(str, raw)))
    return groups


def ipv6_groups(host, interface):
    """The groups joined on an interface, from /proc/net/igmp6, as 32 hexadecimal digits."""
    rows = (line.split() for line in host.proc_net("igmp6").splitlines())
    return {row[2] for row in rows if row[1] == interface}


def source_filters(host, interface, table="mcfilter"):
    """(group, source) of source filters, from /proc/net/mcfilter or mcfilter6."""
    rows = (line.split() for line in host.proc_net(table).splitlines()[1:])
    return {(row[2], row[3]) for row in rows if row[1] == interface}


CONFIGURATION = """\
mgroup from in0 group 225.1.2.3
mgroup from in0 source 192.0.2.10 group 232.1.1.1
mgroup from in0 source 192.0.2.11 group 232.1.1.1
mgroup from in0 group ff1e::1
mgroup from in0 source 2001:db8::10 group ff3e::1
"""


@pytest.fixture
def joined(router):
    return router.start(CONFIGURATION)


def test_any_source(router, joined):
    assert "225.1.2.3" in ipv4_groups(router.lab.router, "in0")
    assert f"ff1e{'0' * 27}1" in ipv6_groups(router.lab.router, "in0")


def test_one_source(router, joined):
    assert {("0xe8010101", "0xc000020a"), ("0xe8010101", "0xc000020b")} <= source_filters(
        router.lab.router, "in0"
    )
    assert (f"ff3e{'0' * 27}1", f"20010db8{'0' * 22}10") in source_filters(
        router.lab.router, "in0", "mcfilter6"
    )


def test_only_on_the_interface_that_was_named(router, joined):
    assert "225.1.2.3" not in ipv4_groups(router.lab.router, "out0")


def test_a_range_joins_every_group(router):
    router.start("mgroup from in0 group 225.1.2.0/29\n")
    assert {f"225.1.2.{i}" for i in range(8)} <= ipv4_groups(router.lab.router, "in0")


def test_more_groups_than_one_socket_takes(router):
    limit = int(router.lab.router.run("sysctl", "-n", "net.ipv4.igmp_max_memberships").stdout)
    groups = {f"225.1.2.{i}" for i in range(2 * limit + 1)}
    router.start("".join(f"mgroup from in0 group {group}\n" for group in groups))
    assert groups <= ipv4_groups(router.lab.router, "in0")


def test_left_when_the_line_is_gone(router, joined):
    joined.reload("mgroup from in0 group ff1e::1\n")
    assert "225.1.2.3" not in ipv4_groups(router.lab.router, "in0")
    assert f"ff1e{'0' * 27}1" in ipv6_groups(router.lab.router, "in0")
    assert source_filters(router.lab.router, "in0") == set()


def test_all_left_when_the_daemon_ends(router, joined):
    assert joined.stop() == 0
    wait_for(lambda: "225.1.2.3" not in ipv4_groups(router.lab.router, "in0"), "the group was left")
