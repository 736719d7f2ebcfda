"""What a benchmark is, and what it yields."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field

Progress = Callable[[str], None]
"""Says what is being done, for the person who waits."""


@dataclass(frozen=True)
class Row:
    """One figure: what was measured in each round, of ours and of the peer.

    unit: "s", "ms", "µs", "MB", "" (a count).
    theirs: empty when the peer cannot do it.
    peer: whom ours is compared with.
    target: what ours is to reach, in the same unit; None when there is none.
    more_is_better: for counts of what arrived, say.
    """

    what: str
    unit: str
    ours: tuple[float, ...]
    theirs: tuple[float, ...] = ()
    target: float | None = None
    more_is_better: bool = False
    peer: str = "Debian's"

    @property
    def our_median(self) -> float:
        return statistics.median(self.ours)

    @property
    def their_median(self) -> float | None:
        return statistics.median(self.theirs) if self.theirs else None

    @property
    def ratio(self) -> float | None:
        """Ours divided by theirs, None without a peer."""
        theirs = self.their_median
        return self.our_median / theirs if theirs else None

    @property
    def met(self) -> bool | None:
        """Whether the target is met, None without one."""
        if self.target is None:
            return None
        if self.more_is_better:
            return self.our_median >= self.target
        return self.our_median <= self.target


@dataclass(frozen=True)
class Benchmark:
    """A named measurement; `method` says in a sentence how it is taken."""

    name: str
    method: str
    run: Callable[[int, Progress], list[Row]] = field(repr=False)
    rounds: int = 3
