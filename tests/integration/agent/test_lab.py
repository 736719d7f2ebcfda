"""The lab itself: what the other tests rely on, shown with Debian's daemon or with none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from lab import Daemon, Lab, Receiver, Sender, process, wait_for
from lab.daemon import DEBIAN, NotReady
from lab.latency import Prober, groups
from lab.playbook import CHECKOUT
from lab.scratch import PREFIX, scratch_directory

ROUTES = """\
mroute from in0 source 192.0.2.10 group 225.1.2.3 to out0
mroute from in0 source 2001:db8::10 group ff1e::1 to out0
"""


def namespaces():
    return {name for name in os.listdir("/run/netns") if name.startswith(PREFIX)}


def test_nothing_arrives_without_a_daemon(router):
    router.join("225.1.2.3", "ff1e::1")
    assert router.exchange("192.0.2.10", "225.1.2.3") == [0, 0]
    assert router.exchange("2001:db8::10", "ff1e::1") == [0, 0]


def test_packets_are_counted_by_source_and_group(router):
    router.start(ROUTES, program=DEBIAN)
    router.join("225.1.2.3", "ff1e::1")
    assert router.exchange("192.0.2.10", "225.1.2.3", 30) == [30, 0]
    assert router.exchange("2001:db8::10", "ff1e::1", 10) == [10, 0]
    assert {tuple(flow): a.packets for flow, a in router.receivers[0].flows().items()} == {
        ("192.0.2.10", "225.1.2.3"): 30,
        ("2001:db8::10", "ff1e::1"): 10,
    }


def test_a_packet_that_is_missing_shows(router):
    """The receiver is away while two packets of ten pass."""
    router.start(ROUTES, program=DEBIAN)
    sender, receiver = router.sender, router.receivers[0]
    receiver.join("225.1.2.3")
    sender.send("192.0.2.10", "225.1.2.3", 4)
    receiver.wait("192.0.2.10", "225.1.2.3", 4)
    receiver.leave("225.1.2.3")
    sender.send("192.0.2.10", "225.1.2.3", 2)
    receiver.join("225.1.2.3")
    sender.send("192.0.2.10", "225.1.2.3", 4)
    arrivals = receiver.wait("192.0.2.10", "225.1.2.3", 8)
    assert (arrivals.packets, arrivals.missing) == (8, (4, 5))


def test_a_receiver_hears_only_the_source_it_joined(router):
    router.start(
        ROUTES + "mroute from in0 source 192.0.2.11 group 225.1.2.3 to out0\n", program=DEBIAN
    )
    router.receivers[0].join("225.1.2.3", source="192.0.2.11")
    assert router.exchange("192.0.2.10", "225.1.2.3") == [0, 0]
    assert router.exchange("192.0.2.11", "225.1.2.3") == [20, 0]


def test_packets_of_another_sender_are_not_counted(router):
    router.start(ROUTES, program=DEBIAN)
    router.join("225.1.2.3")
    with Sender(router.lab.sender) as other:
        other.send("192.0.2.10", "225.1.2.3", 5)
    assert router.exchange("192.0.2.10", "225.1.2.3", 3) == [3, 0]


def test_two_labs_do_not_meet():
    with (
        Lab() as one,
        Lab() as two,
        Daemon(one.router, program=DEBIAN, configuration=ROUTES),
        Sender(one.sender) as sender,
        Sender(two.sender) as other,
        Receiver(one.receivers[0], sender) as receiver,
    ):
        other.mark = sender.mark
        receiver.join("225.1.2.3")
        other.send("192.0.2.10", "225.1.2.3", 5)
        sender.send("192.0.2.10", "225.1.2.3", 3)
        arrivals = receiver.wait("192.0.2.10", "225.1.2.3", 3)
        assert (arrivals.packets, arrivals.duplicates) == (3, 0)


def test_nothing_is_left_of_a_lab():
    with Lab(outputs=4, receivers=2, management=True) as lab:
        names = {host.namespace for host in lab.hosts}
        assert len(names) == 6
        assert names <= namespaces()
        sleeper = lab.router.popen(["sleep", "600"])
    assert not names & namespaces()
    assert sleeper.wait(10) == -signal.SIGKILL


KILLED = """\
import os, signal, subprocess
from lab import Lab
from lab.scratch import scratch_directory
with Lab() as lab, scratch_directory() as directory:
    lab.router.popen(["sleep", "600"], stdout=subprocess.DEVNULL)
    print(lab.router.namespace, lab.router.processes()[0], directory, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_leftovers_of_a_killed_run_are_removed():
    done = subprocess.run(
        [sys.executable, "-c", KILLED],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        text=True,
        timeout=30,
        check=False,
    )
    name, sleeper, directory = done.stdout.split()
    assert name in namespaces()
    assert os.path.isdir(directory)
    with Lab() as lab, scratch_directory() as ours:
        assert name not in namespaces()
        assert not os.path.exists(directory)
        assert os.path.isdir(ours)
        assert lab.router.namespace in namespaces()
    wait_for(lambda: not process.running(int(sleeper)), "the process in it killed")


def test_the_prober_measures_and_counts(router):
    router.start("mroute from in0 group 225.0.0.0/8 to out0\n", program=DEBIAN)
    with Prober(router.lab.sender, "192.0.2.10", router.lab.receivers[0]) as prober:
        assert prober.delay("225.1.2.3") is not None
        assert prober.delay("226.1.2.3", timeout=0.1) is None
        assert prober.burst(groups("225.1.2.3", 1), quiet=0.5) == 1
        assert prober.burst(groups("226.1.2.3", 5), quiet=0.1) == 0


def test_a_daemon_that_cannot_start_is_reported_with_its_log(router):
    with pytest.raises(NotReady, match=r"exit code 64; it said:\n.*invalid option"):
        router.start("", "--no-such-option", program=DEBIAN)
