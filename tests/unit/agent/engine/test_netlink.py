"""Dumps of the kernel that runs the tests."""

from __future__ import annotations

import socket

import pytest

from smcroute_agent.engine.addresses import IPV4
from smcroute_agent.engine.kernel import netlink


def test_links():
    names = {link.ifindex: link.name for link in netlink.dump_links()}
    assert names[socket.if_nametoindex("lo")] == "lo"


def test_entries_of_a_table_that_nobody_has_made():
    assert [entry for step in netlink.dump_entries(IPV4, 4711) for entry in step] == []


def test_a_dump_that_the_kernel_refuses_is_no_empty_table():
    """It ends as a dump does, with an error number; a prefix length makes it so."""
    request = netlink._RTMSG.pack(netlink._DUMP_FAMILIES[IPV4], 8, 0, 0, 0, 0, 0, 0, 0)
    with pytest.raises(OSError, match="Invalid argument"):
        list(netlink._dump(netlink._RTM_GETROUTE, request, strict=True))
