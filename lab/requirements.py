"""What the lab needs of the machine, each with a sentence for whoever lacks it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path


class MissingRequirement(Exception):
    """The machine lacks something; the text says what, and what to do."""


PROC_NET = Path("/proc/net")

PACKAGES = {
    "ip": "iproute2",
    "/usr/sbin/smcrouted": "smcroute",
    "/usr/sbin/smcroutectl": "smcroute",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "tcpdump": "tcpdump",
    "tshark": "tshark",
}
"""Debian's package of each command that may be asked for."""


def check(commands: Iterable[str] = ()) -> None:
    """Raise MissingRequirement for the first thing that the lab lacks on this machine."""
    if os.geteuid() != 0:
        raise MissingRequirement(
            "network namespaces need root; run it with sudo, or as root in a virtual machine"
        )
    for command in ("ip", *commands):
        if shutil.which(command) is None:
            raise MissingRequirement(
                f"the command {command} is not installed; "
                f"run lab/require-packages, or apt-get install {PACKAGES[command]}"
            )
    if not Path("/proc/self/ns/net").exists():
        raise MissingRequirement(
            "this kernel has no network namespaces (CONFIG_NET_NS); use a Debian kernel"
        )
    try:
        pid = os.fork()
        if pid == 0:
            _unshare_and_exit()
        _, status = os.waitpid(pid, 0)
    except OSError as error:
        raise MissingRequirement(f"cannot start a process: {error}") from error
    if os.waitstatus_to_exitcode(status):
        raise MissingRequirement(
            "making a network namespace is not permitted here; "
            "in a container, start it with --privileged, or use a virtual machine"
        )
    for name, option in (("ip_mr_vif", "CONFIG_IP_MROUTE"), ("ip6_mr_vif", "CONFIG_IPV6_MROUTE")):
        if not (PROC_NET / name).exists():
            raise MissingRequirement(
                f"this kernel has no multicast routing ({option}); boot Debian's own kernel"
            )


def _unshare_and_exit() -> None:
    import ctypes

    from .namespace import CLONE_NEWNET

    os._exit(1 if ctypes.CDLL(None).unshare(CLONE_NEWNET) else 0)
