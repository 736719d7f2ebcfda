"""A dict whose order a user gives (RFC 7950, section 7.7.7: ordered-by user)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class UserOrder(MutableMapping[K, V]):
    """Behaves as a dict, also in its order; to put an item in a place costs the same in a long one.

    None is no key: it stands before the first and behind the last.
    """

    def __init__(self, items: Mapping[K, V]) -> None:
        self._values: dict[K, V] = {}
        self._next: dict[K | None, K | None] = {None: None}
        self._previous: dict[K | None, K | None] = {None: None}
        self.update(items)

    def first(self, key: K, value: V) -> None:
        """Put an item, new or not, before all others."""
        self.pop(key, None)
        self._insert(None, key, value)

    def last(self, key: K, value: V) -> None:
        """Put an item, new or not, behind all others."""
        self.pop(key, None)
        self[key] = value

    def before(self, key: K, value: V, other: K) -> None:
        """Put an item, new or not, before another one."""
        self.pop(key, None)
        self._insert(self._previous[other], key, value)

    def after(self, key: K, value: V, other: K) -> None:
        """Put an item, new or not, behind another one."""
        self.pop(key, None)
        self._insert(other, key, value)

    def _insert(self, previous: K | None, key: K, value: V) -> None:
        following = self._next[previous]
        self._link(previous, key)
        self._link(key, following)
        self._values[key] = value

    def _link(self, left: K | None, right: K | None) -> None:
        self._next[left] = right
        self._previous[right] = left

    def __getitem__(self, key: K) -> V:
        return self._values[key]

    def __setitem__(self, key: K, value: V) -> None:
        if key in self._values:
            self._values[key] = value
        else:
            self._insert(self._previous[None], key, value)

    def __delitem__(self, key: K) -> None:
        del self._values[key]
        self._link(self._previous.pop(key), self._next.pop(key))

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[K]:
        key = self._next[None]
        while key is not None:
            yield key
            key = self._next[key]
