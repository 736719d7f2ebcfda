"""Why a child could not start."""

from __future__ import annotations

from typing import Any, Self

from ..errors import Error

MAX_PROBLEMS = 100
"""Problems of one child that are passed on at the most."""


class StartFailed(Exception):
    """A child could not start; its problems as it told them.

    kind is that of the errors.Error that the child met.
    """

    def __init__(self, kind: str, problems: list[Error]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.kind = kind
        self.problems = problems

    @classmethod
    def told(cls, fatal: Any) -> Self:
        """What a child's last message says, if it is one of ours."""
        problems = [
            Error(str(item["message"]), path=item["path"], remedy=item["remedy"])
            for item in fatal["problems"][:MAX_PROBLEMS]
        ]
        return cls(str(fatal["kind"]), problems)
