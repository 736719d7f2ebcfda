"""The engine's loop: upcalls first, then everything else in small steps."""

from __future__ import annotations

import logging
import os
import select
import time
from collections.abc import Mapping
from functools import partial

from ..channel import Channel, ChannelClosed
from ..errors import EngineError
from . import garbage
from .addresses import Family
from .client import Client
from .counters import Event, RateLimit
from .discovery import Discovery
from .expiry import expire
from .jobs import Job, JobQueue
from .kernel.mroute import MulticastRouting
from .links import LinkChanges
from .precedence import Precedence
from .router import Router
from .scripts import Scripts
from .succession import Inheritance
from .traffic import Traffic

log = logging.getLogger("engine")

MAX_UPCALLS = 128
"""Upcalls of one family that are answered between two looks at the rest."""

PORTION = 150e-6
"""Seconds of other work between two looks at the upcalls; a step that is begun then is ended."""

LINKS_RETRY = 1.0
"""Seconds until links are looked at again that could not be brought up to date."""

_IN, _OUT = select.EPOLLIN, select.EPOLLOUT


class Loop:
    """Waits for the kernel, the supervisor and the agent, and serves them."""

    def __init__(
        self,
        control: Channel,
        router: Router,
        links: LinkChanges,
        link_descriptor: int,
        inheritance: Inheritance,
        discovery: Discovery,
        solicited: Mapping[int, Family],
        *,
        precedence: Precedence | None,
        expire_after: float,
        notify_install: bool,
    ) -> None:
        control.socket.setblocking(False)
        self._control = control
        self._router = router
        self._links = links
        self._inheritance = inheritance
        self._discovery = discovery
        self._precedence = precedence
        self._expire_after = expire_after
        self._jobs = JobQueue()
        self._client: Client | None = None
        self._watched = 0
        self._scripts = Scripts(wanted=notify_install)
        self._links_job: Job | None = None
        self._links_again: float | None = None
        self._expiry_job: Job | None = None
        self._stopping = False
        self._say_refused = RateLimit(10)
        self._epoll = select.epoll()
        self._handlers = {
            control.fileno(): self._on_control,
            link_descriptor: self._on_links,
        } | {
            descriptor: partial(discovery.on_readable, family)
            for descriptor, family in solicited.items()
        }
        self._upcalls: dict[int, tuple[MulticastRouting, Traffic]] = {
            kernel.fileno(): (kernel, router.traffic[family])
            for family, kernel in router.kernels.items()
        }
        for descriptor in (control.fileno(), *solicited):
            self._epoll.register(descriptor, _IN)
        self._kernel_heard = False
        self._link_descriptor = link_descriptor
        if inheritance.settled:
            self._hear_kernel()

    def emit(self, event: Event) -> None:
        """Pass an event on to the agent."""
        if self._client is None:
            self._router.counters.count("events_dropped")
        else:
            self._client.emit(event, self._router.counters)

    def run(self) -> None:
        """Serve until the supervisor says stop or is gone."""
        next_expiry = time.monotonic() + self._expire_after
        while not self._stopping:
            patience = self._patience(next_expiry)
            if self._precedence is not None:
                self._precedence.worked()
            ready = self._epoll.poll(patience)
            if self._precedence is not None:
                self._precedence.rested()
            for descriptor, mask in ready:
                upcalls = self._upcalls.get(descriptor)
                if upcalls is not None:
                    self._on_upcalls(*upcalls)
                elif descriptor in self._handlers:
                    self._handlers[descriptor]()
                else:
                    self._on_client(descriptor, mask)
            self._work()
            if self._scripts:
                self._tell_of_scripts()
            now = time.monotonic()
            if (due := self._discovery.due) is not None and due <= now:
                self._discovery.step()
            for traffic in self._router.traffic.values():
                traffic.follow()
            if self._links_again is not None and self._links_again <= now:
                self._update_links()
            if self._expire_after and self._kernel_heard and now >= next_expiry:
                next_expiry = time.monotonic() + self._expire_after
                if self._expiry_job is None or self._expiry_job.done:
                    self._expiry_job = self._jobs.add(Job(expire(self._router)))

        self._discovery.stop()

    def _work(self) -> None:
        """Do a portion of what there is to do: as a rule, all of a small request."""
        until = time.monotonic() + PORTION
        while True:
            if self._jobs:
                self._finish(self._jobs.step())
            if self._client is not None:
                self._client.step()
            if not self._busy:
                garbage.collect()
                break
            if time.monotonic() >= until:
                break
        if self._client is not None:
            self._watch(self._client)

    @property
    def _busy(self) -> bool:
        """Whether there is work that waits for nothing."""
        return bool(self._jobs) or (self._client is not None and self._client.busy)

    def _patience(self, next_expiry: float) -> float | None:
        """How many seconds the loop may sleep when nothing comes; None is for ever."""
        if self._busy or self._scripts:
            return 0.0
        plans = [self._discovery.due, self._links_again]
        plans += [traffic.due for traffic in self._router.traffic.values()]
        if self._expire_after and self._kernel_heard:
            plans.append(next_expiry)
        next_plan = min((plan for plan in plans if plan is not None), default=None)
        return None if next_plan is None else max(0.0, next_plan - time.monotonic())

    # The kernel

    def _hear_kernel(self) -> None:
        """Begin with upcalls and links: not before the rules are known that answer them."""
        self._kernel_heard = True
        for descriptor in (*self._upcalls, self._link_descriptor):
            self._epoll.register(descriptor, _IN)

    def _on_upcalls(self, kernel: MulticastRouting, traffic: Traffic) -> None:
        receive = kernel.receive
        for _ in range(MAX_UPCALLS):
            try:
                upcall = receive()
            except BlockingIOError:
                return
            except OSError as error:  # told once; of an upcall for which there is no room, never
                log.warning("an upcall cannot be read: %s", error)
                continue
            if upcall is None:
                continue
            try:
                learned = traffic.upcall(upcall)
            except (EngineError, OSError) as error:
                self._router.counters.count("kernel_refusals")
                if self._say_refused():
                    log.error("an upcall is not answered: %s", error)
                continue
            if learned:
                self._scripts.learned(traffic.family, upcall)

    def _on_links(self) -> None:
        if self._links.on_readable() and (self._links_job is None or self._links_job.started):
            self._update_links()

    def _update_links(self) -> None:
        self._links_again = None
        self._links_job = self._jobs.add(Job(self._links.update()))

    # The supervisor

    def _on_control(self) -> None:
        try:
            received = self._control.receive()
        except (ChannelClosed, OSError):
            self._stopping = True
            return
        except ValueError as error:
            log.error("the supervisor sent %s", error)
            return
        if received is None:
            return
        message, descriptors = received
        verb = message.get("do")
        if verb == "client" and len(descriptors) == 1:
            self._replace_client(Channel.from_descriptor(descriptors[0]))
            return
        for descriptor in descriptors:
            os.close(descriptor)
        if verb == "stop":
            self._stopping = True
        else:
            log.error("the supervisor sent an unknown request: %r", verb)

    def _tell_of_scripts(self) -> None:
        try:
            self._scripts.tell(self._control)
        except ChannelClosed:
            self._stopping = True

    # The agent

    def _replace_client(self, channel: Channel) -> None:
        self._drop_client()
        self._client = Client(channel, self._router, self._jobs, self._inheritance)
        self._epoll.register(channel.fileno(), _IN)
        self._watched = _IN

    def _drop_client(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            self._epoll.unregister(client.fileno())
            client.close()

    def _on_client(self, descriptor: int, mask: int) -> None:
        client = self._client
        if client is None or client.closed or client.fileno() != descriptor:
            return
        if mask & _OUT:
            client.on_writable()
        if not client.closed and mask & ~_OUT:
            client.on_readable()
            if mask & select.EPOLLHUP and not client.closed and not client.wants_to_read:
                self._drop_client()

    def _watch(self, client: Client) -> None:
        """Wait for what the client can use."""
        if client.closed:
            self._drop_client()
            return
        mask = (_IN if client.wants_to_read else 0) | (_OUT if client.wants_to_write else 0)
        if mask != self._watched:
            self._epoll.modify(client.fileno(), mask)
            self._watched = mask

    def _finish(self, job: Job | None) -> None:
        if job is None:
            return
        if not self._kernel_heard and self._inheritance.settled:
            self._hear_kernel()
        self._discovery.update()
        if job.error is not None and job is self._links_job:
            log.error("links could not be brought up to date: %s", job.error)
            self._links_again = time.monotonic() + LINKS_RETRY
        elif job.error is not None and job is self._expiry_job:
            log.error("idle entries could not be found: %s", job.error)
