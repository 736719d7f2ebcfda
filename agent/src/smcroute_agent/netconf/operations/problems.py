"""What may be wrong with the parameters of an operation, said as RFC 6241, appendix A, does.

A parameter that depends on a capability which is not announced is an unknown element
(RFC 7950, section 8.3.1).
"""

from __future__ import annotations

from lxml import etree

from ...errors import Error
from ..names import BASE, MONITORING, NMDA, NOTIFICATION, WITH_DEFAULTS, local, namespace

PREFIXES = {
    BASE: "nc",
    MONITORING: "ncm",
    NOTIFICATION: "ncEvent",
    WITH_DEFAULTS: "ncwd",
    NMDA: "ncds",
}
"""namespace → prefix in the paths made here."""


def path(element: etree._Element) -> str:
    """Where an element stands in its message: "/nc:rpc/nc:edit-config/nc:target"."""
    steps: list[str] = []
    node: etree._Element | None = element
    while node is not None:
        prefix = PREFIXES.get(namespace(node.tag))
        steps.append(f"{prefix}:{local(node.tag)}" if prefix else local(node.tag))
        node = node.getparent()
    return "/" + "/".join(reversed(steps))


def unknown(element: etree._Element, remedy: str | None = None) -> Error:
    """An element that the operation does not have: unknown-element or unknown-namespace."""
    parent = element.getparent()
    where = path(element if parent is None else parent)
    name, space = local(element.tag), namespace(element.tag)
    if space not in PREFIXES:
        return Error(
            f"{name} is in the namespace {space!r}, which has no place here"
            if space
            else f"{name} is in no namespace",
            error_type="protocol",
            tag="unknown-namespace",
            path=where,
            remedy=remedy,
            info=(("bad-element", str(element.tag)), ("bad-namespace", space)),
        )
    return Error(
        f"{name} is not expected here",
        error_type="protocol",
        tag="unknown-element",
        path=where,
        remedy=remedy,
        info=(("bad-element", str(element.tag)),),
    )


def missing(parent: etree._Element, qname: str, message: str | None = None) -> Error:
    """A parameter that has to be there is not."""
    return Error(
        message or f"{local(parent.tag)} has no {local(qname)}",
        error_type="protocol",
        tag="missing-element",
        path=path(parent),
        info=(("bad-element", qname),),
    )


def repeated(element: etree._Element) -> Error:
    """A parameter that may be there once is there again."""
    parent = element.getparent()
    return Error(
        f"{local(element.tag)} may be given once only",
        error_type="protocol",
        tag="unknown-element",
        path=path(element if parent is None else parent),
        info=(("bad-element", str(element.tag)),),
    )


def excluded(element: etree._Element, other: etree._Element) -> Error:
    """Two parameters of which only one may be given (RFC 7950, section 8.3.1)."""
    return Error(
        f"{local(element.tag)} and {local(other.tag)} exclude each other",
        error_type="protocol",
        tag="bad-element",
        path=path(element),
        info=(("bad-element", str(element.tag)),),
    )


def invalid(element: etree._Element, message: str, remedy: str | None = None) -> Error:
    """A parameter whose value is not possible."""
    return Error(
        message,
        error_type="protocol",
        tag="invalid-value",
        path=path(element),
        remedy=remedy,
        info=(("bad-element", str(element.tag)),),
    )


def unknown_attribute(element: etree._Element, name: str) -> Error:
    """An attribute that the element does not have."""
    return Error(
        f"{local(element.tag)} has no attribute {local(name)}",
        error_type="protocol",
        tag="unknown-attribute",
        path=path(element),
        info=(("bad-attribute", name), ("bad-element", str(element.tag))),
    )


def bad_attribute(element: etree._Element, name: str, message: str, remedy: str) -> Error:
    """An attribute whose value is not possible."""
    return Error(
        message,
        error_type="protocol",
        tag="bad-attribute",
        path=path(element),
        remedy=remedy,
        info=(("bad-attribute", name), ("bad-element", str(element.tag))),
    )


def missing_attribute(element: etree._Element, name: str, message: str) -> Error:
    """An attribute that has to be there is not."""
    return Error(
        message,
        error_type="protocol",
        tag="missing-attribute",
        path=path(element),
        info=(("bad-attribute", name), ("bad-element", str(element.tag))),
    )


def not_supported(message: str, element: etree._Element, remedy: str | None = None) -> Error:
    """An operation, or an option of one, that this server does not have."""
    return Error(
        message,
        error_type="protocol",
        tag="operation-not-supported",
        path=path(element) if namespace(element.tag) in PREFIXES else "/nc:rpc",
        remedy=remedy,
        info=(("bad-element", str(element.tag)),),
    )
