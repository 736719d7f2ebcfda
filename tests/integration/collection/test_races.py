"""Somebody else changes the configuration between a task's reading and its edit."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ansible_collections.mcast.smcroute.plugins.module_utils import codec, ncclient_unix
from ansible_collections.mcast.smcroute.plugins.module_utils.client import Client
from ansible_collections.mcast.smcroute.plugins.module_utils.connection import (
    connection_arguments,
)
from ansible_collections.mcast.smcroute.plugins.module_utils.errors import SmcrouteError
from ansible_collections.mcast.smcroute.plugins.module_utils.kinds import ROUTE
from ansible_collections.mcast.smcroute.plugins.module_utils.resource import perform
from lab import Daemon, Lab

DEFAULTS = {name: spec.get("default") for name, spec in connection_arguments().items()}
A = {"interface": "in0", "source": "*", "group": "225.0.0.1", "out_interfaces": ["out0"]}
A_TOO = {**A, "out_interfaces": ["out1"]}
B = {"interface": "in0", "source": "*", "group": "225.0.0.2", "out_interfaces": ["out1"]}
RUN_AGAIN = "changed after this task had read it, nothing was done; run the task again"


@pytest.fixture(scope="module")
def daemon():
    with Lab() as lab, Daemon(lab.router) as running:
        yield running


class Overtaken(Client):
    """A session that lets somebody else act between its get-config and its edit-config."""

    def __init__(self, session, meanwhile):
        self._session = session
        self._meanwhile = meanwhile

    @property
    def capabilities(self):
        return self._session.capabilities

    def get_config(self, subtree, datastore="running"):
        data = self._session.get_config(subtree, datastore)
        self._meanwhile()
        return data

    def get(self, subtree):
        return self._session.get(subtree)

    def call(self, operation, purpose):
        self._session.call(operation, purpose)

    def edit_config(self, config, test_only=False, tell_pending=False):
        return self._session.edit_config(config, test_only, tell_pending)

    def close(self):
        self._session.close()


def session(daemon):
    return ncclient_unix.over_unix_socket(str(daemon.netconf_socket), 10)


def task(daemon, state, config, meanwhile=lambda: None, check=False):
    module = SimpleNamespace(
        params={**DEFAULTS, "state": state, "config": config, "pending_warnings": "never"},
        check_mode=check,
        _diff=False,
        warn=print,
    )
    return perform(module, ROUTE, lambda _params: Overtaken(session(daemon), meanwhile))


def routes(daemon):
    with session(daemon) as client:
        return list(codec.decode(ROUTE, client.get_config(codec.list_filter(ROUTE))).values())


@pytest.mark.parametrize(
    ("state", "config", "others"),
    [
        ("merged", [B, A], [A_TOO]),
        ("replaced", [B, A], [A_TOO]),
        ("overridden", [B, A], [A_TOO]),
    ],
)
def test_an_entry_that_appears_is_not_written_over(daemon, state, config, others):
    task(daemon, "overridden", [])
    with pytest.raises(SmcrouteError) as caught:
        task(daemon, state, config, lambda: task(daemon, "merged", others))
    message = str(caught.value)
    assert message.startswith("config[1] (interface in0, source *, group 225.0.0.1): ")
    assert message.endswith(RUN_AGAIN)
    assert routes(daemon) == others


@pytest.mark.parametrize(
    ("state", "config"),
    [("merged", [B, A_TOO]), ("deleted", [A]), ("deleted", None), ("overridden", [B])],
)
def test_an_entry_that_vanishes_is_neither_extended_nor_deleted(daemon, state, config):
    task(daemon, "overridden", [A])
    with pytest.raises(SmcrouteError) as caught:
        task(daemon, state, config, lambda: task(daemon, "deleted", None))
    assert "interface in0, source *, group 225.0.0.1" in str(caught.value)
    assert str(caught.value).endswith(RUN_AGAIN)
    assert routes(daemon) == []


def test_replacing_what_vanishes_makes_it_as_given(daemon):
    task(daemon, "overridden", [A])
    task(daemon, "replaced", [A_TOO], lambda: task(daemon, "deleted", None))
    assert routes(daemon) == [A_TOO]


def test_what_somebody_else_adds_meanwhile_stays_when_merging(daemon):
    task(daemon, "overridden", [A])
    third = {**A, "out_interfaces": ["out2"]}
    task(daemon, "merged", [A_TOO], lambda: task(daemon, "merged", [third]))
    assert routes(daemon) == [{**A, "out_interfaces": ["out0", "out1", "out2"]}]


def test_a_lock_of_another_session_is_waited_for_by_nobody(daemon):
    task(daemon, "overridden", [A])
    with session(daemon) as other:
        other._manager.lock("running")
        for check in (False, True):
            with pytest.raises(SmcrouteError, match="another NETCONF session holds a lock; run"):
                task(daemon, "merged", [B], check=check)
    assert routes(daemon) == [A]
