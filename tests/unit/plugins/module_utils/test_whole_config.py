"""Backup, restore and save: what is sent in which order, and what is no change."""

from __future__ import annotations

import pytest
from lxml import etree

from ansible_collections.mcast.smcroute.plugins.module_utils import datastore_text, whole_config
from ansible_collections.mcast.smcroute.plugins.module_utils.client import VALIDATE, Client
from ansible_collections.mcast.smcroute.plugins.module_utils.codec import (
    NAMESPACE,
    NETCONF_NAMESPACE,
)
from ansible_collections.mcast.smcroute.plugins.module_utils.errors import (
    OptionError,
    Refused,
    RpcError,
    SmcrouteError,
    Unreachable,
)

A = (
    "<mroute><interface>in0</interface><source>*</source><group>225.0.0.1</group>"
    "<out-interface>b</out-interface><out-interface>a</out-interface></mroute>"
)
A_SPELLED_OTHERWISE = (
    "<mroute><group>225.0.0.1</group><out-interface>a</out-interface>"
    "<interface>in0</interface><source>*</source><out-interface>b</out-interface></mroute>"
)
PHYINT = "<phyint><name>a</name></phyint>"
PHYINT_WITH_DEFAULTS = "<phyint><name>a</name><mrdisc>false</mrdisc></phyint>"
USERS = '<system xmlns="urn:x"><user><name>{}</name></user><user><name>{}</name></user></system>'


def config(content, others="", tag="config"):
    ours = f'<smcroute xmlns="{NAMESPACE}">{content}</smcroute>' if content else ""
    return f'<{tag} xmlns="{NETCONF_NAMESPACE}">{ours}{others}</{tag}>'


class Router(Client):
    """Both datastores of a router and what it was asked to do, session by session."""

    capabilities = frozenset()

    def __init__(self, running="", startup="", unreachable=0):
        self.datastores = {"running": running, "startup": startup}
        self.unreachable = unreachable
        self.refuse = None
        self.tag = "operation-failed"
        self.log = []
        self.now = 0.0

    def connect(self):
        if self.log and self.unreachable:
            self.unreachable -= 1
            raise Unreachable("no connection to the router")
        self.log.append("connect")
        return self

    def get_config(self, subtree, datastore="running"):
        assert subtree is None
        content = self.datastores[datastore]
        return etree.fromstring(config(content, tag="data")) if content else None

    def call(self, operation, purpose):
        element = etree.fromstring(operation)
        name = etree.QName(element).localname
        if self.refuse == name:
            raise Refused(purpose, (RpcError(self.tag, message="no"),))
        target = element.find("{*}target")
        self.log.append(name if target is None else f"{name} {etree.QName(target[0]).localname}")
        self.last = element

    def edit_config(self, config, test_only=False, tell_pending=False):
        raise NotImplementedError

    get = edit_config

    def close(self):
        self.log.append("close")

    def clock(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


def task(router, check=False, **options):
    params = {"backup": None, "restore": None, "confirm": None, "save": "never", **options}
    return whole_config.perform(params, router.connect, check)


def confirm(router, target=""):
    meant = datastore_text.meaning(etree.fromstring(config(target)))
    whole_config.confirm_commit(router.connect, "token", 10, meant, router.clock, router.sleep)


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (config(A), config(A_SPELLED_OTHERWISE), True),
        (config(PHYINT), config(PHYINT_WITH_DEFAULTS), True),
        (config(A + PHYINT), config(PHYINT + A), True),
        (config(A, USERS.format(1, 2)), config(A, USERS.format(2, 1)), True),
        (config(A, USERS.format(1, 2)), config(A, USERS.format(1, 3)), False),
        (config(A), config(A.replace("225.0.0.1", "225.0.0.2")), False),
        (config(A), config(PHYINT), False),
        (config(""), config(A), False),
    ],
)
def test_meaning(first, second, same):
    meanings = [datastore_text.meaning(etree.fromstring(text)) for text in (first, second)]
    assert (meanings[0] == meanings[1]) == same


