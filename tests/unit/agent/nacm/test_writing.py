"""What may be changed (RFC 8341), on the daemon's own schema."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from smcroute_agent.nacm.access import Access
from smcroute_agent.nacm.policy import Policy, Rule, RuleList, policy_of
from smcroute_agent.nacm.writing import Denied, authorize
from tests.unit.agent.nacm.setting import (
    SCHEMA,
    deny,
    mroute,
    path,
    permit,
    rules,
    tree,
)
from tests.unit.agent.yang.conftest import Load, load, zoo

__all__ = ["load", "zoo"]


def change(nacm: str, before: str, after: str) -> Callable[[], None]:
    base = tree(nacm, before)
    new = tree(nacm, after)
    return lambda: authorize(Access(policy_of(SCHEMA, base), "alice"), base, new)


ROUTE = mroute("eth0", "225.1.1.1", "eth1")
MORE = mroute("eth0", "225.1.1.1", "eth1", "eth2")
ENTRY = "/smc:smcroute/smc:mroute[smc:interface='eth0'][smc:source='*'][smc:group='225.1.1.1']"


@pytest.mark.parametrize(
    ("before", "after", "operations", "where"),
    [
        ("", ROUTE, "create", ENTRY),
        (ROUTE, "", "delete", ENTRY),
        (ROUTE, MORE, "create", f"{ENTRY}/smc:out-interface[.='eth2']"),
        (MORE, ROUTE, "delete", f"{ENTRY}/smc:out-interface[.='eth2']"),
        (
            "<phyint><name>a</name><enabled>true</enabled></phyint>",
            "<phyint><name>a</name><enabled>false</enabled></phyint>",
            "update",
            "/smc:smcroute/smc:phyint[smc:name='a']/smc:enabled",
        ),
    ],
)
def test_each_difference_needs_its_own_right(
    before: str, after: str, operations: str, where: str
) -> None:
    allowed = permit(f"<access-operations>{operations}</access-operations>")
    change(rules(allowed), before, after)()
    others = " ".join(sorted({"create", "update", "delete"} - {operations}))
    with pytest.raises(Denied) as caught:
        change(rules(permit(f"<access-operations>{others}</access-operations>")), before, after)()
    assert caught.value.tag == "access-denied"
    assert caught.value.path == where


def test_what_stays_as_it_is_needs_no_right() -> None:
    change("", ROUTE, ROUTE)()


def test_one_entry_may_be_changed_and_others_not() -> None:
    nacm = rules(
        permit(path("/s:smcroute/s:mroute[s:interface='eth0'][s:group='225.1.1.1']")),
    )
    change(nacm, "", ROUTE)()
    with pytest.raises(Denied):
        change(nacm, "", mroute("eth0", "225.1.1.2"))()
    with pytest.raises(Denied):
        change(nacm, ROUTE + mroute("eth1", "225.1.1.1"), ROUTE)()


def test_a_denial_does_not_tell_what_may_not_be_read() -> None:
    nacm = rules(deny(path("/s:smcroute/s:mroute")))
    with pytest.raises(Denied) as caught:
        change(nacm, ROUTE, "")()
    assert caught.value.path is None
    assert "225" not in str(caught.value)


def lists(*names: str) -> str:
    return "".join(f"<rule-list><name>{name}</name></rule-list>" for name in names)


def test_a_denied_move_does_not_tell_what_may_not_be_read() -> None:
    """Entries that are moved past others need not be the ones that were named."""
    hidden = deny(path("/a:nacm/a:rule-list[a:name='hidden']"))
    rest = permit("<module-name>ietf-netconf-acm</module-name>")

    def nacm(*names: str) -> str:
        return rules(hidden, rest).replace("</groups>", "</groups>" + lists(*names))

    base, new = tree(nacm("hidden", "seen")), tree(nacm("seen", "hidden"))
    with pytest.raises(Denied) as caught:
        authorize(Access(policy_of(SCHEMA, base), "alice"), base, new)
    assert caught.value.path == "/nacm:nacm/nacm:rule-list"
    assert "hidden" not in str(caught.value)


def test_values_are_not_moved_under_cover_of_others(load: Load) -> None:
    """A value that comes or goes does not hide that the order of the rest is another."""
    words = "<order xmlns='urn:zoo:rules'>{}</order>"
    before = load(words.format("<word>a</word><word>b</word><word>c</word>"))
    rule = Rule("zoo-rules", frozenset(("create", "delete")), permit=True)
    policy = Policy(
        members={"staff": frozenset(("alice",))},
        rule_lists=(RuleList(frozenset(("staff",)), (rule,)),),
    )
    access = Access(policy, "alice")
    authorize(access, before, load(words.format("<word>a</word><word>d</word><word>c</word>")))
    with pytest.raises(Denied):
        authorize(access, before, load(words.format("<word>c</word><word>a</word><word>d</word>")))
