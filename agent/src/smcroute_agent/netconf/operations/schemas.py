"""get-schema (RFC 6022, section 3.1)."""

from __future__ import annotations

from lxml import etree

from .. import modules, xml
from ..names import MONITORING
from ..reply import Reply
from . import problems
from .request import Request, text


async def get_schema(request: Request) -> Reply:
    """The YANG text of a module, also of one that is only imported.

    A module is here in one revision and one format, so RFC 6022's data-not-unique cannot
    come up.
    """
    parameters = request.parameters(required=("identifier",), optional=("version", "format"))
    identifier = parameters["identifier"]
    name = text(identifier)
    version = text(parameters["version"]) if "version" in parameters else ""
    if "format" in parameters:
        _yang(parameters["format"])
    schema = request.services.schema
    module = modules.text(schema, name)
    if module is None:
        raise problems.invalid(identifier, f"there is no schema {name!r}")
    if modules.text(schema, name, version) is None:
        raise problems.invalid(
            parameters["version"],
            f"there is no revision {version!r} of the schema {name}",
            "leave the version out for the one that is served",
        )
    content = f'<data xmlns="{MONITORING}">{xml.text(module)}</data>'
    return Reply(output=content.encode())


def _yang(parameter: etree._Element) -> None:
    """Accept the identity `yang` under whatever prefix the client has for its module.

    Clients that write the name alone inside another default namespace are common: the
    name without a prefix is accepted too.
    """
    prefix, _, name = text(parameter).rpartition(":")
    if name != "yang" or (prefix and parameter.nsmap.get(prefix) != MONITORING):
        raise problems.invalid(
            parameter, f"there is no schema in the format {text(parameter)!r}", "ask for yang"
        )
