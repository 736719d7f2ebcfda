"""The command lines on which smcrouted starts its children; a person has no need of them.

Taken apart without argparse, which takes as long to import and set up as everything else
that the engine does before it is ready.
"""

from __future__ import annotations

from collections.abc import Sequence


class ChildOptions:
    """--NAME VALUE, --NAME=VALUE and --NAME, in any order; the last of a name counts."""

    def __init__(self, words: Sequence[str]) -> None:
        """Raises ValueError for a word that belongs to no option."""
        self._found: dict[str, list[str]] = {}
        values: list[str] | None = None
        for word in words:
            if word.startswith("--"):
                name, equals, value = word[2:].partition("=")
                values = self._found.setdefault(name, [])
                if equals:
                    values.append(value)
                    values = None
            elif values is None:
                raise ValueError(f"{word!r} belongs to no option")
            else:
                values.append(word)
                values = None

    def __contains__(self, name: str) -> bool:
        return name in self._found

    def all(self, name: str) -> list[str]:
        """The values of an option that may come several times."""
        return self._found.get(name, [])

    def text(self, name: str) -> str:
        """The value of an option that has to be there; raises KeyError."""
        return self._found[name][-1]

    def number(self, name: str) -> int:
        """As `text`, a number; raises ValueError for what is none."""
        return int(self.text(name))

    def optional_text(self, name: str) -> str | None:
        return self.text(name) if name in self else None

    def optional_number(self, name: str) -> int | None:
        return self.number(name) if name in self else None
