"""The connection options: which transport they choose, and what they may be."""

from __future__ import annotations

import pytest

from ansible_collections.mcast.smcroute.plugins.module_utils import connection
from ansible_collections.mcast.smcroute.plugins.module_utils.errors import OptionError

DEFAULTS = {name: spec.get("default") for name, spec in connection.connection_arguments().items()}


@pytest.fixture
def calls(monkeypatch):
    made = []
    for name in ("over_unix_socket", "over_ssh"):
        monkeypatch.setattr(
            connection, name, lambda *args, _name=name, **kw: made.append((_name, args, kw))
        )
    return made


def test_without_a_host_the_socket_on_this_machine(calls):
    connection.connect(DEFAULTS)
    assert calls == [("over_unix_socket", ("/run/smcroute.netconf.sock", 30), {})]


def test_with_a_host_ssh(calls):
    connection.connect({**DEFAULTS, "host": "r1", "username": "netops", "timeout": 5})
    assert calls == [
        (
            "over_ssh",
            ("r1",),
            {
                "timeout": 5,
                "port": 830,
                "username": "netops",
                "private_key_file": None,
                "known_hosts_file": None,
                "host_key_checking": True,
            },
        )
    ]


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("port", 0, "port is 0: a TCP port is from 1 to 65535"),
        ("port", 65536, "port is 65536: a TCP port"),
        ("timeout", 0, "timeout is 0: it is at least 1 second"),
        ("host", "", "host is empty"),
        ("username", " ", "username is empty"),
        ("socket", "", "socket is empty"),
    ],
)
def test_options_that_cannot_be(option, value, words):
    with pytest.raises(OptionError, match=words):
        connection.check_connection({**DEFAULTS, option: value})
