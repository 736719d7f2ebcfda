"""Validation of a datastore's tree, imported with the first edit: rules alone need none at the
start, and the XPath of the models' conditions is a tenth of what the agent imports."""

from __future__ import annotations

from ..yang.data import Container
from ..yang.schema import Schema


def validate(schema: Schema, before: Container, after: Container) -> None:
    """yang.validate.validate()."""
    from ..yang import validate as validation

    validation.validate(schema, before, after)
