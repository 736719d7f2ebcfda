"""A confined process, for real: what the kernel refuses it, and what it does not."""

import ctypes
import faulthandler
import fcntl
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest

from smcroute_agent import confinement, privileges

PR_SET_NO_NEW_PRIVS = 38
SIOCSPGRP = 0x8902
LIBC = ctypes.CDLL(None, use_errno=True)

REFUSED, DONE, BROKEN = 10, 11, 12


@pytest.fixture
def other() -> Iterator[subprocess.Popen[bytes]]:
    """A process of the same user that the confined one could signal."""
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


def confined(
    attempt: Callable[[], object], confine: Callable[[], bool] = confinement.confine
) -> int:
    """How a confined child ends that attempts it, as os.waitstatus_to_exitcode tells."""
    pid = os.fork()
    if not pid:
        code = BROKEN
        try:
            LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
            if confine():
                attempt()
                code = DONE
        except PermissionError:
            code = REFUSED
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def abort() -> None:
    faulthandler.disable()  # of pytest
    os.abort()


def queue(pid: int) -> None:
    call = {"x86_64": 129}.get(os.uname().machine, 138)
    information = ctypes.create_string_buffer(128)
    ctypes.c_int.from_buffer(information, 8).value = -1  # SI_QUEUE
    if LIBC.syscall(call, pid, 0, information):
        raise OSError(ctypes.get_errno(), "rt_sigqueueinfo")


ATTEMPTS: dict[str, Callable[[int], object]] = {
    "kill": lambda pid: os.kill(pid, signal.SIGTERM),
    "kill nothing": lambda pid: os.kill(pid, 0),
    "killpg": lambda pid: os.killpg(os.getpgid(pid), 0),
    "kill all": lambda _: os.kill(-1, 0),
    "queue": queue,
    "pidfd": os.pidfd_open,
    "limits": lambda pid: resource.prlimit(pid, resource.RLIMIT_CPU),
    "affinity": lambda pid: os.sched_setaffinity(pid, {0}),
    "priority": lambda pid: os.setpriority(os.PRIO_PROCESS, pid, 1),
    "policy": lambda pid: os.sched_setscheduler(pid, os.SCHED_OTHER, os.sched_param(0)),
    "priority of the user": lambda _: os.setpriority(os.PRIO_USER, os.getuid(), 1),
}


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS)
def test_others_are_out_of_reach(
    other: subprocess.Popen[bytes], attempt: Callable[[int], object]
) -> None:
    assert confined(lambda: attempt(other.pid)) == REFUSED
    assert confined(lambda: attempt(other.pid), lambda: True) == DONE
    if attempt is not ATTEMPTS["kill"]:
        assert other.poll() is None


def test_no_descriptor_signals_others(other: subprocess.Popen[bytes]) -> None:
    with socket.socket() as sock:
        attempts = (
            lambda: fcntl.fcntl(sock, fcntl.F_SETOWN, other.pid),
            lambda: fcntl.ioctl(sock, SIOCSPGRP, other.pid.to_bytes(4, sys.byteorder)),
        )
        for attempt in attempts:
            assert confined(attempt) == REFUSED
            assert confined(attempt, lambda: True) == DONE


def test_no_program_is_run() -> None:
    assert confined(lambda: os.execv("/bin/true", ["true"])) == REFUSED
    assert confined(lambda: os.execv("/bin/true", ["true"]), lambda: True) == 0


def test_no_process_leaves_its_group() -> None:
    """smcrouted ends a child with its group."""

    def leave() -> None:
        os.setpgid(0, os.getpgid(os.getppid()))

    assert confined(leave) == confined(os.setsid) == REFUSED
    assert confined(leave, lambda: True) == DONE


def test_a_process_may_deal_with_itself() -> None:
    def attempt() -> None:
        os.kill(os.getpid(), 0)
        signal.pthread_kill(threading.get_ident(), 0)
        resource.getrlimit(resource.RLIMIT_NOFILE)
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        thread = threading.Thread(target=lambda: None)
        thread.start()
        thread.join()
        flags = fcntl.fcntl(0, fcntl.F_GETFL)
        fcntl.fcntl(0, fcntl.F_SETFL, flags)

    assert confined(attempt) == DONE
    assert confined(abort) == -signal.SIGABRT


def test_all_threads_are_confined(other: subprocess.Popen[bytes]) -> None:
    """Also those that are there already."""
    threads: list[threading.Thread] = []
    refused: list[bool] = []
    go = threading.Event()

    def in_thread() -> None:
        go.wait()
        try:
            os.kill(other.pid, 0)
        except PermissionError:
            refused.append(True)

    def confine() -> bool:
        threads.append(threading.Thread(target=in_thread))
        threads[0].start()
        return confinement.confine()

    def attempt() -> None:
        go.set()
        threads[0].join()
        if refused:
            raise PermissionError

    assert confined(attempt, confine) == REFUSED


def test_landlock_alone_refuses_signals_where_the_kernel_has_it(
    other: subprocess.Popen[bytes],
) -> None:
    def attempt() -> None:
        os.pidfd_open(other.pid)
        os.kill(other.pid, 0)

    version = LIBC.syscall(444, None, ctypes.c_size_t(0), 1)
    expected = REFUSED if version >= 6 else BROKEN
    assert confined(attempt, confinement._scope_signals) == expected


def test_an_unknown_processor_is_not_filtered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(machine="vax"))
    assert not confinement._filter_calls()


def test_without_a_filter_nothing_is_promised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confinement, "_syscall", lambda *_: False)
    monkeypatch.setattr(confinement._libc, "prctl", lambda *_: -1)
    assert not confinement.confine()


def test_where_seccomp_is_refused_prctl_is_taken(
    other: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As under the SystemCallFilter of a service manager that does not know it."""
    monkeypatch.setattr(confinement, "_syscall", lambda *_: False)
    assert confined(lambda: os.kill(other.pid, 0)) == REFUSED
    assert confined(lambda: os.setpriority(os.PRIO_PROCESS, 0, 1)) == REFUSED


def test_privileges_are_dropped_before() -> None:
    """drop needs what is refused later, and confine what drop sets."""

    def both() -> bool:
        privileges.drop(65534, 65534, privileges.AGENT)
        return confinement.confine()

    assert confined(lambda: os.kill(os.getpid(), 0), both) == DONE
