"""edit-config on a tree (RFC 6241, section 7.2)."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from . import problems
from .content import Element, refuse_text
from .data import Container
from .editor import REMOVING, Editor
from .insert import OPERATION, directive_of
from .schema import Schema
from .sharing import shared

DEFAULT_OPERATIONS = ("merge", "replace", "none")


def edit(
    schema: Schema,
    tree: Container,
    config: Element | Iterable[Element],
    default_operation: str = "merge",
) -> Container:
    """The tree after an edit; the given one stays as it is, and what is equal is shared.

    config: the <config> element, or the elements in it.  The same tree comes back when
    nothing changes.  Raises DataError.
    """
    if default_operation not in DEFAULT_OPERATIONS:
        raise ValueError(f"no default operation {default_operation!r}")
    return edited_by(Editor(schema), tree, config, default_operation)


def edited_by(
    editor: Editor,
    tree: Container,
    config: Element | Iterable[Element],
    default_operation: str,
) -> Container:
    """The same with an editor, which decides what becomes of mistakes."""
    schema = editor.schema
    elements = list(config)
    operation = default_operation
    for element in elements:
        editor.mark(element)
    if isinstance(config, etree._Element):
        refuse_text(schema.root, config.text)
        if len(config.attrib):
            operation = directive_of(config, schema.root).operation or operation
    if operation in REMOVING:
        raise problems.bad_attribute(
            config, OPERATION, "the configuration as a whole cannot be deleted"
        )
    if operation == "replace":
        new = Container(schema.root, editor.children(schema.root, {}, elements, operation))
        return editor.settle(tree, shared(tree, new))
    children = editor.children(schema.root, tree.children, elements, operation)
    if children is tree.children:
        return tree
    return editor.settle(tree, Container(schema.root, children))
