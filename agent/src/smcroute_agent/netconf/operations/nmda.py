"""get-data and edit-data (RFC 8526): datastores by identity, and the operational one among them."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from ...datastore.names import DATASTORES
from ...yang import defaults, origin
from ...yang.config_filter import of_config
from ...yang.data import Container
from ...yang.depth import Shape, levels, whole
from ...yang.reach import narrowed
from ...yang.schema import Schema
from ..names import NMDA
from ..reply import OK, Reply
from . import filters, problems, with_defaults
from .change import Change
from .configure import DEFAULT_OPERATIONS, make
from .rendering import rendered
from .request import (
    Request,
    datastore_identity,
    enumeration,
    identity,
    number,
    refuse_content,
    text,
)
from .retrieve import visible

OPERATIONAL = "operational"
FILTERS = ("subtree-filter", "xpath-filter")
ORIGIN_FILTERS = ("origin-filter", "negated-origin-filter")
MAX_DEPTH = 65535

Parameters = dict[str, etree._Element]


async def get_data(request: Request) -> Reply:
    """Nodes of a datastore that pass all filters, with what is above them."""
    parameters = request.parameters(
        required=("datastore",),
        optional=(*FILTERS, "config-filter", "max-depth", "with-origin", "with-defaults"),
        many=ORIGIN_FILTERS,
    )
    name = datastore_identity(parameters["datastore"], (*DATASTORES, OPERATIONAL))
    _only_operational(name, parameters)
    schema = request.services.schema
    wanted = _filter(schema, parameters)
    shape = _shape(parameters.get("max-depth"))
    config = _boolean(parameters.get("config-filter"))
    accept = _origins(request, parameters)
    mode = with_defaults.mode(parameters.get("with-defaults"))
    with_origin = "with-origin" in parameters
    if name == OPERATIONAL:
        tree = await request.services.operational(wanted.reach)
    else:
        tree = await request.services.datastores.read(name)
    if mode in with_defaults.AS_SET:
        tree = narrowed(tree, wanted.reach)
    tree = visible(request, tree, lambda seen: _reported(schema, name, seen, mode, with_origin))
    found = await wanted.select(tree, shape)
    if config is not None:
        found = of_config(found, config)
    if accept is not None:
        found = origin.of_origin(found, accept)
    if with_origin:
        found = origin.annotated(found, tree)
    return Reply(output=b'<data xmlns="%s">%s</data>' % (NMDA.encode(), await rendered(found)))


async def edit_data(request: Request) -> Reply:
    """Change a datastore, all or nothing."""
    parameters = request.parameters(
        required=("datastore", "config"), optional=("default-operation",)
    )
    target = datastore_identity(parameters["datastore"], DATASTORES)
    default_operation = "merge"
    if "default-operation" in parameters:
        default_operation = enumeration(parameters["default-operation"], DEFAULT_OPERATIONS)
    await make(request, Change(request, parameters["config"], default_operation), target)
    return OK


def _only_operational(name: str, parameters: Parameters) -> None:
    """Only the operational datastore knows origins."""
    for parameter in ("with-origin", *ORIGIN_FILTERS):
        if parameter in parameters and name != OPERATIONAL:
            raise problems.invalid(
                parameters[parameter],
                f"{parameter} is of the operational datastore, not of {name}",
                "leave it out, or ask for ds:operational",
            )
    if "with-origin" in parameters:
        refuse_content(parameters["with-origin"])


def _reported(
    schema: Schema, name: str, tree: Container, mode: str, with_origin: bool
) -> Container:
    """The tree of a datastore with its defaults; the origin of those of the operational state
    is told where it is wanted."""
    if name != OPERATIONAL or mode not in ("report-all", "report-all-tagged"):
        return defaults.MODES[mode](schema, tree)
    attributes = defaults.DEFAULT_TAG if mode == "report-all-tagged" else ""
    if with_origin:
        attributes += origin.annotation(origin.DEFAULT)
    return defaults.in_use(schema, tree, defaults.marked(attributes))


def _filter(schema: Schema, parameters: Parameters) -> filters.Filter:
    subtree, xpath = (parameters.get(name) for name in FILTERS)
    if subtree is not None and xpath is not None:
        raise problems.excluded(xpath, subtree)
    if subtree is not None:
        return filters.by_subtree(schema, subtree)
    if xpath is not None:
        return filters.by_xpath(schema, xpath, text(xpath))
    return filters.EVERYTHING


def _shape(parameter: etree._Element | None) -> Shape:
    if parameter is None or text(parameter) == "unbounded":
        return whole
    return levels(number(parameter, MAX_DEPTH, ", or unbounded"))


def _boolean(parameter: etree._Element | None) -> bool | None:
    if parameter is None:
        return None
    return enumeration(parameter, ("true", "false")) == "true"


def _origins(request: Request, parameters: Parameters) -> Callable[[str], bool] | None:
    """Which origins are wanted; None where all are."""
    named, negated = (name in parameters for name in ORIGIN_FILTERS)
    if not named and not negated:
        return None
    if named and negated:
        raise problems.excluded(*(parameters[name] for name in reversed(ORIGIN_FILTERS)))
    identities = request.services.schema.identities
    known = [name.partition(":")[2] for name in identities if name.startswith(origin.MODULE + ":")]
    given = {
        f"{origin.MODULE}:{identity(element, origin.NAMESPACE, known)}"
        for name in ORIGIN_FILTERS
        for element in request.element.iterfind(f"{{{NMDA}}}{name}")
    }
    return lambda found: bool(identities[found] & given) is named
