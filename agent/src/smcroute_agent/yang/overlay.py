"""A dict and what has changed of it since: copies cost what the change costs, not the dict.

A list of the data tree with 10 000 entries is a dict of 10 000.  An edit of one entry would
have to copy all of them, because the tree before the edit must stay as it is.
"""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, MutableMapping, ValuesView
from math import isqrt
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")

SMALL = 128
"""A dict of so many is copied as quickly as anything else could be made of it."""


class Overlay(MutableMapping[K, V]):
    """Behaves as a dict, also in its order: what is replaced keeps its place, what is added
    or removed and added again stands at the end.  None is no value.

    The dict below is shared with other overlays and never written to.
    """

    __slots__ = ("_base", "_changed", "_length", "_tail")

    def __init__(self, base: dict[K, V]) -> None:
        self._base = base
        self._changed: dict[K, V | None] = {}
        """What became of keys of the base; None where it was removed."""
        self._tail: dict[K, V] = {}
        """What stands behind the base."""
        self._length = len(base)

    def copy(self) -> Overlay[K, V]:
        """Another one over the same dict."""
        new = Overlay(self._base)
        new._changed = self._changed.copy()
        new._tail = self._tail.copy()
        new._length = self._length
        return new

    def settled(self) -> MutableMapping[K, V]:
        """The same as a plain dict once so much has changed that copies would feel it.

        The bound is the square root of the n entries below, so that an edit copies O(√n) in the
        long run.
        """
        if len(self._changed) + len(self._tail) <= isqrt(len(self._base)):
            return self
        plain = self._base.copy()
        for key, value in self._changed.items():
            if value is None:
                del plain[key]
            else:
                plain[key] = value
        plain.update(self._tail)
        return plain

    def may_differ(self, other: Overlay[K, V]) -> KeysView[K] | None:
        """The keys among which the differing ones are; None when that is not known."""
        if other._base is not self._base:
            return None
        return dict.fromkeys((*self._changed, *other._changed, *self._tail, *other._tail)).keys()

    def __getitem__(self, key: K) -> V:
        value = self.get(key)
        if value is None:
            raise KeyError(key)
        return value

    def get(self, key: K, default: V | None = None) -> V | None:  # type: ignore[override]
        value = self._tail.get(key)
        if value is None:
            value = self._changed[key] if key in self._changed else self._base.get(key)
        return default if value is None else value

    def __contains__(self, key: object) -> bool:
        return self.get(key) is not None  # type: ignore[arg-type]

    def __setitem__(self, key: K, value: V) -> None:
        if key in self._base and self._changed.get(key, value) is not None:
            self._changed[key] = value
            return
        if key not in self._tail:
            self._length += 1
        self._tail[key] = value

    def __delitem__(self, key: K) -> None:
        if key in self._tail:
            del self._tail[key]
        elif self._changed.get(key, self._base.get(key)) is not None:
            self._changed[key] = None
        else:
            raise KeyError(key)
        self._length -= 1

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[K]:
        return (key for key, _ in self.items())

    def items(self) -> ItemsView[K, V]:
        return _Items(self)

    def values(self) -> ValuesView[V]:
        return _Values(self)

    def _items(self) -> Iterator[tuple[K, V]]:
        changed = self._changed
        if not changed:
            yield from self._base.items()
        else:
            for key, value in self._base.items():
                if key in changed:
                    now = changed[key]
                    if now is not None:
                        yield key, now
                else:
                    yield key, value
        yield from self._tail.items()


class _Items(ItemsView[K, V]):
    _mapping: Overlay[K, V]

    def __iter__(self) -> Iterator[tuple[K, V]]:
        return self._mapping._items()


class _Values(ValuesView[V]):
    _mapping: Overlay[object, V]

    def __iter__(self) -> Iterator[V]:
        return (value for _, value in self._mapping._items())


def copied(mapping: MutableMapping[K, V]) -> MutableMapping[K, V]:
    """A copy that may be changed while the original stays as it is.

    The original is a dict or an Overlay, and nobody writes to it any more.
    """
    if isinstance(mapping, Overlay):
        return mapping.copy()
    assert isinstance(mapping, dict)
    return mapping.copy() if len(mapping) <= SMALL else Overlay(mapping)


def settled(mapping: MutableMapping[K, V]) -> MutableMapping[K, V]:
    """What copied() gave, when it has been changed and is to be kept."""
    return mapping.settled() if isinstance(mapping, Overlay) else mapping
