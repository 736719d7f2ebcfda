"""The <hello> exchange (RFC 6241, section 8.1) and what this server announces.

Only what is true is announced.  Modules of YANG 1.1 are found through ietf-yang-library and
do not stand here (RFC 7950, section 5.6.4).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lxml import etree

from ..errors import Error
from . import names, xml
from .names import base

DEFAULTS_MODES = "?basic-mode=explicit&also-supported=report-all,report-all-tagged,trim"

BASE_CAPABILITIES = (
    names.BASE_1_0,
    names.BASE_1_1,
    names.WRITABLE_RUNNING,
    names.CANDIDATE,
    names.CONFIRMED_COMMIT,
    names.ROLLBACK_ON_ERROR,
    names.VALIDATE,
    names.STARTUP,
    names.XPATH,
    names.WITH_DEFAULTS_1_0 + DEFAULTS_MODES,
    names.WITH_OPERATIONAL_DEFAULTS + DEFAULTS_MODES,
    names.NOTIFICATION_1_0,
    names.INTERLEAVE,
)


class HelloError(Error):
    """The client's <hello> does not allow a session; the connection is closed."""

    error_type = "rpc"


@dataclass(frozen=True)
class ModuleCapability:
    """A module as hello announces it (RFC 6020, section 5.6.4)."""

    name: str
    namespace: str
    revision: str | None = None
    features: tuple[str, ...] = ()
    deviations: tuple[str, ...] = ()
    """The modules that deviate from it."""

    def uri(self) -> str:
        parameters = [f"module={self.name}"]
        if self.revision:
            parameters.append(f"revision={self.revision}")
        if self.features:
            parameters.append("features=" + ",".join(self.features))
        if self.deviations:
            parameters.append("deviations=" + ",".join(self.deviations))
        return f"{self.namespace}?{'&'.join(parameters)}"


def capabilities(modules: Iterable[ModuleCapability], more: Iterable[str] = ()) -> tuple[str, ...]:
    """All that this server announces."""
    return (*BASE_CAPABILITIES, *more, *(module.uri() for module in modules))


def server_hello(session_id: int, announced: Sequence[str]) -> bytes:
    """Our <hello>: in the default namespace, nothing before it, as the strictest client wants."""
    listed = "".join(f"<capability>{xml.text(uri)}</capability>" for uri in announced)
    return (
        f'<hello xmlns="{names.BASE}"><capabilities>{listed}</capabilities>'
        f"<session-id>{session_id}</session-id></hello>"
    ).encode()


def client_capabilities(root: etree._Element) -> frozenset[str]:
    """What the client announces.

    Raises HelloError when the message is no <hello> or allows no session.
    """
    if root.tag != base("hello"):
        raise HelloError(f"the client's first message is {root.tag}, no hello")
    if root.find(base("session-id")) is not None:
        raise HelloError("the client's hello holds a session-id, which only a server sends")
    found = frozenset(
        "".join(str(element.text or "").split())
        for element in root.iterfind(f"{base('capabilities')}/{base('capability')}")
    )
    if not found & {names.BASE_1_0, names.BASE_1_1}:
        raise HelloError("the client speaks neither base:1.0 nor base:1.1")
    return found
