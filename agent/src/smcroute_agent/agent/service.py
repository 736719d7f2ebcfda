"""The agent's parts, put together, and its life from start to end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Coroutine
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

from .. import model
from ..accounts.accounts import Accounts, hashed
from ..channel import Channel, Message
from ..compat.server import Server as SmcroutectlServer
from ..compat.startup import StartupRules
from ..datastore.datastores import Datastores
from ..datastore.events import OUTSIDE_NETCONF
from ..datastore.names import RUNNING, STARTUP
from ..engine import protocol
from ..engine.encoding import decode_rules
from ..errors import Error
from ..log import NOTICE
from ..nacm.guard import Subject
from ..netconf.server import Limits
from ..netconf.server import Server as NetconfServer
from ..netconf.transports import unix
from ..users import Peer
from ..yang.data import Container, replaced
from ..yang.reach import Reach
from ..yang.schema import packaged
from .applier import Applier
from .control import Control
from .engine_client import EngineClient
from .files import SupervisedFiles
from .handover import Handover
from .module_files import ModuleFiles
from .notifications import AGENT_RESTARTED, ENGINE_RESTARTED, RouterNotifications
from .operational import Facts, Operational
from .options import Options
from .running_keeper import RunningKeeper
from .smcroutectl import Router
from .startup import Startup

if TYPE_CHECKING:
    from ..netconf.session import Session

RESTORE_AGAIN = 5.0
"""Seconds after which a new engine that did not take the rules is given them again."""

_log = logging.getLogger(__name__)


class Service:
    """One agent; implements control.Orders."""

    def __init__(self, options: Options, control: Channel, files: Channel) -> None:
        self._options = options
        self._control = Control(control)
        schema = packaged()
        self._engine = EngineClient(
            self._happened, path_of=lambda key: model.instance_path(schema, key)
        )
        self._applier = Applier(self._engine)
        supervised = SupervisedFiles(files)
        store = Startup(
            schema,
            StartupRules(supervised, options.config),
            ModuleFiles(schema, supervised, options.state),
        )
        self._keeper = RunningKeeper(schema, self._applier.apply, Handover(supervised, "running"))
        self._datastores = Datastores(schema, self._keeper.apply, store, Handover(supervised))
        self._datastores.edits.prepare = hashed
        self._datastores.edits.rehearse = self._applier.rehearse
        facts = Facts(
            options.identity,
            options.table,
            datetime.now(UTC).isoformat(timespec="seconds"),
        )
        self._operational = Operational(schema, self._engine, facts, self._datastores.counters)
        self._netconf = NetconfServer(
            schema,
            self._datastores,
            self._state,
            {f"{{{model.NAMESPACE}}}flush": self._flush},
            Limits.patient(options.netconf_timeout),
        )
        self._notifications = RouterNotifications(self._netconf.stream)
        self._store = store
        self._stopped = asyncio.Event()
        self._first_engine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._tasks: set[asyncio.Task[None]] = set()
        self._restoring: asyncio.Task[None] | None = None
        self._started = False

    # --- life

    async def run(self) -> None:
        """Serve until told to stop.  Problems at the start are told to smcrouted."""
        self._control.listen(self)
        starting = asyncio.ensure_future(self._start())
        stopped = asyncio.ensure_future(self._stopped.wait())
        await asyncio.wait((starting, stopped), return_when=asyncio.FIRST_COMPLETED)
        if starting.cancel():
            return
        try:
            starting.result()
        except Error as error:
            self._control.fatal([error])
            return
        self._control.ready()
        await stopped
        await self._netconf.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._notifications.close()
        self._engine.close()

    async def _start(self) -> None:
        adopt = self._options.adopt
        startup = None if adopt else await self._store.load()
        await self._first_engine
        if startup is None:
            rules = (await self._engine.read(protocol.RULES, restoring=True))[protocol.RULES]
            kept = await self._keeper.load()
            tree = model.changed(
                kept, self._datastores.schema, chain.from_iterable(map(decode_rules, rules))
            )
            self._engine.restored()
            await self._datastores.adopt(tree)
        else:
            self._engine.restored()
            await self._keeper.forget()
            with self._applier.leniently() if self._options.again else contextlib.nullcontext():
                async with self._store.told_by_line():
                    await self._datastores.begin(startup, valid=model.alone(startup))
        self._started = True
        self._control.applied()
        if adopt:
            self._notifications.tell(AGENT_RESTARTED)
        await self._listen()

    async def _listen(self) -> None:
        options = self._options
        if options.netconf is not None:
            await unix.listen(self._netconf, _inherited(options.netconf))
        if options.ssh is not None:
            await self._listen_ssh(options.ssh)
        if options.smcroutectl is not None:
            server = SmcroutectlServer(_inherited(options.smcroutectl), self._router_for)
            self._spawn(server.run())

    async def _listen_ssh(self, descriptor: int) -> None:
        from ..netconf.transports import host_key, ssh

        options = self._options
        assert options.host_key is not None
        assert options.authorized_keys is not None
        key = host_key.load_or_make(options.host_key)
        await ssh.listen(
            self._netconf,
            _inherited(descriptor),
            key,
            options.authorized_keys,
            ssh.SshLimits.patient(options.netconf_timeout),
            accounts=Accounts(lambda: self._datastores.running),
        )

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # --- orders of smcrouted

    def new_engine(self, channel: Channel) -> None:
        """The first engine, or one that replaces one that died."""
        self._engine.attach(channel)
        if not self._first_engine.done():
            self._first_engine.set_result(None)
        elif self._started:
            if self._restoring is not None:
                self._restoring.cancel()
            self._restoring = self._spawn(self._restore())

    async def _restore(self) -> None:
        while True:
            try:
                await self._applier.restore(self._datastores.running)
                break
            except Error as error:
                _log.error("the new engine does not take the rules, trying again: %s", error)
            await asyncio.sleep(RESTORE_AGAIN)
        self._engine.restored()
        self._control.applied()
        self._notifications.tell(ENGINE_RESTARTED)
        _log.log(NOTICE, "the new engine holds the rules of running")

    def reload(self) -> None:
        """SIGHUP."""

        async def work() -> None:
            try:
                await self._reload(None)
            except Error as error:
                _log.error("nothing is reloaded: %s", error)
                self._control.not_reloaded(error)

        self._spawn(work())

    def stop(self) -> None:
        """SIGTERM, or smcrouted has died."""
        self._stopped.set()

    # --- what clients ask for

    async def _state(self, reach: Reach) -> Container:
        """What <get> answers from, as far as it is in reach."""
        tree = await self._operational.tree(self._datastores.running, reach)
        streams = self._netconf.stream.state()
        tree = replaced(tree, {streams.schema.qname: streams})
        return self._netconf.guard.with_state(tree)

    def _happened(self, event: Message) -> None:
        """An event of the engine."""
        details = " ".join(f"{name} {value}" for name, value in event.items() if name != "event")
        _log.info("%s %s", event["event"], details)
        self._notifications.happened(event)

    async def _reload(self, subject: Subject | None) -> None:
        """Copy startup to running; refused while a confirmed commit is pending.

        subject: who asks; None is SIGHUP.  What is in the candidate stays, and its commit
        replaces what was reloaded.
        """
        user = subject.user if subject else None
        authorize = self._netconf.guard.authorizer(subject, named=False) if subject else None
        async with self._store.told_by_line():
            await self._datastores.copy(
                STARTUP, RUNNING, OUTSIDE_NETCONF, user=user, authorize=authorize
            )
        self._control.reloaded(ordered=subject is None)
        _log.log(NOTICE, "reloaded for %s", user or "SIGHUP")

    async def _flush(self, _: Container, __: Session) -> None:
        await self._engine.apply(flush=True)

    def _router_for(self, peer: Peer) -> Router:
        return Router(
            self._datastores,
            self._engine,
            peer.subject(),
            self._netconf.guard,
            self._reload,
            self._control.ask_to_stop,
        )


def _inherited(descriptor: int) -> socket.socket:
    os.set_inheritable(descriptor, False)
    return socket.socket(fileno=descriptor)
