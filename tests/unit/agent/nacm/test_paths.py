"""The paths of rules (RFC 8341, section 3.2.2), on the daemon's own schema."""

from __future__ import annotations

import pytest
from lxml import etree

from smcroute_agent.errors import DataError
from smcroute_agent.nacm.policy import CREATE, TOP
from smcroute_agent.yang.parse import parse
from smcroute_agent.yang.serialize import to_xml
from tests.unit.agent.nacm.setting import (
    MROUTE,
    NACM,
    SCHEMA,
    SMC,
    may,
    path,
    permit,
    rules,
    tree,
)


@pytest.mark.parametrize("text", ["s:smcroute", "/x:smcroute", "/smcroute", "//s:mroute", ""])
def test_a_path_that_is_none(text: str) -> None:
    with pytest.raises(DataError):
        tree(rules(permit(path(text))))


def test_a_path_keeps_its_meaning_under_other_prefixes() -> None:
    data = tree(rules(permit(path("/s:smcroute/s:mroute[s:interface='eth0']"))))
    text = to_xml(data).decode()
    assert (
        f"<path xmlns:smc=\"{SMC}\">/smc:smcroute/smc:mroute[smc:interface='eth0']</path>" in text
    )
    assert parse(SCHEMA, etree.fromstring(f"<config>{text}</config>")) == data


def test_a_path_to_nothing_matches_nothing_and_slash_matches_all() -> None:
    assert not may(rules(permit(path("/s:smcroute/s:moon"))), CREATE, MROUTE)
    assert may(rules(permit(path("/"))), CREATE, MROUTE)
    assert may(rules(permit(path("/"))), CREATE, NACM)
    assert TOP in tree(rules(permit(path("/")))).children
