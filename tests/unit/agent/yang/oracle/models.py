"""The models that the oracles and our validator are compared on: the zoo, and what we serve."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import NamedTuple

from smcroute_agent.yang import source
from smcroute_agent.yang.compile import DEVIATIONS, OWN_MODULES, SERVED, Served, compile_modules
from smcroute_agent.yang.schema import Schema, packaged

ZOO = Path(__file__).parent / "zoo"


class Model(NamedTuple):
    """Modules that are served together; deviations: those of them that only deviate."""

    name: str
    served: tuple[Served, ...]
    deviations: tuple[str, ...] = ()
    directory: Path = ZOO

    @property
    def schema(self) -> Schema:
        """The model as our compiler makes it."""
        return _schema(self)

    @property
    def path(self) -> list[str]:
        """Where the modules are."""
        return [str(path) for path in (self.directory, *source.modules_directory())]

    @staticmethod
    def submodules(name: str) -> list[tuple[str, str]]:
        """The submodules of a module, and their revisions."""
        return [("groups-sub", "2026-11-22")] if name == "groups" else []


@functools.cache
def _schema(model: Model) -> Schema:
    if model is OWN:
        return packaged()
    directories = [model.directory, *source.modules_directory()]
    return Schema(compile_modules(model.served, directories, model.deviations))


def _zoo(*names: str, deviations: tuple[str, ...] = ()) -> Model:
    return Model(names[0], tuple(Served(name) for name in names), deviations)


OWN = Model(
    "smcroute",
    tuple(
        item
        for item in SERVED
        if item.name in ("smcroute", "smcroute-netconf-transport", "ietf-netconf-acm")
        or item.name == "ietf-system"
    ),
    DEVIATIONS,
    OWN_MODULES,
)
"""What we serve, as far as it has configuration."""

ZOO_MODELS = (
    _zoo("numbers"),
    _zoo("strings"),
    _zoo("words"),
    _zoo("unions"),
    _zoo("references"),
    _zoo("identities", "identities-base"),
    _zoo("structure"),
    _zoo("choices"),
    _zoo("conditions"),
    _zoo("whens"),
    _zoo("defaults"),
    _zoo("augmented", "augmenting"),
    _zoo("deviated", deviations=("deviating",)),
    Model("features", (Served("features", ("bright", "warm")),)),
    _zoo("ordered"),
    _zoo("anything"),
    _zoo("groups"),
)

OPERATIONS = _zoo("operations")
"""For RPCs, actions and notifications."""

MODELS = (*ZOO_MODELS, OWN)
