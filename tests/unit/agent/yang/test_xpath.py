"""XPath 1.0: the same answers as libxml2 on the same data, and YANG's own functions."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from smcroute_agent.yang.data import Container
from smcroute_agent.yang.schema import Schema
from smcroute_agent.yang.serialize import to_xml
from smcroute_agent.yang.xpath.analysis import EVERYWHERE, dependence
from smcroute_agent.yang.xpath.compiled import compile_expression
from smcroute_agent.yang.xpath.item import Item, Tree
from smcroute_agent.yang.xpath.lexer import XPathError
from smcroute_agent.yang.xpath.parser import parse

from .conftest import Load

DATA = (
    "<order xmlns='urn:zoo:rules'>"
    "<user><name>a</name><value>1</value></user><user><name>b</name><value>-2.50</value></user>"
    "<user><name>c d</name></user><user><name>1</name><value>a</value></user>"
    "<pair><a>a</a><b>1</b></pair><pair><a>a</a><b>2</b></pair><pair><a>b</a><b>1</b></pair>"
    "<word>b</word><word>a</word><word> x  y </word><default-one/>"
    "<outer><inner><leaf>a</leaf></inner></outer><present/></order>"
)
NAMESPACES = {"r": "urn:zoo:rules"}


def resolve(prefix: str) -> str | None:
    return NAMESPACES.get(prefix)


def ours(zoo: Schema, tree: Container, text: str) -> Any:
    expression = compile_expression(zoo, text, resolve)
    item = Tree(tree, None).root.named("{urn:zoo:rules}order")[0]
    value = expression.value(item)
    if isinstance(value, list):
        return [_shown(node) for node in sorted(value, key=Item.order)]
    return value


def _shown(node: Item) -> tuple[str, str]:
    if node.parent is None:
        return "/", node.string()
    return "#text" if node.text else node.schema.name, node.string()


def theirs(tree: Container, text: str) -> Any:
    element = etree.fromstring(to_xml(tree))
    value: Any = element.xpath(text, namespaces=NAMESPACES)
    if isinstance(value, list):
        found = []
        for node in value:
            if isinstance(node, str):
                found.append(("#text", str(node)))
            else:
                found.append((etree.QName(node).localname, "".join(node.itertext())))
        return found
    return str(value) if isinstance(value, str) else value


def same(left: Any, right: Any) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return left == right or (math.isnan(left) and math.isnan(right))
    return type(left) is type(right) and left == right


FIXED = [
    "/", "/r:order", "r:user", "r:user[2]", "r:user[last()]", "r:user[position() < 3]/r:name",
    "r:user[r:name = 'b']/r:value", "r:user[r:value]", "r:user[not(r:value)]", "//r:name",
    "//r:name[1]", "(//r:name)[1]", "//*[. = 'a']", "r:user/r:name | r:pair/r:a",
    "r:user[1]/following-sibling::*", "r:word/preceding-sibling::*",
    "r:word[2]/preceding::r:a[1]", "r:pair[3]/preceding-sibling::r:pair[1]/r:b",
    "r:pair/ancestor::*", "r:pair/..", "r:outer//r:leaf/ancestor-or-self::*", "r:word/text()",
    "r:outer/node()", "r:outer/descendant::node()", "r:user/@x", "r:pair[r:a='a'][r:b='2']",
    "r:pair[r:a='a' and r:b=2]", "r:pair[r:b='2'][r:a='a']", "r:pair[r:a='a'][2]",
    "r:pair[2][r:a='a']", "count(r:pair[r:a = 'a'])", "sum(r:pair/r:b)", "sum(r:user/r:value)",
    "r:user/r:value > 0", "r:user/r:value = r:pair/r:b", "r:user/r:value != r:pair/r:b",
    "r:none = 'a'", "r:none != 'a'", "not(r:none)", "r:word = true()",
    "r:user/r:value < r:pair/r:b", "string(r:word)", "string(r:user)", "string(r:none)",
    "number(r:user[2]/r:value)", "number('x')", "1 div 0", "-1 div 0", "0 div 0", "5 mod 2",
    "5 mod -2", "-5 mod 2", "1.5 mod 0.5", "1 - -1", "- 3", "2 * 3 + 4 div 2 - 1",
    "1 < 2 = true()", "'a' = 'a' and 1 or 0", "1 = '1'", "'1.0' = 1", "true() = 'x'",
    "'2' < '10'", "'a' < 'b'", "concat('a', 1, true())", "starts-with('abc', 'ab')",
    "contains('abc', '')", "substring('12345', 2, 3)", "substring('12345', 1.5, 2.6)",
    "substring('12345', 0, 3)", "substring('12345', 0 div 0, 3)",
    "substring('12345', 1, 0 div 0)", "substring('12345', -42, 1 div 0)",
    "substring('12345', -1 div 0, 1 div 0)", "substring('12345', 2)",
    "substring-before('1999/04/01', '/')", "substring-after('1999/04/01', '/')",
    "substring-before('ab', '')", "substring-after('ab', '')", "substring-before('ab', 'c')",
    "string-length('abc')", "string-length()", "normalize-space(r:word[3])",
    "translate('bar', 'abc', 'AB')", "translate('--aaa--', 'abc-', 'ABC')", "boolean('')",
    "boolean('false')", "boolean(0)", "boolean(0 div 0)", "boolean(r:none)", "floor(-1.5)",
    "ceiling(-1.5)", "round(-1.5)", "round(2.5)", "round(-0.2)", "round(0 div 0)",
    "round(4503599627370497)",
    "string(1.0)", "string(-0)", "string(0.1)", "string(1 div 4)", "string(1000000)",
    "string(true())", "name(r:none)", "local-name(r:user)", "namespace-uri(r:user)",
    "local-name()", "local-name(/)", "id('x')", "lang('en')", "r:user[position() = last()]",
    "r:user[1.5]", "r:*[1]", "*[last()]/..", "self::r:order", "self::*",
    "self::node()/r:present", "./r:word[. = 'a']", ".//.", "r:user[r:name = ../r:word]",
    "/r:order/r:user[1]/../r:word[1]", "//r:user[.//r:value][2]",
    "//r:user/r:name[. = 'b']/../r:value", "r:word[2] = 'a'", "(r:word | r:user)[2]",
    "(r:user/r:name)[last()]", "r:user[count(r:*) = 2]", "* [self::r:word or self::r:present]",
    "div div div", "//text()[. = 'a']", "r:word/following::*", "r:user[2]/preceding::*",
    "r:outer/following::node()",
]  # fmt: skip


@pytest.mark.parametrize("text", FIXED)
def test_the_same_as_libxml2(zoo: Schema, load: Load, text: str) -> None:
    tree = load(DATA)
    left, right = ours(zoo, tree, text), theirs(tree, text) if text != "/" else None
    if right is None:
        assert [name for name, _ in left] == ["/"]
        return
    assert same(left, right), (left, right)


def test_numbers_are_shown_exactly(zoo: Schema, load: Load) -> None:
    """XPath, section 4.2: all digits that tell the number from others; libxml2 gives 15."""
    assert ours(zoo, load(DATA), "string(1 div 3)") == "0.3333333333333333"
    assert ours(zoo, load(DATA), "string(1 div 10000000)") == "0.0000001"


names = st.sampled_from(
    [
        "r:user",
        "r:name",
        "r:value",
        "r:pair",
        "r:a",
        "r:b",
        "r:word",
        "r:leaf",
        "*",
        "r:*",
        "r:none",
    ]
)
axes = st.sampled_from(
    [
        *("", "", "", "child::", "descendant::", "descendant-or-self::", "parent::", "ancestor::"),
        *("ancestor-or-self::", "self::", "following-sibling::", "preceding-sibling::"),
        *("following::", "preceding::"),
    ]
)
literals = st.sampled_from(["'a'", "'b'", "'1'", "''", "1", "2", "0", "-2.5", "true()", "last()"])


def paths(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    predicate = st.one_of(st.just(""), st.just(""), inner.map(lambda text: f"[{text}]"))
    step = st.one_of(
        st.builds(lambda axis, name, where: f"{axis}{name}{where}", axes, names, predicate),
        st.sampled_from([".", "..", "node()", "text()"]),
    )
    return st.builds(
        lambda start, steps, gaps: start + _steps(steps, gaps),
        st.sampled_from(["", "", "/", "//", "/r:order/"]),
        st.lists(step, min_size=1, max_size=3),
        st.lists(st.sampled_from(["/", "/", "//"]), min_size=2, max_size=2),
    )


def _steps(steps: list[str], gaps: list[str]) -> str:
    text = steps[0]
    for gap, step in zip(gaps, steps[1:], strict=False):
        text += gap + step
    return text


def expressions(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    path = paths(inner)
    operator = st.sampled_from(["=", "!=", "<", ">=", "and", "or", "+", "-", "*", "div", "mod"])
    one = st.sampled_from(
        ["string", "number", "boolean", "not", "string-length", "normalize-space", "floor", "round"]
    )
    return st.one_of(
        path,
        st.builds(lambda left, name, right: f"({left}) {name} ({right})", inner, operator, inner),
        st.builds(lambda name, text: f"{name}({text})", one, inner),
        st.builds(lambda text: f"count({text})", path),
        st.builds(lambda left, right: f"({left} | {right})", path, path),
        st.builds(lambda left, right: f"contains({left}, {right})", inner, inner),
        st.builds(lambda left, number: f"({left})[{number}]", path, st.integers(1, 3)),
    )


@settings(max_examples=400, deadline=None)
@given(st.recursive(literals, expressions, max_leaves=6))
def test_generated_expressions_are_the_same_as_libxml2(zoo: Schema, load: Load, text: str) -> None:
    tree = load(DATA)
    try:
        right = theirs(tree, text)
    except etree.XPathError:
        return
    left = ours(zoo, tree, text)
    if isinstance(left, list):
        left = [item for item in left if item[0] != "/"]
    assert same(left, right), (text, left, right)


WRONG = [
    "", "(", "a b", "r:user[", "r:user]", "x:y", "$v", "unknown()", "count()", "count(1)", "1 | 2",
    "'a", "r:user/1", "bad::r:user", "1 +", "'a'/r:b", "..[1]", "@", "position(1)", "a:b:c", "#",
    "(" * 100 + "1" + ")" * 100, "+".join(["1"] * 1000), "-" * 1000 + "1", "1" * 70000,
    "|".join(["r:a"] * 1000), "r:a" + "[1" * 100,
]  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_wrong_expressions(zoo: Schema, text: str) -> None:
    with pytest.raises(XPathError):
        compile_expression(zoo, text, resolve)


def test_defaults_and_absent_containers_exist(zoo: Schema, load: Load) -> None:
    def value(content: str, text: str) -> Any:
        expression = compile_expression(zoo, text, resolve)
        return expression.value(Tree(load(content), lambda parent, schema: True).root)

    assert value("", "string(/r:order/r:default-one)") == "one"
    assert value("", "count(/r:order/r:default-many)") == 2
    assert value("", "count(/r:order/r:outer/r:inner)") == 1
    assert value("", "count(/r:order/r:present)") == 0
    assert value("", "string(/r:choices/r:keep-alive)") == "true"
    udp = "<choices xmlns='urn:zoo:rules'><udp-port>1</udp-port></choices>"
    assert value(udp, "count(/r:choices/r:keep-alive)") == 0


@pytest.mark.parametrize(
    ("text", "above"),
    [
        (". = 'a'", 0),
        ("r:a = r:b", 0),
        ("../r:a = 'x'", 1),
        ("../../r:a[../r:b = current()/../r:c]", 2),
        ("r:a/../r:b", 0),
        ("r:a/../../r:b", 1),
        ("preceding-sibling::r:a", 1),
        ("/r:order", EVERYWHERE),
        ("ancestor::r:order", EVERYWHERE),
        ("r:a[/r:order]", EVERYWHERE),
        ("deref(r:a)/../r:b", EVERYWHERE),
        ("following::r:a", EVERYWHERE),
        ("(../r:a)[1]", EVERYWHERE),
    ],
)
def test_what_an_expression_can_depend_on(zoo: Schema, text: str, above: int) -> None:
    assert dependence(zoo, parse(text)).above == above


@pytest.mark.parametrize(
    "text",
    [
        "/r:order/r:user[string-length() > 3]/r:name",
        "/r:order/r:user[normalize-space() = 'a']/r:name",
        "/r:order/r:user[number() = 1]/r:name",
        "/r:order/r:outer[. = 'a']/r:inner/r:leaf",
        "string(/r:order)",
        "count(/r:order/*)",
    ],
)
def test_a_string_value_depends_on_all_that_is_below(zoo: Schema, text: str) -> None:
    assert dependence(zoo, parse(text)).names is None


def test_a_value_depends_on_the_names_on_the_way(zoo: Schema) -> None:
    found = dependence(zoo, parse("/r:order/r:user[r:name = current()/../r:a]/r:value"))
    assert found.names == {"order", "user", "name", "a", "value"}
