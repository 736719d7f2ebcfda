"""An edit that goes on after mistakes (RFC 6241, section 7.2: continue-on-error)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ..errors import DataError, Error
from .content import Element
from .data import Container, Key, ListNode, Node, entry_step
from .edit import edited_by
from .editor import Editor
from .level import Level
from .schema import Schema, SchemaNode

MAX_TOLD = 1000
MAX_TOLD_SIZE = 1 << 20
"""How many mistakes are told, and how many characters they have together; the rest is counted."""

WHOLE = frozenset(("create", "replace"))
"""Operations that are done with all below the node, or not at all."""

Judge = Callable[[SchemaNode, Node | None, Node | None, str, Mapping[SchemaNode, Key]], None]
"""judge(schema, before, after, path above, keys above): raises Error when a node must not be
changed so.  An entry or value comes as a list or leaf-list that has it alone; all of them come when
one is moved, and when another case takes their place."""


def edit_on(
    schema: Schema,
    tree: Container,
    config: Element | Iterable[Element],
    default_operation: str = "merge",
    judge: Judge | None = None,
) -> tuple[Container, list[Error]]:
    """The tree after an edit without what is wrong in it, and what that is.

    A node that cannot be what the edit says is left as it was, with all below it; inside of
    what is to be created or replaced that is the whole of it.  Arguments as in edit(); raises
    DataError where the edit as a whole is wrong.
    """
    editor = _Tolerant(schema, judge)
    after = edited_by(editor, tree, config, default_operation)
    if editor.untold:
        editor.failed.append(
            DataError(f"{editor.untold} more nodes of the edit are wrong", tag="operation-failed")
        )
    return after, editor.failed


class _Tolerant(Editor):
    """An editor that writes mistakes down."""

    careful = True

    def __init__(self, schema: Schema, judge: Judge | None) -> None:
        super().__init__(schema)
        self.failed: list[Error] = []
        self.untold = 0
        self._judge = judge
        self._left = MAX_TOLD_SIZE
        self._steps: list[str] = []
        self._keys: dict[SchemaNode, Key] = {}
        self._whole = 0
        """How many of the nodes above are done as a whole."""

    def children(
        self,
        parent: SchemaNode,
        before: dict[str, Node],
        elements: Iterable[Element],
        operation: str,
    ) -> dict[str, Node]:
        whole = operation in WHOLE
        self._whole += whole
        try:
            return super().children(parent, before, elements, operation)
        finally:
            self._whole -= whole

    def child(self, parent: SchemaNode, level: Level, element: Element, operation: str) -> None:
        if self._whole or element.tag in parent.keys:
            # Without one of its keys an entry is none.
            super().child(parent, level, element, operation)
            return
        if self._left <= 0 and isinstance(element.tag, str) and element.tag not in parent.children:
            # To look for what may have been meant takes long.
            self.untold += 1
            return
        try:
            super().child(parent, level, element, operation)
        except Error as error:
            self._record(error)

    def _record(self, error: Error) -> None:
        if isinstance(error, DataError):
            error.path = "".join(self._steps) + (error.path or "") or None
        self._left -= len(error.message) + len(error.path or "")
        if len(self.failed) >= MAX_TOLD:
            self._left = 0
        if self._left <= 0:
            self.untold += 1
        else:
            # The frames in the traceback hold the whole edit.
            self.failed.append(error.with_traceback(None))

    def container(
        self,
        node: SchemaNode,
        present: Node | None,
        element: Element,
        operation: str,
        key: Key = (),
    ) -> Container:
        if node.kind == "list":
            self._keys[node] = key
        self._steps.append(entry_step(node, key) if node.kind == "list" else node.step)
        try:
            return super().container(node, present, element, operation, key)
        finally:
            self._steps.pop()
            self._keys.pop(node, None)

    def allow(
        self, node: SchemaNode, before: Node | None, after: Node | None, key: Key = ()
    ) -> None:
        # What is done as a whole is judged as a whole, where what was there before is known.
        if self._judge is None or self._whole or before is after:
            return
        if key:
            before, after = (
                ListNode(node, {key: entry} if isinstance(entry, Container) else {})
                for entry in (before, after)
            )
        self._judge(node, before, after, "".join(self._steps), self._keys)
