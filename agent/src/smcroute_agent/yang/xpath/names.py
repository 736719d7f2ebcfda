"""Names in XPath expressions of YANG modules: every one gets its module's name as a prefix."""

from __future__ import annotations

from collections.abc import Mapping

from .lexer import Token, XPathError, tokens


def qualify(text: str, own: str, modules: Mapping[str, str]) -> str:
    """The expression with "module:name" for each node name (RFC 7950, section 6.4.1).

    own: the module of names without a prefix. modules: prefix to module.
    """
    parts: list[str] = []
    previous: Token | None = None
    for token in tokens(text):
        word = token.text
        if token.kind == "name" and not (previous is not None and previous.text == "$"):
            prefix, colon, name = word.partition(":")
            if colon:
                if prefix not in modules:
                    raise XPathError(f"the prefix {prefix!r} in {text!r} is not declared")
                word = f"{modules[prefix]}:{name}"
            else:
                word = f"{own}:{word}"
        parts.append(word)
        previous = token
    return _join(parts)


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
