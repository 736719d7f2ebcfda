"""What an operation is called with, and how it reads its parameters."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass

from lxml import etree

from ...datastore.datastores import Datastores
from ...nacm.guard import Guard
from ...yang.data import Container
from ...yang.reach import Reach
from ...yang.schema import Schema
from ..names import (
    BASE,
    DATASTORE_NAMES,
    NMDA,
    REHEARSAL,
    WITH_DEFAULTS,
    XML,
    base,
    local,
    namespace,
)
from ..notifications.subscriptions import Subscriptions
from ..session import Session
from . import problems

BLANK = " \t\r\n"

UNQUALIFIED = ("config", "filter")
"""Parameters that are also accepted in no namespace: ncclient and Ansible's netconf_config
pass on what their users write, and those write <config> without one."""

AUGMENTED = {"with-defaults": WITH_DEFAULTS, "tell-pending": REHEARSAL}
"""Parameters that another module adds to the operations of the base namespace."""

_ELSEWHERE = (*UNQUALIFIED, base("filter"))
"""ncclient sends the <filter> of create-subscription in the base namespace."""

Operational = Callable[[Reach], Awaitable[Container]]
"""The tree that <get> answers from: running with all state data in it that is in reach."""

RpcHandler = Callable[[Container, Session], Awaitable[Container | None]]
"""An RPC of a data model: its input, and who asks → its output, None when it has none."""


@dataclass(frozen=True)
class Services:
    """What the operations work on; the wiring provides it.

    kill: ends the session of the first id for that of the second, False when there is none.
    rpcs: handlers of the data models' RPCs, by qualified name.
    """

    schema: Schema
    datastores: Datastores
    operational: Operational
    kill: Callable[[int, int], bool]
    rpcs: Mapping[str, RpcHandler]
    subscriptions: Subscriptions
    guard: Guard


@dataclass(frozen=True)
class Request:
    """One call: the operation's element, the session that sent it, and the services."""

    element: etree._Element
    session: Session
    services: Services

    def parameters(
        self,
        required: Collection[str] = (),
        optional: Collection[str] = (),
        many: Collection[str] = (),
    ) -> dict[str, etree._Element]:
        """The parameters by name; each is known, there once, and none is missing.

        many: optional ones that may be there several times; the first is returned.
        Attributes are refused, but those of <filter>, which has its own.
        """
        element = self.element
        refuse_attributes(element)
        space = namespace(element.tag)
        found: dict[str, etree._Element] = {}
        for child in element:
            name = local(child.tag)
            expected = AUGMENTED.get(name, space) if space == BASE else space
            if (namespace(child.tag) != expected and child.tag not in _ELSEWHERE) or (
                name not in required and name not in optional and name not in many
            ):
                raise problems.unknown(child, _REMEDIES.get(name))
            if name in found and name not in many:
                raise problems.repeated(child)
            if name != "filter":
                refuse_attributes(child)
            found.setdefault(name, child)
        for name in required:
            if name not in found:
                raise problems.missing(element, f"{{{space}}}{name}")
        return found


_REMEDIES = {
    "url": "the agent does not announce :url; send the configuration inline",
    **{name: f"it is a parameter of the namespace {space}" for name, space in AUGMENTED.items()},
}


def datastore(
    parameter: etree._Element, known: Collection[str], *, nmda: bool = False
) -> tuple[str, etree._Element]:
    """The choice in a <source> or <target>: its name, and its element.

    nmda: it may also be named by its identity (RFC 8526, section 3.2).
    """
    if len(parameter) == 0:
        message = f"{local(parameter.tag)} names no datastore"
        raise problems.missing(parameter, str(parameter.tag), message)
    choice = parameter[0]
    if nmda and choice.tag == f"{{{NMDA}}}datastore":
        if len(parameter) > 1:
            raise problems.unknown(parameter[1], "name one datastore only")
        return datastore_identity(choice, known), choice
    name = local(choice.tag)
    if (choice.tag != base(name) and choice.tag not in UNQUALIFIED) or name not in known:
        raise problems.unknown(choice, f"this operation takes: {', '.join(known)}")
    if len(parameter) > 1:
        raise problems.unknown(parameter[1], "name one datastore only")
    refuse_attributes(choice)
    if name != "config":
        for child in choice:
            raise problems.unknown(child)
    return name, choice


def datastore_identity(parameter: etree._Element, known: Collection[str]) -> str:
    """A datastore named by its identity, as ds:running."""
    refuse_attributes(parameter)
    return identity(parameter, DATASTORE_NAMES, known)


def identity(parameter: etree._Element, space: str, known: Collection[str]) -> str:
    """One of the identities of a module, under whatever prefix, or alone.

    Clients that write the name alone inside another default namespace are common.
    """
    value = text(parameter)
    prefix, _, name = value.rpartition(":")
    if name not in known or (prefix and parameter.nsmap.get(prefix) != space):
        raise problems.invalid(
            parameter,
            f"{local(parameter.tag)} cannot be {value!r}",
            f"it takes these names of {space}: {', '.join(known)}",
        )
    return name


def text(parameter: etree._Element) -> str:
    """The text of a parameter that has no elements."""
    for child in parameter:
        raise problems.unknown(child)
    return (parameter.text or "").strip(BLANK)


def enumeration(parameter: etree._Element, values: Collection[str]) -> str:
    """The text of a parameter, one of some words."""
    value = text(parameter)
    if value not in values:
        raise problems.invalid(
            parameter,
            f"{local(parameter.tag)} cannot be {value!r}",
            f"give one of: {', '.join(values)}",
        )
    return value


def number(parameter: etree._Element, highest: int, instead: str = "") -> int:
    """The text of a parameter, a number from 1 on; instead: what it may be as well."""
    value = text(parameter)
    digits = value.removeprefix("+").lstrip("0")
    if digits.isascii() and digits.isdigit() and len(digits) <= len(str(highest)):
        found = int(digits)
        if found <= highest:
            return found
    raise problems.invalid(
        parameter,
        f"{local(parameter.tag)} cannot be {value!r}",
        f"give a number from 1 to {highest}{instead}",
    )


def refuse_content(parameter: etree._Element) -> None:
    """Accept a parameter of the type empty."""
    if text(parameter):
        name = local(parameter.tag)
        raise problems.invalid(parameter, f"{name} has no value", f"write <{name}/>")


def refuse_attributes(element: etree._Element, known: Collection[str] = ()) -> None:
    """Raises unknown-attribute for any other than XML's own and the known ones."""
    for name in element.attrib:
        if name not in known and namespace(name) != XML:
            raise problems.unknown_attribute(element, str(name))
