"""Replies: their octets do not depend on chance, none is a warning, and they come in order."""

from __future__ import annotations

import re
import threading
from contextlib import AbstractContextManager

from lxml import etree

from lab.background import meanwhile
from lab.netconf import NETCONF, mgroup, mroute, phyint
from tests.integration.agent.clients.conftest import WAYS, Site, on_each_way
from tests.integration.agent.clients.raw import GET_CONFIG, REPLY_OK, edit_config

MONITORING = "urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring"
NOTIFICATION = "urn:ietf:params:xml:ns:netconf:notification:1.0"
LIBRARY = "urn:ietf:params:xml:ns:yang:ietf-yang-library"
SMCROUTE = "urn:mcast:params:xml:ns:yang:smcroute"

ROUTES = (
    mroute("in0", "*", "225.9.0.0/16", "out1", "out0"),
    mroute("in0", "192.0.2.10", "225.1.2.3", "out0", "out1"),
    mroute("out1", "2001:db8::7", "ff1e::1", "in0"),
    mroute("eth99", "*", "225.1.1.1", "out0"),
    mgroup("out0", "*", "225.1.2.3"),
    mgroup("in0", "192.0.2.10", "232.1.1.1"),
    phyint("out1", ttl_threshold=5),
    phyint("in0", mrdisc=True),
)

QUESTIONS = {
    "get-config": GET_CONFIG,
    "get-config of startup": GET_CONFIG.replace("running", "startup"),
    "all defaults": GET_CONFIG.replace(
        "</get-config>",
        '<with-defaults xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-with-defaults">'
        "report-all-tagged</with-defaults></get-config>",
    ),
    "subtree": f'<get-config><source><running/></source><filter><smcroute xmlns="{SMCROUTE}">'
    "<mroute><out-interface>out1</out-interface></mroute></smcroute></filter></get-config>",
    "xpath": f'<get-config><source><running/></source><filter type="xpath" xmlns:s="{SMCROUTE}" '
    "select=\"//s:group | //s:mroute[s:interface='in0']\"/></get-config>",
    "rules and their state": f'<get><filter><smcroute xmlns="{SMCROUTE}"><mroute/><mgroup/>'
    "<phyint/></smcroute></filter></get>",
    "yang-library": f'<get><filter><yang-library xmlns="{LIBRARY}"/></filter></get>',
    "modules-state": f'<get><filter><modules-state xmlns="{LIBRARY}"/></filter></get>',
    "schemas": f'<get><filter><netconf-state xmlns="{MONITORING}"><capabilities/><datastores/>'
    "<schemas/></netconf-state></filter></get>",
    "get-schema": f'<get-schema xmlns="{MONITORING}"><identifier>smcroute</identifier>'
    "</get-schema>",
    "streams": '<get><filter><netconf xmlns="urn:ietf:params:xml:ns:netmod:notification">'
    "<streams><stream><name/><description/></stream></streams></netconf></filter></get>",
    "an error with a path": edit_config(mroute("in0", "*", "192.0.2.1", "out0")),
    "an error with several causes": edit_config(
        mroute("in0", "*", "225.1.1.1", operation="delete"),
        mroute("in0", "*", "225.1.1.2", operation="create"),
        "<nothing/>",
    ),
    "an unknown element": edit_config("<moon/>"),
}


def answers(place: Site, way: str) -> dict[str, bytes]:
    with place.raw(way) as raw:
        greeting = raw.greet()
        found = {name: raw.ask(question) for name, question in QUESTIONS.items()}
    return {"hello": re.sub(rb"<session-id>\d+", b"<session-id>", greeting), **found}


def test_octets_do_not_depend_on_chance(place):
    with place.talking("UNIX socket") as raw:
        for route in ROUTES:
            assert raw.ask(edit_config(route)) == REPLY_OK
        save = "<copy-config><target><startup/></target><source><running/></source></copy-config>"
        assert raw.ask(save) == REPLY_OK
    first = answers(place, "UNIX socket")
    for way in WAYS:
        assert answers(place, way) == first
    # Python seeds its hashes anew.
    place.daemon.stop()
    place.daemon.start()
    assert answers(place, "UNIX socket") == first
    with place.talking("UNIX socket") as raw:
        assert raw.ask("<delete-config><target><startup/></target></delete-config>") == REPLY_OK
        assert (
            raw.ask(
                "<copy-config><target><running/></target><source><startup/></source></copy-config>"
            )
            == REPLY_OK
        )


def test_no_reply_is_a_warning(place):
    # In = out, an interface that is not there, nothing to do: legitimate, and no news.
    doubtful = (
        edit_config(mroute("in0", "*", "225.1.1.1", "in0")),
        edit_config(mroute("nowhere0", "*", "225.1.1.1", "in0")),
        edit_config(mroute("in0", "*", "225.1.1.1", "in0")),
        edit_config(mroute("in0", "*", "225.2.2.2", operation="remove")),
        edit_config(mroute("in0", "*", "225.1.1.1", operation="delete")),
        edit_config(mroute("nowhere0", "*", "225.1.1.1", operation="delete")),
        "<commit/>",
        "<validate><source><running/></source></validate>",
    )
    with place.talking("UNIX socket") as raw:
        assert [raw.ask(operation) for operation in doubtful] == [REPLY_OK] * len(doubtful)
        for name, question in QUESTIONS.items():
            if "error" in name or "unknown" in name:
                reply = etree.fromstring(raw.ask(question))
                severities = {e.text for e in reply.iter(f"{{{NETCONF}}}error-severity")}
                assert severities == {"error"}, name


def changes(place: Site) -> AbstractContextManager[None]:
    """Somebody edits running all the time."""

    def work(over: threading.Event) -> None:
        with place.talking("UNIX socket") as raw:
            while not over.is_set():
                raw.ask(edit_config(mgroup("in0", "*", "225.7.7.7")))
                raw.ask(edit_config(mgroup("in0", "*", "225.7.7.7", operation="delete")))

    return meanwhile(work)


@on_each_way
def test_the_ok_of_create_subscription_comes_before_the_first_notification(place, way):
    subscribe = f'<create-subscription xmlns="{NOTIFICATION}">%s</create-subscription>'
    replay = subscribe % "<startTime>2020-01-01T00:00:00Z</startTime>"
    with changes(place):
        for question in (subscribe % "", replay):
            for _ in range(5 if way == "UNIX socket" else 1):
                with place.talking(way) as raw:
                    assert raw.ask(question) == REPLY_OK
                    assert raw.chunked().startswith(
                        f'<notification xmlns="{NOTIFICATION}"><eventTime>'.encode()
                    )
