"""Looking only at a change finds what looking at everything finds."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from smcroute_agent.errors import DataError
from smcroute_agent.yang.data import Container, empty
from smcroute_agent.yang.edit import edit
from smcroute_agent.yang.schema import Schema
from smcroute_agent.yang.validate import validate

from .conftest import config

NAMES = st.sampled_from("abc")
SMALL = st.sampled_from("123")


def leaf(name: str, values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """A leaf that is set, or removed."""
    return st.one_of(
        values.map(lambda value: f"<{name}>{value}</{name}>"),
        st.just(f"<{name} nc:operation='remove'/>"),
    )


def some(*parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """One or two of the parts, in their order: small edits are accepted more often."""
    indices = st.sets(st.integers(0, len(parts) - 1), min_size=1, max_size=2)
    return indices.flatmap(
        lambda chosen: st.tuples(*(parts[index] for index in sorted(chosen))).map("".join)
    )


def entry(name: str, key: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Entries of a list, each written or removed."""
    one = st.tuples(
        st.sampled_from(["", "", " nc:operation='remove'", " nc:operation='replace'"]), some(*parts)
    )
    return st.dictionaries(NAMES, one, max_size=3).map(
        lambda found: "".join(
            f"<{name}{operation}><{key}>{value}</{key}>"
            f"{'' if 'remove' in operation else content}</{name}>"
            for value, (operation, content) in found.items()
        )
    )


MUSTS = some(
    leaf("low", SMALL),
    leaf("high", SMALL),
    leaf("kind", st.sampled_from(["fast", "very-fast"])),
    leaf("racing", st.just("")),
    leaf("supersonic", st.just("")),
    entry(
        "item",
        "name",
        leaf("next", NAMES),
        leaf("next-weight", SMALL),
        leaf("weight", SMALL),
        leaf("capped", SMALL),
    ),
    leaf("best", SMALL),
    leaf("filter", NAMES),
    leaf("either", st.sampled_from("ab1")),
    leaf("pointer", NAMES.map(lambda name: f"/q:musts/q:item[q:name='{name}']/q:weight")),
)
WHENS = some(
    leaf("type", st.sampled_from("ab")),
    leaf("only-a", NAMES),
    leaf("only-b", NAMES),
    some(leaf("y", st.sampled_from(["why", "no"]))).map(lambda text: f"<on-b>{text}</on-b>"),
    leaf("needs-y", st.just("")),
)
LIMITS = some(
    entry(
        "server",
        "name",
        some(leaf("ip", NAMES), leaf("port", st.sampled_from(["80", "81"]))).map(
            lambda text: f"<address>{text}</address>"
        ),
    ),
)
CHOICES = some(leaf("udp-port", SMALL), leaf("checksum", st.just("true")), leaf("one", NAMES))

_OTHER = leaf("other", st.sampled_from("xy"))
_WITH_NEED = some(_OTHER, leaf("need", NAMES))
ELSEWHERE = some(
    leaf("mode", st.sampled_from("ab")),
    *(
        content.map(lambda text, name=name: f"<{name}>{text}</{name}>")
        for name, content in (
            ("leaf", _WITH_NEED),
            ("count", _OTHER),
            ("choice", some(_OTHER, leaf("one", NAMES))),
            ("hollow", _OTHER),
            ("boxed", _OTHER),
            ("given", _OTHER),
        )
    ),
    entry("entry", "name", _OTHER, leaf("need", NAMES)),
)

PARTS = {
    "musts": MUSTS,
    "whens": WHENS,
    "limits": LIMITS,
    "choices": CHOICES,
    "elsewhere": ELSEWHERE,
}

EDITS = st.sampled_from(list(PARTS)).flatmap(
    lambda name: PARTS[name].map(
        lambda content: f"<{name} xmlns='urn:zoo:rules' xmlns:q='urn:zoo:rules'>{content}</{name}>"
    )
)


def verdict(zoo: Schema, before: Container, after: Container) -> bool:
    try:
        validate(zoo, before, after)
    except DataError:
        return False
    return True


@settings(max_examples=300, deadline=None)
@given(st.lists(EDITS, min_size=1, max_size=12))
def test_the_verdict_is_the_same(zoo: Schema, edits: list[str]) -> None:
    tree = empty(zoo)
    for content in edits:
        try:
            after = edit(zoo, tree, config(content))
        except DataError:
            continue
        accepted = verdict(zoo, tree, after)
        assert accepted is verdict(zoo, empty(zoo), after)
        if accepted:
            tree = after
