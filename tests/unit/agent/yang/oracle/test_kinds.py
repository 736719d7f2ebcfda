"""Each constraint broken alone: our error-app-tag is libyang's, and both are the RFC's."""

from __future__ import annotations

import pytest

from .models import MODELS
from .verdict import ours
from .worker import Oracle

ST = 'xmlns="urn:zoo:structure"'
CO = 'xmlns="urn:zoo:conditions"'

BROKEN = (
    ("structure", f"<lists {ST}><crowd><k>1</k></crowd></lists>", "too-few-elements"),
    (
        "structure",
        f"<lists {ST}><crowd><k>1</k><at-least>1</at-least></crowd>"
        + "".join(f"<one><name>{name}</name><value>1</value></one>" for name in "abc")
        + "</lists>",
        "too-many-elements",
    ),
    (
        "structure",
        f"<lists {ST}><crowd><k>1</k><at-least>1</at-least></crowd>"
        + "".join(f"<server><name>{name}</name><id>1</id></server>" for name in "ab")
        + "</lists>",
        "data-not-unique",
    ),
    ("choices", '<strict xmlns="urn:zoo:choices"/>', "missing-choice"),
    (
        "references",
        '<uses xmlns="urn:zoo:references"><room>a</room></uses>',
        "instance-required",
    ),
    (
        "references",
        '<uses xmlns="urn:zoo:references" xmlns:r="urn:zoo:references">'
        "<instance>/r:uses/r:room</instance></uses>",
        "instance-required",
    ),
    ("conditions", f"<musts {CO}><text>abc</text></musts>", "must-violation"),
    ("conditions", f"<musts {CO}><high>-1</high></musts>", "order"),
    ("conditions", f"<musts {CO}><colour>red</colour></musts>", "red-shape"),
    ("numbers", '<numbers xmlns="urn:zoo:numbers"><percent>101</percent></numbers>', "percent"),
    ("strings", '<strings xmlns="urn:zoo:strings"><mild>xyz</mild></strings>', "mild"),
    ("deviated", '<thing xmlns="urn:zoo:deviated"><size>2</size><this/></thing>', "not-two"),
)
"""Model, document and error-app-tag (RFC 7950, section 15, or the model's own)."""


@pytest.mark.parametrize(("name", "xml", "app_tag"), BROKEN)
def test_error_app_tag(name: str, xml: str, app_tag: str) -> None:
    model = next(model for model in MODELS if model.name == name)
    error = ours(model.schema, xml).error
    assert error is not None
    assert error.app_tag == app_tag
    with Oracle("libyang", model) as oracle:
        assert oracle.ask(check=xml).app_tag == app_tag
