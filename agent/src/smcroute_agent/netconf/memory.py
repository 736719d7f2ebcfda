"""A bound that all sessions share."""

from __future__ import annotations


class Memory:
    """A bound on what all sessions together hold of messages that are not complete."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = 0

    def account(self, before: int, now: int) -> bool:
        """One session's share has changed; False when that is more than there is."""
        self.used += now - before
        return now <= before or self.used <= self.limit
