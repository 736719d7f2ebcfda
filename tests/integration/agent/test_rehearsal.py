"""What the engine alone knows to be wrong is told by a test-only edit and by <validate>, too."""

from __future__ import annotations

import contextlib

import pytest
from ncclient.operations import RaiseMode, RPCError
from ncclient.xml_ import to_ele

from lab import Daemon, Lab, wait_for
from lab.capture import Capture
from lab.netconf import NETCONF, config, edit, mgroup, mroute, phyint, running, unix_session
from lab.topology import Addresses
from smcroute_agent.netconf.names import REHEARSAL

OUTS = [f"out{number}" for number in range(33)]
SOURCE = Addresses.SENDER[0]
IMPOSSIBLE = {
    "33 interfaces": mroute("in0", SOURCE, "225.4.4.4", *OUTS[1:]),
    "33 IPv6 interfaces": mroute("in0", "*", "ff1e::4", *OUTS),
    "a range too large": mgroup("in0", "*", "225.4.0.0/20"),
    "ranges too large together": mgroup("in0", "*", "225.4.0.0/22")
    + mgroup("out1", "*", "225.8.8.8"),
    "no IPv6 there": mgroup("out2", "*", "ff1e::4"),
}
BEGIN = (
    "mgroup from in0 group 225.0.0.0/22\n"
    "mgroup from out0 group 225.2.0.1\n"
    "mroute from in0 group 225.1.2.3 to out0\n"
)


@pytest.fixture(scope="module")
def lab():
    with Lab(outputs=33, receivers=1) as laid:
        laid.router.ip("link set out2 mtu 1000\n")
        yield laid


@pytest.fixture(scope="module")
def daemon(lab):
    with Daemon(lab.router, configuration=BEGIN) as started:
        yield started


def outcome(work):
    try:
        work()
    except RPCError as error:
        return error.tag, error.path, error.message
    return None


def state(lab, session):
    names = ("ip_mr_vif", "ip6_mr_vif", "ip_mr_cache", "igmp", "igmp6", "mcfilter", "mcfilter6")
    return running(session), [lab.router.proc_net(name) for name in names]


def said(lab, daemon, entries):
    """The one answer to every way of asking; nothing changes."""
    with unix_session(daemon) as session:
        before = state(lab, session)
        test = {"config": config(entries), "test_option": "test-only"}
        outcomes = [
            outcome(lambda target=target: session.edit_config(target=target, **test))
            for target in ("running", "candidate")
        ]
        assert state(lab, session) == before
        session.edit_config(target="candidate", config=config(entries))
        outcomes.append(outcome(lambda: session.validate("candidate")))
        assert state(lab, session)[1] == before[1]
        outcomes.append(outcome(session.commit))
        session.discard_changes()
        outcomes.append(outcome(lambda: edit(session, entries)))
        assert outcomes[0] is not None
        assert outcomes == [outcomes[0]] * len(outcomes)
        assert running(session) == before[0]
        return outcomes[0]


@pytest.mark.parametrize("entries", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_a_test_says_what_the_deed_says(lab, daemon, entries):
    said(lab, daemon, entries)


def test_a_kernel_that_takes_no_more(lab, daemon):
    lab.router.sysctl("net/ipv4/igmp_max_memberships", "0")
    try:
        tag, path, message = said(lab, daemon, mgroup("out1", "*", "225.7.7.7"))
    finally:
        lab.router.sysctl("net/ipv4/igmp_max_memberships", "20")
    assert (tag, "225.7.7.7" in path) == ("resource-denied", True)
    assert "net.ipv4.igmp_max_memberships" in message


def test_what_is_possible_is_not_done(lab, daemon):
    possible = [
        mroute("in0", SOURCE, "225.4.4.4", *OUTS[:31]),
        mgroup("out0", "*", "225.5.5.5"),
        mgroup("out0", "*", "ff1e::5"),
        phyint("out1", enabled=False),
    ]
    with unix_session(daemon) as session, Capture(lab.receivers[0]) as capture:
        before = state(lab, session)
        session.edit_config(target="running", config=config(*possible), test_option="test-only")
        assert state(lab, session) == before
        # What a rehearsal sent would be there before what is sent now.
        edit(session, mgroup("out0", "*", "225.6.6.6"), mgroup("out0", "*", "ff1e::6"))

        def reported():
            fields = ("igmp.maddr", "icmpv6.mldr.mar.multicast_address")
            rows = capture.dissect("igmp or icmpv6.type == 143", *fields)
            return {group for row in rows for group in ",".join(row).split(",") if group}

        wait_for(lambda: {"225.6.6.6", "ff1e::6"} <= reported(), "the reports")
        strangers = {"225.5.5.5", "ff1e::5", "224.0.0.1", "ff01::1"}
        assert not reported() & strangers
        with contextlib.suppress(RPCError):
            edit(session, mgroup("out0", "*", "225.6.6.6", operation="delete"))


def asked(session, parameters):
    target = "<target><running/></target>"
    element = to_ele(f'<edit-config xmlns="{NETCONF}">{target}{parameters}</edit-config>')
    return session.dispatch(element)


TELL = f'<tell-pending xmlns="{REHEARSAL}"/>'
TEST_ONLY = "<test-option>test-only</test-option>"


def test_what_would_be_pending_is_told_to_who_asks(daemon):
    entries = [mroute("in0", "*", f"225.6.6.{n}", *outs) for n, outs in enumerate(([], ["no0"]))]
    with unix_session(daemon) as session:
        session.raise_mode = RaiseMode.ERRORS
        for tell in ("", TELL):
            reply = asked(session, TEST_ONLY + config(*entries) + tell)
            assert [(error.severity, error.app_tag, error.message) for error in reply.errors] == (
                [("warning", "pending", "interface no0 does not exist")] if tell else []
            )
        assert "225.6.6.1" in reply.errors[0].path
        assert not any("225.6.6.1" in rule for rule in running(session))


@pytest.mark.parametrize("parameters", [TELL, TEST_ONLY + TELL.replace("/>", ">x</tell-pending>")])
def test_asking_for_what_is_pending_in_a_wrong_way(daemon, parameters):
    with unix_session(daemon) as session, pytest.raises(RPCError) as refused:
        asked(session, config() + parameters)
    assert (refused.value.tag, "tell-pending" in refused.value.path) == ("invalid-value", True)
