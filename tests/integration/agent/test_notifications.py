"""Notifications from a real kernel's traffic to a stock client."""

from __future__ import annotations

import os
import signal
import time

from lxml import etree

from lab import Sender, wait_for
from lab.netconf import NETCONF, SMCROUTE, edit, mroute, phyint, unix_session
from smcroute_agent.agent.notifications import BURST

NOTIFICATION = "urn:ietf:params:xml:ns:netconf:notification:1.0"
STREAMS = "urn:ietf:params:xml:ns:netmod:notification"
NCN = "urn:ietf:params:xml:ns:yang:ietf-netconf-notifications"
GROUP = "225.1.2.3"
PATIENCE = 20


def ours(*names: str) -> etree._Element:
    """A subtree filter for notifications of the daemon."""
    content = "".join(f'<{name} xmlns="{SMCROUTE}"/>' for name in names)
    return etree.fromstring(f'<filter xmlns="{NETCONF}" type="subtree">{content}</filter>')


def take(session) -> etree._Element:
    """The content of the next notification."""
    found = session.take_notification(timeout=PATIENCE)
    assert found is not None, "no notification came"
    return found.notification_ele[1]


def name(element) -> str:
    return etree.QName(element).localname


def leaves(element) -> dict[str, str]:
    return {name(leaf): leaf.text for leaf in element}


def test_the_life_of_a_learned_route_is_told(router):
    daemon = router.start("", "-c", "1")
    router.join(GROUP)
    with unix_session(daemon) as session, unix_session(daemon) as other:
        assert ":notification" in session.server_capabilities
        assert ":interleave" in session.server_capabilities
        session.create_subscription(filter=ours("route-learned", "route-expired"))
        edit(other, mroute("in0", "*", "225.1.0.0/16", "out0"))
        router.sender.send("192.0.2.10", GROUP, 1)
        learned = take(session)
        assert name(learned) == "route-learned"
        assert leaves(learned) == {
            "source": "192.0.2.10",
            "group": GROUP,
            "in-interface": "in0",
            "out-interface": "out0",
        }
        expired = take(session)
        assert name(expired) == "route-expired"
        assert leaves(expired)["group"] == GROUP
        # The agent's own counters have both.
        counters = f'<smcroute xmlns="{SMCROUTE}"><agent><counters/></agent></smcroute>'
        (found,) = other.get(("subtree", counters)).data_ele.iter(f"{{{SMCROUTE}}}counters")
        assert leaves(found).items() >= {("learned", "1"), ("expired", "1")}


def test_an_interface_that_goes_and_comes_back_is_told(router):
    daemon = router.start("mroute from in0 group 225.1.2.3 source 192.0.2.10 to out1\n")
    with unix_session(daemon) as session:
        session.create_subscription(filter=ours("interface-pending", "interface-active"))
        router.lab.router.run("ip", "link", "set", "out1", "name", "away1")
        pending = take(session)
        assert name(pending) == "interface-pending"
        assert leaves(pending)["interface"] == "out1"
        router.lab.router.run("ip", "link", "set", "away1", "name", "out1")
        active = take(session)
        assert (name(active), leaves(active)) == ("interface-active", {"interface": "out1"})


def test_the_cap_is_told_once_and_not_for_every_flow(router):
    daemon = router.start("mroute from in0 group 225.9.0.0/16 to out0\n", "--cache-limit", "5")
    with unix_session(daemon) as session:
        session.create_subscription(filter=ours("cache-limit-reached"))
        for number in range(1, 40):
            router.sender.send("192.0.2.10", f"225.9.9.{number}", 1)
        assert leaves(take(session))["limit"] == "5"


def test_who_changed_what(router):
    daemon = router.start()
    with unix_session(daemon) as session, unix_session(daemon) as other:
        session.create_subscription(filter=("subtree", f'<netconf-config-change xmlns="{NCN}"/>'))
        edit(other, phyint("out0", ttl_threshold=3))
        change = take(session)
        assert change.findtext(f"{{{NCN}}}changed-by/{{{NCN}}}session-id") == other.session_id
        assert change.findtext(f"{{{NCN}}}changed-by/{{{NCN}}}username") == "root"
        assert change.findtext(f"{{{NCN}}}edit/{{{NCN}}}target") == (
            "/smc:smcroute/smc:phyint[smc:name='out0']"
        )
        daemon.control("add", "in0", GROUP, "out0")
        change = take(session)
        assert change.findtext(f"{{{NCN}}}changed-by/{{{NCN}}}session-id") == "0"
        assert change.findtext(f"{{{NCN}}}changed-by/{{{NCN}}}username") == "root"
        daemon.reload()
        assert take(session).find(f"{{{NCN}}}changed-by/{{{NCN}}}server") is not None


def test_restarts_are_told_and_replayed(router):
    daemon = router.start()
    with unix_session(daemon) as session:
        session.create_subscription(filter=ours("engine-restarted"))
        os.kill(daemon.engine_pid, signal.SIGKILL)
        assert name(take(session)) == "engine-restarted"
    killed = daemon.agent_pid
    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: daemon.agent_pid != killed, "another agent")
    with unix_session(daemon) as session:
        start = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 600))
        session.create_subscription(
            filter=ours("agent-restarted"), start_time=start, stream_name="NETCONF"
        )
        assert name(take(session)) == "agent-restarted"
        complete = take(session)
        assert complete.tag == f"{{{STREAMS}}}replayComplete"
        streams = session.get(("subtree", f'<netconf xmlns="{STREAMS}"/>')).data_ele
        assert streams.findtext(f".//{{{STREAMS}}}name") == "NETCONF"
        assert streams.findtext(f".//{{{STREAMS}}}replaySupport") == "true"
        assert streams.find(f".//{{{STREAMS}}}replayLogCreationTime") is not None


def test_a_flow_that_moves_is_told(router):
    router.lab.add_output("in1", router.lab.sender)
    router.lab.sender.ip("address add 192.0.2.99/24 dev in1\n")
    router.join(GROUP)
    rule = f"mroute from in0 group {GROUP} to out0\nmroute from in1 group {GROUP} to out1\n"
    daemon = router.start(rule)
    with unix_session(daemon) as session, Sender(router.lab.sender, "in1") as other:
        session.create_subscription(filter=ours("route-moved"))
        assert router.exchange("192.0.2.10", GROUP) == [20, 0]
        other.send("192.0.2.10", GROUP, 1)
        assert leaves(take(session)) == {
            "source": "192.0.2.10",
            "group": GROUP,
            "in-interface": "in1",
            "from-interface": "in0",
        }


def test_a_flood_of_events_is_summed_up(router):
    """100 of a kind are told at once, then few, which tell how many were left out."""
    daemon = router.start("mroute from in0 group 225.0.0.0/8 to out0\n")
    groups = [f"225.7.{number // 250}.{number % 250 + 1}" for number in range(4 * BURST)]
    with unix_session(daemon) as session:
        session.create_subscription(filter=ours("route-learned"))
        for group in groups:
            router.sender.send("192.0.2.10", group, 1)
        told = []
        while not told or told[-1]["group"] != groups[-1]:
            told.append(leaves(take(session)))
    assert [one["group"] for one in told[:BURST]] == groups[:BURST]
    assert all("suppressed" not in one for one in told[:BURST])
    # How many more there are depends on how long the flood took.
    assert BURST < len(told) < 2 * BURST
    assert len(told) + sum(int(one.get("suppressed", 0)) for one in told) == len(groups)
