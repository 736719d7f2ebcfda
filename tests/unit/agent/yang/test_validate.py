"""Constraints on whole trees: each kind broken once."""

from __future__ import annotations

import pytest

from smcroute_agent.errors import DataError
from smcroute_agent.yang.data import empty
from smcroute_agent.yang.schema import Schema
from smcroute_agent.yang.validate import validate
from smcroute_agent.yang.xpath.item import Tree

from .conftest import Load
from .problems import R, problem

VALID = [
    f"<needs {R}><must-be>x</must-be><implied><deep>d</deep></implied></needs>",
    f"<limits {R}><few>a</few><few>b</few></limits>",
    f"<limits {R}><at-least><two>a</two><two>b</two><one><id>1</id></one></at-least></limits>",
    f"<limits {R}><server><name>a</name><address><ip>x</ip></address></server>"
    "<server><name>b</name><address><ip>x</ip><port>81</port></address></server>"
    "<server><name>c</name></server><server><name>d</name></server></limits>",
    f"<musts {R}><high>1</high></musts>",
    f"<musts {R}><low>5</low><high>5</high><text>abd</text></musts>",
    f"<musts {R}><kind>fast</kind><racing/></musts>",
    f"<musts {R} xmlns:x='urn:zoo:rules'><kind>x:very-fast</kind><racing/><supersonic/></musts>",
    f"<musts {R}><colour>red</colour><dark/><flags>down up</flags><raised/></musts>",
    f"<musts {R}><item><name>a</name><next>b</next><next-weight>3</next-weight></item>"
    "<item><name>b</name><weight>3</weight></item></musts>",
    f"<musts {R}><item><name>a</name><weight>7</weight></item><filter>a</filter>"
    "<best>7</best></musts>",
    f"<musts {R}><loose>nobody</loose><either>200</either></musts>",
    f"<musts {R} xmlns:q='urn:zoo:rules'><item><name>a</name></item><either>a</either>"
    "<pointer>/q:musts/q:item[q:name='a']/q:name</pointer></musts>",
    f"<elsewhere {R}><entry><name>x</name></entry><name>x</name><farther><name>x</name></farther>"
    "</elsewhere>",
    f"<whens {R}><only-a>x</only-a></whens>",
    f"<whens {R}><type>b</type><only-b>x</only-b><needs-y/></whens>",
    f"<choices {R}><udp-port>1</udp-port></choices>",
    f"<choices {R}><strict><that>x</that></strict></choices>",
    "<cage xmlns='urn:zoo:base'><size>6</size><window xmlns='urn:zoo:more'>w</window></cage>",
]

