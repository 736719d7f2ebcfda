"""Keeps an engine and an agent running and connected to each other.

        start ──► engine ready, agent ready ──► pid file
agent dies  ──► a new agent adopts the rules that the engine holds; packets flow on
engine dies ──► a new engine is given the kernel's tables, which smcrouted has kept open, and the
                rules that the agent holds; packets flow on
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import selectors
import signal
import socket
import time
from collections.abc import Callable
from typing import Any

from ..channel import Channel, ChannelClosed, Message, channel_pair
from ..errors import Error
from ..log import NOTICE
from . import systemd
from .child import Child
from .estate import Estate
from .handover import Handover
from .listeners import Listeners
from .options import Options
from .pidfile import PidFile
from .script import RELOAD, Event, Script
from .startup_files import StartupFiles

STOP_PATIENCE = 5.0
"""Seconds that each child has for ending in good order."""

MAX_PROBLEMS = 100

Said = Callable[[Message, tuple[int, ...]], None]
"""Takes what a child said, and the descriptors beside it."""

_log = logging.getLogger(__name__)


class StartFailed(Exception):
    """A child could not start; its problems as it told them.

    kind is the name of the class of errors.Error that the child met.
    """

    def __init__(self, kind: str, problems: list[Error]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.kind = kind
        self.problems = problems


class Supervisor:
    """One smcrouted.  `run` returns when the daemon has stopped in good order."""

    def __init__(self, options: Options, on_ready: Callable[[], None]) -> None:
        self._options = options
        self._on_ready = on_ready
        silent = not options.foreground
        self._engine = Child("engine", "smcroute_agent.engine", silent=silent)
        self._agent = Child("agent", "smcroute_agent.agent", silent=silent)
        self._files: Channel | None = None
        self._startup_files = StartupFiles(options.config.path, options.user.gid, options.state)
        self._handover = Handover()
        self._pid_file = PidFile(options.pid_file.path)
        self._selector = selectors.DefaultSelector()
        self._script: Script | None = None
        if options.script:
            user = options.user if options.drop_engine_user else None
            self._script = Script(options.script, user)
        self._end_at: float | None = None
        self._estate = Estate()
        self._ready = False
        self._reloading = False
        self._engine_has_rules = False
        self._stopping = False

    def run(self) -> None:
        """Start everything and stay until SIGTERM, SIGINT, `smcroutectl kill` or the end of -D.

        Raises StartFailed or SystemProblem; nothing is then left behind.
        """
        self._listeners = Listeners.open(self._options)
        wakeup, signals = socket.socketpair()
        for end in (wakeup, signals):
            end.setblocking(False)
        signal.set_wakeup_fd(signals.fileno())
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: None)
        self._selector.register(wakeup, selectors.EVENT_READ, self._signalled)
        self._wakeup = wakeup
        if self._options.duration:
            self._end_at = time.monotonic() + self._options.duration
        try:
            self._start_engine()
            self._start_agent()
            self._connect()
            while not self._stopping:
                self._turn()
        finally:
            systemd.notify(systemd.STOPPING)
            self._stop_children()
            self._remove_files()

    # --- the loop

    def _turn(self) -> None:
        plans = [self._engine.restart_at, self._agent.restart_at, self._end_at]
        if self._script is not None:
            plans.append(self._script.deadline)
        next_plan = min((plan for plan in plans if plan is not None), default=None)
        wait = None if next_plan is None else max(0.0, next_plan - time.monotonic())
        for key, _ in self._selector.select(wait):
            key.data()
        now = time.monotonic()
        if self._end_at is not None and self._end_at <= now:
            _log.log(NOTICE, "stopping: %d s are over (-D)", self._options.duration)
            self._stopping = True
            return
        if self._script is not None and (self._script.deadline or math.inf) <= now:
            self._run_script()
        restarted = False
        if self._engine.restart_at is not None and self._engine.restart_at <= now:
            self._start_engine()
            restarted = True
        if self._agent.restart_at is not None and self._agent.restart_at <= now:
            self._start_agent()
            restarted = True
        if restarted and self._engine.running and self._agent.running:
            self._connect()

    def _signalled(self) -> None:
        for number in self._wakeup.recv(64):
            if number == signal.SIGHUP:
                systemd.notify(systemd.reloading())
                self._reloading = True
                if self._ready:
                    self._agent.send({"do": "reload"})
            elif number in (signal.SIGTERM, signal.SIGINT):
                _log.log(NOTICE, "stopping: %s", signal.Signals(number).name)
                self._stopping = True

    # --- the children

    def _logging(self) -> list[str]:
        options = ["--log-level", self._options.log_level]
        return options + (["--syslog", self._options.identity] if self._options.syslog else [])

    def _start_engine(self) -> None:
        options = self._options
        arguments = [
            *("--table", str(options.table)),
            *("--expire", str(options.expire)),
            *("--cache-limit", str(options.cache_limit)),
            *("--mrdisc-interval", str(options.mrdisc_interval)),
            *self._logging(),
        ]
        if options.drop_engine_user:
            arguments += ["--uid", str(options.user.uid), "--gid", str(options.user.gid)]
        if self._script is not None:
            arguments.append("--notify-install")
        self._engine_has_rules = False
        arguments += self._estate.arguments()
        self._engine.start(arguments, self._estate.descriptors())
        self._watch(self._engine, self._engine_said)

    def _start_agent(self) -> None:
        options = self._options
        ours, theirs = channel_pair()
        listeners, descriptors = self._listeners.arguments()
        arguments = [
            *("--identity", options.identity),
            *("--table", str(options.table)),
            *("--config", os.fspath(options.config.path)),
            *("--state", os.fspath(options.state)),
            *("--files", str(theirs.fileno())),
            *("--uid", str(options.user.uid)),
            *("--gid", str(options.user.gid)),
            *self._logging(),
            *listeners,
        ]
        if self._engine_has_rules:
            arguments.append("--adopt")
        ours.distrust(memory_files=True)
        self._agent.start(arguments, (theirs.fileno(), *descriptors)).distrust()
        theirs.close()
        ours.socket.setblocking(False)
        self._files = ours
        self._watch(self._agent, self._agent_said)
        self._selector.register(ours, selectors.EVENT_READ, self._serve_files)

    def _watch(self, child: Child, said: Said) -> None:
        control = child.control
        assert control is not None
        assert child.pidfd is not None

        def heard() -> None:
            try:
                received = control.receive()
            except ChannelClosed:
                self._unregister(control)
                return
            except ValueError as error:
                _log.error("the %s sent %s; it is killed", child.name, error)
                child.kill()
                return
            if received is not None:
                said(*received)

        def ended() -> None:
            self._hear_last_words(control, said)
            self._unregister(control)
            self._unregister(child.pidfd)
            self._child_ended(child)

        self._selector.register(control, selectors.EVENT_READ, heard)
        self._selector.register(child.pidfd, selectors.EVENT_READ, ended)

    def _hear_last_words(self, control: Channel, said: Said) -> None:
        """What an ended child had still to say: why it ended, first of all."""
        try:
            while (received := control.receive()) is not None:
                said(*received)
        except (ChannelClosed, ValueError, OSError):
            return

    def _unregister(self, thing: Any) -> None:
        try:
            self._selector.unregister(thing)
        except (KeyError, ValueError):
            return

    def _child_ended(self, child: Child) -> None:
        how = child.reap()
        if child is self._agent and self._files is not None:
            self._unregister(self._files)
            self._files.close()
            self._files = None
        if child is self._engine:
            if not self._engine_has_rules:
                # It may have died of what it was left; the next one begins with nothing.
                self._estate.close()
            self._estate.begin_succession()
            self._engine_has_rules = False
        if self._stopping:
            child.restart_at = None
        elif not self._ready:
            problem = Error(f"the {child.name} ended while starting: {how}")
            raise StartFailed("Error", [problem])
        else:
            _log.error("the %s ended (%s); it is restarted", child.name, how)

    def _connect(self) -> None:
        """Give the engine and the agent the two ends of a new channel."""
        left, right = channel_pair()
        left.distrust()
        self._engine.send({"do": "client"}, (left.fileno(),))
        self._agent.send({"do": "engine"}, (right.fileno(),))
        left.close()
        right.close()

    # --- what the children say

    def _engine_said(self, message: Message, descriptors: tuple[int, ...]) -> None:
        if "keep" in message:
            self._estate.hand_on(message["keep"], descriptors)
        elif "hold" in message and descriptors:
            self._estate.hold(message["hold"], descriptors)
        else:
            _close(descriptors)
        if "release" in message:
            self._estate.release(message["release"])
        if "fatal" in message:
            self._failed(self._engine, message["fatal"])
        if "script" in message:
            told = message["script"]
            self._run_script(Event(told["event"], told["source"], told["group"]))

    def _agent_said(self, message: Message, descriptors: tuple[int, ...]) -> None:
        _close(descriptors)
        if "fatal" in message:
            self._failed(self._agent, message["fatal"])
        if message.get("applied"):
            self._engine_has_rules = True
            self._estate.end_succession()
        if message.get("ready"):
            self._agent_ready()
        if message.get("reloaded"):
            self._reloading = False
            self._pid_file.touch()
            systemd.notify(systemd.ready("reloaded"))
            self._run_script(RELOAD)
        if "reload_failed" in message:
            self._reloading = False
            systemd.notify(systemd.ready(f"nothing is reloaded: {message['reload_failed']}"))
        if message.get("do") == "stop":
            self._stopping = True

    def _agent_ready(self) -> None:
        if not self._ready:
            self._pid_file.write()
            self._ready = True
            systemd.notify(systemd.ready("started"))
            self._on_ready()
            self._run_script(RELOAD)
        if self._reloading:
            # The order came before the agent was there, or was lost with the one before it.
            self._agent.send({"do": "reload"})

    def _failed(self, child: Child, fatal: Any) -> None:
        problems = [
            Error(str(item["message"]), path=item["path"], remedy=item["remedy"])
            for item in fatal["problems"][:MAX_PROBLEMS]
        ]
        if not self._ready:
            raise StartFailed(fatal["kind"], problems)
        for problem in problems:
            _log.error("the %s cannot start: %s", child.name, problem)

    def _serve_files(self) -> None:
        if self._files is None:
            # It was closed for another event of the same turn.
            return
        try:
            received = self._files.receive()
        except ChannelClosed:
            self._unregister(self._files)
            return
        except ValueError as error:
            _log.error("the agent sent %s; it is killed", error)
            self._unregister(self._files)
            self._agent.kill()
            return
        if received is None:
            return
        message, descriptors = received
        of_handover = message.get("do") in Handover.REQUESTS
        served = self._handover if of_handover else self._startup_files
        try:
            served.serve(self._files, message, descriptors)
        except Error as error:
            _log.debug("the agent did not take its answer: %s", error)
        finally:
            _close(descriptors)

    # --- the script

    def _run_script(self, event: Event | None = None) -> None:
        """Call it for an event, and see to the call that runs.

        Not before the daemon is ready: until then its terminal is somebody else's.
        """
        script = self._script
        if script is None:
            return
        if event is not None:
            script.add(event)
        if not self._ready:
            return
        if script.pidfd is not None:
            self._unregister(script.pidfd)
        script.step()
        if script.pidfd is not None:
            self._selector.register(script.pidfd, selectors.EVENT_READ, self._run_script)

    # --- the end

    def _stop_children(self) -> None:
        """The agent first: no more edits; then the engine, which takes the routes back."""
        if self._files is not None:
            # Nobody serves files any more: an agent that waits for one shall not.
            self._unregister(self._files)
            self._files.close()
            self._files = None
        for child in (self._agent, self._engine):
            child.send({"do": "stop"})
            child.wait(STOP_PATIENCE)
        self._estate.close()
        if self._script is not None:
            self._script.stop()

    def _remove_files(self) -> None:
        self._pid_file.remove()
        for place, listener in (
            (self._options.socket, self._listeners.smcroutectl),
            (self._options.netconf_socket, self._listeners.netconf),
        ):
            if listener is not None:
                with contextlib.suppress(OSError):
                    place.path.unlink()


def _close(descriptors: tuple[int, ...]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
