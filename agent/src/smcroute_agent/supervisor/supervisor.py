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
from ..errors import Error, SystemProblem
from ..log import NOTICE
from . import systemd
from .child import Child
from .estate import Estate
from .handover import Handover
from .listeners import Listeners
from .options import Options
from .pidfile import PidFile
from .reloads import Reloads
from .script import RELOAD, Event, Script
from .startup_files import StartupFiles

STOP_PATIENCE = 5.0
"""Seconds that a child has for ending in good order, since it last read or wrote a file."""

MAX_STOP_PATIENCE = 60.0
"""Seconds at the most, whatever it reads and writes."""

MAX_PROBLEMS = 100
MAX_LAST_WORDS = 1000

NOT_TAKEN = (LookupError, TypeError, ValueError, AttributeError, OSError)
"""What a message that is not one of ours raises where it is taken apart, or one that asks for
more than the machine has."""

Said = Callable[[Message, tuple[int, ...]], None]
"""Takes what a child said, and the descriptors beside it."""

_log = logging.getLogger(__name__)


class StartFailed(Exception):
    """A child could not start; its problems as it told them.

    kind is that of the errors.Error that the child met.
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
        self._startup_files = StartupFiles(options.config.path, options.group, options.state)
        self._handover = Handover()
        self._pid_file = PidFile(options.pid_file.path)
        self._selector = selectors.DefaultSelector()
        self._script: Script | None = None
        if options.script:
            user = options.user if options.drop_engine_user else None
            self._script = Script(options.script, user)
        self._end_at: float | None = None
        self._estate = Estate()
        self._starting = {self._engine.name, self._agent.name}
        self._ready = False
        self._reloads = Reloads(lambda: self._agent.send({"do": "reload"}))
        self._files_served = 0.0
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
        self._dispatch(next_plan)
        now = time.monotonic()
        if self._end_at is not None and self._end_at <= now:
            _log.log(NOTICE, "stopping: %d s are over (-D)", self._options.duration)
            self._stopping = True
            return
        if self._script is not None and (self._script.deadline or math.inf) <= now:
            self._run_script()
        self._restart_children(now)

    def _dispatch(self, until: float | None) -> None:
        """Wait for news until then (of time.monotonic; None: for ever), and take them."""
        wait = None if until is None else max(0.0, until - time.monotonic())
        registered = self._selector.get_map()
        for key, _ in self._selector.select(wait):
            # What came before may have closed it.
            if registered.get(key.fd) is key:
                key.data()

    def _signalled(self) -> None:
        for number in self._wakeup.recv(64):
            if self._stopping:
                return
            if number == signal.SIGHUP:
                systemd.notify(systemd.reloading())
                self._reloads.order()
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
        if self._ready:
            arguments.append("--again")
        try:
            ours.distrust(memory_files=True)
            self._agent.start(arguments, (theirs.fileno(), *descriptors)).distrust()
        except OSError:
            ours.close()
            raise
        finally:
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
                self._take(child, said, *received)

        def ended() -> None:
            self._hear_last_words(child, said)
            self._unregister(control)
            self._unregister(child.pidfd)
            self._child_ended(child)

        self._selector.register(control, selectors.EVENT_READ, heard)
        self._selector.register(child.pidfd, selectors.EVENT_READ, ended)

    def _take(
        self, child: Child, take: Said, message: Message, descriptors: tuple[int, ...]
    ) -> None:
        """Have a message taken; a child that talks nonsense is none of ours any more."""
        try:
            take(message, descriptors)
        except NOT_TAKEN as error:
            why = f"{type(error).__name__}: {error}"
            _log.error("a message of the %s is not taken (%s); it is killed", child.name, why)
            child.kill()
        finally:
            _close(descriptors)

    def _hear_last_words(self, child: Child, said: Said) -> None:
        """What an ended child had still to say: why it ended, first of all.

        What it has started may hold its end of the channel, and go on talking.
        """
        assert child.control is not None
        for _ in range(MAX_LAST_WORDS):
            try:
                received = child.control.receive()
            except (ChannelClosed, ValueError, OSError):
                return
            if received is None:
                return
            self._take(child, said, *received)

    def _unregister(self, thing: Any) -> None:
        try:
            self._selector.unregister(thing)
        except (KeyError, ValueError):
            return

    def _child_ended(self, child: Child) -> None:
        how = child.reap()
        if child is self._agent:
            self._reloads.agent_ended()
            if self._files is not None:
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
        try:
            left.distrust()
            self._engine.send({"do": "client"}, (left.fileno(),))
            self._agent.send({"do": "engine"}, (right.fileno(),))
        finally:
            left.close()
            right.close()

    # --- what the children say

    def _engine_said(self, message: Message, descriptors: tuple[int, ...]) -> None:
        if "keep" in message:
            self._estate.hand_on(message["keep"], _own(descriptors))
        elif "hold" in message and descriptors:
            self._estate.hold(message["hold"], _own(descriptors))
        if "release" in message:
            self._estate.release(message["release"])
        if message.get("ready"):
            self._child_ready(self._engine)
        if "fatal" in message:
            self._failed(self._engine, message["fatal"])
        if "script" in message:
            told = message["script"]
            self._run_script(Event(told["event"], told["source"], told["group"]))

    def _agent_said(self, message: Message, descriptors: tuple[int, ...]) -> None:
        if "fatal" in message:
            self._failed(self._agent, message["fatal"])
        if message.get("applied"):
            self._engine_has_rules = True
            self._estate.end_succession()
        if message.get("ready"):
            self._child_ready(self._agent)
            self._reloads.agent_ready()
        if message.get("reloaded"):
            if message.get("ordered"):
                self._reloads.done()
            self._pid_file.touch()
            systemd.notify(systemd.ready("reloaded"))
            self._run_script(RELOAD)
        if "reload_failed" in message:
            self._reloads.done()
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
        problems = [
            Error(str(item["message"]), path=item["path"], remedy=item["remedy"])
            for item in fatal["problems"][:MAX_PROBLEMS]
        ]
        kind = str(fatal["kind"])
        if self._stopping:
            return
        if not self._ready:
            raise StartFailed(kind, problems)
        for problem in problems:
            _log.error("the %s cannot start: %s", child.name, problem)

    def _serve_files(self) -> None:
        files = self._files
        if files is None:
            return
        try:
            received = files.receive()
        except ChannelClosed:
            self._unregister(files)
            return
        except ValueError as error:
            _log.error("the agent sent %s; it is killed", error)
            self._unregister(files)
            self._agent.kill()
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

        self._take(self._agent, serve, *received)
        self._files_served = time.monotonic()

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
        self._stopping = True
        for child in (self._agent, self._engine):
            child.send({"do": "stop"})
            self._see_off(child)
        self._estate.close()
        if self._script is not None:
            self._script.stop()

    def _see_off(self, child: Child) -> None:
        """Wait for the child's end, and serve it meanwhile: it may be in the middle of a save."""
        begun = time.monotonic()
        killed = False
        while child.running:
            until = max(begun, self._files_served) + STOP_PATIENCE
            until = min(until, begun + MAX_STOP_PATIENCE)
            if not killed and time.monotonic() >= until:
                _log.error("the %s does not stop; it is killed", child.name)
                child.kill()
                killed = True
            self._dispatch(None if killed else until)

    def _remove_files(self) -> None:
        self._pid_file.remove()
        for place, listener in (
            (self._options.socket, self._listeners.smcroutectl),
            (self._options.netconf_socket, self._listeners.netconf),
        ):
            if listener is not None:
                with contextlib.suppress(OSError):
                    place.path.unlink()


def _own(descriptors: tuple[int, ...]) -> tuple[int, ...]:
    """Duplicates to hold on to: those beside a message are closed when it has been taken."""
    return tuple(map(os.dup, descriptors))


def _close(descriptors: tuple[int, ...]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
