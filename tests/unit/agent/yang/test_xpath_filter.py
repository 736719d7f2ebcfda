"""XPath filters: what libxml2 selects of the same document, with ancestors and keys."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from lxml import etree

from smcroute_agent.yang import regex
from smcroute_agent.yang.data import Container, empty
from smcroute_agent.yang.depth import levels
from smcroute_agent.yang.parse import parse
from smcroute_agent.yang.schema import Schema, packaged
from smcroute_agent.yang.serialize import to_xml
from smcroute_agent.yang.xpath.compiled import _Compiler
from smcroute_agent.yang.xpath.item import TooMuchWork, Tree
from smcroute_agent.yang.xpath.lexer import XPathError
from smcroute_agent.yang.xpath_filter import compiled, select

SMC = "urn:mcast:params:xml:ns:yang:smcroute"
NAMESPACES = {"s": SMC, "o": "urn:other"}
KEYS = {"phyint": ["name"], "mgroup": ["interface", "source", "group"]}
KEYS["mroute"] = KEYS["mgroup"]

DOCUMENT = (
    f"<smcroute xmlns='{SMC}'>"
    "<phyint><name>a</name><mrdisc>true</mrdisc></phyint>"
    "<phyint><name>b</name><ttl-threshold>7</ttl-threshold></phyint>"
    + "".join(
        f"<{kind}><interface>{interface}</interface><source>{source}</source>"
        f"<group>{group}</group>{out if kind == 'mroute' else ''}</{kind}>"
        for kind in ("mgroup", "mroute")
        for interface, source, (group, out) in itertools.product(
            "ab",
            ("*", "10.0.0.1"),
            (
                ("225.0.0.1", ""),
                ("225.0.0.2", "<out-interface>a</out-interface><out-interface>c</out-interface>"),
            ),
        )
    )
    + "</smcroute>"
)


@pytest.fixture(scope="module")
def schema() -> Schema:
    return packaged()


@pytest.fixture(scope="module")
def tree(schema: Schema) -> Container:
    return parse(schema, [etree.fromstring(DOCUMENT)])


def ours(schema: Schema, tree: Container, text: str, **options: Any) -> bytes:
    return to_xml(select(tree, compiled(schema, text, NAMESPACES.get), **options))


def theirs(tree: Container, text: str) -> bytes:
    """The document of the whole tree without what is not selected."""
    root = etree.fromstring(to_xml(tree))
    document, elements = root.getroottree(), list(root.iter())
    # lxml leaves the document itself out of its results.
    if document.xpath(f"boolean(({text})[not(parent::node())])", namespaces=NAMESPACES):
        return to_xml(tree)
    selected = [
        node.getparent() if isinstance(node, str) else node
        for node in document.xpath(text, namespaces=NAMESPACES)
    ]
    kept = {id(below) for node in selected for below in node.iter()}
    above = {id(node) for element in selected for node in element.iterancestors()}
    for element in elements[1:]:
        parent = element.getparent()
        is_key = etree.QName(element).localname in KEYS.get(etree.QName(parent).localname, [])
        if id(element) not in kept | above and not (is_key and id(parent) in above):
            parent.remove(element)
    return etree.tostring(root) if selected else b""


NAMES = st.sampled_from(
    ["smcroute", *KEYS, "name", *KEYS["mroute"], "out-interface", "mrdisc"]
).map("s:{}".format)
TESTS = st.one_of(
    NAMES, NAMES, st.sampled_from(["*", "s:*", "o:*", "node()", "text()", "o:mroute"])
)
VALUES = st.sampled_from(["a", "b", "c", "*", "10.0.0.1", "225.0.0.1", "225.0.0.2", "7", "true"])
EQUALITIES = st.builds("{}='{}'".format, NAMES, VALUES)
AXES = st.sampled_from(
    (
        *("", "", "", "", "descendant::", "self::", "parent::", "ancestor::"),
        *("following-sibling::", "preceding-sibling::", "descendant-or-self::"),
        *("following::", "preceding::"),
    )
)
PREDICATES = st.deferred(
    lambda: st.one_of(
        EQUALITIES,
        st.builds("{} and {}".format, EQUALITIES, EQUALITIES),
        st.builds("'{1}'={0}".format, NAMES, VALUES),
        st.sampled_from(["1", "2", "last()", "position()<3", "position() mod 2=1", "true()"]),
        st.builds("not({})".format, PREDICATES),
        st.builds("{} or {}".format, EQUALITIES, EQUALITIES),
        st.builds("count({})>1".format, PATHS),
        st.builds("{}={}".format, NAMES, PATHS),
        st.builds(".='{}'".format, VALUES),
    )
)
STEPS = st.builds(
    lambda axis, test, predicates: f"{axis}{test}" + "".join(f"[{p}]" for p in predicates),
    AXES,
    TESTS,
    st.lists(PREDICATES, max_size=2),
)
FULL_KEY = st.builds(
    lambda kind, *parts: (
        f"s:{kind}[s:interface='{parts[0]}'][s:source='{parts[1]}'][s:group='{parts[2]}']"
    ),
    st.sampled_from(["mroute", "mgroup"]),
    st.sampled_from("abc"),
    st.sampled_from(["*", "10.0.0.1"]),
    st.sampled_from(["225.0.0.1", "225.0.0.2", "225.0.0.3"]),
)
PATHS = st.deferred(
    lambda: st.builds(
        lambda start, steps, joints: (
            start + steps[0] + "".join(j + s for j, s in zip(joints, steps[1:], strict=False))
        ),
        st.sampled_from(["/", "//", "/s:smcroute/", "/s:smcroute//", "//s:mroute/"]),
        st.lists(st.one_of(STEPS, FULL_KEY), min_size=1, max_size=3),
        st.lists(st.sampled_from(["/", "/", "//"]), min_size=2, max_size=2),
    )
)
EXPRESSIONS = st.one_of(PATHS, PATHS, st.builds("{}|{}".format, PATHS, PATHS))


@settings(max_examples=600, deadline=None)
@given(EXPRESSIONS)
@example("/")
@example("//s:mroute[s:interface='a'][s:source='*'][s:group='225.0.0.2']")
@example("//s:mroute[1]")
@example("//s:mroute[s:out-interface='c']")
@example("/s:smcroute/s:mroute[s:group='225.0.0.2'][s:out-interface='a']/s:source")
@example("/s:smcroute/s:mroute['a'=s:out-interface and s:source='*'][2]")
@example("/s:smcroute/s:mroute[s:nothing='']")
@example("(//s:mroute)[3]/s:out-interface[2]")
@example("/s:smcroute/s:mroute[s:group=/s:smcroute/s:mgroup[1]/s:group][s:interface='a']")
def test_like_libxml2(schema: Schema, tree: Container, text: str) -> None:
    try:
        found = ours(schema, tree, text, work=100_000)
    except TooMuchWork:
        assume(False)
    assert found == theirs(tree, text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("/s:smcroute[", "ends too early"),
        ("/x:smcroute", "the prefix 'x' is not declared"),
        ("count(/s:smcroute)", "gives a number and not nodes"),
        ("'s:smcroute'", "gives a string and not nodes"),
        ("/s:smcroute = 1", "gives a boolean and not nodes"),
        ("nothing()", "there is no function nothing()"),
        ("count('a')/s:smcroute", "needs a node-set"),
        ("$a", "variables are not available"),
        ("", "ends too early"),
        ("/s:a" * 5000, "at most 16384 characters"),
        ("(" * 100 + "/" + ")" * 100, "nested too deeply"),
    ],
)
def test_a_bad_expression_says_why(schema: Schema, text: str, problem: str) -> None:
    with pytest.raises(XPathError, match=problem.replace("(", r"\(").replace(")", r"\)")):
        compiled(schema, text, NAMESPACES.get)


def test_a_name_without_a_prefix_is_in_no_namespace(schema: Schema, tree: Container) -> None:
    names = {None: SMC, "": SMC}
    assert not select(tree, compiled(schema, "/smcroute", names.get)).children


def test_a_default_counts_where_defaults_are_in_use(schema: Schema, tree: Container) -> None:
    """Phyint a has no enabled, which is true by default."""
    expression = compiled(schema, "/s:smcroute/s:phyint[s:enabled='true']", NAMESPACES.get)
    for in_use, count in ((None, 0), (lambda *_: True, 2)):
        assert len(expression.nodes(Tree(tree, in_use).root)) == count


def test_data_that_is_not_there_is_no_default(schema: Schema) -> None:
    assert not select(empty(schema), compiled(schema, "//s:*", NAMESPACES.get)).children


@pytest.mark.parametrize(
    "text",
    [
        "//*[count(//*) > 0]",
        "//*[.//*[.//*]/../..//*]",
        "/s:smcroute/s:mroute[" + " or ".join(["s:group='x'"] * 250) + "]",
        "//s:mroute[string-length(string(/)) > 10]",
        "//s:mroute[translate(., '" + "x" * 9000 + "', 'y') = '']",
        "//s:group[re-match(., '(2|2.)*x')]",
        "//s:group[re-match(., '.*.*.*.*.*.*.*.*.*.*.*x')]",
        "//s:group[re-match(., '" + r"\w" * 100 + "')]",
        "//s:group/following::*[following::*]",
    ],
)
def test_work_is_bounded(schema: Schema, tree: Container, text: str) -> None:
    with pytest.raises(TooMuchWork):
        ours(schema, tree, text, work=1000)


@pytest.mark.parametrize(
    "start",
    ["/s:smcroute[s:mroute", "/s:smcroute[.//s:mroute", "/s:smcroute/s:mroute[s:group=/s:smcroute"],
)
def test_each_part_is_compiled_once(
    schema: Schema, monkeypatch: pytest.MonkeyPatch, start: str
) -> None:
    """Compiled twice at each level, it would take hours at the depth that is allowed."""
    paths = []
    compile_path = _Compiler.path
    monkeypatch.setattr(
        _Compiler, "path", lambda self, tree: paths.append(tree) or compile_path(self, tree)
    )
    first, bracket, inner = start.partition("[")
    compiled(schema, first + (bracket + inner) * 6 + "]" * 6, NAMESPACES.get)
    assert len(paths) <= 20


OPERATORS = ("*", "+", "<", "=", "and", "or")


@pytest.mark.parametrize(
    "text",
    [
        "1" + "".join(f" {operator} 1" * 45 for operator in OPERATORS),
        "(" * 30 + "1" + " or 1)" * 30 + " or 1" * 200,
        "-" * 30 + "1" + " = 1" * 240,
        "s:mroute[" * 30 + "1" + "]" * 30 + " or 1" * 150,
        "not(" * 30 + "1" + ")" * 30 + " or 1" * 200,
        "(" * 30 + "s:mroute" + ")[1]" * 30,
        "(" * 30 + "s:mroute" + "[1])[s:mroute]" * 30 + " or 1" * 100,
    ],
)
def test_what_is_allowed_to_be_tall_is_computed(schema: Schema, tree: Container, text: str) -> None:
    """Also when it is called from deep inside the agent."""

    def below(frames: int) -> bytes:
        return below(frames - 1) if frames else ours(schema, tree, f"/s:smcroute[{text}]")

    assert below(150) is not None


@pytest.mark.parametrize("operator", [*OPERATORS, "|"])
def test_what_is_too_tall_is_refused(schema: Schema, operator: str) -> None:
    operand = "s:mroute" if operator == "|" else "1"
    text = f"/s:smcroute[{operand}{f' {operator} {operand}' * 400}]"
    with pytest.raises(XPathError, match="nested too deeply"):
        compiled(schema, text, NAMESPACES.get)


def test_the_pattern_of_a_client_is_not_kept(schema: Schema, tree: Container) -> None:
    kept = regex.compiled.cache_info().currsize
    ours(schema, tree, r"//s:group[re-match(., 'not\.seen\.before')]")
    assert regex.compiled.cache_info().currsize == kept


def test_a_key_is_looked_up(schema: Schema, tree: Container) -> None:
    """Beside however many others, it is the same work."""
    by_key = "s:mroute[s:source='*' and s:group='225.0.0.1'][s:interface='a']"
    for start in ("/s:smcroute/", "//", "/s:smcroute//"):
        assert b"225.0.0.1" in ours(schema, tree, start + by_key, work=30)
    with pytest.raises(TooMuchWork):
        ours(schema, tree, "/s:smcroute/s:mroute[starts-with(s:group, '225.0.0.1')]", work=30)


def test_the_functions_of_yang_are_there(schema: Schema, tree: Container) -> None:
    found = ours(schema, tree, r"//s:mgroup[re-match(s:group, '225\..*1')]/s:group")
    assert found.count(b"<mgroup>") == 4


@pytest.mark.parametrize(
    ("text", "depth", "expected"),
    [
        ("/", 1, "<smcroute/>"),
        ("/s:smcroute", 1, "<smcroute/>"),
        ("/s:smcroute/s:phyint", 1, "<smcroute><phyint><name>a</name></phyint>"),
        ("/s:smcroute | //s:mrdisc", 1, "<smcroute><phyint><name>a</name><mrdisc>true</mrdisc>"),
        ("/s:smcroute", 2, "<smcroute><phyint><name>a</name></phyint><phyint><name>b</name>"),
        ("/s:smcroute", 3, "<smcroute><phyint><name>a</name><mrdisc>true</mrdisc></phyint>"),
    ],
)
def test_levels(schema: Schema, tree: Container, text: str, depth: int, expected: str) -> None:
    found = ours(schema, tree, text, shape=levels(depth)).decode().replace(f' xmlns="{SMC}"', "")
    assert found.startswith(expected)
