"""Check mode returns exactly what the real run then returns, and changes nothing."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from ansible_collections.mcast.smcroute.plugins.module_utils import codec, whole_config
from ansible_collections.mcast.smcroute.plugins.module_utils.connection import (
    connection_arguments,
)
from ansible_collections.mcast.smcroute.plugins.module_utils.errors import SmcrouteError
from ansible_collections.mcast.smcroute.plugins.module_utils.flush import flush
from ansible_collections.mcast.smcroute.plugins.module_utils.kinds import GROUP, PHYINT, ROUTE
from ansible_collections.mcast.smcroute.plugins.module_utils.ncclient_unix import over_unix_socket
from ansible_collections.mcast.smcroute.plugins.module_utils.resource import perform
from lab import Daemon, Lab
from lab.multicast import Sender
from lab.topology import Addresses
from lab.wait import wait_for

DEFAULTS = {name: spec.get("default") for name, spec in connection_arguments().items()}
KINDS = {kind.noun: kind for kind in (PHYINT, GROUP, ROUTE)}
BEGIN = {
    "phyint": [{"name": "out0", "ttl_threshold": 3}, {"name": "none0", "mrdisc": True}],
    "group": [{"interface": "in0", "group": "225.0.0.1"}],
    "route": [
        {"interface": "in0", "group": "225.0.0.1", "out_interfaces": ["out0", "in0"]},
        {"interface": "none0", "group": "225.0.0.2", "out_interfaces": ["out1"]},
    ],
}
OTHER = {
    "phyint": [{"name": "out0", "mrdisc": True}, {"name": "out1", "enabled": False}],
    "group": [{"interface": "in0", "source": "192.0.2.10", "group": "232.0.0.1"}],
    "route": [
        {"interface": "in0", "group": "225.0.0.1", "out_interfaces": ["out1"]},
        {"interface": "in0", "group": "ff1e::/16", "out_interfaces": ["out1"]},
    ],
}
WAITING = {
    "phyint": [{"name": "none1", "mrdisc": True}, {"name": "none0", "ttl_threshold": 9}],
    "group": [
        {"interface": "in0", "group": "225.0.0.1"},
        {"interface": "none+", "group": "225.0.0.2"},
    ],
    "route": [
        {"interface": "none0", "group": "225.0.0.2", "out_interfaces": ["out1"]},
        {"interface": "none0", "group": "225.0.0.3", "out_interfaces": ["out0", "none2"]},
        {"interface": "out0", "group": "225.0.0.3", "out_interfaces": ["out1", "none2"]},
        {"interface": "in0", "source": "192.0.2.10", "group": "225.0.0.4"},
        {"interface": "out1", "source": "192.0.2.10", "group": "225.0.0.4"},
        {"interface": "none0", "source": "2001:db8::10", "group": "ff1e::4"},
    ],
}
STATES = ("merged", "replaced", "overridden", "deleted", "gathered", "rendered")


@pytest.fixture(scope="module")
def lab():
    with Lab() as laid:
        laid.router.ip("link add small mtu 1000 type veth peer name small-peer\n")
        yield laid


@pytest.fixture(scope="module")
def daemon(lab):
    with Daemon(lab.router) as running:
        yield running


def session(daemon):
    return over_unix_socket(str(daemon.netconf_socket), 10)


def task(daemon, noun, state, config, check=False):
    """The result of a task and its warnings, or the message that it fails with."""
    warned = []
    options = {"state": state, "config": config, "pending_warnings": "always"}
    module = SimpleNamespace(
        params={**DEFAULTS, **options}, check_mode=check, _diff=True, warn=warned.append
    )
    try:
        return perform(module, KINDS[noun], lambda _params: session(daemon)), warned
    except SmcrouteError as error:
        return str(error), warned


def entries(daemon, noun):
    kind = KINDS[noun]
    with session(daemon) as client:
        return codec.decode(kind, client.get_config(codec.list_filter(kind)))


@pytest.mark.parametrize(
    "config", [BEGIN, OTHER, WAITING, None, {}], ids=["same", "other", "waiting", "none", "empty"]
)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("noun", sorted(KINDS))
def test_resources(daemon, noun, state, config):
    given = None if config is None else config.get(noun, [])
    task(daemon, noun, "overridden", BEGIN[noun])
    before = entries(daemon, noun)
    check = task(daemon, noun, state, given, check=True)
    assert entries(daemon, noun) == before
    real = task(daemon, noun, state, given)
    assert check == real
    waits = config is WAITING and state in ("merged", "replaced", "overridden")
    assert not waits or "config[1]" in real[1][-1]


def test_what_the_router_refuses(daemon):
    crowded = [
        {"interface": "in0", "group": "225.0.0.1", "out_interfaces": [f"no{n}" for n in range(128)]}
    ]
    more = [{"interface": "in0", "group": "225.0.0.1", "out_interfaces": ["out0"]}]
    task(daemon, "route", "overridden", crowded)
    check = task(daemon, "route", "merged", more, check=True)
    assert check == task(daemon, "route", "merged", more)
    assert check[0].startswith("config[0]")


@pytest.mark.parametrize(
    "impossible",
    [
        [{"interface": "in0", "group": "225.4.0.0/20"}],
        [{"interface": "in0", "group": f"225.4.{n}.0/24"} for n in range(8)],
        [{"interface": "small", "group": "ff1e::1"}],
    ],
    ids=["a range too large", "too many", "no IPv6 there"],
)
def test_what_the_engine_refuses(daemon, impossible):
    config = [{"interface": "out0", "group": "225.0.0.1"}, *impossible]
    check = task(daemon, "group", "overridden", config, check=True)
    assert check == task(daemon, "group", "overridden", config)
    assert re.match(r"config\[[1-8]\] \(interface ", check[0])


BACKUP = f"""\
<config xmlns="{codec.NETCONF_NAMESPACE}"><smcroute xmlns="{codec.NAMESPACE}"><mroute>
<interface>in0</interface><source>*</source><group>225.9.9.9</group>
</mroute></smcroute></config>
"""
UNKNOWN = f'<config xmlns="{codec.NETCONF_NAMESPACE}"><x xmlns="urn:x"/></config>'


@pytest.mark.parametrize(
    "options",
    [
        {"restore": BACKUP, "save": "changed"},
        {"restore": BACKUP, "save": "always", "confirm": 30},
        {"restore": UNKNOWN},
        {"save": "changed"},
        {"save": "always"},
        {"backup": "a file"},
    ],
)
def test_config(daemon, options):
    def run(check):
        params = {"backup": None, "restore": None, "confirm": None, "save": "never", **options}
        try:
            return whole_config.perform(params, lambda: session(daemon), check)
        except SmcrouteError as error:
            return str(error)

    task(daemon, "route", "overridden", BEGIN["route"])
    before = entries(daemon, "route")
    check = run(check=True)
    assert entries(daemon, "route") == before
    assert check == run(check=False)


def test_flush(lab, daemon):
    task(daemon, "route", "overridden", BEGIN["route"])
    with Sender(lab.sender) as sender, session(daemon) as client:
        sender.send(Addresses.SENDER[0], "225.0.0.1")
        wait_for(lambda: flush(client, True)["flushed"], "the flow learned")
        check = flush(client, True)
        assert check == flush(client, False)
        assert not flush(client, True)["changed"]
