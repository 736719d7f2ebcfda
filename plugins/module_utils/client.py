# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module needs of a NETCONF session, whatever carries it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from ansible_collections.mcast.smcroute.plugins.module_utils.errors import RpcError

VALIDATE = "urn:ietf:params:netconf:capability:validate:1.1"
"""The capability of an agent that can test a change without making it (RFC 6241, 8.6)."""

REHEARSAL = "urn:mcast:params:xml:ns:yang:smcroute-netconf-rehearsal"
"""The YANG module of the parameter tell-pending."""

PENDING = "pending"
"""The error-app-tag of its warnings."""


class Client(ABC):
    """One session with an agent; a context manager that closes it.

    Every method raises Unreachable when the session breaks or is silent for too long, and
    Refused when the agent answers with an rpc-error.

    reconnects: whether close() ends the session, so that another one shows that the agent
    can be reached.
    """

    reconnects = True

    @property
    @abstractmethod
    def capabilities(self) -> frozenset[str]:
        """The URIs that the agent announces (RFC 6241, section 8)."""

    @abstractmethod
    def get_config(self, subtree: str | None, datastore: str = "running") -> Any:
        """The data element of a datastore, as xml.etree or lxml has it, None when empty.

        subtree: the content of a subtree filter (RFC 6241, section 6), None for everything.
        """

    @abstractmethod
    def get(self, subtree: str) -> Any:
        """The data element of `running` and of the operational state, None when empty."""

    @property
    def tells_pending(self) -> bool:
        """Whether a test tells what would be pending."""
        return any(uri.partition("?")[0] == REHEARSAL for uri in self.capabilities)

    @abstractmethod
    def edit_config(
        self, config: str, test_only: bool = False, tell_pending: bool = False
    ) -> list[RpcError]:
        """Edit `running` with the default operation "none"; the warnings of the reply.

        config: a config element; test_only: only see whether it would be accepted, which wants
        an agent with VALIDATE; tell_pending: with test_only, be warned of each entry that would
        be pending, which wants an agent that tells_pending.
        """

    @abstractmethod
    def call(self, operation: str, purpose: str) -> None:
        """Have an operation carried out that answers with ok.

        operation: its element; purpose: what an error message calls it.
        """

    @abstractmethod
    def close(self) -> None:
        """End the session; never raises."""

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


def edit_content(config: str, test_only: bool, tell_pending: bool) -> str:
    """The parameters of an edit-config of `running`, as XML of the base namespace."""
    content = "<target><running/></target><default-operation>none</default-operation>"
    if test_only:
        content += "<test-option>test-only</test-option>"
    content += config
    if tell_pending:
        content += f'<tell-pending xmlns="{REHEARSAL}"/>'
    return content
