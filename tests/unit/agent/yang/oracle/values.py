"""Texts for leaves, derived from their types: values, and what is nearly one."""

from __future__ import annotations

import base64
import re
from typing import Any

from hypothesis import strategies as st

from smcroute_agent.yang import regex, types
from smcroute_agent.yang.schema import Schema, SchemaNode

Texts = st.SearchStrategy[str]

ODD = (
    *("", " ", "0", "5", "-5", "+5", "05", " 5 ", "5\n", "0x5", "5.0", "5.", ".5", "-0", "1e1"),
    *("300", "99999999999999999999", "true", "TRUE", "1.005", "a", "é", "a b", "none", "x:y"),
    *("i:cat", ":", "AAA=", "QQ==", "Q Q==", "/", "/a", "two one", "one one", "zz", "ab\nc"),
)
"""What is no value of most types."""

_XML_TEXT = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")


def texts(schema: Schema, node: SchemaNode) -> Texts:
    """Mostly values of a leaf's type."""
    found: Texts | None = node.derived.get("test-texts")
    if found is None:
        assert node.type is not None
        kind, near = node.type, _of(schema, node, node.type)
        good = near if kind.contextual else near.filter(lambda text: _allowed(kind, text))
        found = node.derived["test-texts"] = mixed(good, 30, near, st.sampled_from(ODD))
    return found


def mixed(usual: Texts, times: int, *rare: Texts) -> Texts:
    """One strategy so many times as often as each of the others."""
    return st.sampled_from([*[usual] * times, *rare]).flatmap(lambda chosen: chosen)


def odd_texts(schema: Schema, node: SchemaNode) -> Texts:
    """What is no value as often as it is one."""
    assert node.type is not None
    return st.one_of(st.sampled_from(ODD), _of(schema, node, node.type).map(_bent))


def _bent(text: str) -> str:
    """A text that differs a little."""
    return text + text[-1:] if len(text) % 2 else text.swapcase()


def _of(schema: Schema, node: SchemaNode, kind: types.Type) -> Texts:
    if isinstance(kind, types.Union):
        return st.one_of([_of(schema, node, member) for member in kind.members])
    if isinstance(kind, types.LeafRef):
        return _of(schema, node, kind.target)
    if isinstance(kind, types.IdentityRef):
        return _identities(schema, node, kind)
    if isinstance(kind, types.InstanceIdentifier | types.NodeInstanceIdentifier):
        return _instances(schema)
    return _SIMPLE[type(kind)](kind)


def _integers(kind: Any) -> Texts:
    bounds = [
        bound for item in (*kind.ranges, kind.limits) for part in item.bounds for bound in part
    ]
    near = sorted({value for bound in bounds for value in (bound - 1, bound, bound + 1)})
    inside = [value for value in near if _allowed(kind, str(value))]
    first = next(part[0] for item in (*kind.ranges, kind.limits) for part in item.bounds)
    small = [value for value in range(first, first + 4) if _allowed(kind, str(value))]
    some = [value for value in (0, 1, 2, 5) if _allowed(kind, str(value))]
    good = list(map(str, small + some + inside))
    return st.one_of(
        st.sampled_from(good), st.sampled_from(good), st.sampled_from(list(map(str, near)))
    )


def _decimals(kind: Any) -> Texts:
    scaled = [0, 1, -1, 15, 10**kind.fraction_digits, -(2**63), 2**63 - 1]
    for restriction in kind.ranges:
        for part in restriction.bounds:
            scaled += [part[0] - 1, part[0], part[1], part[1] + 1]
    found = [kind.text(value) for value in scaled]
    found += [
        f"{found[1]}0",
        f"+{found[3]}",
        f"0{found[4]}",
        f"{found[3]}{'1' * kind.fraction_digits}",
    ]
    good = [text for text in found if _allowed(kind, text)]
    return st.one_of(st.sampled_from(good), st.sampled_from(found))


def _strings(kind: Any) -> Texts:
    wanted = [pattern for pattern in kind.patterns if not pattern.invert]
    if wanted:
        made = st.from_regex(regex.compiled(wanted[-1].text), fullmatch=True)
        return made.filter(_is_xml).map(lambda text: text[:40])
    longest = [high for item in kind.lengths for _, high in item.bounds if high < 100]
    most = min(longest[-1] + 1 if longest else 4, 40)
    if most <= 2:
        return st.sampled_from(
            ("a", "b", "c", "a", "b", "ab") if most == 2 else ("ab", "cd", "abc")
        )
    return st.one_of(st.text("abcx", max_size=most), st.text("ab-cz é<&'\"\n", max_size=most))


def _bits(kind: Any) -> Texts:
    names = st.lists(st.sampled_from(list(kind.positions)), unique=True, max_size=3)
    return st.tuples(names, st.sampled_from((" ", " ", "  ", "\n"))).map(
        lambda drawn: drawn[1].join(drawn[0])
    )


def _binaries(kind: Any) -> Texts:
    return st.binary(max_size=5).map(lambda octets: base64.b64encode(octets).decode())


_SIMPLE: dict[type[types.Type], Any] = {
    types.Integer: _integers,
    types.Decimal64: _decimals,
    types.String: _strings,
    types.Boolean: lambda kind: st.sampled_from(("true", "false")),
    types.Enumeration: lambda kind: st.sampled_from(list(kind.values)),
    types.Bits: _bits,
    types.Empty: lambda kind: st.just(""),
    types.Binary: _binaries,
}


def _allowed(kind: types.Type, text: str) -> bool:
    try:
        kind.parse(text)
    except types.base.ValueProblem:
        return False
    return True


def _is_xml(text: str) -> bool:
    return _XML_TEXT.fullmatch(text) is not None


def _identities(schema: Schema, node: SchemaNode, kind: types.IdentityRef) -> Texts:
    """Identities of the type, rarely others; with the prefixes of `documents`, or without."""
    right, wrong = [], ["nothing", "wrong:nothing"]
    for name in sorted(schema.identities):
        module, _, local = name.partition(":")
        known = all(base in schema.identities[name] for base in kind.bases)
        good = known and name not in kind.bases
        (right if good else wrong).append(f"{schema.modules[module].prefix}:{local}")
        if module == node.module.name and good:
            right.append(local)
    return mixed(st.sampled_from(right), 20, st.sampled_from(wrong))


def _instances(schema: Schema) -> Texts:
    """Paths to configuration, with keys that may be there."""
    nodes = [
        node
        for node in schema.root.descendants()
        if node.config and node.kind not in ("root", "anydata", "anyxml") and not node.musts
    ]
    return st.sampled_from(nodes[:60]).flatmap(lambda node: _instance(schema, node))


def _instance(schema: Schema, node: SchemaNode) -> Texts:
    above = (
        _instance(schema, node.parent)
        if node.parent and node.parent.kind != "root"
        else st.just("")
    )
    step = st.just(node.step)
    if node.kind == "list":
        for name in node.keys:
            key = node.children[name]
            step = st.tuples(step, texts(schema, key)).map(
                lambda drawn, key=key: f"{drawn[0]}[{key.step[1:]}={_literal(drawn[1])}]"
            )
    elif node.kind == "leaf-list":
        step = texts(schema, node).map(lambda text: f"{node.step}[.={_literal(text)}]")
    return st.tuples(above, step).map("".join)


def _literal(text: str) -> str:
    return f'"{text}"' if "'" in text else f"'{text}'"
