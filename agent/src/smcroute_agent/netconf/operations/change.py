"""What an edit-config asks for, as a function from one tree to the next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

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
        self.failed: list[Error] = []
        self.size = sum(map(len, config))
        """How many list entries it is about, roughly."""
        self._schema = request.services.schema
        self._config, self._default_operation = config, default_operation
        self._goes_on = goes_on
        self._guard, self._subject = request.services.guard, request.session.subject
        with_defaults.accept_tags(self._schema, config, default_operation)

    def __call__(self, tree: Container) -> Container:
        try:
            after = self._edited(tree)
        except Error as error:
            raise self._guard.concealed(self._subject, error) from None
        authorize = self._guard.authorizer(self._subject)
        if authorize is not None:
            authorize(tree, after)
        return after

    def _edited(self, tree: Container) -> Container:
        if not self._goes_on:
            return edit(self._schema, tree, self._config, self._default_operation)
        judge = self._guard.judge(self._subject)
        after, failed = edit_on(self._schema, tree, self._config, self._default_operation, judge)
        self.failed = [self._guard.concealed(self._subject, error) for error in failed]
        return after

    @contextmanager
    def told(self) -> Iterator[None]:
        """Raises Errors when something has failed, also when the rest is done."""
        try:
            yield
        except Error as error:
            if not self.failed:
                raise
            last = self._guard.discreet(self._subject, error)
            last.message += ", so that nothing of the edit is done"
            raise Errors((*self.failed, last)) from None
        if self.failed:
            raise Errors(self.failed)
