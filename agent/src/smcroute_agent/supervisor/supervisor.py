"""Keeps an engine and an agent running and connected to each other.

        start ──► engine ready, agent ready ──► pid file
agent dies  ──► a new agent adopts the rules that the engine holds; packets flow on
engine dies ──► a new engine is given the kernel's tables, which smcrouted has kept open, and the
                rules that the agent holds; packets flow on
smcrouted is restarted ──► a new engine is given the kernel's tables, which systemd has kept open,
                and the rules of the configuration file; what they still forward flows on
"""

from __future__ import annotations

import contextlib
import logging
import math
import signal
import socket
import time
from collections.abc import Callable
from typing import Any

from ..channel import Message, channel_pair
from ..errors import Error, SystemProblem
from ..log import NOTICE
from . import systemd
from .agent import Agent
from .child import Child
from .engine import Engine
from .failure import StartFailed
from .hearing import hear
from .listeners import Listeners
from .options import Options
from .pidfile import PidFile
from .script import RELOAD, Event, Script
from .watch import Watch

STOP_PATIENCE = 5.0
"""Seconds that a child has for ending in good order, since it last read or wrote a file."""

MAX_STOP_PATIENCE = 60.0
"""Seconds at the most, whatever it reads and writes."""

_log = logging.getLogger(__name__)


