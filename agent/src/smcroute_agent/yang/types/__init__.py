"""The types of YANG 1.1 (RFC 7950, section 9): text to canonical text.

Every value of a data tree is its canonical string.  A value whose text depends on
namespace declarations (identityref, instance-identifier) is held with module names for
prefixes, as in RFC 7951, "ietf-system:radius".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .base import WHITESPACE, Resolve, Type, quoted
from .numeric import INTEGERS, Decimal64, Integer
from .references import (
    NODE_INSTANCE,
    IdentityRef,
    InstanceIdentifier,
    LeafRef,
    NodeInstanceIdentifier,
)
from .text import Binary, String
from .union import Union, actual
from .words import Bits, Boolean, Empty, Enumeration

__all__ = [
    "INTEGERS",
    "NODE_INSTANCE",
    "SIMPLE",
    "WHITESPACE",
    "Binary",
    "Bits",
    "Boolean",
    "Decimal64",
    "Empty",
    "Enumeration",
    "IdentityRef",
    "InstanceIdentifier",
    "Integer",
    "LeafRef",
    "NodeInstanceIdentifier",
    "Resolve",
    "String",
    "Type",
    "Union",
    "actual",
    "quoted",
]

SIMPLE: dict[str, Callable[[Mapping[str, Any]], Type]] = {
    "decimal64": Decimal64,
    "string": String,
    "binary": Binary,
    "boolean": Boolean,
    "enumeration": Enumeration,
    "bits": Bits,
    "empty": Empty,
}
"""The built-in types that need nothing but their own specification."""
