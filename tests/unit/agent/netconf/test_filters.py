"""netconf/operations/filters: XPath filters as a client sends them."""

from __future__ import annotations

import pytest
from lxml import etree

from smcroute_agent.netconf.operations import filters
from smcroute_agent.yang import xpath_filter
from tests.unit.agent.netconf.agent import SMC, Client, edit, mroute, smcroute
from tests.unit.agent.netconf.wire import NC

GROUPS = ("225.1.1.1", "225.2.2.2", "225.3.3.3")


@pytest.fixture
def routes(client: Client) -> Client:
    """A client of an agent with three routes."""
    client.ok(edit(smcroute("".join(mroute(group, "eth1") for group in GROUPS))))
    return client


def by_xpath(select: str, declared: str = f'xmlns:smc="{SMC}"', name: str = "select") -> str:
    return (
        "<get-config><source><running/></source>"
        f'<filter type="xpath" {declared} {name}="{select}"/></get-config>'
    )


def found(reply: etree._Element) -> str:
    (data,) = reply
    assert data.tag == f"{{{NC}}}data"
    return "".join(etree.tostring(child).decode() for child in data)


ONE = "[{0}interface='eth0'][{0}source='10.0.0.1'][{0}group='225.2.2.2']"


@pytest.mark.parametrize(
    "declared",
    [f'xmlns:smc="{SMC}"', f'xmlns:a="{SMC}"', f'xmlns:smc="urn:other" xmlns:s-1="{SMC}"'],
)
def test_any_prefix_in_scope(routes: Client, declared: str) -> None:
    prefix = declared.split()[-1].partition("=")[0].partition(":")[2] + ":"
    path = f"/{prefix}smcroute/{prefix}mroute" + ONE.format(prefix)
    assert found(routes.ask(by_xpath(path, declared))) == smcroute(mroute("225.2.2.2", "eth1"))


def test_a_prefix_declared_further_out(routes: Client) -> None:
    routes.message_id += 1
    request = by_xpath("/z:smcroute/z:mroute[3]", "").encode()
    rpc = b'<rpc xmlns="%s" xmlns:z="%s" message-id="9">%s</rpc>'
    octets = rpc % (NC.encode(), SMC.encode(), request)
    routes.sock.sendall(b"\n#%d\n%s\n##\n" % (len(octets), octets))
    assert "225.3.3.3" in found(etree.fromstring(routes.read()))


def test_the_attribute_may_be_qualified(routes: Client) -> None:
    reply = routes.ask(by_xpath("//smc:group", f'xmlns:nc="{NC}" xmlns:smc="{SMC}"', "nc:select"))
    assert found(reply) == smcroute("".join(mroute(group) for group in GROUPS))


def test_in_get_too(routes: Client) -> None:
    reply = routes.ask(
        f'<get><filter type="xpath" xmlns:s="{SMC}" select="/s:smcroute/s:agent"/></get>'
    )
    assert found(reply) == smcroute("<agent><version>1.2.3</version></agent>")


@pytest.mark.parametrize("select", ["/nothing", "/smc:nothing", "//smc:mroute[1=2]"])
def test_nothing_is_selected(routes: Client, select: str) -> None:
    assert found(routes.ask(by_xpath(select))) == ""


def test_long_work_is_done_elsewhere_and_too_long_work_refused(
    routes: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filters, "QUICK_WORK", 3)
    assert found(routes.ask(by_xpath("//smc:group"))).count("<group>") == 3
    costly = "//*[" + "count(//*)&gt;0 and " * 200 + "count(//*)&gt;0]"
    reply = routes.ask(by_xpath(costly))
    assert found(reply).count("<group>") == 3
    original = xpath_filter.select
    monkeypatch.setattr(
        filters, "select", lambda *given, **more: original(*given, **(more | {"work": 100}))
    )
    reply = routes.ask(by_xpath(costly))
    assert reply.findtext(f"{{{NC}}}rpc-error/{{{NC}}}error-tag") == "resource-denied"


def by_subtree(content: str) -> str:
    return (
        f"<get-config><source><running/></source><filter>{smcroute(content)}</filter></get-config>"
    )


SCANS = "".join(f"<mroute><group>{group}</group></mroute>" for group in GROUPS)


def test_a_subtree_filter_with_long_work(routes: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters, "QUICK_WORK", 1)
    assert found(routes.ask(by_subtree(SCANS))).count("<group>") == 3
    monkeypatch.setattr(filters, "MAX_WORK", 2)
    assert found(routes.ask(by_subtree("<mroute/>"))).count("<group>") == 3
    reply = routes.ask(by_subtree(SCANS))
    assert reply.findtext(f"{{{NC}}}rpc-error/{{{NC}}}error-tag") == "resource-denied"


def test_a_subtree_filter_of_very_many_elements(
    routes: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filters, "MAX_ELEMENTS", 10)
    assert found(routes.ask(by_subtree("<mroute/>" * 9))).count("<group>") == 3
    reply = routes.ask(by_subtree("<mroute/>" * 10))
    assert reply.findtext(f"{{{NC}}}rpc-error/{{{NC}}}error-tag") == "resource-denied"
