"""The one shape of the lab's context managers: opened on entry, closed at the end."""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Closing(ABC):
    """A context manager over `open` and `close`; an `open` that fails is closed as well."""

    def open(self) -> None:  # noqa: B027 - many have nothing to open
        """Begin what `close` ends; nothing by default."""

    @abstractmethod
    def close(self) -> None:
        """End it; may be called twice, and after an `open` that failed."""

    def __enter__(self) -> Self:
        try:
            self.open()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
