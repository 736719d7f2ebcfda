"""What the rpc-error of a wrong request says, field by field."""

from __future__ import annotations

from typing import Any

from lxml import etree

from tests.unit.agent.netconf.agent import Agent, Client, smcroute
from tests.unit.agent.netconf.wire import NC

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


def refused(agent: Agent, client: Client, operation: str, expected: dict[str, Any]) -> None:
    """The operation gets this error, changes nothing, and the session goes on."""
    check(client.ask(operation), expected)
    assert agent.applied == []
    assert agent.changes == []
    client.ok("<close-session/>")
