# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A NETCONF session by ncclient: what is the same for every transport of it."""

from __future__ import annotations

import contextlib
import logging
import re
import socket
import traceback
from typing import Any, Callable

from ansible_collections.mcast.smcroute.plugins.module_utils.client import Client, edit_content
from ansible_collections.mcast.smcroute.plugins.module_utils.codec import NETCONF_NAMESPACE
from ansible_collections.mcast.smcroute.plugins.module_utils.errors import (
    MissingLibrary,
    Refused,
    RpcError,
    Unreachable,
)

try:
    import ncclient.transport.session
    import ncclient.transport.unixSocket
    from ncclient.manager import Manager, make_device_handler
    from ncclient.operations import RaiseMode
    from ncclient.operations.errors import TimeoutExpiredError
    from ncclient.xml_ import to_ele

    NCCLIENT_ERROR = None
except ImportError:
    NCCLIENT_ERROR = traceback.format_exc()

POLL_SECONDS = 0.001
"""How long ncclient sleeps before it looks for something to send; its own 0.1 s is added
to every RPC."""

READ_BYTES = 65536
"""What ncclient reads at once; it looks at all it has with every read, and its own 4 KiB
make 10 000 entries slow."""

CLOSE_SECONDS = 2
"""How long to wait for the reply to close-session: the work is done by then."""

_CLOSE_SESSION = f'<close-session xmlns="{NETCONF_NAMESPACE}"/>'


class NcclientClient(Client):
    """The session of an ncclient manager.

    where: what an error message calls the other side.
    """

    def __init__(self, session: Any, where: str, timeout: int) -> None:
        self._where = where
        self._broken = False
        self._manager = Manager(
            session, make_device_handler({}), timeout=timeout, raise_mode=RaiseMode.NONE
        )
        self._manager.huge_tree = True

    @property
    def capabilities(self) -> frozenset[str]:
        return frozenset(self._manager.server_capabilities)

    def get_config(self, subtree: str | None, datastore: str = "running") -> Any:
        wanted = None if subtree is None else ("subtree", subtree)
        reply = self._request(
            "the get-config", lambda: self._manager.get_config(datastore, filter=wanted)
        )
        return reply.data_ele

    def get(self, subtree: str) -> Any:
        reply = self._request("the get", lambda: self._manager.get(filter=("subtree", subtree)))
        return reply.data_ele

    def edit_config(
        self, config: str, test_only: bool = False, tell_pending: bool = False
    ) -> list[RpcError]:
        content = edit_content(config, test_only, tell_pending)
        operation = f'<edit-config xmlns="{NETCONF_NAMESPACE}">{content}</edit-config>'
        element = to_ele(operation, huge_tree=True)
        reply = self._request("the change", lambda: self._manager.dispatch(element))
        return [_rpc_error(error) for error in reply.errors]

    def call(self, operation: str, purpose: str) -> None:
        element = to_ele(operation, huge_tree=True)
        self._request(purpose, lambda: self._manager.dispatch(element))

    def close(self) -> None:
        if not self._broken:
            self._manager.timeout = CLOSE_SECONDS
            with contextlib.suppress(Exception):  # whatever happens now, the work is done
                # Manager.close_session() closes the socket under the thread that polls it, which
                # then never ends.
                self._manager.dispatch(to_ele(_CLOSE_SESSION))
            self._broken = True
        end(self._manager._session)

    def _request(self, operation: str, call: Callable[[], Any]) -> Any:
        self._broken = True
        try:
            reply = call()
        except TimeoutExpiredError as error:
            raise Unreachable(
                f"{self._where} has not answered {operation} in {self._manager.timeout} s, "
                "and whether it was carried out is not known",
                "give the task a longer timeout, or look at the agent's log",
            ) from error
        except Exception as error:  # of ncclient, paramiko, lxml or the socket
            raise Unreachable(
                f"the session with {self._where} broke during {operation}: {reason(error)}",
                "look at the agent's log and run the task again",
            ) from error
        self._broken = False
        errors = tuple(_rpc_error(error) for error in reply.errors)
        if any(error.severity != "warning" for error in errors):
            raise Refused(operation, errors)
        return reply


def _rpc_error(error: Any) -> RpcError:
    def text(value: str | None) -> str | None:
        return value.strip() if value else None

    return RpcError(
        tag=text(error.tag) or "operation-failed",
        severity=text(error.severity) or "error",
        app_tag=text(error.app_tag),
        path=text(error.path),
        message=text(error.message),
    )


def prepare() -> None:
    """Check that ncclient is there, and set its constants: here alone.

    Raises MissingLibrary.  Every transport calls it first.
    """
    if NCCLIENT_ERROR is not None:
        raise MissingLibrary(
            "the Python library ncclient is missing where the module runs",
            "install it there (pip install ncclient), or set ansible_python_interpreter to a "
            "Python that has it, such as the agent's /opt/smcroute/bin/python",
        )
    for name in ("ncclient", "paramiko"):  # else they write tracebacks to stderr
        logging.getLogger(name).addHandler(logging.NullHandler())
    ncclient.transport.session.TICK = POLL_SECONDS
    ncclient.transport.unixSocket.BUF_SIZE = READ_BYTES


def with_hello_timeout(session_class: Any, timeout: int) -> Any:
    """The session class, which waits so long and not a minute for the other side's hello."""

    class Session(session_class):  # type: ignore[misc]
        def _post_connect(self, _timeout: int = 0) -> None:
            super()._post_connect(timeout)

    return Session


def end(session: Any, connection: socket.socket | None = None) -> None:
    """End a session in whatever state it is, with its thread and the socket below it."""
    session._closing.set()
    with contextlib.suppress(Exception):  # over SSH it has another name, and close() suffices
        session._socket.shutdown(socket.SHUT_RDWR)
        session.join(CLOSE_SECONDS)  # before close() takes the socket from under it
    with contextlib.suppress(Exception):  # ncclient's close expects a connected session
        session.close()
    with contextlib.suppress(RuntimeError):  # it was never started
        session.join(CLOSE_SECONDS)
    if connection is not None:
        connection.close()


def reason(error: BaseException) -> str:
    text = str(error).strip().partition("\n")[0]
    # ncclient makes its message from the repr of paramiko's exception.
    inner = re.fullmatch(r"\w+\(['\"](.*)['\"]\)", text)
    return (inner.group(1) if inner else text).rstrip(".") or type(error).__name__
