"""Names in XPath expressions of YANG modules: every one gets its module's name as a prefix."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from .lexer import Token, XPathError, tokens

IsIdentity = Callable[[str, str], bool]
"""Whether a module defines an identity."""

_PREFIXED = re.compile(r"([A-Za-z_][\w.-]*):([A-Za-z_][\w.-]*)", re.ASCII)


def qualify(
    text: str, own: str, modules: Mapping[str, str], is_identity: IsIdentity | None = None
) -> str:
    """The expression with "module:name" for each node name (RFC 7950, section 6.4.1).

    own: the module of names without a prefix. modules: prefix to module.  The names of
    identities in literals get their module, too, since that is how values hold them: the
    second argument of derived-from(), and "prefix:name" where that is an identity.
    """
    parts: list[str] = []
    calls: list[str] = []
    previous: Token | None = None
    for token in tokens(text):
        word = token.text
        if token.kind == "name" and not (previous is not None and previous.text == "$"):
            prefix, colon, name = word.partition(":")
            if colon and prefix not in modules:
                raise XPathError(f"the prefix {prefix!r} in {text!r} is not declared")
            word = f"{modules[prefix]}:{name}" if colon else f"{own}:{word}"
        elif token.kind == "literal":
            derived = bool(calls) and calls[-1] in ("derived-from", "derived-from-or-self")
            word = _literal(word, own if derived else None, modules, is_identity)
        elif token.kind == "(":
            called = previous is not None and previous.kind == "function"
            calls.append(previous.text if called and previous is not None else "")
        elif token.kind == ")" and calls:
            calls.pop()
        parts.append(word)
        previous = token
    return _join(parts)


def _literal(
    word: str, own: str | None, modules: Mapping[str, str], is_identity: IsIdentity | None
) -> str:
    """A literal; own: the module of an identity without a prefix, None where it is a string."""
    quote, inner = word[0], word[1:-1]
    match = _PREFIXED.fullmatch(inner)
    if match is not None and match[1] in modules:
        module = modules[match[1]]
        if is_identity is not None and is_identity(module, match[2]):
            return f"{quote}{module}:{match[2]}{quote}"
    elif own is not None and ":" not in inner:
        return f"{quote}{own}:{inner}{quote}"
    return word


def _join(parts: list[str]) -> str:
    """Tokens as text, with blanks where they keep words apart or help the reader."""
    tight_before = frozenset((")", "]", ",", "/", "//", "[", "(", "::"))
    tight_after = frozenset(("(", "[", "/", "//", "@", "::", "$"))
    text = ""
    previous = ""
    for part in parts:
        gap = bool(text) and previous not in tight_after and part not in tight_before
        text += (" " if gap else "") + part
        previous = part
    return text


def leafref_steps(path: str) -> list[str]:
    """The names and ".." of a leafref's path, without its predicates."""
    steps: list[str] = []
    depth = 0
    for token in tokens(path):
        if token.kind in ("[", "]"):
            depth += 1 if token.kind == "[" else -1
        elif depth == 0 and token.kind in ("name", ".."):
            steps.append(token.text)
    return steps
