"""How a disagreement with an oracle is described: what shows it, and why the RFC is on our side."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from .models import MODELS, OPERATIONS
from .verdict import Compared, reread


class Difference(NamedTuple):
    """A known disagreement on whether a document is valid.

    models: names, none for all. theirs: what the oracle says against the document (a regular
    expression that the message contains), "" where it accepts. ours: what we say, as
    "tag app-tag schema-path", "" where we accept. witness: a document that shows it; in the
    first of the models. why: sections are of RFC 7950 unless another is named. where: what the
    document has to be like besides.
    """

    oracle: str
    models: tuple[str, ...]
    theirs: str
    ours: str
    witness: str
    why: str
    where: Callable[[Compared], bool] = lambda compared: True

    def explains(self, compared: Compared) -> bool:
        """Whether a disagreement is this one."""
        return (
            self.oracle == compared.oracle
            and (not self.models or compared.model in self.models)
            and _fits(self.theirs, "" if compared.theirs.accepted else compared.theirs.message)
            and _fits(self.ours, compared.said())
            and self.where(compared)
        )


class OtherData(NamedTuple):
    """A known disagreement on the data, defaults included, of a document that both accept.

    paths: a regular expression for the schema paths of the leaves that differ.
    """

    oracle: str
    model: str
    paths: str
    witness: str
    why: str

    def explains(self, compared: Compared, paths: Iterable[str]) -> bool:
        """Whether a disagreement is this one."""
        return (
            self.oracle == compared.oracle
            and self.model == compared.model
            and all(re.fullmatch(self.paths, path) for path in paths)
        )


def _fits(pattern: str, said: str) -> bool:
    return bool(said) == bool(pattern) and re.search(pattern, said) is not None


def hollow_twice(compared: Compared) -> bool:
    """Whether what we say stands twice is a container, and one of the two has nothing in it."""
    error = compared.ours.error
    (name,) = (value for kind, value in error.info if kind == "bad-element") if error else ("",)
    schema = next(item.schema for item in (*MODELS, OPERATIONS) if item.name == compared.model)
    tops = (schema.root, *schema.rpcs.values(), *schema.notifications.values())
    nodes = [node for top in tops for node in top.descendants() if node.qname == name]
    return all(node.kind == "container" for node in nodes) and any(
        len(above.findall(name)) > 1 and any(len(item) == 0 for item in above.findall(name))
        for above in reread(compared.xml).iter()
    )


def beyond_ascii(name: str) -> Callable[[Compared], bool]:
    """Whether some leaf of a name has characters of several octets."""

    def where(compared: Compared) -> bool:
        leaves = reread(compared.xml).iter(f"{{*}}{name}")
        return any(not (leaf.text or "").isascii() for leaf in leaves)

    return where
