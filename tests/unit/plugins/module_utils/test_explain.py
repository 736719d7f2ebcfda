"""What a router refused, as sentences that name the entry of config."""

from __future__ import annotations

import pytest

from ansible_collections.mcast.smcroute.plugins.module_utils.entries import from_config
from ansible_collections.mcast.smcroute.plugins.module_utils.errors import Refused, RpcError
from ansible_collections.mcast.smcroute.plugins.module_utils.explain import explain, locate
from ansible_collections.mcast.smcroute.plugins.module_utils.kinds import PHYINT, ROUTE

CONFIG = [
    {"interface": "in0", "group": "225.0.0.1", "out_interfaces": ["a"]},
    {"interface": "in0", "source": "2001:DB8::1", "group": "ff1e::1"},
]
TOP = "/smc:smcroute/smc:mroute"
FIRST = f"{TOP}[smc:interface='in0'][smc:source='*'][smc:group='225.0.0.1']"
SECOND = f'{TOP}[interface="in0"][source = "2001:db8::1"][x:group="ff1e:0::1"]'
OTHER = f"{TOP}[smc:interface='in9'][smc:source='*'][smc:group='225.0.0.9']"


def explained(*errors):
    return str(explain(ROUTE, from_config(ROUTE, CONFIG), Refused("the change", errors)))


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        (FIRST, "config[0] (interface in0, source *, group 225.0.0.1): no VIF left"),
        (
            f"{FIRST}/smc:out-interface[.='a']",
            "config[0].out_interfaces (interface in0, source *, group 225.0.0.1): no VIF left",
        ),
        (SECOND, "config[1] (interface in0, source 2001:db8::1, group ff1e::1): no VIF left"),
        (
            f"{SECOND}/smc:group",
            "config[1].group (interface in0, source 2001:db8::1, group ff1e::1): no VIF left",
        ),
        (OTHER, "the route of interface in9, source *, group 225.0.0.9: no VIF left"),
        ("/smc:smcroute", "the router refused the change at /smc:smcroute: no VIF left"),
        (TOP, f"the router refused the change at {TOP}: no VIF left"),
        (None, "the router refused the change: no VIF left"),
    ],
)
def test_an_error_names_what_it_is_about(path, sentence):
    assert explained(RpcError("resource-denied", path=path, message="no VIF left.")) == sentence


def test_an_error_without_a_message_gives_its_tag():
    assert explained(RpcError("too-big")) == "the router refused the change: too-big"
    assert explained(RpcError("too-big", app_tag="why")) == "the router refused the change: why"


@pytest.mark.parametrize(
    ("tag", "remedy"),
    [
        ("data-exists", "nothing was done; run the task again"),
        ("data-missing", "nothing was done; run the task again"),
        ("lock-denied", "run the task again when it is released"),
        ("in-use", "run the task again when it is released"),
        ("access-denied", "connect as a user who may do that"),
    ],
)
def test_an_error_says_what_to_do(tag, remedy):
    assert explained(RpcError(tag, message="no")).endswith(remedy)


def test_several_errors_are_several_sentences_and_none_twice():
    again = RpcError("data-missing", path=OTHER, message="gone")
    assert explained(again, again, RpcError("data-missing", message="gone too")) == (
        "the route of interface in9, source *, group 225.0.0.9: gone. "
        "the router refused the change: gone too; the router's configuration changed after "
        "this task had read it, nothing was done; run the task again"
    )


def test_quotes_and_brackets_in_a_name_do_no_harm():
    assert locate(PHYINT, '/s:smcroute/s:phyint[s:name="a\'b]"]/s:mrdisc') == (("a'b]",), "mrdisc")


@pytest.mark.parametrize("path", ["", "nonsense", "/a[", "/smc:mroute[smc:group='x']", "/[]"])
def test_a_path_that_says_nothing_is_no_entry(path):
    assert locate(ROUTE, path) == (None, None)
