"""netconf/rpc_error.py: every field, prefixes declared, nothing that is no XML."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from smcroute_agent.errors import ConfigError, Error
from smcroute_agent.netconf.rpc_error import rpc_error
from tests.unit.agent.netconf.wire import NC

PREFIXES = {"ex": "urn:example", "other": "urn:other"}


def error(*arguments: object, **fields: object) -> etree._Element:
    """The element, as a client sees it."""
    made = Error(*arguments, **fields)  # type: ignore[arg-type]
    (found,) = etree.fromstring(b'<r xmlns="%s">%s</r>' % (NC.encode(), rpc_error(made, PREFIXES)))
    return found


def fields(of: etree._Element) -> dict[str, str | None]:
    return {etree.QName(child).localname: child.text for child in of}


def test_a_plain_error() -> None:
    assert fields(error("it failed")) == {
        "error-type": "application",
        "error-tag": "operation-failed",
        "error-severity": "error",
        "error-message": "it failed",
    }


def test_all_fields() -> None:
    found = error(
        "a < b",
        path="/ex:a/ex:b[other:c='ex:x'][ex:d=\"/tmp:z\"]",
        remedy="do & don't",
        error_type="protocol",
        tag="bad-attribute",
        app_tag="app",
        info=(("bad-attribute", "{urn:example}a"), ("bad-element", "{urn:unknown}b")),
    )
    assert fields(found) == {
        "error-type": "protocol",
        "error-tag": "bad-attribute",
        "error-severity": "error",
        "error-app-tag": "app",
        "error-path": "/ex:a/ex:b[other:c='ex:x'][ex:d=\"/tmp:z\"]",
        "error-message": "a < b; do & don't",
        "error-info": None,
    }
    path = found.find(f"{{{NC}}}error-path")
    assert path.nsmap == {None: NC, "ex": "urn:example", "other": "urn:other"}
    attribute, element = found.find(f"{{{NC}}}error-info")
    assert (attribute.text, attribute.nsmap["ex"]) == ("ex:a", "urn:example")
    assert (element.text, element.nsmap["ns"]) == ("ns:b", "urn:unknown")
    message = found.find(f"{{{NC}}}error-message")
    assert message.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"


@pytest.mark.parametrize(
    ("name", "value"), [("non-unique", "/ex:a/ex:b[ex:c='1']"), ("missing-choice", "d")]
)
def test_what_rfc_7950_has_in_its_own_namespace(name: str, value: str) -> None:
    (found,) = error("x", info=((name, value),)).find(f"{{{NC}}}error-info")
    assert (found.tag, found.text) == (f"{{urn:ietf:params:xml:ns:yang:1}}{name}", value)
    assert found.nsmap.get("ex") == ("urn:example" if "ex:" in value else None)


@pytest.mark.parametrize("where", ["/etc/smcroute.conf:12", "smcroute.conf:3", "/a.conf:1"])
def test_a_line_of_a_file_is_no_error_path(where: str) -> None:
    made = ConfigError("unknown line", path=where)
    text = rpc_error(made, PREFIXES).decode()
    assert "error-path" not in text
    assert f"{where}: unknown line" in text


def test_under_a_prefix() -> None:
    text = rpc_error(Error("x", info=(("session-id", "4"),)), {}, "n:")
    root = etree.fromstring(b'<n:r xmlns:n="%s">%s</n:r>' % (NC.encode(), text))
    assert root.findtext(f"{{{NC}}}rpc-error/{{{NC}}}error-info/{{{NC}}}session-id") == "4"


NAMES = st.text().filter(lambda text: not text.startswith("{"))
"""Local names; a namespace that is no URI does not come through the parser."""


@given(st.text(), st.text(), NAMES | NAMES.map("{{urn:x}}{}".format))
def test_any_text_stays_well_formed(message: str, path: str, name: str) -> None:
    found = error(message, path=f"/ex:a[ex:b='{path}']", info=(("bad-element", name),))
    assert b"]]>" not in etree.tostring(found)
    assert found.findtext(f"{{{NC}}}error-message") is not None
