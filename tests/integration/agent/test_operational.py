"""Every leaf of the operational state, against what the kernel itself says."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator

import pytest
from lxml import etree

from lab import Sender, wait_for
from lab.netconf import NETCONF, SMCROUTE, edit, mroute, unix_session
from smcroute_agent.yang.schema import SchemaNode, packaged

SOURCE, SOURCE6 = "192.0.2.10", "2001:db8::10"
STATIC, LEARNED, STATIC6, MOVING = "225.1.2.3", "225.2.0.1", "ff1e::1", "225.5.0.1"
SILENT = "225.6.0.1"
CONFIGURATION = f"""
phyint out1 ttl-threshold 3
phyint away0 mrdisc
mgroup from in0 group {STATIC}
mgroup from in0 group 232.1.1.1 source {SOURCE}
mgroup from in0 group {STATIC6}
mgroup from away0 group 225.4.4.4
mroute from in0 group {STATIC} source {SOURCE} to out0 out1
mroute from in0 group {SILENT} source {SOURCE} to out1
mroute from in0 group 225.2.0.0/16 to out0
mroute from in0 group 225.3.0.0/16 to in0
mroute from in0 group {STATIC6} source {SOURCE6} to out1
mroute from in0 group {MOVING} to out0
mroute from in1 group {MOVING} to out1
mroute from away0 group 225.4.0.0/16 to out0
"""


def tag(name: str) -> str:
    return f"{{{SMCROUTE}}}{name}"


def texts(element: etree._Element) -> dict[str, str]:
    return {etree.QName(leaf).localname: leaf.text for leaf in element if len(leaf) == 0}


class State:
    """The reply to a <get>."""

    def __init__(self, session, *wanted: str) -> None:
        content = "".join(f"<{name}/>" for name in wanted)
        wanted_text = f'<smcroute xmlns="{SMCROUTE}">{content}</smcroute>'
        self.data = session.get(("subtree", wanted_text)).data_ele

    def rows(self, name: str) -> list[etree._Element]:
        return self.data.findall(f"{tag('smcroute')}/{tag(name)}")

    def by(self, name: str, *keys: str) -> dict[tuple[str, ...], dict[str, str]]:
        found = {}
        for row in self.rows(name):
            leaves = texts(row)
            found[tuple(leaves.pop(key) for key in keys)] = leaves
        return found

    def counters(self) -> dict[str, int]:
        (agent,) = self.rows("agent")
        return {name: int(text) for name, text in texts(agent.find(tag("counters"))).items()}


def address(hexadecimal: str) -> str:
    """As /proc/net/ip_mr_cache has them, in the machine's octet order."""
    return socket.inet_ntoa(int(hexadecimal, 16).to_bytes(4, "little"))


def cache(host) -> dict[tuple[str, str], list[int]]:
    """(source, group) → packets, octets and packets on a wrong interface, of both families."""
    found = {}
    for line in host.proc_net("ip_mr_cache").splitlines()[1:]:
        group, source, _, *counts = line.split()[:6]
        found[address(source), address(group)] = [int(count) for count in counts]
    for line in host.proc_net("ip6_mr_cache").splitlines()[1:]:
        group, source, _, *counts = line.split()[:6]
        both = (socket.inet_pton(socket.AF_INET6, text) for text in (source, group))
        key = tuple(socket.inet_ntop(socket.AF_INET6, packed) for packed in both)
        found[key] = [int(count) for count in counts]
    return found


def vifs(host, name: str) -> dict[str, tuple[int, ...]]:
    """Interface → octets and packets in, octets and packets out."""
    lines = [line.split() for line in host.proc_net(name).splitlines()[1:]]
    return {line[1]: tuple(map(int, line[2:6])) for line in lines}


