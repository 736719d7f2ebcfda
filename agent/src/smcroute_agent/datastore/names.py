"""The words that the datastores and those who use them share: names, and kinds of functions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from ..errors import Error
from ..yang.data import Container

RUNNING = "running"
CANDIDATE = "candidate"
STARTUP = "startup"
DATASTORES = (RUNNING, CANDIDATE, STARTUP)

TEST_THEN_SET = "test-then-set"
SET = "set"
TEST_ONLY = "test-only"
TEST_OPTIONS = (TEST_THEN_SET, SET, TEST_ONLY)
"""What an edit does with the validation (RFC 6241, section 7.2)."""

Apply = Callable[[Container, Container], Awaitable[None]]
"""apply(before, after): makes the system what `after` says, or raises errors.Error and
leaves it as `before` says."""

Prepare = Callable[[Container, Container], Container]
"""prepare(before, after): what an edit's result is kept as; raises errors.Error."""

Edit = Callable[[Container], Container]
"""The new tree from the old; raises errors.Error when the edit is not possible."""

Authorize = Callable[[Container, Container], None]
"""authorize(before, after): raises errors.Error when the change may not be made."""


class Rehearse(Protocol):
    """What asks whether a change could be applied."""

    async def __call__(
        self, before: Container, after: Container, *, pending: bool = False
    ) -> Sequence[Error]:
        """Raises the errors.Error that Apply would raise, as far as it can be known; does nothing.

        pending: return a warning for each new or changed rule that would have to wait.
        """


class StartupStore(Protocol):
    """Where the startup datastore lives."""

    async def load(self) -> Container:
        """What it holds now."""

    async def save(self, tree: Container) -> None:
        """Replace what it holds, all or nothing."""
