"""smcroute.conf behind load and save."""

from __future__ import annotations

import asyncio

import pytest

from smcroute_agent.compat.startup import StartupRules
from smcroute_agent.errors import ConfigError, SystemProblem
from smcroute_agent.log import NOTICE
from smcroute_agent.rules import Mgroup, Mroute
from tests.unit.agent.compat.memory import MAIN, MemoryFiles

GROUP = Mgroup("eth0", "*", "225.1.1.1")
ROUTE = Mroute("eth0", "*", "225.1.2.3", ("eth1",))
INCLUDED = "/etc/smcroute.d/a.conf"


def run(coroutine):
    return asyncio.run(coroutine)


def test_load_and_save():
    files = MemoryFiles(b"# mine\nmgroup from eth0 group 225.1.1.1\n")
    store = StartupRules(files, MAIN)
    assert run(store.load()) == [GROUP]
    run(store.save([GROUP, ROUTE]))
    assert files.content[MAIN] == (
        b"# mine\nmgroup from eth0 group 225.1.1.1\nmroute from eth0 group 225.1.2.3 to eth1\n"
    )
    assert run(store.load()) == [GROUP, ROUTE]


def test_saving_what_is_there_touches_no_file():
    files = MemoryFiles(b"mgroup from eth0 group 225.1.1.1\n")
    run(StartupRules(files, MAIN).save([GROUP]))
    assert files.replaced == []


def test_no_file_is_no_rules_and_saving_makes_it():
    files = MemoryFiles()
    store = StartupRules(files, MAIN)
    assert run(store.load()) == []
    run(store.save([ROUTE]))
    assert files.content == {MAIN: b"mroute from eth0 group 225.1.2.3 to eth1\n"}


def test_that_there_is_no_file_is_told_once(caplog):
    caplog.set_level(NOTICE)
    files = MemoryFiles()
    store = StartupRules(files, MAIN)
    run(store.load())
    run(store.load())
    assert caplog.messages == [f"{MAIN} does not exist: there are no rules"]
    run(store.save([ROUTE]))
    run(store.load())
    del files.content[MAIN]
    run(store.load())
    assert len(caplog.messages) == 2


def test_comments_written_since_the_load_stay():
    files = MemoryFiles(b"mgroup from eth0 group 225.1.1.1\n")
    store = StartupRules(files, MAIN)
    run(store.load())
    files.content[MAIN] += b"# later\n"
    run(store.save([GROUP]))
    assert files.content[MAIN].endswith(b"# later\n")


def test_a_file_with_errors_is_neither_loaded_nor_written_over():
    files = MemoryFiles(b"mgroup from eth0 group 225.1.1.1\nbad\n")
    store = StartupRules(files, MAIN)
    with pytest.raises(ConfigError, match=f"{MAIN}:2: unknown keyword 'bad'"):
        run(store.load())
    with pytest.raises(ConfigError):
        run(store.save([ROUTE]))
    assert files.replaced == []


def test_a_file_that_cannot_be_written_keeps_the_others_as_they_are():
    main = b"mgroup from eth0 group 225.1.1.1\ninclude smcroute.d/*.conf\n"
    files = MemoryFiles(main, a=b"mroute from eth0 group 225.1.2.3 to eth1\n")
    files.read_only.add(INCLUDED)
    before = dict(files.content)
    with pytest.raises(SystemProblem, match="disk is full"):
        run(StartupRules(files, MAIN).save([]))
    assert files.content == before
    assert files.replaced == []


def test_files_of_others_are_written_in_the_same_go():
    files = MemoryFiles(b"")
    run(StartupRules(files, MAIN).save([], {"/var/x.json": b"{}"}))
    assert files.replaced == ["/var/x.json"]
    files.read_only.add("/var/x.json")
    with pytest.raises(SystemProblem):
        run(StartupRules(files, MAIN).save([ROUTE], {"/var/x.json": b"[]"}))
    assert files.content == {MAIN: b"", "/var/x.json": b"{}"}


def test_an_unreadable_file():
    files = MemoryFiles(b"")
    files.unreadable.add(MAIN)
    with pytest.raises(SystemProblem):
        run(StartupRules(files, MAIN).load())
