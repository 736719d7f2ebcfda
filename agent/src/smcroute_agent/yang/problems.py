"""What is wrong with data, said as RFC 6241, appendix A, and RFC 7950, section 8.3, want it.

Each function makes one error; the path is that of the node and grows at its front, by
`within`, while the error travels up through the nodes above.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import DataError
from .value_problem import ValueProblem

if TYPE_CHECKING:
    from .schema import Case, Schema, SchemaNode


__all__ = ["DataError", "ValueProblem", "within"]


def within(error: DataError, step: str) -> DataError:
    """The error with one more step at the front of its path."""
    error.path = step + (error.path or "")
    return error


def local(tag: str) -> str:
    """The local name of a Clark name."""
    return tag.rpartition("}")[2]


def _namespace(tag: str) -> str:
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""


def _where(node: SchemaNode) -> str:
    if node.kind in ("input", "output") and node.parent is not None:
        node = node.parent
    return f"in {node.name!r}" if node.name else "at the top"


def unknown_element(
    parent: SchemaNode, element: Any, namespaces: Mapping[str, Any] | None = None
) -> DataError:
    """An element that the schema does not have there: unknown-element or unknown-namespace."""
    tag: str = element.tag
    namespace = _namespace(tag)
    info: tuple[tuple[str, str], ...] = (("bad-element", tag),)
    if namespaces and namespace not in namespaces:
        return DataError(
            f"no module of this server has the namespace {namespace!r}"
            if namespace
            else f"<{local(tag)}> is in no namespace",
            tag="unknown-namespace",
            info=(*info, ("bad-namespace", namespace)),
            remedy=f"declare it as xmlns={parent.namespace!r}"
            if parent.namespace
            else _meant(parent, local(tag)),
        )
    return DataError(
        f"there is no {local(tag)!r} {_where(parent)}",
        tag="unknown-element",
        info=info,
        remedy=_meant(parent, local(tag)),
    )


def _meant(parent: SchemaNode, name: str) -> str | None:
    """What may have been meant by the name of an unknown element."""
    known = {node.name: node for node in parent.children.values()}
    if name in known:
        return f"did you mean the one of the namespace {known[name].namespace!r}?"
    close = difflib.get_close_matches(name, known, 1)
    return f"did you mean {close[0]!r}?" if close else None


def unknown_rpc(schema: Schema, element: Any) -> DataError:
    """An RPC that no module defines."""
    namespace = _namespace(element.tag)
    if namespace not in schema.namespaces:
        return DataError(
            f"no module of this server has the namespace {namespace!r}",
            error_type="protocol",
            tag="unknown-namespace",
            info=(("bad-element", element.tag), ("bad-namespace", namespace)),
        )
    return DataError(
        f"there is no operation {local(element.tag)!r}",
        error_type="protocol",
        tag="operation-not-supported",
    )


def entity(node: SchemaNode, element: Any) -> DataError:
    """An entity reference, which could stand for anything."""
    return DataError(
        f"the entity reference &{element.name}; is not allowed {_where(node)}",
        tag="bad-element",
        info=(("bad-element", node.qname),),
        remedy="write the characters themselves, or a character reference",
    )


def entity_in(element: Any, reference: Any) -> DataError:
    """An entity reference inside anydata."""
    return DataError(
        f"the entity reference &{reference.name}; is not allowed in <{local(element.tag)}>",
        tag="bad-element",
        info=(("bad-element", element.tag),),
        remedy="write the characters themselves, or a character reference",
    )


def unknown_attribute(element: Any, name: str) -> DataError:
    """An attribute that means nothing on data."""
    remedy = None
    if name == "operation":
        remedy = (
            "give the operation attribute its namespace,"
            " nc:operation with xmlns:nc='urn:ietf:params:xml:ns:netconf:base:1.0'"
        )
    return DataError(
        f"the attribute {local(name)!r} of <{local(element.tag)}> is unknown",
        tag="unknown-attribute",
        info=(("bad-attribute", name), ("bad-element", element.tag)),
        remedy=remedy,
    )


def bad_attribute(element: Any, name: str, message: str, app_tag: str | None = None) -> DataError:
    """An attribute with a value that is not allowed."""
    return DataError(
        message,
        tag="bad-attribute",
        app_tag=app_tag,
        info=(("bad-attribute", name), ("bad-element", element.tag)),
    )


def missing_attribute(element: Any, name: str, message: str) -> DataError:
    """An attribute that another one asks for."""
    return DataError(
        message,
        tag="missing-attribute",
        info=(("bad-attribute", name), ("bad-element", element.tag)),
    )


def stray_text(node: SchemaNode, text: str) -> DataError:
    """Text where only elements may stand."""
    shown = text.strip()
    shown = shown if len(shown) <= 40 else f"{shown[:36]}..."
    return DataError(
        f"the text {shown!r} stands {_where(node)}, which has only elements",
        tag="bad-element",
        info=(("bad-element", node.qname),) if node.name else (),
    )


def state_data(node: SchemaNode) -> DataError:
    """State data in configuration."""
    return DataError(
        f"{node.name!r} is state data and cannot be configured",
        path=node.step,
        tag="unknown-element",
        info=(("bad-element", node.qname),),
    )


def duplicate(node: SchemaNode, step: str) -> DataError:
    """The same node twice in one payload."""
    what = {"list": "this entry of", "leaf-list": "this value of"}.get(node.kind, "")
    return DataError(
        f"{f'{what} ' if what else ''}{node.name!r} appears twice",
        path=step,
        tag="bad-element",
        info=(("bad-element", node.qname),),
    )


def missing_key(node: SchemaNode, present: Iterable[str]) -> DataError:
    """A list entry without all of its keys (RFC 7950, section 8.3.1)."""
    missing = next(name for name in node.keys if name not in set(present))
    return DataError(
        f"an entry of {node.name!r} needs its key {local(missing)!r}",
        tag="missing-element",
        info=(("bad-element", missing),),
        remedy=f"the keys are {', '.join(local(name) for name in node.keys)}",
    )


def invalid_value(node: SchemaNode, problem: ValueProblem) -> DataError:
    """A value that the type does not allow."""
    return DataError(
        problem.message,
        path=node.step,
        tag="invalid-value",
        app_tag=problem.app_tag,
        info=(("bad-element", node.qname),),
    )


def _cases(case: Case | None) -> list[Case]:
    found = []
    while case is not None:
        found.append(case)
        case = case.choice.case
    return found


def refuse_two_cases(first: Case, second: Case, node: SchemaNode) -> None:
    """Raise when two nodes stand in different cases of one choice (RFC 7950, section 8.3.1)."""
    chosen = {case.choice: case for case in _cases(first)}
    for case in _cases(second):
        other = chosen.get(case.choice)
        if other is not None and other is not case:
            raise DataError(
                f"{node.name!r} is in the case {case.name!r} of the choice"
                f" {case.choice.name!r}, of which there is already data of {other.name!r}",
                path=node.step,
                tag="bad-element",
                info=(("bad-element", node.qname),),
            )


def data_exists(node: SchemaNode, step: str) -> DataError:
    """create of what is there."""
    return DataError(
        f"{node.name!r} exists already",
        path=step,
        tag="data-exists",
        info=(("bad-element", node.qname),),
        remedy="use merge or replace to change it",
    )


def data_missing(node: SchemaNode, step: str, operation: str) -> DataError:
    """delete of what is not there, or a level that is missing under the operation none."""
    return DataError(
        f"{node.name!r} does not exist",
        path=step,
        tag="data-missing",
        info=(("bad-element", node.qname),),
        remedy="use remove, which does not mind" if operation == "delete" else None,
    )
