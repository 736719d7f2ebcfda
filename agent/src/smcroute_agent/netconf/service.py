"""What all sessions of a server are served with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..datastore.datastores import Datastores
from ..nacm.guard import Guard, Subject
from ..yang.data import Container, replaced
from ..yang.reach import Reach, covers
from ..yang.schema import Schema
from . import hello, modules
from .connection import Transport
from .library import Library
from .monitoring import Monitoring
from .notifications.subscriptions import Subscriptions
from .operations.dispatch import Dispatch
from .operations.request import Operational, RpcHandler, Services
from .session import Session
from .statistics import Statistics


class Service:
    """The operations, the capabilities, and what the server tells of itself."""

    def __init__(
        self,
        schema: Schema,
        datastores: Datastores,
        operational: Operational,
        rpcs: Mapping[str, RpcHandler],
        subscriptions: Subscriptions,
        guard: Guard,
        statistics: Statistics,
        sessions: Mapping[int, Session],
        kill: Callable[[int, int], bool],
    ) -> None:
        self._operational = operational
        self._sessions = sessions
        self._handler = Dispatch(
            Services(schema, datastores, self._whole, kill, rpcs, subscriptions, guard)
        )
        self._prefixes = {m.prefix: m.namespace for m in schema.modules.values()}
        self._library = Library(schema)
        self._announced = hello.capabilities(
            modules.announced(schema), self._library.capabilities()
        )
        self._monitoring = Monitoring(schema, self._announced, datastores.locks, statistics)

    def session(
        self, session_id: int, subject: Subject, transport: Transport, **options: Any
    ) -> Session:
        """A session that has not said hello; the options are Session's."""
        return Session(
            session_id,
            subject,
            transport,
            self._handler,
            announced=self._announced,
            prefixes=self._prefixes,
            **options,
        )

    async def _whole(self, reach: Reach) -> Container:
        """The router's state, and the server's own, as far as it is in reach."""
        tree = await self._operational(reach)
        own = dict(self._library.nodes)
        if covers(reach, self._monitoring.qname):
            own[self._monitoring.qname] = self._monitoring.state(self._sessions.values())
        return replaced(tree, own)
