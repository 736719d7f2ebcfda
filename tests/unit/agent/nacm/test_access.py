"""What may be read, called and heard of (RFC 8341), on the daemon's own schema."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from smcroute_agent.nacm.access import Access
from smcroute_agent.nacm.policy import CREATE, DELETE, READ, UPDATE, policy_of
from smcroute_agent.nacm.reading import readable
from smcroute_agent.yang.data import ListNode, lookup
from smcroute_agent.yang.serialize import to_xml
from tests.unit.agent.nacm.setting import (
    MROUTE,
    NACM,
    SCHEMA,
    SMC,
    access,
    deny,
    may,
    mroute,
    path,
    permit,
    rules,
    tree,
)


def test_by_default_strangers_read_and_do_not_write() -> None:
    for user in ("alice", "mallory"):
        assert may("", READ, MROUTE, user)
        for operation in (CREATE, UPDATE, DELETE):
            assert not may("", operation, MROUTE, user)
    assert access("").may_execute("ietf-netconf", "edit-config")
    for name in ("kill-session", "delete-config"):
        assert not access("").may_execute("ietf-netconf", name)
        assert not access("<exec-default>permit</exec-default>").may_execute("ietf-netconf", name)
    assert not access("").may_execute("ietf-system", "system-restart", "all")
    assert access("<exec-default>deny</exec-default>").may_execute("ietf-netconf", "close-session")
    assert not access("<exec-default>deny</exec-default>").may_execute("ietf-netconf", "get")


def test_the_rules_themselves_are_hidden() -> None:
    everything = "<read-default>permit</read-default><write-default>permit</write-default>"
    for operation in (READ, CREATE):
        assert not may(everything, operation, NACM)
        assert not may(everything, operation, f"{NACM}/rule-list/rule")
    assert may(rules(permit("<module-name>ietf-netconf-acm</module-name>")), CREATE, NACM)


def test_disabled() -> None:
    off = "<enable-nacm>false</enable-nacm>" + rules(deny())
    assert may(off, CREATE, NACM)
    assert access(off).may_execute("ietf-netconf", "kill-session")


def test_a_rule_without_a_type_is_about_everything_of_its_module() -> None:
    ours = access(rules(permit("<module-name>smcroute</module-name>")))
    assert ours.may(CREATE, SCHEMA.node(MROUTE), {})
    assert not ours.may(CREATE, SCHEMA.node(NACM), {})
    closed = access(rules(deny("<module-name>smcroute</module-name>")))
    assert not closed.may_execute("smcroute", "flush")
    assert not closed.may_hear(SCHEMA.notifications[f"{{{SMC}}}route-learned"])
    assert not closed.may(READ, SCHEMA.node(MROUTE), {})


def test_the_first_rule_that_matches_decides() -> None:
    first = deny("<access-operations>delete</access-operations>")
    assert may(rules(first, permit()), CREATE, MROUTE)
    assert not may(rules(first, permit()), DELETE, MROUTE)
    assert may(rules(permit(), first), DELETE, MROUTE)


def test_groups() -> None:
    only = rules(permit())
    assert may(only, CREATE, MROUTE, "bob")
    assert not may(only, CREATE, MROUTE, "carol")
    assert not may(only, CREATE, MROUTE, "mallory")
    assert may(only, CREATE, MROUTE, "mallory", "staff")
    closed = "<enable-external-groups>false</enable-external-groups>"
    assert not may(rules(permit(), more=closed), CREATE, MROUTE, "mallory", "staff")
    assert may(rules(permit(), group="*"), CREATE, MROUTE, "carol")
    # RFC 8341, section 3.4.5: without any group no rule-list is looked at.
    assert not may(rules(permit(), group="*"), CREATE, MROUTE, "mallory")


def test_rules_of_operations() -> None:
    one = access(
        rules(
            permit("<module-name>ietf-netconf</module-name><rpc-name>kill-session</rpc-name>"),
            deny("<rpc-name>lock</rpc-name><access-operations>exec</access-operations>"),
            deny("<rpc-name>get</rpc-name><access-operations>read</access-operations>"),
            deny("<module-name>smcroute</module-name><rpc-name>*</rpc-name>"),
        )
    )
    assert one.may_execute("ietf-netconf", "kill-session")
    assert not one.may_execute("ietf-netconf", "lock")
    assert one.may_execute("ietf-netconf", "get")
    assert not one.may_execute("smcroute", "flush")
    assert one.may(READ, SCHEMA.node(MROUTE), {})


def test_rules_of_notifications() -> None:
    told = SCHEMA.notifications
    one = access(rules(deny("<notification-name>route-learned</notification-name>")))
    assert not one.may_hear(told[f"{{{SMC}}}route-learned"])
    assert one.may_hear(told[f"{{{SMC}}}route-expired"])
    mute = access("<read-default>deny</read-default>")
    assert not mute.may_hear(told[f"{{{SMC}}}route-expired"])
    streams = "urn:ietf:params:xml:ns:netmod:notification"
    assert mute.may_hear(told[f"{{{streams}}}replayComplete"])


def test_what_may_not_be_read_is_left_out_with_all_below() -> None:
    routes = mroute("eth0", "225.1.1.1", "eth1") + mroute("eth9", "225.1.1.2", "eth1")
    nacm = rules(
        deny(path("/s:smcroute/s:mroute[s:interface='eth9']")),
        deny(path("/s:smcroute/s:mroute/s:out-interface")),
    )
    data = tree(nacm, routes)
    seen = readable(Access(policy_of(SCHEMA, data), "alice"), data)
    text = to_xml(seen).decode()
    assert "225.1.1.1" in text
    assert "eth9" not in text
    assert "out-interface" not in text
    assert "nacm" not in text
    none = Access(policy_of(SCHEMA, tree("<read-default>deny</read-default>")), "x")
    assert readable(none, data).children == {}


def test_an_entry_goes_with_its_key() -> None:
    data = tree(rules(deny(path("/s:smcroute/s:mroute/s:group"))), mroute("eth0", "225.1.1.1"))
    seen = readable(Access(policy_of(SCHEMA, data), "alice"), data)
    assert "mroute" not in to_xml(seen).decode()


def test_a_tree_without_secrets_is_the_same_tree() -> None:
    data = tree("", mroute("eth0", "225.1.1.1"))
    all_of_it = Access(policy_of(SCHEMA, tree(rules(permit()))), "alice")
    assert readable(all_of_it, data) is data
    seen = readable(Access(policy_of(SCHEMA, data), "mallory"), data)
    routes = ("smcroute", "mroute")
    assert lookup(seen, *routes) is lookup(data, *routes)


def test_the_variable_user() -> None:
    own = rules(
        permit(path("/a:nacm/a:groups/a:group[a:name=$USER]")),
    )
    group = SCHEMA.node(f"{NACM}/groups/group")
    alice, bob = access(own), access(own, "bob")
    assert alice.may(READ, group, {group: ("alice",)})
    assert not alice.may(READ, group, {group: ("bob",)})
    assert bob.may(READ, group, {group: ("bob",)})


VALUES = st.sampled_from(["a", "b"])
PATHS = st.builds(
    lambda predicates, leaf: path("/s:smcroute/s:mroute" + "".join(predicates) + leaf),
    st.lists(
        st.one_of(
            st.builds("[s:interface='{}']".format, VALUES),
            st.sampled_from(["[s:group='225.1.1.1']", "[s:group='225.1.1.2']", "[s:source='*']"]),
        ),
        max_size=3,
        unique_by=lambda text: text.partition("=")[0],
    ),
    st.sampled_from(["", "", "/s:out-interface", "/s:group"]),
)
RULES = st.builds(lambda where, action: action(where), PATHS, st.sampled_from([permit, deny]))


@settings(max_examples=300, deadline=None)
@given(st.lists(RULES, min_size=1, max_size=4), st.booleans())
def test_what_is_decided_for_most_entries_at_once_is_right_for_each(
    listed: list[str], open_to_all: bool
) -> None:
    routes = "".join(
        mroute(interface, f"225.1.1.{number}", "eth1")
        for interface in ("a", "b", "c")
        for number in (1, 2, 3)
    )
    default = "permit" if open_to_all else "deny"
    data = tree(rules(*listed, more=f"<read-default>{default}</read-default>"), routes)
    rights = Access(policy_of(SCHEMA, data), "alice")
    smcroute, node = SCHEMA.node("smcroute:smcroute"), SCHEMA.node(MROUTE)
    every = lookup(data, "smcroute", "mroute")
    assert isinstance(every, ListNode)
    expected = {}
    for key, entry in every.entries.items():
        leaves = {
            name
            for name, child in entry.children.items()
            if rights.may(READ, child.schema, {node: key})
        }
        if rights.may(READ, node, {node: key}) and leaves.issuperset(node.keys):
            expected[key] = leaves
    seen = lookup(readable(rights, data), "smcroute", "mroute")
    found = seen.entries if isinstance(seen, ListNode) else {}
    if not rights.may(READ, smcroute, {}):
        expected = {}
    assert {key: set(entry.children) for key, entry in found.items()} == expected
    assert list(found) == list(expected)
