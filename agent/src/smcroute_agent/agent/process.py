"""The unprivileged process, from its start to its end."""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import signal
import sys

from .. import confinement, log, privileges
from ..channel import Channel
from ..errors import Error
from ..netconf import memory
from . import late
from .control import Control
from .options import Options, parse
from .service import Service

DESCRIPTORS = 4096
"""Open files at the most: 512 sessions, 512 SSH connections and 128 of smcroutectl are more than
the usual 1024 allow."""

GC_THRESHOLDS = (5_000, 10, 50)
"""Trees of 10 000 entries are no garbage: with Python's own thresholds, parsing them takes a
third longer, in vain."""


def main() -> int:
    """Run until smcrouted says stop."""
    options = parse(sys.argv[1:])
    log.setup(options.log_level, options.syslog or "agent", options.syslog is not None)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # smcrouted decides; when it is gone, its channel says so.
        signal.signal(number, signal.SIG_IGN)
    control = Channel.from_descriptor(options.control)
    memory.use_one_arena()
    _allow_descriptors()
    try:
        _become_unprivileged(options)
    except Error as error:
        Control(control).fatal([error])
        return 1
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    gc.enable()
    asyncio.run(_serve(options, control))
    return 0


async def _serve(options: Options, control: Channel) -> None:
    await Service(options, control, Channel.from_descriptor(options.files)).run()


def _allow_descriptors() -> None:
    """As many as DESCRIPTORS, or else as the administrator's hard limit allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _become_unprivileged(options: Options) -> None:
    """Whatever only root may read is read before."""
    late.prepare()
    if options.ssh is not None:
        from ..netconf.transports import host_key, ssh  # noqa: F401
    root = os.geteuid() == 0
    privileges.drop(options.uid if root else None, options.gid if root else None, privileges.AGENT)
    confinement.confine()
