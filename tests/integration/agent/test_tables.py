"""Several daemons side by side, each with a multicast routing table of its own (-t)."""

from __future__ import annotations

import pytest

FLOWS = [("192.0.2.10", "225.1.2.3"), ("2001:db8::10", "ff1e::1")]


def configuration(output):
    return "".join(f"mroute from in0 group {group} to {output}\n" for _, group in FLOWS)


@pytest.mark.parametrize(("source", "group"), FLOWS)
def test_packets_follow_the_table_that_the_policy_chooses(router, source, group):
    router.join(group)
    router.start(configuration("out1"))
    second = router.start(configuration("out0"), "-t", "100", identity="second")
    assert router.exchange(source, group) == [0, 20]
    for family in ("-4", "-6"):
        router.lab.router.run("ip", family, "mrule", "add", "iif", "in0", "lookup", "100")
    second.control("flush")
    assert router.exchange(source, group) == [20, 0]


def test_the_end_of_one_leaves_the_other_alone(router):
    router.join("225.1.2.3")
    router.start(configuration("out1"))
    second = router.start(configuration("out0"), "-t", "100", identity="second")
    assert second.stop() == 0
    assert router.exchange("192.0.2.10", "225.1.2.3") == [0, 20]
