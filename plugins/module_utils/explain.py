# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a router refused, as sentences that name the entry of config that caused it."""

from __future__ import annotations

import re

from ansible_collections.mcast.smcroute.plugins.module_utils.entries import Config
from ansible_collections.mcast.smcroute.plugins.module_utils.errors import (
    Refused,
    RpcError,
    SmcrouteError,
)
from ansible_collections.mcast.smcroute.plugins.module_utils.kinds import Key, Kind

_CHANGED_MEANWHILE = (
    "the router's configuration changed after this task had read it, nothing was done; "
    "run the task again"
)
_LOCKED = "another NETCONF session holds a lock; run the task again when it is released"

_REMEDIES = {
    "data-exists": _CHANGED_MEANWHILE,
    "data-missing": _CHANGED_MEANWHILE,
    "lock-denied": _LOCKED,
    "in-use": _LOCKED,
    "access-denied": "connect as a user who may do that",
}
"""By error-tag (RFC 6241, appendix A): what to do where the router's words do not say."""

_STEP = re.compile(r"/(?:[\w.-]+:)?([\w.-]+)((?:\[[^]\"']*(?:\"[^\"]*\"|'[^']*')[^]]*])*)")
_PREDICATE = re.compile(r"\[\s*(?:[\w.-]+:)?([\w.-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')\s*]")


def explain(kind: Kind | None, wanted: Config | None, refused: Refused) -> SmcrouteError:
    """The error for a user: a sentence for each rpc-error of a refused operation.

    kind: the kind of entries that it was about, None when of no kind in particular.
    """
    sentences = [
        _sentence(kind, wanted or {}, refused.operation, error) for error in refused.errors
    ]
    remedies = dict.fromkeys(
        _REMEDIES[error.tag] for error in refused.errors if error.tag in _REMEDIES
    )
    return SmcrouteError(". ".join(dict.fromkeys(sentences)), "; ".join(remedies) or None)


def _sentence(kind: Kind | None, wanted: Config, operation: str, error: RpcError) -> str:
    said = (error.message or error.app_tag or error.tag).rstrip(". ")
    if error.path is None:
        return f"the router refused {operation}: {said}"
    key, leaf = locate(kind, error.path) if kind else (None, None)
    if kind is None or key is None:
        return f"the router refused {operation} at {error.path}: {said}"
    option = next((f".{option.name}" for option in kind.options if option.leaf == leaf), "")
    if key in wanted:
        return f"config[{wanted[key].position}]{option} ({kind.describe(key)}): {said}"
    return f"the {kind.noun} of {kind.describe(key)}: {said}"


def locate(kind: Kind, path: str) -> tuple[Key | None, str | None]:
    """The entry that an error-path (an instance-identifier) names, and the leaf below it.

    The prefixes are of no interest, for all nodes are those of one module.
    """
    steps = _STEP.findall(path)
    for position, (name, predicates) in enumerate(steps):
        if name != kind.list_name:
            continue
        found = {leaf: double or single for leaf, double, single in _PREDICATE.findall(predicates)}
        try:
            key = tuple(option.check(found[option.leaf]) for option in kind.keys)
        except (KeyError, ValueError):
            return None, None
        return key, steps[position + 1][0] if position + 1 < len(steps) else None
    return None, None
