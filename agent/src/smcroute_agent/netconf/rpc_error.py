"""errors.Error becomes <rpc-error> (RFC 6241, section 4.3): here and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..errors import Error
from . import xml
from .names import BASE, MONITORING, NOTIFICATION, YANG, local, namespace

OWN_PREFIXES = {"nc": BASE, "ncm": MONITORING, "ncEvent": NOTIFICATION}
"""Prefixes that paths into a message use, beside those of the schema's modules."""

_QNAME_INFO = ("bad-element", "bad-attribute")
_YANG_INFO = ("non-unique", "missing-choice")
"""Children of <error-info> that RFC 7950, sections 15.1 and 15.6, has in its own namespace."""

_INSTANCE = re.compile(r"/[A-Za-z_][\w.-]*:[A-Za-z_]")
_PREFIX = re.compile(r"([A-Za-z_][\w.-]*):(?=[A-Za-z_])")


def rpc_error(
    error: Error, prefixes: Mapping[str, str], nc: str = "", severity: str = "error"
) -> bytes:
    """One <rpc-error> element.

    prefixes: prefix → namespace of the schema's modules; those that the error's path and
        names use are declared where they are used.
    nc: the prefix, with its colon, under which the reply declares the base namespace;
        empty where that is the default namespace.
    severity: error or warning.
    """
    known = {**prefixes, **OWN_PREFIXES}
    parts = [
        f"<{nc}rpc-error>",
        f"<{nc}error-type>{xml.text(error.error_type)}</{nc}error-type>",
        f"<{nc}error-tag>{xml.text(error.tag)}</{nc}error-tag>",
        f"<{nc}error-severity>{severity}</{nc}error-severity>",
    ]
    if error.app_tag:
        parts.append(f"<{nc}error-app-tag>{xml.text(error.app_tag)}</{nc}error-app-tag>")
    message = f"{error.message}; {error.remedy}" if error.remedy else error.message
    if error.path and not _INSTANCE.match(error.path):
        # FILE:LINE of a startup file, which is no XPath.
        message = f"{error.path}: {message}"
    elif error.path:
        declared = _declarations(error.path, known)
        parts.append(f"<{nc}error-path{declared}>{xml.text(error.path)}</{nc}error-path>")
    parts.append(f'<{nc}error-message xml:lang="en">{xml.text(message)}</{nc}error-message>')
    if error.info:
        parts.append(f"<{nc}error-info>")
        parts += [_info(element, value, known, nc) for element, value in error.info]
        parts.append(f"</{nc}error-info>")
    parts.append(f"</{nc}rpc-error>")
    return "".join(parts).encode()


def _info(element: str, value: str, prefixes: Mapping[str, str], nc: str) -> str:
    """One child of <error-info>; a name in Clark notation becomes a QName (XML Schema)."""
    if element in _YANG_INFO:
        declared = f' xmlns="{YANG}"' + _declarations(value, prefixes)
        return f"<{element}{declared}>{xml.text(value)}</{element}>"
    declared = ""
    if element in _QNAME_INFO:
        space, value = namespace(value), local(value)
        if space:
            prefix = next((p for p, uri in prefixes.items() if uri == space), "ns")
            declared = f" xmlns:{prefix}={xml.attribute(space)}"
            value = f"{prefix}:{value}"
    return f"<{nc}{element}{declared}>{xml.text(value)}</{nc}{element}>"


def _declarations(path: str, known: Mapping[str, str]) -> str:
    """Declarations of the prefixes that a path has, also in the values of its predicates: an
    identity or instance-identifier may stand there."""
    return "".join(
        f" xmlns:{prefix}={xml.attribute(known[prefix])}"
        for prefix in dict.fromkeys(_PREFIX.findall(path))
        if prefix in known
    )


def internal_error() -> Error:
    """What a client hears of an exception that nobody expected: nothing of its inside."""
    return Error(
        "the agent failed to carry out the operation",
        remedy="see the agent's log for the cause",
    )
