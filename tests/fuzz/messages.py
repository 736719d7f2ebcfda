"""What a process may say that has been taken over: JSON with what ours say among it."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

leaves = (
    st.none()
    | st.booleans()
    | st.integers(-5, 300)
    | st.floats()
    | st.sampled_from(
        ["phyint", "mgroup", "mroute", "eth0", "eth+", "*", "225.1.2.3", "225.0.0.0/8", "ff1e::1",
         "10.0.0.1", "", "\0", "a" * 20]
    )
)  # fmt: skip
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)
rules = st.lists(leaves | st.lists(leaves, max_size=4), max_size=7).flatmap(
    lambda fields: st.sampled_from(["phyint", "mgroup", "mroute"]).map(lambda kind: [kind, *fields])
)


def mostly(usual: Any, rare: Any, times: int) -> Any:
    """One strategy so many times as often as the other."""
    return st.sampled_from([*[usual] * times, rare]).flatmap(lambda chosen: chosen)


@st.composite
def bent(draw: Any, messages: Any) -> Any:
    """A message, a JSON object, with something else in one place of it."""
    message = copy.deepcopy(draw(messages))
    holder, place = draw(st.sampled_from(list(_places(message))))
    holder[place] = draw(values)
    return message


def _places(part: Any) -> Any:
    inside = part.items() if isinstance(part, dict) else enumerate(part)
    for place, value in inside:
        yield part, place
        if isinstance(value, dict | list):
            yield from _places(value)
