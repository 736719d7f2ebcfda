"""Edits of one container of the zoo, in the tests."""

from __future__ import annotations

from smcroute_agent.yang.data import Container
from smcroute_agent.yang.edit import edit
from smcroute_agent.yang.schema import Schema

from .conftest import config

ORDER = "<order xmlns='urn:zoo:rules'>{}</order>"
USERS = "<user><name>a</name><value>1</value></user><user><name>b</name></user>"
BEFORE = ORDER.format(USERS + "<word>x</word><word>y</word><default-one>d</default-one>")


def apply(zoo: Schema, tree: Container, content: str, default: str = "merge") -> Container:
    return edit(zoo, tree, config(content), default)
