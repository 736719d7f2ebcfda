"""A service that is restarted while packets flow: the service manager keeps its routes."""

from __future__ import annotations

import contextlib
import os
import signal

import pytest

from lab import process, wait_for
from lab.daemon import NotReady
from lab.service_manager import Service, ServiceManager
from lab.topology import Addresses

S4, S6 = Addresses.SENDER
JOINED = "225.8.8.8"
CONFIGURATION = f"""\
phyint out1 ttl-threshold 3
mgroup from in0 group {JOINED}
mroute from in0 source {S4} group 225.1.2.3 to out0
mroute from in0 group 225.2.0.0/16 to out0 out1
mroute from in0 source {S6} group ff0e::1 to out0
mroute from in0 group ff0e:2::/32 to out0
"""
FLOWS = [(S4, "225.1.2.3"), (S4, "225.2.0.1"), (S6, "ff0e::1"), (S6, "ff0e:2::1")]


@pytest.fixture
def manager(router, tmp_path):
    with ServiceManager(router.lab.router, str(tmp_path / "notify")) as manager:
        yield manager


@pytest.fixture
def service(router, manager):
    """A service that is ready, with entries of each kind."""
    service = Service(manager, router.lab.router, configuration=CONFIGURATION)
    try:
        start(service)
        router.join(*(group for _, group in FLOWS))
        for flow in FLOWS:
            assert router.exchange(*flow)[0] == 20
        yield service
    finally:
        service.close()


def start(service):
    service.start()
    wait_for(lambda: service.manager.hear()[0].get("READY"), "READY=1")


def stop(service):
    assert service.stop() == 0
    assert service.manager.hear()[0] == {"STOPPING": "1"}
    service.manager.catch_up()


def kill(service):
    pids = process.tree(service.pid)
    service.kill_tree()
    # systemd, too, starts it again only when nothing of it is left.
    wait_for(lambda: not any(map(process.running, pids)), "the end of all processes")
    service.manager.catch_up()
    service.pid_file.unlink()


def joined(router):
    """Whether the router's kernel is a member of the group."""
    octets = bytes(map(int, JOINED.split(".")))[::-1].hex().upper()
    return octets in router.lab.router.proc_net("igmp")


def names(service):
    """What the manager keeps: the kinds of names, with how many there are."""
    kept = [name.split("held-")[0] for name, _ in service.manager.store]
    return {name: kept.count(name) for name in kept}


KEPT = {"table-0.IPv4": 1, "table-0.IPv6": 1, "table-0.vifs": 1, "table-0.": 1}


@pytest.mark.parametrize("end", [stop, kill])
def test_not_one_packet_is_lost(router, service, end):
    receiver = router.receivers[0]
    with contextlib.ExitStack() as stack:
        for flow in FLOWS:
            stack.enter_context(router.stream(*flow))
        for _ in range(2):
            assert names(service) == KEPT
            end(service)
            assert not service.running
            during = [receiver.packets(*flow) for flow in FLOWS]
            wait_for(
                lambda during=during: all(
                    receiver.packets(*flow) > before + 50
                    for flow, before in zip(FLOWS, during, strict=True)
                ),
                "packets that are forwarded without a daemon",
            )
            assert joined(router)
            start(service)
            # Its own socket for the group, and no longer the one of the daemon before.
            wait_for(
                lambda: service.manager.catch_up() or names(service) == KEPT,
                lambda: f"what is kept: {names(service)}",
            )
            assert joined(router)
    for source, group in FLOWS:
        sent = router.sender.sent(source, group)
        assert receiver.wait(source, group, sent).packets == sent
    router.join("225.2.0.2")
    assert router.exchange(S4, "225.2.0.2") == [20, 20]


def test_the_configuration_of_the_next_start_holds(router, service):
    stop(service)
    service.configuration_file.write_text("mroute from in0 group 225.2.0.0/16 to out1\n")
    start(service)
    assert router.exchange(S4, "225.2.0.1") == [0, 20]
    assert router.exchange(S4, "225.1.2.3") == [0, 0]
    assert not joined(router)


def test_a_stop_for_good_ends_the_flows(router, service):
    stop(service)
    assert router.exchange(*FLOWS[0]) == [20, 0]
    service.manager.empty()
    assert router.exchange(*FLOWS[0]) == [0, 0]
    assert router.lab.router.proc_net("ip_mr_vif").count("\n") == 1
    start(service)
    assert router.exchange(*FLOWS[0]) == [20, 0]


def test_another_table_begins_with_nothing(router, service):
    stop(service)
    service.options = ("-t", "7")
    start(service)
    service.manager.catch_up()
    assert {name.split(".")[0] for name in names(service)} == {"table-7"}
    assert router.exchange(*FLOWS[0]) == [0, 0]


def test_a_wrong_file_at_the_next_start_stops_no_flow(router, service):
    stop(service)
    service.configuration_file.write_text("mroute\n")
    with pytest.raises(NotReady):
        service.start()
    assert service.manager.hear()[0] == {"STOPPING": "1"}
    service.manager.catch_up()
    assert router.exchange(*FLOWS[0]) == [20, 0]
    service.configuration_file.write_text(CONFIGURATION)
    start(service)
    assert router.exchange(*FLOWS[0]) == [20, 0]


def test_what_kills_the_next_engine_is_given_up(router, service):
    """What is kept may be of no use; the start after that begins with nothing."""
    stop(service)
    manager = service.manager
    number = next(number for number, (name, _) in enumerate(manager.store) if "IPv4" in name)
    name, descriptor = manager.store[number]
    os.close(descriptor)
    manager.store[number] = name, os.dup2(os.open(os.devnull, os.O_RDONLY), descriptor, False)
    with pytest.raises(NotReady):
        service.start()
    assert manager.hear()[0] == {"STOPPING": "1"}
    manager.catch_up()
    assert manager.store == []
    start(service)
    assert router.exchange(*FLOWS[0]) == [20, 0]


def test_an_engine_killed_later_leaves_to_the_next_as_ever(router, service):
    stop(service)
    start(service)
    before = service.engine_pid
    with router.stream(*FLOWS[0]):
        os.kill(before, signal.SIGKILL)
        wait_for(lambda: service.engine_pid != before, "another engine")
        wait_for(lambda: service.control("show", "routes", check=False).returncode == 0, "rules")
    sent = router.sender.sent(*FLOWS[0])
    assert router.receivers[0].wait(*FLOWS[0], sent).packets == sent
    service.manager.catch_up()
    assert names(service) == KEPT
