"""Every field of the rpc-error for requests that are wrong, over a real UNIX socket."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from tests.unit.agent.netconf.agent import SMC, Agent, Client, edit, mroute, smcroute
from tests.unit.agent.netconf.wire import NC, chunk

MONITORING = "urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring"
CONFIG = f"<config>{smcroute('')}</config>"
RUNNING = "<target><running/></target>"
SOURCE = "<source><running/></source>"


def problem(
    tag: str,
    path: str | None,
    *,
    type: str = "protocol",
    app_tag: str | None = None,
    says: str = "",
    **info: str,
) -> dict[str, Any]:
    return {
        "type": type,
        "tag": tag,
        "app_tag": app_tag,
        "path": path,
        "says": says,
        "info": {name.replace("_", "-"): value for name, value in info.items()},
    }


def unknown(element: str, path: str, says: str = "") -> dict[str, Any]:
    return problem("unknown-element", path, bad_element=element, says=says)


def missing(element: str, path: str) -> dict[str, Any]:
    return problem("missing-element", path, bad_element=element)


def invalid(element: str, path: str, says: str = "") -> dict[str, Any]:
    return problem("invalid-value", path, bad_element=element, says=says)


def unsupported(element: str, path: str, says: str = "") -> dict[str, Any]:
    return problem("operation-not-supported", path, bad_element=element, says=says)


def get_schema(content: str) -> str:
    return f'<get-schema xmlns="{MONITORING}">{content}</get-schema>'


def filtered(attributes: str) -> str:
    return f"<get-config>{SOURCE}<filter {attributes}/></get-config>"


BAD = {
    # Operations
    "no such operation": ("<frobnicate/>", unsupported("nc:frobnicate", "/nc:rpc/nc:frobnicate")),
    "of another module": (
        f'<frobnicate xmlns="{SMC}"/>',
        unsupported("smc:frobnicate", "/nc:rpc", f"{{{SMC}}}frobnicate"),
    ),
    "of a foreign namespace": (
        '<frobnicate xmlns="urn:x"/>',
        unsupported("ns:frobnicate", "/nc:rpc", "{urn:x}frobnicate"),
    ),
    "in no namespace": ('<get xmlns=""/>', unsupported("get", "/nc:rpc", "operation get")),
    # Parameters
    "unknown parameter": (
        "<get><speed>fast</speed></get>",
        unknown("nc:speed", "/nc:rpc/nc:get"),
    ),
    "parameter of a foreign namespace": (
        '<get><with-defaults xmlns="urn:x">explicit</with-defaults></get>',
        problem(
            "unknown-namespace",
            "/nc:rpc/nc:get",
            bad_element="ns:with-defaults",
            bad_namespace="urn:x",
            says="ietf-netconf-with-defaults",
        ),
    ),
    "parameter in no namespace": (
        '<lock><target xmlns=""/></lock>',
        problem("unknown-namespace", "/nc:rpc/nc:lock", bad_element="target", bad_namespace=""),
    ),
    "parameter twice": (
        f"<get-config>{SOURCE}{SOURCE}</get-config>",
        unknown("nc:source", "/nc:rpc/nc:get-config", "once"),
    ),
    "attribute on an operation": (
        '<get loud="yes"/>',
        problem("unknown-attribute", "/nc:rpc/nc:get", bad_attribute="loud", bad_element="nc:get"),
    ),
    "attribute on a parameter": (
        '<get-config><source x="1"><running/></source></get-config>',
        problem(
            "unknown-attribute",
            "/nc:rpc/nc:get-config/nc:source",
            bad_attribute="x",
            bad_element="nc:source",
        ),
    ),
    "close-session with something": (
        "<close-session><now/></close-session>",
        unknown("nc:now", "/nc:rpc/nc:close-session"),
    ),
    # Datastores
    "get-config without source": (
        "<get-config/>",
        missing("nc:source", "/nc:rpc/nc:get-config"),
    ),
    "empty source": (
        "<get-config><source/></get-config>",
        missing("nc:source", "/nc:rpc/nc:get-config/nc:source"),
    ),
    "source as text": (
        "<get-config><source>running</source></get-config>",
        missing("nc:source", "/nc:rpc/nc:get-config/nc:source"),
    ),
    "unknown source": (
        "<get-config><source><factory/></source></get-config>",
        unknown("nc:factory", "/nc:rpc/nc:get-config/nc:source", "running, candidate, startup"),
    ),
    "two sources": (
        "<get-config><source><running/><startup/></source></get-config>",
        unknown("nc:startup", "/nc:rpc/nc:get-config/nc:source"),
    ),
    "something in a datastore's element": (
        "<get-config><source><running><x/></running></source></get-config>",
        unknown("nc:x", "/nc:rpc/nc:get-config/nc:source/nc:running"),
    ),
    # Filters
    "xpath filter without expression": (
        filtered('type="xpath"'),
        problem(
            "missing-attribute",
            "/nc:rpc/nc:get-config/nc:filter",
            bad_attribute="select",
            bad_element="nc:filter",
        ),
    ),
    "xpath filter with elements": (
        f"<get-config>{SOURCE}<filter type='xpath' select='/'><a/></filter></get-config>",
        unknown("nc:a", "/nc:rpc/nc:get-config/nc:filter", "select"),
    ),
    **{
        f"xpath filter {text}": (
            filtered(f'type="xpath" select="{text}"'),
            invalid("nc:filter", "/nc:rpc/nc:get-config/nc:filter", says),
        )
        for text, says in (
            ("", "ends too early"),
            ("/[", "unexpected '['"),
            ("/x:y", "the prefix 'x' is not declared"),
            ("1 + 1", "gives a number and not nodes"),
            ("nothing(/)", "there is no function nothing()"),
        )
    },
    "unknown filter": (
        filtered('type="regexp"'),
        problem(
            "bad-attribute",
            "/nc:rpc/nc:get-config/nc:filter",
            bad_attribute="type",
            bad_element="nc:filter",
        ),
    ),
    "select without xpath": (
        filtered('select="/x"'),
        problem(
            "unknown-attribute",
            "/nc:rpc/nc:get-config/nc:filter",
            bad_attribute="select",
            bad_element="nc:filter",
        ),
    ),
    # edit-config
    "edit without target": (
        f"<edit-config>{CONFIG}</edit-config>",
        missing("nc:target", "/nc:rpc/nc:edit-config"),
    ),
    "edit without config": (
        f"<edit-config>{RUNNING}</edit-config>",
        missing("nc:config", "/nc:rpc/nc:edit-config"),
    ),
    "edit of startup": (
        edit(smcroute(""), target="<startup/>"),
        unknown("nc:startup", "/nc:rpc/nc:edit-config/nc:target", "running"),
    ),
    "edit with url": (
        f"<edit-config>{RUNNING}<url>file:///x</url></edit-config>",
        unknown("nc:url", "/nc:rpc/nc:edit-config", ":url"),
    ),
    "test-option nonsense": (
        edit(smcroute(""), more="<test-option>never</test-option>"),
        invalid("nc:test-option", "/nc:rpc/nc:edit-config/nc:test-option", "test-only"),
    ),
    "default-operation delete": (
        edit(smcroute(""), more="<default-operation>delete</default-operation>"),
        invalid("nc:default-operation", "/nc:rpc/nc:edit-config/nc:default-operation", "merge"),
    ),
    "error-option nonsense": (
        edit(smcroute(""), more="<error-option>never</error-option>"),
        invalid("nc:error-option", "/nc:rpc/nc:edit-config/nc:error-option"),
    ),
    "continue-on-error": (
        edit(smcroute(""), more="<error-option>continue-on-error</error-option>"),
        unsupported(
            "nc:error-option", "/nc:rpc/nc:edit-config/nc:error-option", "rollback-on-error"
        ),
    ),
    # copy-config and delete-config
    "copy to itself": (
        "<copy-config><target><startup/></target><source><startup/></source></copy-config>",
        problem("invalid-value", None, says="both the startup datastore"),
    ),
    "copy running to running": (
        f"<copy-config>{RUNNING}{SOURCE}</copy-config>",
        problem("invalid-value", None, says="both the running datastore"),
    ),
    "copy without source": (
        f"<copy-config>{RUNNING}</copy-config>",
        missing("nc:source", "/nc:rpc/nc:copy-config"),
    ),
    "copy to a url": (
        f"<copy-config><target><url>ftp://x</url></target>{SOURCE}</copy-config>",
        unknown("nc:url", "/nc:rpc/nc:copy-config/nc:target"),
    ),
    "delete running": (
        f"<delete-config>{RUNNING}</delete-config>",
        unknown("nc:running", "/nc:rpc/nc:delete-config/nc:target", "startup"),
    ),
    # Locks and sessions
    "lock nothing": ("<lock/>", missing("nc:target", "/nc:rpc/nc:lock")),
    "lock of a file": (
        "<lock><target><url>file:///x</url></target></lock>",
        unknown("nc:url", "/nc:rpc/nc:lock/nc:target", "running, candidate, startup"),
    ),
    "unlock what is not locked": (
        f"<unlock>{RUNNING}</unlock>",
        problem("operation-failed", None, says="does not hold a lock"),
    ),
    "kill nothing": (
        "<kill-session/>",
        missing("nc:session-id", "/nc:rpc/nc:kill-session"),
    ),
    "kill an unknown session": (
        "<kill-session><session-id>99</session-id></kill-session>",
        invalid("nc:session-id", "/nc:rpc/nc:kill-session/nc:session-id", "no session 99"),
    ),
    "kill oneself": (
        "<kill-session><session-id>1</session-id></kill-session>",
        invalid("nc:session-id", "/nc:rpc/nc:kill-session/nc:session-id", "close-session"),
    ),
    **{
        f"kill session {text!r}": (
            f"<kill-session><session-id>{text}</session-id></kill-session>",
            invalid("nc:session-id", "/nc:rpc/nc:kill-session/nc:session-id", "session-id"),
        )
        for text in (
            "",
            "x",
            "-1",
            "0",
            "1.0",
            "4294967296",
            "\u0661",
            "9" * 5000,
            "1" + "0" * 5000,
        )
    },
    "kill with an element": (
        "<kill-session><session-id><b>1</b></session-id></kill-session>",
        unknown("nc:b", "/nc:rpc/nc:kill-session/nc:session-id"),
    ),
    # Commits
    "delete candidate": (
        "<delete-config><target><candidate/></target></delete-config>",
        unknown("nc:candidate", "/nc:rpc/nc:delete-config/nc:target", "startup"),
    ),
    "discard-changes with something": (
        "<discard-changes><all/></discard-changes>",
        unknown("nc:all", "/nc:rpc/nc:discard-changes"),
    ),
    "commit with a comment": (
        "<commit><comment>x</comment></commit>",
        unknown("nc:comment", "/nc:rpc/nc:commit"),
    ),
    **{
        f"{name} without confirmed": (
            f"<commit><{name}>60</{name}></commit>",
            missing("nc:confirmed", "/nc:rpc/nc:commit"),
        )
        for name in ("confirm-timeout", "persist")
    },
    "confirmed with a value": (
        "<commit><confirmed>yes</confirmed></commit>",
        invalid("nc:confirmed", "/nc:rpc/nc:commit/nc:confirmed"),
    ),
    **{
        f"confirm-timeout {text!r}": (
            f"<commit><confirmed/><confirm-timeout>{text}</confirm-timeout></commit>",
            invalid("nc:confirm-timeout", "/nc:rpc/nc:commit/nc:confirm-timeout", "4294967295"),
        )
        for text in ("", "soon", "-1", "0", "1.5", "4294967296", "9" * 5000)
    },
    "persist with an element": (
        "<commit><confirmed/><persist><x/></persist></commit>",
        unknown("nc:x", "/nc:rpc/nc:commit/nc:persist"),
    ),
    "persist that is too long": (
        f"<commit><confirmed/><persist>{'x' * 1025}</persist></commit>",
        invalid("nc:persist", "/nc:rpc/nc:commit/nc:persist", "1024"),
    ),
    "persist-id of nothing": (
        "<commit><persist-id>x</persist-id></commit>",
        invalid("nc:persist-id", "/nc:rpc/nc:commit/nc:persist-id", "persist-id"),
    ),
    "cancel-commit of nothing": (
        "<cancel-commit/>",
        problem("operation-failed", None, says="no confirmed commit is pending"),
    ),
    "cancel-commit with a wrong token": (
        "<cancel-commit><persist-id>x</persist-id></cancel-commit>",
        invalid("nc:persist-id", "/nc:rpc/nc:cancel-commit/nc:persist-id", "persist-id"),
    ),
    # validate
    "validate nothing": (
        "<validate/>",
        missing("nc:source", "/nc:rpc/nc:validate"),
    ),
    "validate a url": (
        "<validate><source><url>file:///x</url></source></validate>",
        unknown("nc:url", "/nc:rpc/nc:validate/nc:source", "running, candidate, startup, config"),
    ),
    # get-schema
    "schema without identifier": (
        get_schema(""),
        missing("ncm:identifier", "/nc:rpc/ncm:get-schema"),
    ),
    "unknown schema": (
        get_schema("<identifier>nothing</identifier>"),
        invalid("ncm:identifier", "/nc:rpc/ncm:get-schema/ncm:identifier"),
    ),
    "schema by a path": (
        get_schema("<identifier>../../etc/passwd</identifier>"),
        invalid("ncm:identifier", "/nc:rpc/ncm:get-schema/ncm:identifier"),
    ),
    "unknown revision": (
        get_schema("<identifier>smcroute</identifier><version>1999-01-01</version>"),
        invalid("ncm:version", "/nc:rpc/ncm:get-schema/ncm:version"),
    ),
    "unknown format": (
        get_schema("<identifier>smcroute</identifier><format>yin</format>"),
        invalid("ncm:format", "/nc:rpc/ncm:get-schema/ncm:format", "yang"),
    ),
    "format of another module": (
        get_schema('<identifier>smcroute</identifier><format xmlns:q="urn:q">q:yang</format>'),
        invalid("ncm:format", "/nc:rpc/ncm:get-schema/ncm:format"),
    ),
    # Data, whose errors are the validator's
    "value": (
        edit(smcroute(mroute("10.1.2.3", "eth1"))),
        problem(
            "invalid-value",
            "/smc:smcroute/smc:mroute[smc:interface='eth0'][smc:source='10.0.0.1']/smc:group",
            type="application",
        ),
    ),
    **{
        f"validate a config with {name}": (
            f"<validate><source><config>{smcroute(content)}</config></source></validate>",
            problem(tag, path, type="application", app_tag=app_tag),
        )
        for name, content, tag, path, app_tag in (
            ("a bad value", mroute("10.1.2.3", "eth1"), "invalid-value", "/smc:smcroute", None),
            ("an unknown node", "<nothing/>", "unknown-element", "/smc:smcroute", None),
            (
                "two families",
                mroute("ff1e::1", "eth1"),
                "operation-failed",
                "/smc:smcroute/smc:mroute",
                "address-family",
            ),
        )
    },
    "unknown node": (
        edit(smcroute("<nothing/>")),
        problem("unknown-element", "/smc:smcroute", type="application", bad_element="smc:nothing"),
    ),
}


def check(reply: etree._Element, expected: dict[str, Any]) -> None:
    (error,) = reply
    assert error.tag == f"{{{NC}}}rpc-error"
    fields = [etree.QName(child).localname for child in error]
    known = ["error-type", "error-tag", "error-severity", "error-app-tag", "error-path",
             "error-message", "error-info"]  # fmt: skip
    assert fields == [name for name in known if name in fields]

    def text(name: str) -> str | None:
        return error.findtext(f"{{{NC}}}{name}")

    assert text("error-severity") == "error"
    assert text("error-tag") == expected["tag"]
    assert text("error-type") == expected["type"]
    assert expected["says"] in text("error-message")
    if expected["type"] == "protocol":
        assert text("error-path") == expected["path"]
        assert text("error-app-tag") == expected["app_tag"]
    elif expected["path"] is not None:
        assert text("error-path").startswith(expected["path"])
    info = error.find(f"{{{NC}}}error-info")
    found = {etree.QName(e).localname: e.text or "" for e in (info if info is not None else ())}
    if expected["info"] or expected["type"] == "protocol":
        assert found == expected["info"]
    # Each prefix that a name or path uses is declared where it is used.
    for element in error.iter():
        for prefix in ("nc", "ncm", "smc", "ns"):
            value = element.text or ""
            if element.tag != f"{{{NC}}}error-message" and f"{prefix}:" in value.split("'")[0]:
                assert prefix in element.nsmap


@pytest.mark.parametrize(("operation", "expected"), BAD.values(), ids=BAD.keys())
def test_bad_request(
    agent: Agent, client: Client, operation: str, expected: dict[str, Any]
) -> None:
    check(client.ask(operation), expected)
    assert agent.applied == []
    assert agent.changes == []
    client.ok("<close-session/>")


def test_the_same_under_a_prefix_and_another_default_namespace(client: Client) -> None:
    client.message_id += 1
    client.sock.sendall(
        chunk(f'<n:rpc xmlns:n="{NC}" xmlns="urn:other" message-id="1"><n:lock/></n:rpc>')
    )
    reply = etree.fromstring(client.read())
    check(reply, missing("nc:target", "/nc:rpc/nc:lock"))
