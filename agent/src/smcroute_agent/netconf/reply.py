"""<rpc-reply>: its envelope echoes the <rpc>, its content is what an operation returned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree

from ..errors import Error
from . import xml
from .names import BASE, XML, local, namespace


@dataclass(frozen=True)
class Reply:
    """What an operation answers: <ok/> unless it has data or output.

    data: the children of <data>; output: the children of <rpc-reply> itself, of other
    namespaces.  Both are XML in UTF-8 that declares all the namespaces it uses.
    then: what to do as soon as the reply is written.
    warnings: they take the place of <ok/>.
    """

    data: bytes | None = None
    output: bytes | None = None
    ends_session: bool = False
    then: Callable[[], None] | None = None
    warnings: tuple[Error, ...] = ()

    def pieces(self, nc: str) -> tuple[bytes, ...]:
        """The content in octets; nc is the base namespace's prefix with its colon, or empty."""
        if self.data is not None:
            return (f"<{nc}data>".encode(), self.data, f"</{nc}data>".encode())
        if self.output is not None:
            return (self.output,)
        return (f"<{nc}ok/>".encode(),)


OK = Reply()


@dataclass(frozen=True)
class Envelope:
    """The start and the end of one <rpc-reply>, and the prefix for base elements between."""

    start: bytes
    end: bytes
    nc: str

    def around(self, *content: bytes) -> list[bytes]:
        return [self.start, *content, self.end]


ANONYMOUS = Envelope(f'<rpc-reply xmlns="{BASE}">'.encode(), b"</rpc-reply>", "")
"""For a message of which not even the <rpc> could be read."""


def envelope(rpc: etree._Element) -> Envelope:
    """The envelope of the reply to `rpc` (RFC 6241, section 4.2).

    Every attribute and namespace declaration of <rpc> is returned as it came.  The base
    namespace is the default one in the reply, for the sake of plain clients, unless the
    client uses the default namespace for another.
    """
    declared = {prefix: uri for prefix, uri in rpc.nsmap.items() if prefix != "xml"}
    nc = "" if declared.setdefault(None, BASE) == BASE else f"{rpc.prefix}:"
    parts = [f"<{nc}rpc-reply"]
    for prefix, uri in declared.items():
        parts.append(f" xmlns{f':{prefix}' if prefix else ''}={xml.attribute(uri or '')}")
    prefixes = {uri: prefix for prefix, uri in declared.items() if prefix} | {XML: "xml"}
    for name, value in rpc.items():
        name, value = str(name), str(value)
        space = namespace(name)
        qualified = f"{prefixes[space]}:{local(name)}" if space else name
        parts.append(f" {qualified}={xml.attribute(value)}")
    parts.append(">")
    return Envelope("".join(parts).encode(), f"</{nc}rpc-reply>".encode(), nc)
