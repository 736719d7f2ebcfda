# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one exception base of the collection; task.py alone turns it into fail_json."""

from __future__ import annotations

from typing import NamedTuple


class RpcError(NamedTuple):
    """One rpc-error of a reply (RFC 6241, section 4.3); None where the server said nothing."""

    tag: str
    severity: str = "error"
    app_tag: str | None = None
    path: str | None = None
    message: str | None = None


class SmcrouteError(Exception):
    """Something that the writer of a playbook has to know about and can act on.

    message: what is wrong and where; remedy: what to do about it.  Both are one sentence
    without a final full stop.
    """

    def __init__(self, message: str, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return "; ".join(filter(None, (self.message, self.remedy)))


class OptionError(SmcrouteError):
    """An option of the task is wrong; found before the router is asked anything."""


class MissingLibrary(SmcrouteError):
    """The Python that runs the module lacks a library."""


class Unreachable(SmcrouteError):
    """There is no NETCONF session, or it broke."""


class UnknownData(SmcrouteError):
    """The router's configuration holds what this collection does not know."""


class Refused(SmcrouteError):
    """The router answered with rpc-errors, and nothing of the change remains."""

    def __init__(self, operation: str, errors: tuple[RpcError, ...]) -> None:
        super().__init__(f"the router refused {operation}: {errors[0].message or errors[0].tag}")
        self.operation = operation
        self.errors = errors
