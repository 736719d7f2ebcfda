"""What an error about the configuration as a whole tells, and whom (RFC 8341, section 3.2)."""

from __future__ import annotations

import pytest

from smcroute_agent.errors import DataError, Error
from smcroute_agent.nacm.discretion import discreet
from smcroute_agent.yang import violations
from tests.unit.agent.nacm.setting import MROUTE, SCHEMA, access, deny, path, rules

ROUTE = "/smc:smcroute/smc:mroute[smc:interface='eth0'][smc:source='*'][smc:group='{}']"
OPEN, HIDDEN = ROUTE.format("225.1.1.1"), ROUTE.format("225.1.1.2")
RULES = rules(
    deny(path("/s:smcroute/s:mroute[s:interface='eth0'][s:source='*'][s:group='225.1.1.2']"))
)
NODE = SCHEMA.node(MROUTE)


def seen(error: Error) -> Error:
    return discreet(access(RULES), SCHEMA, error)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (violations.must_violation(OPEN, "x = y", None, None), True),
        (violations.must_violation(HIDDEN, "x = y", None, None), False),
        (violations.must_violation("", "x = y", None, None), True),
        (violations.not_unique(OPEN, [f"{OPEN}/smc:group"], ROUTE.format("225.1.1.3")), True),
        (violations.not_unique(OPEN, [f"{OPEN}/smc:group"], HIDDEN), False),
        (violations.not_unique(HIDDEN, [f"{HIDDEN}/smc:group"], OPEN), False),
        (violations.missing_instance(NODE, HIDDEN, "eth0"), False),
        (violations.when_violation(NODE, HIDDEN, "x"), False),
        (violations.wrong_count(NODE, "/smc:smcroute", 5), True),
        (violations.must_violation("/smc:nowhere", "x = y", None, None), False),
        # A mistake in the request names what the request names.
        (DataError("wrong", path=HIDDEN), True),
        (Error("no", path=HIDDEN), True),
    ],
)
def test_discreet(error: Error, told: bool) -> None:
    found = seen(error)
    assert (found is error) is told
    assert (found.tag, found.app_tag, found.error_type) == (
        *(error.tag, error.app_tag, error.error_type),
    )
    if not told:
        assert found.path is None
        assert not found.info
        assert "225.1.1.2" not in str(found)


def test_counts_are_no_secret_because_they_are_not_told() -> None:
    assert "5" not in str(violations.wrong_count(NODE, "/smc:smcroute", 5))
