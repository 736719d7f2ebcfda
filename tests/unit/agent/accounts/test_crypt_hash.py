"""crypt(3) by the system's library."""

from __future__ import annotations

import pytest

from smcroute_agent.accounts import crypt_hash
from smcroute_agent.accounts.crypt_hash import hash_password, supported, verify
from smcroute_agent.errors import SystemProblem

SHA_512 = (
    "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoE"
    "OfaS35inz1"
)
SHA_256 = "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"
"""What `openssl passwd -6 -salt saltstring` and -5 say of "Hello world!"."""


@pytest.mark.parametrize("stored", [SHA_512, SHA_256])
def test_known_hashes(stored: str) -> None:
    assert verify(stored, "Hello world!")
    for wrong in ("Hello world", "hello world!", "", "Hello world!\0", "x" * 100_000):
        assert not verify(stored, wrong)


def test_a_new_hash_has_a_salt_of_its_own() -> None:
    one, two = hash_password("geheim"), hash_password("geheim")
    assert one != two
    assert one.startswith("$6$")
    assert verify(one, "geheim")
    assert verify(two, "geheim")
    assert not verify(one, "geheimer")
    assert verify(hash_password("pässword ☃"), "pässword ☃")


@pytest.mark.parametrize(
    "stored",
    [
        None,
        "",
        "x",
        "$0$Hello world!",
        "$1$saltstri$YMyguxXMBpd2TEZ.vS/3q1",
        SHA_512.replace("$6$", "$6$rounds=999999999$"),
        SHA_512.replace("$6$", "$6$rounds=100001$"),
        "$6$nobody$",
        "$6$nobody",
        "*0",
    ],
)
def test_nobody_comes_in_by_what_is_no_hash(stored: str | None) -> None:
    for password in ("", "Hello world!", "nobody"):
        assert not verify(stored, password)
    assert stored is None or stored.startswith("$6$nobody$") or not supported(stored)


def test_an_unknown_user_costs_as_much(monkeypatch: pytest.MonkeyPatch) -> None:
    settings: list[str] = []

    def crypt(password: bytes, setting: str) -> str:
        settings.append(setting)
        return setting

    monkeypatch.setattr(crypt_hash, "_crypt", crypt)
    assert not verify(None, "x")
    assert verify(SHA_512, "x")
    assert settings == ["$6$nobody$", SHA_512]


def test_a_machine_without_libcrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crypt_hash, "_LIBRARIES", ("libnone.so.9",))
    crypt_hash._function.cache_clear()
    try:
        with pytest.raises(SystemProblem, match="libcrypt"):
            hash_password("x")
    finally:
        crypt_hash._function.cache_clear()
