"""ietf-yang-library: it says what the server implements."""

from __future__ import annotations

import re

from lxml import etree

from smcroute_agent.netconf.library import NAMESPACE, Library
from smcroute_agent.yang import source
from smcroute_agent.yang.compile import Served, compile_modules
from smcroute_agent.yang.parse import parse
from smcroute_agent.yang.schema import Schema
from smcroute_agent.yang.serialize import to_xml
from tests.unit.agent.netconf.agent import Agent, Client
from tests.unit.agent.netconf.wire import NC

NS = {"yl": NAMESPACE}


def library(client: Client, name: str) -> etree._Element:
    reply = client.ask(f'<get><filter><{name} xmlns="{NAMESPACE}"/></filter></get>')
    return reply[0][0]


def names(element: etree._Element, path: str) -> list[str]:
    return [found.text for found in element.iterfind(path, NS)]


def test_it_is_data_of_its_model(agent: Agent, client: Client) -> None:
    for name in ("yang-library", "modules-state"):
        element = library(client, name)
        assert to_xml(parse(agent.schema, [element], state=True)) == etree.tostring(element)


def test_all_modules_are_there(agent: Agent, client: Client) -> None:
    found = library(client, "yang-library")
    modules = agent.schema.modules.values()
    assert names(found, "yl:module-set/yl:module/yl:name") == [
        module.name for module in modules if module.implemented
    ]
    assert names(found, "yl:module-set/yl:import-only-module/yl:name") == [
        module.name for module in modules if not module.implemented
    ]
    (netconf,) = (
        module
        for module in found.iterfind("yl:module-set/yl:module", NS)
        if module.findtext("yl:name", namespaces=NS) == "ietf-netconf"
    )
    assert names(netconf, "yl:feature") == list(agent.schema.modules["ietf-netconf"].features)
    assert netconf.findtext("yl:namespace", namespaces=NS) == NC
    older = library(client, "modules-state")
    assert names(older, "yl:module/yl:name") == [module.name for module in modules]


def test_every_datastore_has_the_schema(client: Client) -> None:
    found = library(client, "yang-library")
    (module_set,) = names(found, "yl:module-set/yl:name")
    (schema,) = found.iterfind("yl:schema", NS)
    assert names(schema, "yl:module-set") == [module_set]
    datastores = list(found.iterfind("yl:datastore", NS))
    assert [
        re.sub("^.*:", "", datastore.findtext("yl:name", namespaces=NS)) for datastore in datastores
    ] == ["running", "candidate", "startup", "operational"]
    for datastore in datastores:
        assert datastore.findtext("yl:schema", namespaces=NS) == schema.findtext(
            "yl:name", namespaces=NS
        )


def test_hello_says_the_same_identifier(client: Client) -> None:
    said = [element.text for element in client.hello.iter(f"{{{NC}}}capability")]
    identifier = library(client, "yang-library").findtext("yl:content-id", namespaces=NS)
    assert library(client, "modules-state").findtext("yl:module-set-id", namespaces=NS) == (
        identifier
    )
    prefix = "urn:ietf:params:netconf:capability:yang-library"
    assert f"{prefix}:1.1?revision=2019-01-04&content-id={identifier}" in said
    assert f"{prefix}:1.0?revision=2019-01-04&module-set-id={identifier}" in said


def test_the_identifier_follows_the_content(agent: Agent) -> None:
    def made(*more: Served) -> Library:
        served = (Served("ietf-yang-library"), Served("ietf-datastores"), *more)
        return Library(Schema(compile_modules(served, source.modules_directory())))

    assert made().content_id == made().content_id
    others = [made(), made(Served("ietf-system", ())), made(Served("ietf-system", ("radius",)))]
    assert len({other.content_id for other in others}) == 3