def test_a_backup_is_readable_and_can_be_read():
    data = etree.fromstring(config(A, USERS.format(1, 2), tag="data"))
    text = datastore_text.to_text(data)
    assert "\n    <mroute>\n" in text
    again = datastore_text.from_text(text)
    assert datastore_text.meaning(again) == datastore_text.meaning(
        etree.fromstring(config(A, USERS.format(1, 2)))
    )
    assert datastore_text.meaning(datastore_text.from_text(datastore_text.to_text(None))) == (
        datastore_text.meaning(None)
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "restore is no XML"),
        ("phyint eth0", "restore is no XML"),
        ("<config/>", "its root is config and not {urn"),
        (config(A.replace("225.0.0.1", "10.0.0.1")), "restore holds what cannot be"),
        ('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><config>&e;</config>', "no bac"),
    ],
)
def test_what_is_no_backup_is_found_before_the_router_is_asked(text, says):
    router = Router()
    with pytest.raises(OptionError, match=says):
        task(router, restore=text)
    assert router.log == []


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"confirm": 30}, "confirm is given without restore"),
        ({"confirm": 4, "restore": config(A)}, "confirm is 4: it is from 5 to 3600"),
        ({"confirm": 3601, "restore": config(A)}, "confirm is 3601"),
    ],
)
def test_wrong_options(options, says):
    with pytest.raises(OptionError, match=says):
        task(Router(), **options)


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize(
    ("when", "startup", "saved", "copied"),
    [
        ("never", "", False, False),
        ("changed", "", True, True),
        ("changed", A_SPELLED_OTHERWISE, False, False),
        ("always", "", True, True),
        ("always", A, False, True),
    ],
)
def test_save(when, startup, saved, copied, check):
    router = Router(A, startup)
    result = task(router, check, save=when)
    assert (result["changed"], result["saved"], result["restored"]) == (saved, saved, False)
    assert ("copy-config startup" in router.log) == (copied and not check)


@pytest.mark.parametrize("check", [False, True])
def test_restore(check):
    router = Router(PHYINT)
    result = task(router, check, restore=config(A))
    assert (result["changed"], result["restored"]) == (True, True)
    assert [diff["before_header"] for diff in result["diff"]] == [
        "smcroute phyint",
        "smcroute route",
    ]
    assert router.log == ["connect", *([] if check else ["copy-config running"]), "close"]


def test_restoring_what_is_there_sends_nothing():
    router = Router(A)
    result = task(router, restore=config(A_SPELLED_OTHERWISE), confirm=30)
    assert (result["changed"], result["diff"]) == (False, [])
    assert router.log == ["connect", "close"]


def test_check_mode_asks_whether_the_restore_would_be_accepted():
    router = Router()
    router.capabilities = frozenset([VALIDATE])
    assert task(router, check=True, restore=config(A))["changed"] is True
    assert router.log == ["connect", "validate", "close"]
    assert router.last.find("{*}source/{*}config") is not None
    router.refuse = "validate"
    with pytest.raises(Refused, match="the router refused the restore: no"):
        task(router, check=True, restore=config(A))


@pytest.mark.parametrize("check", [False, True])
def test_confirm_needs_the_capability(check):
    router = Router()
    with pytest.raises(SmcrouteError, match="does not announce :confirmed-commit, so nothing"):
        task(router, check, restore=config(A), confirm=30)
    assert router.log == ["connect", "close"]


def test_a_restore_on_trial_is_confirmed_by_another_session():
    router = Router()
    router.capabilities = {whole_config.CONFIRMED_COMMIT}
    assert task(router, restore=config(A), confirm=30)["restored"] is True
    assert router.log == [
        *("connect", "lock running", "lock candidate", "copy-config candidate", "commit", "close"),
        *("connect", "commit", "close", "close"),
    ]
    assert router.last.find("{*}persist-id").text


def test_the_saving_comes_after_the_confirmation():
    router = Router()
    router.capabilities = {whole_config.CONFIRMED_COMMIT}
    result = task(router, restore=config(A), confirm=30, save="changed")
    assert result["saved"] is True
    assert router.log[-3:] == ["connect", "copy-config startup", "close"]


def test_a_router_that_comes_back_is_confirmed():
    router = Router(unreachable=3)
    router.log.append("before")
    confirm(router)
    assert router.log == ["before", "connect", "commit", "close"]
    assert router.now == 3.0


def test_a_router_that_does_not_come_back_rolls_back():
    router = Router(unreachable=100)
    router.log.append("before")
    with pytest.raises(SmcrouteError) as caught:
        confirm(router)
    assert str(caught.value) == (
        "the router cannot be reached after the restore: no connection to the router; "
        "it goes back to what it had before, 10 s after the change"
    )
    assert router.now < 10


def test_a_refused_confirmation_is_told_at_once():
    router = Router()
    router.refuse = "commit"
    with pytest.raises(SmcrouteError, match=r"refused the confirmation.*; it goes back to what"):
        confirm(router)
    assert router.now == 0


class LosesTheAnswer(Router):
    """The first confirmation is sent, and its answer is lost; the next one is refused."""

    def __init__(self, running, tag):
        super().__init__(running)
        self.tag = tag

    def call(self, operation, purpose):
        if self.refuse is None:
            self.refuse = "commit"
            raise Unreachable("the session broke during the confirmation")
        super().call(operation, purpose)


def test_a_confirmation_whose_answer_is_lost_was_carried_out():
    confirm(LosesTheAnswer(A, "invalid-value"), A)


@pytest.mark.parametrize(
    ("running", "tag"),
    [(PHYINT, "invalid-value"), (A, "access-denied")],
    ids=["rolled back", "still pending"],
)
def test_a_confirmation_that_is_lost_itself_was_not(running, tag):
    with pytest.raises(SmcrouteError, match=r"refused the confirmation.*; it goes back to what"):
        confirm(LosesTheAnswer(running, tag), A)
