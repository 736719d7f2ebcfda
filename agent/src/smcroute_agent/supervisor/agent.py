"""The agent as smcrouted's child: its command line, and the files that it asks for."""

from __future__ import annotations

import logging
import os
import time

from ..channel import Channel, ChannelClosed, Message, handed_over
from ..errors import Error
from .child import Child
from .handover import Handover
from .hearing import take
from .listeners import Listeners
from .options import Options
from .reloads import Reloads
from .startup_files import StartupFiles
from .watch import Watch

_log = logging.getLogger(__name__)


class Agent(Child):
    """The process without privilege.

    files_served: when it last read or wrote a file, of time.monotonic.
    """

    def __init__(self, options: Options, watch: Watch) -> None:
        super().__init__("agent", "smcroute_agent.agent", silent=not options.foreground)
        self._options = options
        self._watch = watch
        self._files: Channel | None = None
        self._startup_files = StartupFiles(options.config.path, options.group, options.state)
        self._startup_files.recover()
        self._handover = Handover()
        self.reloads = Reloads(lambda: self.send({"do": "reload"}))
        self.files_served = 0.0

    def start(self, listeners: Listeners, *, adopt: bool, again: bool) -> None:
        """Start an agent; raises OSError.

        adopt: its rules are those that the engine holds, not those of the file.
        again: it takes the place of one that has died.
        """
        options = self._options
        served, descriptors = listeners.arguments()
        arguments = [
            *("--identity", options.identity),
            *("--table", str(options.table)),
            *("--config", os.fspath(options.config.path)),
            *("--state", os.fspath(options.state)),
            *("--netconf-timeout", str(options.netconf_timeout)),
            *("--uid", str(options.user.uid)),
            *("--gid", str(options.user.gid)),
            *options.logging(),
            *served,
        ]
        if adopt:
            arguments.append("--adopt")
        if again:
            arguments.append("--again")
        with handed_over() as (ours, theirs):
            ours.distrust(memory_files=True)
            arguments += ["--files", str(theirs.fileno())]
            self.launch(arguments, (theirs.fileno(), *descriptors)).distrust()
        ours.socket.setblocking(False)
        self._files = ours
        self._watch.add(ours, self._serve_files)

    def reap(self) -> str:
        """As Child.reap; nobody asks for files any more, and a save that was under way is none."""
        self.reloads.agent_ended()
        self._startup_files.abandon()
        if self._files is not None:
            self._watch.remove(self._files)
            self._files.close()
            self._files = None
        return super().reap()

    def _serve_files(self) -> None:
        files = self._files
        if files is None:
            return
        try:
            received = files.receive()
        except ChannelClosed:
            self._watch.remove(files)
            return
        except ValueError as error:
            _log.error("the agent sent %s; it is killed", error)
            self._watch.remove(files)
            self.kill()
            return
        if received is None:
            return

        def serve(message: Message, descriptors: tuple[int, ...]) -> None:
            of_handover = message.get("do") in Handover.REQUESTS
            served = self._handover if of_handover else self._startup_files
            try:
                served.serve(files, message, descriptors)
            except Error as error:
                _log.debug("the agent did not take its answer: %s", error)

        take(self, serve, *received)
        self.files_served = time.monotonic()