@pytest.fixture
def busy(router) -> Iterator:
    """A session with a router that has had something of everything."""
    router.lab.add_output("in1", router.lab.sender)
    router.lab.sender.ip("address add 192.0.2.99/24 dev in1\n")
    router.join(STATIC, LEARNED, STATIC6, MOVING)
    daemon = router.start(CONFIGURATION, "--cache-limit", "4")
    assert router.exchange(SOURCE, STATIC) == [20, 20]
    assert router.exchange(SOURCE, LEARNED) == [20, 0]
    assert router.exchange(SOURCE6, STATIC6) == [0, 20]
    assert router.exchange(SOURCE, MOVING) == [20, 0]
    with Sender(router.lab.sender, "in1") as other, unix_session(daemon) as session:
        other.mark = router.sender.mark
        for group in (MOVING, STATIC):
            other.send(SOURCE, group, 3)
        for number in range(1, 9):
            router.sender.send(SOURCE, f"225.9.9.{number}", 1)
        wait_for(lambda: State(session, "agent").counters()["moved"], "the flow moved")
        wait_for(lambda: State(session, "agent").counters()["stopped"] == 8, "the stop entries")
        yield router, session


def test_the_state_is_what_the_kernel_says(busy):
    router, session = busy
    kernel = router.lab.router
    # Nothing is sent any more: what is read twice is the same.
    entries = State(session, "forwarding-entry").by("forwarding-entry", "source", "group")
    found = {
        key: [int(entry[name]) for name in ("packets", "bytes", "wrong-interface")]
        for key, entry in entries.items()
    }
    assert found == cache(kernel)
    assert found[SOURCE, STATIC][2] == 3
    assert {key: entry["origin"] for key, entry in entries.items()}.items() >= {
        ((SOURCE, STATIC), "static"),
        ((SOURCE, LEARNED), "learned"),
        ((SOURCE6, STATIC6), "static"),
        ((SOURCE, "225.9.9.8"), "stop"),
    }
    assert entries[SOURCE, MOVING]["in-interface"] == "in1"
    one = "/s:smcroute/s:forwarding-entry[s:source='{}'][s:group='{}']"
    for source, group in ((SOURCE, STATIC), (SOURCE6, STATIC6)):
        path = ("xpath", ({"s": SMCROUTE}, one.format(source, group)))
        (alone,) = session.get(path).data_ele.iter(tag("forwarding-entry"))
        (among,) = (
            row
            for row in State(session, "forwarding-entry").rows("forwarding-entry")
            if row.findtext(tag("group")) == group
        )
        for row in (alone, among):
            for name in ("uptime", "idle"):
                row.find(tag(name)).text = "time passes"
        assert etree.tostring(alone, method="c14n") == etree.tostring(among, method="c14n")
    legs = {
        leg.findtext(tag("name")): leg.findtext(tag("ttl-threshold"))
        for row in State(session, "forwarding-entry").rows("forwarding-entry")
        if row.findtext(tag("group")) == STATIC
        for leg in row.findall(tag("out-interface"))
    }
    assert legs == {"out0": "1", "out1": "3"}

    for row in State(session, "interface").rows("interface"):
        name = row.findtext(tag("name"))
        assert int(row.findtext(tag("if-index"))) == kernel.interface_index(name)
        (link,) = json.loads(kernel.run("ip", "-j", "link", "show", name).stdout)
        told = {text.replace("-", "").upper() for text in row.findtext(tag("flags")).split()}
        assert told ^ set(link["flags"]) <= {"RUNNING", "LOWER_UP"}
        for family, file in (("ipv4", "ip_mr_vif"), ("ipv6", "ip6_mr_vif")):
            counted = row.find(tag(family))
            held = vifs(kernel, file).get(name)
            assert (counted is None) is (held is None)
            if held is not None:
                names = ("in-bytes", "in-packets", "out-bytes", "out-packets")
                assert tuple(int(counted.findtext(tag(n))) for n in names) == held
    in0 = State(session, "interface").by("interface", "name")[("in0",)]
    assert {"vif", "mif"} <= in0.keys()


