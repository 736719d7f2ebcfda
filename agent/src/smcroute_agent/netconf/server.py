"""The NETCONF server: it opens sessions for the transports, knows them all, and ends them."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from ..datastore.datastores import Datastores
from ..nacm.guard import Guard, Subject
from ..yang.schema import Schema
from . import framing
from .admission import Refused, SessionLimits, makes_way
from .connection import Transport
from .memory import Memory
from .notifications.base import BaseNotifications
from .notifications.stream import Stream
from .notifications.subscriptions import Subscriptions
from .statistics import Statistics

if TYPE_CHECKING:
    from .operations.request import Operational, RpcHandler
    from .service import Service
    from .session import Session

LINGER = 2.0
"""Seconds that close() waits for clients to take what was written to them."""

logger = logging.getLogger(__name__)


class Limits(NamedTuple):
    """Bounds that keep a hostile client from harming the others.

    sessions: how many there may be (admission.py).  max_message: octets of one message;
    max_held: octets of memory that all sessions together may take (memory.py).  Times are in
    seconds: hello_timeout until the client's <hello> must have come, message_timeout without a
    single octet of the rest of a message, message_time until a message must be complete,
    write_timeout until the peer must have taken what waits in the connection, a sending.PORTION
    and what the connection itself holds back.
    """

    sessions: SessionLimits = SessionLimits()
    max_message: int = framing.MAX_MESSAGE
    max_held: int = 6 * framing.MAX_MESSAGE
    hello_timeout: float = 60.0
    message_timeout: float = 60.0
    message_time: float = 300.0
    write_timeout: float = 60.0

    @classmethod
    def patient(cls, seconds: float) -> Limits:
        """Those of an agent that waits so long for a client, and five times for a message."""
        return cls(
            hello_timeout=seconds,
            message_timeout=seconds,
            message_time=5 * seconds,
            write_timeout=seconds,
        )


class Server:
    """All sessions of one agent.

    operational: running with the router's state, to which the server adds its own.
    rpcs: handlers of the data models' RPCs, by qualified name.  Listeners in on_open and
    on_close hear of each session.  Whoever has something to tell publishes it on `stream`.
    """

    def __init__(
        self,
        schema: Schema,
        datastores: Datastores,
        operational: Operational,
        rpcs: Mapping[str, RpcHandler],
        limits: Limits | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.sessions: dict[int, Session] = {}
        self.on_open: list[Callable[[Session], None]] = []
        self.on_close: list[Callable[[Session], None]] = []
        self._datastores = datastores
        self.guard = Guard(schema, lambda: datastores.running)
        self.stream = Stream(schema)
        self._subscriptions = Subscriptions(self.stream)
        self._base = BaseNotifications(self.stream, self.sessions)
        datastores.listeners.append(self._base.changed)
        datastores.commits.listeners.append(self._base.committed)
        self.on_close += [self._subscriptions.session_ended, self._base.session_ended]
        self._operational = operational
        self._rpcs = rpcs
        self._schema = schema
        self._statistics = Statistics()
        self._memory = Memory(self.limits.max_held)
        self._last_id = 0
        self._closing = False

    @functools.cached_property
    def _service(self) -> Service:
        """Imported and made when the first session comes: on many routers none ever does."""
        from .service import Service

        return Service(
            self._schema,
            self._datastores,
            self._operational,
            self._rpcs,
            self._subscriptions,
            self.guard,
            self._statistics,
            self.sessions,
            self.kill,
        )

    def open(self, transport: Transport, subject: Subject) -> Session:
        """A new session for an authenticated subject; its <hello> is under way.

        Raises Refused.
        """
        if self._closing:
            raise Refused("the agent is about to end")
        try:
            service = self._service
        except (ImportError, OSError) as error:  # no descriptor is left to read it; again, then
            raise Refused(f"what sessions need cannot be loaded: {error}") from None
        silent = makes_way(self.sessions.values(), subject, self.limits.sessions)
        if silent is not None:
            silent.end("timeout")
        self._last_id += 1
        session = service.session(
            self._last_id,
            subject,
            transport,
            on_start=self._base.session_started,
            on_end=self._ended,
            max_message=self.limits.max_message,
            memory=self._memory,
        )
        self.sessions[session.session_id] = session
        self._statistics.in_sessions += 1
        logger.info("session %d of %s begins", session.session_id, subject.user)
        for listener in self.on_open:
            listener(session)
        session.start()
        return session

    def kill(self, session_id: int, by: int | None = None) -> bool:
        """End a session at once (RFC 6241, section 7.9), for that of the id `by` if there is
        one; False when there is no such session."""
        session = self.sessions.get(session_id)
        if session is None:
            return False
        session.end("killed", by)
        return True

    async def close(self) -> None:
        """End all sessions and open no more; returns when no transaction is under way."""
        self._closing = True
        sessions = list(self.sessions.values())
        for session in sessions:
            session.end()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINGER):
                for session in sessions:
                    await session.wait_closed()
        await self._datastores.settle()

    def _ended(self, session: Session) -> None:
        self._datastores.release(session.session_id)
        del self.sessions[session.session_id]
        self._statistics.session_ended(session.end_reason, session.counters)
        logger.info("session %d of %s ends", session.session_id, session.user)
        for listener in self.on_close:
            listener(session)
