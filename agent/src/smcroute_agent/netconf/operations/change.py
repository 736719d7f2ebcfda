"""What an edit-config asks for, as a function from one tree to the next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from lxml import etree

from ...errors import Error, Errors
from ...yang.data import Container
from ...yang.edit import edit
from ...yang.tolerant import edit_on
from . import with_defaults
from .request import Request


class Change:
    """A datastore.names.Edit, as far as the session may make it.

    goes_on: what fails of it is left out and kept in `failed` (continue-on-error).
    """

    def __init__(
        self,
        request: Request,
        config: etree._Element,
        default_operation: str,
        *,
        goes_on: bool = False,
    ) -> None:
        guard, subject = request.services.guard, request.session.subject
        self.failed: list[Error] = []
        self.size = sum(map(len, config))
        """How many list entries it is about, roughly."""
        self._schema = request.services.schema
        self._config, self._default_operation = config, default_operation
        self._goes_on = goes_on
        self._authorize = guard.authorizer(subject)
        self._conceal = guard.concealer(subject)
        self._judge = guard.judge(subject) if goes_on else None
        self._discreet = partial(guard.discreet, subject)
        with_defaults.accept_tags(self._schema, config, default_operation)

    def __call__(self, tree: Container) -> Container:
        try:
            after = self._edited(tree)
        except Error as error:
            raise self._conceal(error) from None
        if self._authorize is not None:
            self._authorize(tree, after)
        return after

    def _edited(self, tree: Container) -> Container:
        if not self._goes_on:
            return edit(self._schema, tree, self._config, self._default_operation)
        after, failed = edit_on(
            self._schema, tree, self._config, self._default_operation, self._judge
        )
        self.failed = list(map(self._conceal, failed))
        return after

    @contextmanager
    def told(self) -> Iterator[None]:
        """Raises Errors when something has failed, also when the rest is done."""
        try:
            yield
        except Error as error:
            if not self.failed:
                raise
            last = self._discreet(error)
            last.message += ", so that nothing of the edit is done"
            raise Errors((*self.failed, last)) from None
        if self.failed:
            raise Errors(self.failed)
