"""Users of ietf-system: their keys, and passwords that are hashed on the way in."""

from __future__ import annotations

import pytest
from lxml import etree

from smcroute_agent.accounts import accounts
from smcroute_agent.accounts.accounts import NAMESPACE, Accounts, hashed
from smcroute_agent.accounts.crypt_hash import verify
from smcroute_agent.errors import Error, SystemProblem
from smcroute_agent.yang.data import Container, empty
from smcroute_agent.yang.parse import parse
from smcroute_agent.yang.schema import packaged
from smcroute_agent.yang.serialize import to_xml

SCHEMA = packaged()


def tree(users: str) -> Container:
    return parse(
        SCHEMA,
        etree.fromstring(
            f"<config><system xmlns='{NAMESPACE}'><authentication>{users}</authentication>"
            "</system></config>"
        ),
    )


def user(name: str, password: str = "", keys: str = "") -> str:
    leaf = f"<password>{password}</password>" if password else ""
    return f"<user><name>{name}</name>{leaf}{keys}</user>"


def key(name: str, algorithm: str, data: str = "AAAA") -> str:
    return (
        f"<authorized-key><name>{name}</name><algorithm>{algorithm}</algorithm>"
        f"<key-data>{data}</key-data></authorized-key>"
    )


def test_keys_and_passwords_of_a_user() -> None:
    data = tree(
        user("alice", keys=key("a", "ssh-ed25519") + key("b", "ssh-rsa", "BBBB")) + user("bob")
    )
    found = Accounts(lambda: data)
    assert found.keys("alice") == ["ssh-ed25519 AAAA", "ssh-rsa BBBB"]
    assert found.keys("bob") == found.keys("mallory") == []
    assert found.password("alice") is None
    assert Accounts(lambda: empty(SCHEMA)).keys("alice") == []


@pytest.mark.parametrize("algorithm", ["", "ssh-rsa AAAA\nssh-rsa", 'command="x" ssh-rsa', "#"])
def test_an_algorithm_that_is_none_brings_no_key(algorithm: str) -> None:
    data = tree(user("alice", keys=key("a", algorithm)))
    assert Accounts(lambda: data).keys("alice") == []


def test_a_password_in_clear_is_hashed() -> None:
    after = hashed(empty(SCHEMA), tree(user("alice", "$0$geheim") + user("bob")))
    assert b"geheim" not in to_xml(after)
    stored = Accounts(lambda: after).password("alice")
    assert stored is not None
    assert stored.startswith("$6$")
    assert verify(stored, "geheim")
    again = hashed(after, tree(user("alice", "$0$geheim") + user("bob")))
    assert again == after
    other = hashed(after, tree(user("alice", "$0$anderes")))
    assert verify(Accounts(lambda: other).password("alice"), "anderes")


def test_a_hash_stays_as_it_is() -> None:
    data = tree(user("alice", f"$6$salt${'a' * 86}"))
    assert hashed(empty(SCHEMA), data) is data
    assert hashed(data, data) is data


def test_what_is_too_much() -> None:
    with pytest.raises(Error) as caught:
        hashed(empty(SCHEMA), tree(user("alice", "$0$" + "x" * 513)))
    assert caught.value.path == ("/sys:system/sys:authentication/sys:user[sys:name='alice']")
    assert "xxx" not in str(caught.value)
    many = "".join(user(f"u{number}", "$0$x") for number in range(3))
    limit, accounts.MAX_HASHED = accounts.MAX_HASHED, 2
    try:
        with pytest.raises(Error) as caught:
            hashed(empty(SCHEMA), tree(many))
        assert caught.value.tag == "resource-denied"
    finally:
        accounts.MAX_HASHED = limit


def test_no_libcrypt_is_said_where(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(cleartext: str) -> str:
        raise SystemProblem("there is no libcrypt on this machine")

    monkeypatch.setattr(accounts, "hash_password", refuse)
    with pytest.raises(SystemProblem) as caught:
        hashed(empty(SCHEMA), tree(user("alice", "$0$geheim")))
    assert "alice" in (caught.value.path or "")