def test_how_old_an_entry_is_and_how_long_it_has_been_idle(busy):
    router, session = busy
    begun = time.monotonic()

    def ages(group: str) -> list[int | None]:
        entries = State(session, "forwarding-entry").by("forwarding-entry", "source", "group")
        entry = entries[SOURCE, group]
        return [int(entry[name]) if name in entry else None for name in ("uptime", "idle")]

    with router.stream(SOURCE, STATIC, rate=100):
        wait_for(lambda: ages(LEARNED)[1] >= 2, lambda: f"silence: {ages(LEARNED)}")
        # What is told in whole seconds may be one less, or the other clock's tick more.
        passed = time.monotonic() - begun
        assert ages(LEARNED)[1] <= ages(LEARNED)[0] + 1
        assert ages(STATIC)[0] >= int(passed)
        assert ages(STATIC)[1] == 0
        assert ages(SILENT)[0] >= int(passed)
        assert ages(SILENT)[1] is None


def test_rules_memberships_and_counters(busy):
    router, session = busy
    state = State(session, "phyint", "mgroup", "mroute", "membership", "agent")
    routes = state.by("mroute", "interface", "source", "group")
    assert routes["in0", SOURCE, STATIC]["state"] == "installed"
    assert routes["in0", "*", "225.2.0.0/16"]["state"] == "template"
    assert routes["away0", "*", "225.4.0.0/16"]["state"] == "pending"
    assert routes["away0", "*", "225.4.0.0/16"]["reason"] == "interface away0 does not exist"
    assert "loop" in routes["in0", "*", "225.3.0.0/16"]["warning"]
    assert state.by("phyint", "name")[("away0",)]["state"] == "pending"
    joined = set(state.by("membership", "interface", "source", "group"))
    assert joined == {
        ("in0", "*", STATIC),
        ("in0", SOURCE, "232.1.1.1"),
        ("in0", "*", STATIC6),
    }
    in_kernel = router.lab.router.run("ip", "maddress", "show", "dev", "in0").stdout
    assert all(group in in_kernel for _, _, group in joined)
    before = state.counters()
    assert (before["learned"], before["moved"], before["stopped"]) == (2, 1, 8)
    assert before["upcalls"] >= 10
    # Two learned flows more push the stop entries out; there is no room for others.
    for number in range(2, 10):
        router.sender.send(SOURCE, f"225.2.0.{number}", 1)
    wait_for(lambda: State(session, "agent").counters()["cache-limit-reached"] >= 6, "the cap")
    assert State(session, "agent").counters()["learned"] == 4
    edit(session, mroute("in0", "*", "225.6.1.1", "out0"))
    with pytest.raises(Exception, match="multicast"):
        edit(session, mroute("in0", "*", "10.0.0.1", "out0"))
    after = State(session, "agent").counters()
    assert (after["edits"], after["errors"]) == (before["edits"] + 1, before["errors"] + 1)
    assert after["kernel-refusals"] == after["events-dropped"] == after["expired"] == 0


def state_leaves(node: SchemaNode, path: str = "") -> Iterator[str]:
    """The paths of the state data below a node."""
    for child in node.children.values():
        below = f"{path}/{child.name}"
        if child.children:
            yield from state_leaves(child, below)
        elif not child.config:
            yield below


def paths(element: etree._Element, path: str = "") -> Iterator[str]:
    for child in element:
        below = f"{path}/{etree.QName(child).localname}"
        yield below
        yield from paths(child, below)


def test_no_leaf_is_left_unfilled(busy):
    router, session = busy
    router.lab.router.run("ip", "link", "set", "out0", "multicast", "off")

    def missing() -> set[str]:
        filter_ = etree.fromstring(
            f'<filter xmlns="{NETCONF}"><smcroute xmlns="{SMCROUTE}"/></filter>'
        )
        (top,) = session.get(filter_).data_ele
        return set(state_leaves(packaged().node("smcroute:smcroute"))) - set(paths(top))

    wait_for(lambda: not missing(), lambda: f"all leaves; there are not: {missing()}")
