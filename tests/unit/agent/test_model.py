"""Rules as data and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcroute_agent import model
from smcroute_agent.errors import DataError
from smcroute_agent.rules import Mgroup, Mroute, Phyint, Rule, rule_key
from smcroute_agent.yang.data import Container, empty
from smcroute_agent.yang.schema import packaged
from smcroute_agent.yang.serialize import to_xml

SCHEMA = packaged()

names = st.sampled_from(["eth0", "eth1", "br-lan.7", "eth+"])
flows = st.sampled_from(
    [
        ("*", "225.1.2.3"),
        ("192.0.2.1", "225.0.0.0/24"),
        ("2001:db8::1", "ff05::1:3"),
        ("2001:db8::/32", "ff00::/8"),
    ]
)
optional_flags = st.none() | st.booleans()
rules: st.SearchStrategy[Rule] = st.one_of(
    st.builds(Phyint, names, optional_flags, optional_flags, st.none() | st.integers(1, 255)),
    st.builds(lambda name, flow: Mgroup(name, *flow), names, flows),
    st.builds(
        lambda name, flow, outs: Mroute(name, *flow, tuple(outs)),
        names,
        flows,
        st.lists(names, unique=True),
    ),
)


def tree_of(*added: Rule) -> Container:
    return model.changed(empty(SCHEMA), SCHEMA, added)


@given(st.lists(rules, unique_by=rule_key))
def test_rules_come_back_as_they_were(wanted: list[Rule]) -> None:
    assert set(model.rules_of(tree_of(*wanted))) == set(wanted)


@given(st.lists(rules, unique_by=rule_key), st.data())
def test_what_is_removed_leaves_the_rest(wanted: list[Rule], data: st.DataObject) -> None:
    going = data.draw(st.lists(st.sampled_from(wanted), unique=True)) if wanted else []
    tree = model.changed(tree_of(*wanted), SCHEMA, remove=map(rule_key, going))
    assert set(model.rules_of(tree)) == set(wanted) - set(going)


def test_a_rule_replaces_its_namesake_and_the_old_tree_stays() -> None:
    before = tree_of(Mroute("eth0", "*", "225.1.2.3", ("eth1",)))
    after = model.changed(before, SCHEMA, [Mroute("eth0", "*", "225.1.2.3", ("eth2",))])
    assert list(model.rules_of(after)) == [Mroute("eth0", "*", "225.1.2.3", ("eth2",))]
    assert list(model.rules_of(before)) == [Mroute("eth0", "*", "225.1.2.3", ("eth1",))]


def test_values_become_canonical() -> None:
    tree = tree_of(Mroute("eth0", "*", "225.1.2.77/24", ("eth1",)))
    assert list(model.rules_of(tree)) == [Mroute("eth0", "*", "225.1.2.0/24", ("eth1",))]


def test_nothing_is_left_of_an_empty_configuration() -> None:
    rule = Mgroup("eth0", "*", "225.1.2.3")
    tree = model.changed(tree_of(rule), SCHEMA, remove=[rule_key(rule)])
    assert to_xml(tree) == b""


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (Mroute("eth0123456789abcd", "*", "225.1.2.3"), "from 1 to 15 characters"),
        (Mgroup("eth0", "*", "10.0.0.1"), "multicast"),
        (Mgroup("eth0", "*", "225.0.0.0/40"), "prefix length"),
        (Mroute("eth0", "225.1.1.1", "225.1.2.3"), "unicast"),
        (Mroute("eth0", "*", "225.1.2.3", ("out put",)), "printable"),
        (Phyint("eth0", None, None, 256), "from 1 to 255"),
    ],
)
def test_a_value_outside_of_the_model_is_refused_with_its_place(rule: Rule, says: str) -> None:
    with pytest.raises(DataError, match=says) as caught:
        tree_of(rule)
    assert caught.value.path is not None
    assert caught.value.path.startswith(f"/smc:smcroute/smc:{rule_key(rule)[0]}[")


def test_removing_what_is_not_there_names_it() -> None:
    with pytest.raises(DataError, match="no such mroute") as caught:
        model.changed(empty(SCHEMA), SCHEMA, remove=[("mroute", "eth0", "*", "225.1.2.3")])
    assert caught.value.tag == "data-missing"
    assert caught.value.path == (
        "/smc:smcroute/smc:mroute[smc:interface='eth0'][smc:source='*'][smc:group='225.1.2.3']"
    )
