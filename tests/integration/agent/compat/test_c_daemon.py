"""Debian's C smcrouted beside ours: the same file, read by both, shown in the same tables."""

from __future__ import annotations

import socket
import subprocess

import pytest

from lab import wait_for
from lab.namespace import ip, lab_prefix
from smcroute_agent.compat import conf, ipc, tables
from smcroute_agent.rules import Mgroup, Mroute

SMCROUTED = "/usr/sbin/smcrouted"

FILE = """\
# Read by both daemons, so no comment stands behind a line: the C one takes it for names.
phyint {0} enable ttl-threshold 3
\tmgroup from {0}   group 225.1.2.3
mgroup group 232.1.1.1 source 10.0.0.9 from {0}
ssmgroup from {0} source 10.0.0.9 group 232.1.1.2
mroute from {0} group 225.1.2.3 to {1}
mroute from {0} group 225.1.2.3/32 source 0.0.0.0 to {2}
mroute group 225.3.0.0/24 source 10.0.0.0/24 from {0} to {2} {2}
mroute from {0} source :: group FF2E:0:0::/64 to {1}
mroute from {0} group 225.4.4.4\r
mroute from {0} source 10.0.0.9 group 225.1.2.9 to {1} {2}
"""


class OneFile:
    def __init__(self, text):
        self.text = text

    def read(self, path):
        return self.text.encode()

    def glob(self, pattern):
        return []

    def replace(self, path, content):
        raise AssertionError("nothing is written here")


def ask(path, letter, *arguments):
    """The text of a show of the daemon at a socket."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(str(path))
        connection.sendall(ipc.encode_request(letter, arguments))
        reply = b""
        while piece := connection.recv(1024):
            reply += piece
    return ipc.decode_reply(reply)


@pytest.fixture(
    params=[["a0", "a1", "a2"], ["eth0", "eth1", "abcdefghijklmno"]], ids=["short", "long"]
)
def beside(request, tmp_path):
    """The names of the interfaces, and the socket of a C smcrouted that has them."""
    names = request.param
    namespace = f"{lab_prefix()}c"
    ip("netns", "add", namespace)
    try:
        ip("-n", namespace, "link", "set", "lo", "up")
        for name in names:
            ip("-n", namespace, "link", "add", name, "type", "ifb")
            ip("-n", namespace, "link", "set", name, "multicast", "on", "up")
        (tmp_path / "conf").write_text(FILE.format(*names))
        with subprocess.Popen(
            ["ip", "netns", "exec", namespace, SMCROUTED, "-n"]
            + [word for pair in zip(("-f", "-u", "-P"), ("conf", "sock", "pid"), strict=True)
               for word in (pair[0], str(tmp_path / pair[1]))],
            stderr=subprocess.PIPE,
        ) as daemon:  # fmt: skip
            try:
                wait_for((tmp_path / "pid").exists, "the C smcrouted being ready")
                yield names, namespace, tmp_path / "sock"
            finally:
                daemon.terminate()
    finally:
        ip("netns", "del", namespace)


def rows_of(names):
    """What our reading of the file makes of the tables."""
    document = conf.parse(OneFile(FILE.format(*names)), "smcroute.conf")
    assert document.errors == []
    routes = [
        tables.RouteRow(rule.source, rule.group, rule.interface, rule.out_interfaces)
        for rule in document.rules.values()
        if isinstance(rule, Mroute)
    ]
    static = [row for row in routes if row.source == "10.0.0.9"]
    templates = [row for row in routes if row not in static]
    groups = [
        tables.GroupRow(rule.source, rule.group, rule.interface)
        for rule in document.rules.values()
        if isinstance(rule, Mgroup)
    ]
    return tables.Routes(templates, static, static, ["lo", *names]), tables.Groups(groups, groups)


@pytest.mark.parametrize("letter", ["s", "S"])
def test_routes(beside, letter):
    names, _, path = beside
    assert tables.routes(rows_of(names)[0], letter == "S") == ask(path, letter, "routes")


@pytest.mark.parametrize("letter", ["s", "S"])
def test_groups(beside, letter):
    names, _, path = beside
    assert tables.groups(rows_of(names)[1], letter == "S") == ask(path, letter, "groups")


@pytest.mark.parametrize("letter", ["s", "S"])
def test_interfaces(beside, letter):
    names, namespace, path = beside
    links = ip("-n", namespace, "-o", "link", "show").splitlines()
    rows = []
    for line in sorted(links, key=lambda line: int(line.partition(":")[0])):
        index, name, *_ = line.split(": ")
        number = None if "MULTICAST" not in line else sum(row.vif is not None for row in rows)
        rows.append(tables.InterfaceRow(int(index), name, number, number))
    assert {row.name for row in rows} >= {"lo", *names}
    assert tables.interfaces(rows) == ask(path, letter, "interfaces")
