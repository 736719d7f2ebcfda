"""The error of a value by itself, which does not know where it stands."""

from __future__ import annotations


class ValueProblem(Exception):
    """A text is no value of a type.

    default: the message was made up here; the model's own error-message is more helpful.
    """

    def __init__(self, message: str, *, app_tag: str | None = None, default: bool = True) -> None:
        super().__init__(message)
        self.message = message
        self.app_tag = app_tag
        self.default = default
