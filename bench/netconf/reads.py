"""Filters for one of 10 000 routes, and reading the state of all."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import NamedTuple

from ..benchmark import Benchmark, Progress, Row
from . import netopeer2, requests
from .agent import LIMITED, started
from .client import Client, all_of
from .clock import milliseconds

ROUTES = 10_000
REPEATS = 20
FEW = 3
ONE_AIM = 3.0
"""Milliseconds for one of many."""

_GROUP = requests.group_of(5000)
_KEY = requests.route_by_key(_GROUP)
_PATH = requests.path_of(_GROUP)
_FLOW = f"[s:source='{requests.SOURCE}'][s:group='{_GROUP}']"
_BY_OUT = "/s:smcroute/s:mroute[s:out-interface='out1']"
_OUT = "<mroute><out-interface>out1</out-interface></mroute>"
_DATA = "<xpath-filter>{}</xpath-filter>".format


class Question(NamedTuple):
    """What is asked; a reply holds so many of an element.  theirs: netopeer2's milliseconds."""

    what: str
    operation: bytes
    entries: int = 1
    element: str = "mroute"
    theirs: float | None = None
    repeats: int = REPEATS


ONE = (
    Question(
        "subtree, by key",
        requests.get_config(requests.subtree(_KEY)),
        theirs=netopeer2.SUBTREE,
    ),
    Question("xpath, by key", requests.get_config(requests.xpath(_PATH)), theirs=netopeer2.XPATH),
    Question("subtree, by out-interface", requests.get_config(requests.subtree(_OUT))),
    Question("xpath, by out-interface", requests.get_config(requests.xpath(_BY_OUT))),
    Question("get of one route's state", requests.get(requests.subtree(_KEY))),
    Question(
        "get of one forwarding entry",
        requests.get(requests.xpath(f"/s:smcroute/s:forwarding-entry{_FLOW}")),
        element="forwarding-entry",
    ),
    Question("get-data operational, one route", requests.get_data("operational", _DATA(_PATH))),
)
ALL = (
    Question("get of everything", requests.get(), ROUTES, repeats=FEW),
    Question(
        "get-data operational of everything",
        requests.get_data("operational"),
        ROUTES,
        repeats=FEW,
    ),
    Question("get-data running", requests.get_data("running"), ROUTES, repeats=FEW),
)


def measure_all(rounds: int, progress: Progress) -> list[Row]:
    rows = []
    with started() as agent:
        with agent.unix() as root:
            root.ask(requests.edit(requests.routes(ROUTES)))
        who: dict[str, tuple[Callable[[], Client], tuple[Question, ...]]] = {
            name: (connect, ONE + ALL) for name, connect in agent.transports.items()
        }
        who["SSH, rules name keys"] = (lambda: agent.ssh(LIMITED), ONE)
        for transport, (connect, questions) in who.items():
            progress(transport)
            with connect() as client:
                rows += [_row(client, transport, question, rounds) for question in questions]
    return rows


def _row(client: Client, transport: str, question: Question, rounds: int) -> Row:
    """The median of each round."""
    medians = []
    for _ in range(rounds):
        taken = []
        for _ in range(question.repeats):
            time, reply = milliseconds(lambda: client.ask(question.operation))
            all_of([reply], question.element, question.entries)
            taken.append(time)
        medians.append(statistics.median(taken))
    what = question.what if question.entries > 1 else f"{question.what}, of {ROUTES}"
    return Row(
        f"{what}, {transport}",
        "ms",
        tuple(medians),
        () if question.theirs is None else (question.theirs,),
        ONE_AIM if question.entries == 1 else None,
        peer=netopeer2.NAME,
    )


BENCHMARK = Benchmark(
    "netconf-reads",
    f"one session beside {ROUTES} routes; a round's figure is the median of {REPEATS} requests "
    f"({FEW} of everything); a user whose rules hide three routes by their keys asks too",
    measure_all,
)