class Supervisor:
    """One smcrouted.  `run` returns when the daemon has stopped in good order."""

    def __init__(self, options: Options, on_ready: Callable[[], None]) -> None:
        self._options = options
        self._on_ready = on_ready
        self._watch = Watch()
        self._engine = Engine(options)
        self._agent = Agent(options, self._watch)
        self._pid_file = PidFile(options.pid_file.path)
        self._script: Script | None = None
        if options.script:
            user = options.user if options.drop_engine_user else None
            self._script = Script(options.script, user)
        self._end_at: float | None = None
        self._starting = {self._engine.name, self._agent.name}
        self._ready = False
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
        self._watch.add(wakeup, self._signalled)
        self._wakeup = wakeup
        if self._options.duration:
            self._end_at = time.monotonic() + self._options.duration
        try:
            self._start_children()
            while not self._stopping:
                self._turn()
        finally:
            systemd.notify(systemd.STOPPING)
            try:
                self._stop_children()
            finally:
                self._remove_files()

    # --- the loop

    def _turn(self) -> None:
        plans = [self._engine.restart_at, self._agent.restart_at, self._end_at]
        if self._script is not None:
            plans.append(self._script.deadline)
        next_plan = min((plan for plan in plans if plan is not None), default=None)
        self._watch.turn(next_plan)
        now = time.monotonic()
        if self._end_at is not None and self._end_at <= now:
            _log.log(NOTICE, "stopping: %d s are over (-D)", self._options.duration)
            self._stopping = True
            return
        if self._script is not None and (self._script.deadline or math.inf) <= now:
            self._run_script()
        self._restart_children(now)

    def _signalled(self) -> None:
        for number in self._wakeup.recv(64):
            if self._stopping:
                return
            if number == signal.SIGHUP:
                systemd.notify(systemd.reloading())
                self._agent.reloads.order()
            elif number in (signal.SIGTERM, signal.SIGINT):
                _log.log(NOTICE, "stopping: %s", signal.Signals(number).name)
                self._stopping = True

    # --- the children

    def _start_children(self) -> None:
        try:
            self._start_engine()
            self._start_agent()
            self._connect()
        except OSError as error:
            raise SystemProblem(
                f"engine and agent cannot be started: {error.strerror or error}",
                remedy="give smcrouted more processes or open files (ulimit -u, ulimit -n)",
            ) from None

    def _restart_children(self, now: float) -> None:
        """Start those whose time has come; what the machine does not give is tried again."""
        started = []
        for child, start in ((self._engine, self._start_engine), (self._agent, self._start_agent)):
            if child.restart_at is None or child.restart_at > now:
                continue
            try:
                start()
                started.append(child)
            except OSError as error:
                child.put_off()
                _log.error("the %s cannot be started: %s; trying again", child.name, error.strerror)
        if not started or not self._engine.running or not self._agent.running:
            return
        try:
            self._connect()
        except OSError as error:
            _log.error("engine and agent cannot be connected: %s", error.strerror)
            for child in started:
                child.kill()  # to be started, and connected, anew

    def _start_engine(self) -> None:
        self._engine.start()
        hear(self._engine, self._watch, self._engine_said, lambda: self._ended(self._engine))

    def _start_agent(self) -> None:
        self._agent.start(self._listeners, adopt=self._engine.has_rules, again=self._ready)
        hear(self._agent, self._watch, self._agent_said, lambda: self._ended(self._agent))

    def _ended(self, child: Child) -> None:
        how = child.reap()
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
        try:
            left.distrust()
            self._engine.send({"do": "client"}, (left.fileno(),))
            self._agent.send({"do": "engine"}, (right.fileno(),))
        finally:
            left.close()
            right.close()

    # --- what the children say

    def _engine_said(self, message: Message, descriptors: tuple[int, ...]) -> None:
        self._engine.entrusts(message, descriptors)
        if message.get("first") is True:
            self._engine.go_first()
        if message.get("ready"):
            self._child_ready(self._engine)
        if "fatal" in message:
            self._failed(self._engine, message["fatal"])
        if "script" in message:
            self._run_script(Event.told(message["script"]))

    def _agent_said(self, message: Message, descriptors: tuple[int, ...]) -> None:
        if "fatal" in message:
            self._failed(self._agent, message["fatal"])
        if message.get("applied"):
            self._engine.was_given_rules()
        if message.get("ready"):
            self._child_ready(self._agent)
            self._agent.reloads.agent_ready()
        if message.get("reloaded"):
            if message.get("ordered"):
                self._agent.reloads.done()
            self._pid_file.touch()
            systemd.notify(systemd.ready("reloaded"))
            self._run_script(RELOAD)
        if "reload_failed" in message:
            self._agent.reloads.done()
            systemd.notify(systemd.ready(f"nothing is reloaded: {message['reload_failed']}"))
        if message.get("do") == "stop":
            self._stopping = True

    def _child_ready(self, child: Child) -> None:
        """The daemon is ready when both are, for the first time: an agent without rules does
        not need the engine, and cannot know that it has failed."""
        self._starting.discard(child.name)
        if self._starting or self._ready or self._stopping:
            return
        self._pid_file.write()
        self._ready = True
        systemd.notify(systemd.ready("started"))
        self._on_ready()
        self._run_script(RELOAD)

    def _failed(self, child: Child, fatal: Any) -> None:
        failure = StartFailed.told(fatal)
        if self._stopping:
            return
        if not self._ready:
            raise failure
        for problem in failure.problems:
            _log.error("the %s cannot start: %s", child.name, problem)

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
            self._watch.remove(script.pidfd)
        script.step()
        if script.pidfd is not None:
            self._watch.add(script.pidfd, self._run_script)

    # --- the end

    def _stop_children(self) -> None:
        """The agent first: no more edits; then the engine, which takes the routes back."""
        self._stopping = True
        for child in (self._agent, self._engine):
            child.send({"do": "stop"})
            self._see_off(child)
        self._engine.close()
        if self._script is not None:
            self._script.stop()

    def _see_off(self, child: Child) -> None:
        """Wait for the child's end, and serve it meanwhile: it may be in the middle of a save."""
        begun = time.monotonic()
        killed = False
        while child.running:
            until = max(begun, self._agent.files_served) + STOP_PATIENCE
            until = min(until, begun + MAX_STOP_PATIENCE)
            if not killed and time.monotonic() >= until:
                _log.error("the %s does not stop; it is killed", child.name)
                child.kill()
                killed = True
            self._watch.turn(None if killed else until)

    def _remove_files(self) -> None:
        self._pid_file.remove()
        for place, listener in (
            (self._options.socket, self._listeners.smcroutectl),
            (self._options.netconf_socket, self._listeners.netconf),
        ):
            if listener is not None:
                with contextlib.suppress(OSError):
                    place.path.unlink()
