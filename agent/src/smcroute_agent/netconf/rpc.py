"""From the root element of a message to the operation in its <rpc> (RFC 6241, section 4.1)."""

from __future__ import annotations

from lxml import etree

from ..errors import Error
from . import xml
from .names import base, namespace


def checked(rpc: etree._Element) -> etree._Element:
    """The element, when it is an <rpc>; raises xml.NotWellFormed."""
    if rpc.tag != base("rpc"):
        raise xml.NotWellFormed(f"the message is {rpc.tag} and no rpc")
    return rpc


def operation(rpc: etree._Element) -> etree._Element:
    """The one child of <rpc>; raises errors.Error."""
    # Some clients qualify it, against the schema of RFC 6241.
    if rpc.get("message-id") is None and rpc.get(base("message-id")) is None:
        raise Error(
            "the rpc has no message-id",
            error_type="rpc",
            tag="missing-attribute",
            info=(("bad-attribute", "message-id"), ("bad-element", base("rpc"))),
        )
    if len(rpc) == 0:
        raise Error(
            "the rpc holds no operation",
            error_type="rpc",
            tag="missing-element",
            path="/nc:rpc",
            info=(("bad-element", base("rpc")),),
        )
    if len(rpc) > 1:
        raise Error(
            "the rpc holds more than one operation",
            error_type="rpc",
            tag="unknown-element",
            path="/nc:rpc",
            info=(("bad-element", str(rpc[1].tag)),),
            remedy="send one rpc for each",
        )
    if None not in rpc.nsmap:
        _qualify(rpc[0])
    return rpc[0]


def _qualify(element: etree._Element) -> None:
    """Put the elements of an operation that are in no namespace into that of NETCONF.

    ansible.netcommon's netconf_rpc sends them so, under a prefixed <rpc>, unless it is told a
    namespace, as in its own examples.  What is below <config> and <filter> is data, and stays.
    """
    name = str(element.tag)
    if namespace(name):
        return
    element.tag = base(name)
    if name not in ("config", "filter"):
        for child in element:
            _qualify(child)


def malformed(why: str) -> Error:
    """The error for octets that are no <rpc> (RFC 6241, appendix A); base:1.1 has it."""
    return Error(why, error_type="rpc", tag="malformed-message")


def too_big(why: str) -> Error:
    """The error for a message that is not looked at (RFC 6241, appendix A)."""
    return Error(why, error_type="rpc", tag="too-big", remedy="do it in several messages")
