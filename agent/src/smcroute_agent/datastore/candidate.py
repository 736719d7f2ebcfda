"""candidate: what running is to become (RFC 6241, section 8.3)."""

from __future__ import annotations

from ..errors import Error
from ..yang.data import Container
from ..yang.diff import diff
from .running import Running


class Candidate:
    """running as long as nobody has modified it, then a tree of its own."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._modified: Container | None = None

    @property
    def tree(self) -> Container:
        """What a commit would make of running."""
        return self._running.tree if self._modified is None else self._modified

    def put(self, tree: Container) -> None:
        """Modify it; a tree that says what running says is no modification."""
        self._modified = tree if diff(self._running.tree, tree) else None

    def change(self, tree: Container) -> bool:
        """Modify it; False when it is so already."""
        before = self.tree
        if tree is before or not diff(before, tree):
            return False
        self._modified = tree
        return True

    def discard(self) -> None:
        """Make it running again."""
        self._modified = None

    def check_unmodified(self) -> None:
        """Raises in-use when it differs from running (RFC 6241, section 7.5)."""
        if self._modified is not None and diff(self._running.tree, self._modified):
            raise Error(
                "the candidate datastore cannot be locked: it is modified",
                error_type="protocol",
                tag="in-use",
                remedy="commit or discard the changes first",
            )
        self._modified = None
