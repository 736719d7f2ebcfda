"""python -m lab.demo: one playbook moves real multicast through a real kernel."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from .account import Account, Line
from .daemon import Daemon, NotReady
from .host import Host
from .multicast import Receiver, Sender
from .playbook import PLAYBOOKS, PlaybookFailed, link_collection, run_playbook, write_inventory
from .requirements import MissingRequirement, check
from .scratch import scratch_directory
from .ssh import SshAccess
from .topology import Addresses, Lab
from .wait import wait_for

PACKETS = 100
INTERVAL = 0.005
"""Seconds between two packets of a flow: the kernel keeps only a flow's first four packets
while the router makes up its mind (ipmr_cache_unresolved in net/ipv4/ipmr.c)."""

TTL = 8
LOW_TTL = 4
"""Not greater than the threshold of out1 in playbooks/demo.yml."""

TASKS = 3
"""Tasks of playbooks/demo.yml: interfaces, groups, routes.  Each changes an empty router."""

PLAYBOOK_TIMEOUT = 60


class Case(NamedTuple):
    """A flow, the rule of playbooks/demo.yml that it meets, and who should receive it."""

    rule: str
    source: str
    group: str
    receivers: tuple[bool, ...]
    ttl: int = TTL

    @property
    def flow(self) -> str:
        return f"{self.source} > {self.group}" + (f" TTL {self.ttl}" if self.ttl != TTL else "")


IPV4, IPV6 = Addresses.SENDER
OTHER_IPV4, OTHER_IPV6 = Addresses.OTHER_SENDER

CASES = (
    Case("(S,G)", IPV4, "225.1.2.3", (True, True)),
    Case("none: another source", OTHER_IPV4, "225.1.2.3", (False, False)),
    Case("(*,G)", IPV4, "225.2.0.1", (True, False)),
    Case("(*,G)", OTHER_IPV4, "225.2.0.1", (True, False)),
    Case("none: no such group", IPV4, "225.9.9.9", (False, False)),
    Case("(*,G/LEN)", IPV4, "225.3.4.5", (False, True)),
    Case("(S,G)", IPV6, "ff1e::1", (True, True)),
    Case("none: another source", OTHER_IPV6, "ff1e::1", (False, False)),
    Case("(*,G)", IPV6, "ff1e::2", (True, False)),
    Case("none: no such group", IPV6, "ff1e::9", (False, False)),
    Case("(*,G/LEN)", IPV6, "ff1e:3::5", (False, True)),
)
LOW_TTL_CASES = tuple(
    case._replace(rule=f"{case.rule}, ttl-threshold", receivers=(True, False), ttl=LOW_TTL)
    for case in CASES
    # The kernel has no such threshold for IPv6: struct mf6cctl carries no TTLs.
    if all(case.receivers) and case.source == IPV4
)
REMOVED = CASES[0]
"""The route that playbooks/remove-route.yml removes."""


def send_and_count(
    sender: Sender, receivers: Sequence[Receiver], cases: Sequence[Case]
) -> list[Line]:
    """Send PACKETS packets of each flow, in turn, and count them behind the router."""
    before = [[r.packets(case.source, case.group) for r in receivers] for case in cases]
    for _ in range(PACKETS):
        for case in cases:
            sender.send(case.source, case.group, ttl=case.ttl)
        time.sleep(INTERVAL)

    def counted() -> list[Line]:
        return [
            Line(
                case.rule,
                case.flow,
                PACKETS,
                tuple(
                    receiver.packets(case.source, case.group) - old
                    for receiver, old in zip(receivers, olds, strict=True)
                ),
                tuple(PACKETS * wanted for wanted in case.receivers),
            )
            for case, olds in zip(cases, before, strict=True)
        ]

    # A table that stays wrong is what the account has to show, so no error here.
    with contextlib.suppress(AssertionError):
        wait_for(lambda: all(line.right for line in counted()), "all packets", timeout=2)
    return counted()


def demo(account: Account) -> None:
    """The whole of it; what differs from what it should be is noted in the account."""
    with contextlib.ExitStack() as stack:
        enter = stack.enter_context
        account.step("laying the lab: five network namespaces, four veth pairs")
        lab = enter(Lab(management=True))
        assert lab.control is not None
        directory = Path(enter(scratch_directory()))
        access = SshAccess(directory, Addresses.ROUTER_MANAGEMENT[0])
        account.picture()

        account.step("starting smcrouted in the router")
        daemon = enter(Daemon(lab.router, options=access.daemon_options))
        account.detail(f"privileged engine: pid {daemon.engine_pid}")
        account.detail(f"agent without privilege: pid {daemon.agent_pid}")

        sender = enter(Sender(lab.sender))
        receivers = [enter(Receiver(host, sender)) for host in lab.receivers]
        for receiver in receivers:
            for group in {case.group for case in CASES}:
                receiver.join(group)

        local = write_inventory(directory, "local", {"socket": str(daemon.netconf_socket)})
        remote = write_inventory(directory, "remote", access.module_options)

        def play(name: str, inventory: Path, host: Host, changed: int) -> None:
            recap = run_playbook(
                PLAYBOOKS / name, inventory, directory, host=host, timeout=PLAYBOOK_TIMEOUT
            )
            account.check("changed", recap.changed, changed)

        account.step("ansible-playbook playbooks/demo.yml, NETCONF over the UNIX socket")
        play("demo.yml", local, lab.router, TASKS)
        for rule in daemon.control("-p", "show", "routes").stdout.splitlines():
            account.detail(rule)

        account.step(f"sending {PACKETS} packets of each flow")
        account.packets(send_and_count(sender, receivers, CASES))
        account.step(f"the same with TTL {LOW_TTL}: the threshold of out1 stops them there")
        account.packets(send_and_count(sender, receivers, LOW_TTL_CASES))

        account.step("the same playbook again")
        play("demo.yml", local, lab.router, 0)

        account.step("ansible-playbook playbooks/remove-route.yml")
        play("remove-route.yml", local, lab.router, 1)
        gone = REMOVED._replace(rule=f"{REMOVED.rule}, removed", receivers=(False, False))
        left = [gone if case == REMOVED else case for case in CASES]
        account.step("sending again: the packets of the removed route stop, the others flow")
        account.packets(send_and_count(sender, receivers, left))

        account.step("playbooks/demo.yml from the control host, over SSH: the route is back")
        play("demo.yml", remote, lab.control, 1)
        account.packets(send_and_count(sender, receivers, CASES))
        account.step("cleaning up")


def main() -> int:
    """Run the demo; returns the exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    account = Account()
    try:
        packages = Path(__file__).with_name("require-packages")
        subprocess.run([packages, "iproute2", "openssh-client"], check=False, timeout=600)
        check(commands=("ssh-keygen",))
        link_collection()
        demo(account)
    except KeyboardInterrupt:
        print("\ninterrupted; the lab is removed", file=sys.stderr)
        return 130
    except (MissingRequirement, NotReady, PlaybookFailed) as problem:
        print(f"\ndemo: {problem}", file=sys.stderr)
        return 1
    return account.close()


if __name__ == "__main__":
    sys.exit(main())
