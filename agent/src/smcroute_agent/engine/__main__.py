"""python -m smcroute_agent.engine: the privileged process, started by smcrouted only."""

from __future__ import annotations

import contextlib
import gc
import logging
import signal
import sys

from .. import confinement, privileges
from .. import log as logs
from ..channel import Channel, ChannelClosed, ChannelFull
from ..errors import Error, SystemProblem
from . import precedence
from .addresses import FAMILIES, Family
from .counters import Event
from .discovery import Discovery
from .kernel.discovery import DiscoverySocket
from .kernel.membership import MembershipSockets
from .kernel.mroute import OPENERS, MulticastRouting
from .kernel.netlink import LinkMonitor, dump_links
from .kernel.refusals import MissingInKernel
from .links import LinkChanges
from .loop import Loop
from .options import Options, parse
from .router import Router
from .succession import RECORD, Estate, Inheritance, MembershipCustody, VifMemory, estate

log = logging.getLogger("engine")


def main() -> int:
    """Run until the supervisor stops it; the exit code is 1 when it could not begin."""
    options = parse(sys.argv[1:])
    logs.setup(options.log_level, options.syslog or "engine", options.syslog is not None)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # The supervisor decides; when it is gone, its channel says so.
        signal.signal(number, signal.SIG_IGN)
    control = Channel.from_descriptor(options.control)
    try:
        loop, left = _start(control, options)
    except Error as error:
        problem = {"message": error.message, "remedy": error.remedy, "path": error.path}
        fatal = {"kind": error.kind, "problems": [problem]}
        with contextlib.suppress(ChannelClosed):
            control.send({"fatal": fatal})
        return 1
    gc.disable()
    gc.freeze()
    names, descriptors = left
    control.send({"ready": True, "keep": names}, descriptors)
    loop.run()
    return 0


def _start(control: Channel, options: Options) -> tuple[Loop, Estate]:
    inherited = options.inherited
    kernels, absent = _open(options.table, inherited)
    memory = VifMemory(inherited.get(RECORD))
    sockets = {family: DiscoverySocket(family) for family in kernels}
    monitor = LinkMonitor()
    first = precedence.go_first()
    privileges.drop(options.uid, options.gid, privileges.ENGINE)
    confinement.confine()
    loop: Loop

    def emit(event: Event) -> None:
        loop.emit(event)

    def ask_to_go_first() -> None:
        with contextlib.suppress(ChannelClosed, ChannelFull):  # another time, then
            control.send({"first": True})

    sockets_of_groups = MembershipSockets(MembershipCustody(control))
    router = Router(kernels, sockets_of_groups, options.cache_limit, emit, absent)
    links = LinkChanges(monitor, dump_links, router)
    links.start()
    inheritance = Inheritance(router, memory)
    loop = Loop(
        control,
        router,
        links,
        monitor.fileno(),
        inheritance,
        Discovery(router, sockets, options.mrdisc_interval),
        {sock.fileno(): family for family, sock in sockets.items()},
        precedence=precedence.Precedence(ask_to_go_first) if first else None,
        expire_after=options.expire,
        notify_install=options.notify_install,
    )
    return loop, estate(kernels, memory)


def _open(
    table: int | None, inherited: dict[str, int]
) -> tuple[dict[Family, MulticastRouting], dict[Family, Error]]:
    """The multicast routing tables, and why one of them cannot be had.

    One is enough, as for smcroute: the kernel may have no IPv6, another daemon may route the
    other family.
    """
    kernels: dict[Family, MulticastRouting] = {}
    absent: dict[Family, Error] = {}
    for family in FAMILIES:
        try:
            kernels[family] = OPENERS[family](table, inherited.get(family.name))
        except SystemProblem as error:
            absent[family] = error
    if not kernels:
        raise absent[FAMILIES[0]]
    for family, problem in absent.items():
        level = logs.NOTICE if isinstance(problem, MissingInKernel) else logging.WARNING
        log.log(level, "%s; %s mroutes are refused", problem.message, family.name)
    return kernels, absent


if __name__ == "__main__":
    sys.exit(main())
