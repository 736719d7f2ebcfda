"""The engine as smcrouted's child: its command line, and what one leaves to the next."""

from __future__ import annotations

import contextlib
import os

from ..channel import Message
from ..privileges import REAL_TIME
from .child import Child
from .estate import Estate
from .fdstore import ServiceStore
from .options import Options


class Engine(Child):
    """The privileged process.

    has_rules: the agent has applied its rules to it.
    """

    def __init__(self, options: Options) -> None:
        super().__init__("engine", "smcroute_agent.engine", silent=not options.foreground)
        self._options = options
        store = ServiceStore(options.table)
        self._estate = Estate(store, store.handed_over())
        self.has_rules = False

    def start(self) -> None:
        """Start an engine with what the one before has left; raises OSError."""
        options = self._options
        arguments = [
            *("--table", str(options.table)),
            *("--expire", str(options.expire)),
            *("--cache-limit", str(options.cache_limit)),
            *("--mrdisc-interval", str(options.mrdisc_interval)),
            *options.logging(),
        ]
        if options.drop_engine_user:
            arguments += ["--uid", str(options.user.uid), "--gid", str(options.user.gid)]
        if options.script:
            arguments.append("--notify-install")
        self.has_rules = False
        arguments += self._estate.arguments()
        self.launch(arguments, self._estate.descriptors())

    def entrusts(self, message: Message, descriptors: tuple[int, ...]) -> None:
        """Keep the descriptors that it gives away, and let go of those that it names."""
        if "keep" in message:
            self._estate.hand_on(message["keep"], _own(descriptors))
        elif "hold" in message and descriptors:
            self._estate.hold(message["hold"], _own(descriptors))
        if "release" in message:
            self._estate.release(message["release"])

    def go_first(self) -> None:
        """Let it be a real-time process again, as it asks for when it has done little for a while
        (engine/precedence.py); it has no privilege for it."""
        assert self._process is not None
        with contextlib.suppress(OSError):
            os.sched_setscheduler(self._process.pid, os.SCHED_RR, os.sched_param(REAL_TIME))

    def was_given_rules(self) -> None:
        """The agent's rules are its own now: it needs nothing of the one before."""
        self.has_rules = True
        self._estate.end_succession()

    def reap(self) -> str:
        """As Child.reap; the next engine inherits, unless this one has died of what it was left."""
        how = super().reap()
        if self.status != 0 and not self.has_rules:
            self._estate.renounce()
        self._estate.begin_succession()
        self.has_rules = False
        return how

    def close(self) -> None:
        """smcrouted has no next engine.  The kernel's tables go, unless the service manager
        holds on to them, as it does when it starts smcrouted again."""
        self._estate.close()


def _own(descriptors: tuple[int, ...]) -> tuple[int, ...]:
    """Duplicates to hold on to: those beside a message are closed when it has been taken."""
    return tuple(map(os.dup, descriptors))
