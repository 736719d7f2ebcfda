"""The one exception base of the agent's side.

An error says what is wrong, where, and what to do.  It is translated in one place
each: into an rpc-error by netconf/rpc_error.py, into the reply of the smcroutectl
socket by compat/server.py, into an exit code by daemon.py.
"""

from __future__ import annotations

from collections.abc import Sequence


class Error(Exception):
    """Something that a person has to know about and can act on.

    message: what is wrong, one sentence without a final full stop.
    path: where: an instance-identifier ("/smc:smcroute/smc:mroute[...]") whose
        prefixes are those of the schema's modules, or "FILE:LINE".
    remedy: what to do about it, one sentence without a final full stop.
    error_type, tag, app_tag, info: the fields of RFC 6241, section 4.3; info is a
        sequence of (element, text), such as ("bad-element", "mroute"), where the text
        of bad-element and bad-attribute may be in Clark notation ("{namespace}name").
    """

    tag = "operation-failed"
    error_type = "application"

    def __init__(
        self,
        message: str,
        *,
        path: str | None = None,
        remedy: str | None = None,
        error_type: str | None = None,
        tag: str | None = None,
        app_tag: str | None = None,
        info: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.remedy = remedy
        self.error_type = error_type or type(self).error_type
        self.tag = tag or type(self).tag
        self.app_tag = app_tag
        self.info = info

    @property
    def kind(self) -> str:
        """The nearest class of this module: what one process tells another of an error's class."""
        return next(cls.__name__ for cls in type(self).__mro__ if cls.__module__ == __name__)

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        remedy = f"; {self.remedy}" if self.remedy else ""
        return f"{where}{self.message}{remedy}"


class Errors(Error):
    """Several at once, told one after the other; its own fields are those of the first."""

    def __init__(self, errors: Sequence[Error]) -> None:
        first = errors[0]
        super().__init__(
            first.message,
            path=first.path,
            remedy=first.remedy,
            error_type=first.error_type,
            tag=first.tag,
            app_tag=first.app_tag,
            info=first.info,
        )
        self.errors = tuple(errors)


class UsageError(Error):
    """The command line is wrong (exit code 64, EX_USAGE)."""

    tag = "invalid-value"


class ConfigError(Error):
    """A configuration file is wrong (exit code 78, EX_CONFIG); path is FILE:LINE."""

    tag = "invalid-value"


class DataError(Error):
    """Data does not fit the schema (RFC 7950, section 8.3); path names the node."""

    tag = "invalid-value"


class EngineError(Error):
    """The engine or the kernel refused a change; nothing of it remains."""


class ResourceError(EngineError):
    """The kernel has no more of what a change needs: VIFs, memberships, memory."""

    tag = "resource-denied"


class SystemProblem(Error):
    """The machine lacks what the daemon needs: privilege, a kernel option, a free port."""


class PrivilegeProblem(SystemProblem):
    """The daemon was started without a privilege that it needs."""
