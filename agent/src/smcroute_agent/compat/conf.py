"""smcroute.conf, read: every line as it stands, the rules that the lines hold, every error."""

from __future__ import annotations

import functools
import gc
import os.path
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, ParamSpec, Protocol, TypeVar

from ..errors import ConfigError, DataError, Error
from ..rules import Mroute, Phyint, Rule, RuleKey, rule_key
from . import statements
from .usual_line import UsualLines
from .words import shown

MAX_LINE = 8192
"""Octets of a line that is no comment."""

MAX_DEPTH = 8
"""Files that include one another, the main file counted."""

MAX_FILES = 1024
"""Files that one smcroute.conf may include, itself counted."""

MAX_ERRORS = 1000
"""Errors that are kept; the last one says how many there are beyond."""

BOM = b"\xef\xbb\xbf"
"""The byte order mark that an editor may put before the first word."""

_P = ParamSpec("_P")
_R = TypeVar("_R")


def collector_paused(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Spare a function that builds many lasting objects the collector's walks over them.

    They hold no cycles; with 100 000 rules the walks cost a quarter of the time.
    """

    @functools.wraps(function)
    def paused(*arguments: _P.args, **options: _P.kwargs) -> _R:
        enabled = gc.isenabled()
        gc.disable()
        try:
            return function(*arguments, **options)
        finally:
            if enabled:
                gc.enable()

    return paused


class Files(Protocol):
    """The files of the startup datastore; every call may block."""

    def read(self, path: str) -> bytes:
        """The content of a file; raises FileNotFoundError, and Error for other failures."""

    def glob(self, pattern: str) -> list[str]:
        """The paths that match a glob(3) pattern, sorted; raises Error where it cannot be told."""

    def replace(self, contents: Mapping[str, bytes]) -> None:
        """Put new contents in the places of the old: all, or none; raises Error."""


class Line(NamedTuple):
    """A line with its end, octet by octet, and the rule that it holds, if any."""

    raw: bytes
    rule: Rule | None = None


class Document(NamedTuple):
    """smcroute.conf with all that it includes.

    files: the lines of each file, the main file first, in the order of reading.
    rules: what all lines together say.  Lines with the same key add up.
    errors: what is wrong, each with FILE:LINE; a line with an error holds no rule.
    """

    main: str
    files: dict[str, list[Line]]
    rules: dict[RuleKey, Rule]
    errors: list[ConfigError]

    def places(self, key: RuleKey) -> list[str]:
        """FILE:LINE of each line that says something about the rule."""
        return [f"{path}:{index + 1}" for path, index, _ in _lines_of(self, key)]


@collector_paused
def parse(files: Files, path: str) -> Document:
    """Read a file and those that it includes.

    Raises FileNotFoundError when the main file does not exist.  All else that is wrong
    stands in the document's errors, beside the rules of the other lines.
    """
    parser = _Parser(files, path)
    parser.read(path, path, ())
    if parser.omitted:
        parser.document.errors.append(
            ConfigError(f"{parser.omitted} more errors", path=path, remedy="mend the first ones")
        )
    return parser.document


def check(document: Document) -> None:
    """Raise one ConfigError that tells all errors of a document, if it has any."""
    errors = document.errors
    if len(errors) == 1:
        raise errors[0]
    if errors:
        listed = "\n".join(str(error) for error in errors)
        raise ConfigError(f"{len(errors)} errors:\n{listed}", path=document.main)


def split_lines(content: bytes) -> list[bytes]:
    """The lines with their ends; only LF ends a line, as in C."""
    return content.splitlines(keepends=True) if _plain(content) else _split_at_lf(content)


def line_words(raw: bytes) -> list[str]:
    """The words of a line without its comment and without an editor's byte order mark.

    A word that begins with "#" begins a comment; within a word it is part of a name.  Raises
    DataError for words with octets beyond ASCII.
    """
    octets = raw.removeprefix(BOM).split()
    if b"#" in raw:
        for position, word in enumerate(octets):
            if word.startswith(b"#"):
                del octets[position:]
                break
    if not octets:
        return []
    line = b" ".join(octets)
    if not line.isascii():
        strange = next(word for word in octets if not word.isascii())
        raise DataError(
            f"{shown(strange.decode('ascii', 'backslashreplace'))} is not plain ASCII",
            remedy="only comments may hold other characters",
        )
    return line.decode("ascii").split(" ")


def _plain(content: bytes) -> bool:
    # bytes.splitlines also splits at a CR; one that is no part of CR LF belongs to its line.
    return content.count(b"\r") == content.count(b"\r\n")


def _split_at_lf(content: bytes) -> list[bytes]:
    *lines, last = content.split(b"\n")
    return [line + b"\n" for line in lines] + ([last] if last else [])


def _lines_of(document: Document, key: RuleKey) -> Iterator[tuple[str, int, Rule]]:
    for path, lines in document.files.items():
        for index, (_, rule) in enumerate(lines):
            if rule is not None and rule_key(rule) == key:
                yield path, index, rule


class _Parser:
    """The state of one reading."""

    def __init__(self, files: Files, main: str) -> None:
        self.document = Document(main, {}, {}, [])
        self.omitted = 0
        self._files = files
        self._phyints: dict[RuleKey, str] = {}  # where the first line of each stands
        self._usual = UsualLines(MAX_LINE)

    def read(self, path: str, place: str, including: tuple[str, ...]) -> None:
        """Read one file; `place` is where it is named, `including` the files that led to it."""
        try:
            content = self._files.read(path)
        except FileNotFoundError:
            if not including:
                raise
            self._error(place, f"{path} does not exist", "create it, or take the line out")
            return
        except Error as error:
            if not including:
                raise
            self._failure(place, error)
            return
        lines: list[Line] = []
        self.document.files[path] = lines
        usual = self._usual.read
        rules = self.document.rules
        for number, raw in enumerate(split_lines(content), 1):
            rule: Rule | None = usual(raw)
            if rule is not None and rules.setdefault(("mroute", *rule[:3]), rule) is rule:
                lines.append(Line(raw, rule))
                continue
            try:
                rule = self._line(raw, path, number, including)
            except DataError as error:
                rule = None
                self._error(f"{path}:{number}", error.message, error.remedy)
            lines.append(Line(raw, rule))

    def _line(self, raw: bytes, path: str, number: int, including: tuple[str, ...]) -> Rule | None:
        if b"\0" in raw:
            raise DataError("a NUL octet in the line", remedy="remove it; the file is plain text")
        line = line_words(raw)
        if not line:
            return None
        if len(raw) > MAX_LINE:
            raise DataError(
                f"a line of {len(raw)} octets, more than {MAX_LINE}",
                remedy="write several lines with the same source and group; they add up",
            )
        if line[0] == statements.INCLUDE:
            self._include(line[1:], path, number, including)
            return None
        rule = statements.parse(line)
        self._merge(rule, f"{path}:{number}")
        if isinstance(rule, Mroute):
            self._usual.learn(raw, rule)
        return rule

    def _merge(self, rule: Rule, place: str) -> None:
        key = rule_key(rule)
        rules = self.document.rules
        other = rules.setdefault(key, rule)
        if isinstance(rule, Phyint):
            self._phyints.setdefault(key, place)
        if other is rule or other == rule:
            return
        if isinstance(rule, Mroute) and isinstance(other, Mroute):
            names = dict.fromkeys(other.out_interfaces + rule.out_interfaces)
            rules[key] = rule._replace(out_interfaces=tuple(names))
        elif isinstance(rule, Phyint) and isinstance(other, Phyint):
            rules[key] = self._merged_phyint(key, other, rule)

    def _merged_phyint(self, key: RuleKey, first: Phyint, second: Phyint) -> Phyint:
        values = first._asdict()
        for name, value in second._asdict().items():
            if value is None:
                continue
            if values[name] not in (None, value):
                raise DataError(
                    f"phyint {first.name} contradicts what {self._phyints[key]} says about it",
                    remedy="keep one of the lines",
                )
            values[name] = value
        return Phyint(**values)

    def _include(
        self, arguments: list[str], path: str, number: int, including: tuple[str, ...]
    ) -> None:
        if len(arguments) != 1:
            raise DataError(
                "include takes one path or pattern", remedy="write: include /etc/smcroute.d/*.conf"
            )
        pattern = os.path.normpath(os.path.join(os.path.dirname(path), arguments[0]))
        chain = (*including, path)
        try:
            matching = self._files.glob(pattern)
        except Error as error:
            self._failure(f"{path}:{number}", error)
            return
        for found in matching:
            if found in chain:
                raise DataError(
                    f"{shown(found)} includes itself", remedy="take one include line out"
                )
            if found in self.document.files:
                continue  # included twice: the rules are there
            if len(chain) >= MAX_DEPTH:
                raise DataError(
                    f"includes more than {MAX_DEPTH} deep", remedy="include fewer levels of files"
                )
            if len(self.document.files) >= MAX_FILES:
                raise DataError(
                    f"more than {MAX_FILES} files", remedy="put the rules into fewer files"
                )
            self.read(found, f"{path}:{number}", chain)

    def _failure(self, place: str, error: Error) -> None:
        """A file that is named in a place cannot be had."""
        where = f"{error.path}: " if error.path else ""
        self._error(place, where + error.message, error.remedy)

    def _error(self, place: str, message: str, remedy: str | None) -> None:
        if len(self.document.errors) < MAX_ERRORS:
            self.document.errors.append(ConfigError(message, path=place, remedy=remedy))
        else:
            self.omitted += 1