INVALID = [
    (f"<needs {R}/>", "data-missing", "/r:needs/r:must-be", None),
    (f"<needs {R}><must-be>x</must-be></needs>", "data-missing", "/r:needs/r:implied/r:deep", None),
    (
        f"<limits {R}><few>a</few><few>b</few><few>c</few></limits>",
        "operation-failed",
        "/r:limits/r:few",
        "too-many-elements",
    ),
    (
        f"<limits {R}>{''.join(f'<pair><id>{i}</id></pair>' for i in range(4))}</limits>",
        "operation-failed",
        "/r:limits/r:pair",
        "too-many-elements",
    ),
    (
        f"<limits {R}><at-least><two>a</two><one><id>1</id></one></at-least></limits>",
        "operation-failed",
        "/r:limits/r:at-least/r:two",
        "too-few-elements",
    ),
    (
        f"<limits {R}><at-least><two>a</two><two>b</two></at-least></limits>",
        "operation-failed",
        "/r:limits/r:at-least/r:one",
        "too-few-elements",
    ),
    (
        f"<limits {R}><server><name>a</name><address><ip>x</ip></address></server>"
        "<server><name>b</name><address><ip>x</ip><port>80</port></address></server></limits>",
        "operation-failed",
        "/r:limits/r:server[r:name='b']",
        "data-not-unique",
    ),
    (f"<musts {R}><low>0</low></musts>", "operation-failed", "/r:musts/r:low", "must-violation"),
    (f"<musts {R}><high>0</high></musts>", "operation-failed", "/r:musts/r:high", "order"),
    (
        f"<musts {R}><text>abc</text></musts>",
        "operation-failed",
        "/r:musts/r:text",
        "must-violation",
    ),
    (
        f"<musts {R}><text>abcd</text></musts>",
        "operation-failed",
        "/r:musts/r:text",
        "must-violation",
    ),
    (f"<musts {R}><racing/></musts>", "operation-failed", "/r:musts/r:racing", "must-violation"),
    (
        f"<musts {R}><kind>fast</kind><supersonic/></musts>",
        "operation-failed",
        "/r:musts/r:supersonic",
        "must-violation",
    ),
    (
        f"<musts {R}><colour>green</colour><dark/></musts>",
        "operation-failed",
        "/r:musts/r:dark",
        "must-violation",
    ),
    (
        f"<musts {R}><flags>down</flags><raised/></musts>",
        "operation-failed",
        "/r:musts/r:raised",
        "must-violation",
    ),
    (
        f"<musts {R}>{''.join(f'<item><name>{i}</name></item>' for i in range(4))}</musts>",
        "operation-failed",
        "/r:musts/r:item[r:name='0']",
        "three-items",
    ),
    (
        f"<musts {R}><item><name>a</name><next>b</next></item></musts>",
        "data-missing",
        "/r:musts/r:item[r:name='a']/r:next",
        "instance-required",
    ),
    (
        f"<musts {R}><item><name>a</name><next>b</next><next-weight>4</next-weight></item>"
        "<item><name>b</name><weight>3</weight></item></musts>",
        "operation-failed",
        "/r:musts/r:item[r:name='a']/r:next-weight",
        "must-violation",
    ),
    (
        f"<musts {R}><item><name>a</name><weight>7</weight></item><filter>b</filter>"
        "<best>7</best></musts>",
        "data-missing",
        "/r:musts/r:best",
        "instance-required",
    ),
    (
        f"<musts {R}><either>nobody</either></musts>",
        "data-missing",
        "/r:musts/r:either",
        "instance-required",
    ),
    (
        f"<musts {R} xmlns:q='urn:zoo:rules'><pointer>/q:musts/q:item[q:name='a']</pointer>"
        "</musts>",
        "data-missing",
        "/r:musts/r:pointer",
        "instance-required",
    ),
    (
        f"<whens {R}><type>b</type><only-a>x</only-a><only-b>x</only-b></whens>",
        "unknown-element",
        "/r:whens/r:only-a",
        None,
    ),
    (f"<whens {R}><extra>x</extra></whens>", "unknown-element", "/r:whens/r:extra", None),
    (f"<whens {R}><type>b</type></whens>", "data-missing", "/r:whens/r:only-b", None),
    (f"<whens {R}><needs-y/></whens>", "operation-failed", "/r:whens/r:needs-y", "must-violation"),
    (
        f"<choices {R}><checksum>true</checksum></choices>",
        "data-missing",
        "/r:choices/r:udp-port",
        None,
    ),
    (f"<choices {R}><strict/></choices>", "data-missing", "/r:choices/r:strict", "missing-choice"),
    (
        "<cage xmlns='urn:zoo:base'><window xmlns='urn:zoo:more'>w</window></cage>",
        "unknown-element",
        "/b:cage/more:window",
        None,
    ),
    (
        "<cage xmlns='urn:zoo:base'><animal><name>wolf</name><hay xmlns='urn:zoo:more'>h</hay>"
        "</animal></cage>",
        "operation-failed",
        "/b:cage/b:animal[b:name='wolf']/more:hay",
        "must-violation",
    ),
    (
        "<cage xmlns='urn:zoo:base'>"
        f"{''.join(f'<animal><name>{i}</name></animal>' for i in range(3))}</cage>",
        "operation-failed",
        "/b:cage/b:animal",
        "too-many-elements",
    ),
]


@pytest.mark.parametrize("content", VALID)
def test_valid(zoo: Schema, load: Load, content: str) -> None:
    validate(zoo, empty(zoo), load(content))


@pytest.mark.parametrize(("content", "tag", "path", "app_tag"), INVALID)
def test_invalid(
    zoo: Schema, load: Load, content: str, tag: str, path: str, app_tag: str | None
) -> None:
    assert problem(zoo, empty(zoo), load(content)) == (tag, path, app_tag)


def test_messages_of_the_model(zoo: Schema, load: Load) -> None:
    with pytest.raises(DataError) as caught:
        validate(zoo, empty(zoo), load(f"<musts {R}><high>0</high></musts>"))
    assert caught.value.message == "high is not below low"
    with pytest.raises(DataError) as caught:
        validate(zoo, empty(zoo), load(f"<musts {R}><low>0</low></musts>"))
    assert caught.value.message == "the condition '. > 0' does not hold"


def test_error_info(zoo: Schema, load: Load) -> None:
    with pytest.raises(DataError) as caught:
        validate(zoo, empty(zoo), load(f"<choices {R}><strict/></choices>"))
    assert caught.value.info == (("missing-choice", "needed"),)
    twice = "<server><name>{}</name><address><ip>x</ip></address></server>"
    with pytest.raises(DataError) as caught:
        validate(
            zoo, empty(zoo), load(f"<limits {R}>{twice.format('a')}{twice.format('b')}</limits>")
        )
    assert caught.value.info == (
        ("non-unique", "/r:limits/r:server[r:name='b']/r:address/r:ip"),
        ("non-unique", "/r:limits/r:server[r:name='b']/r:address/r:port"),
    )


def test_references_are_looked_up_together(
    zoo: Schema, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice as many entries that refer to each other are twice the work."""
    visited = [0]

    def spend(tree: Tree, work: int) -> None:
        visited[0] += work

    def work(count: int) -> int:
        entries = "".join(
            f"<entry><name>{number}</name><next>{count - 1}</next></entry>"
            for number in range(count)
        )
        visited[0] = 0
        validate(zoo, empty(zoo), load(f"<elsewhere {R}>{entries}</elsewhere>"))
        return visited[0]

    monkeypatch.setattr(Tree, "spend", spend)
    assert work(80) < 3 * work(40)
