"""The order that a user gives: what a plain list makes of the same steps."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from smcroute_agent.yang.user_order import UserOrder

KEYS = "abcdef"
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["first", "last", "before", "after", "set", "delete"]),
        st.sampled_from(KEYS),
        st.sampled_from(KEYS),
    ),
    max_size=20,
)


@given(st.lists(st.sampled_from(KEYS), unique=True), STEPS)
def test_the_same_as_a_list(start: list[str], steps: list[tuple[str, str, str]]) -> None:
    order = UserOrder(dict.fromkeys(start, 0))
    wanted = list(start)
    for number, (where, key, other) in enumerate(steps, 1):
        if where in ("before", "after") and (other == key or other not in wanted):
            continue
        if where == "set" and key in wanted:
            order[key] = number
            continue
        if key in wanted:
            wanted.remove(key)
        if where == "delete":
            order.pop(key, None)
        elif where == "first":
            order.first(key, number)
            wanted.insert(0, key)
        elif where in ("last", "set"):
            order.last(key, number) if where == "last" else order.update({key: number})
            wanted.append(key)
        elif where == "before":
            order.before(key, number, other)
            wanted.insert(wanted.index(other), key)
        else:
            order.after(key, number, other)
            wanted.insert(wanted.index(other) + 1, key)
        assert list(order) == wanted
        assert len(order) == len(wanted)
    assert dict(order).keys() == set(wanted)
    assert all(order[key] in range(len(steps) + 1) for key in wanted)
