"""create-subscription (RFC 5277, section 2.1.1)."""

from __future__ import annotations

import re
from datetime import datetime

from lxml import etree

from ...errors import Error
from ...yang.serialize import to_xml
from ..memory import IN_WORK
from ..names import NOTIFICATION
from ..notifications.event import Event, now
from ..notifications.stream import NAME
from ..notifications.subscription import Select
from ..reply import Reply
from . import filters, problems
from .request import Request, text

_DATE_AND_TIME = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6})\d*)?(Z|[+-]\d\d:\d\d)", re.ASCII
)


async def create_subscription(request: Request) -> Reply:
    """Send notifications to this session from its <ok/> on."""
    parameters = request.parameters(optional=("stream", "filter", "startTime", "stopTime"))
    if "stream" in parameters and text(parameters["stream"]) != NAME:
        raise problems.invalid(
            parameters["stream"],
            f"there is no stream {text(parameters['stream'])!r}",
            f"the stream {NAME} carries all notifications",
        )
    start, stop = (
        _time(parameters[name]) if name in parameters else None
        for name in ("startTime", "stopTime")
    )
    if stop is not None and start is None:
        raise problems.missing(
            request.element, f"{{{NOTIFICATION}}}startTime", "a stopTime needs a startTime"
        )
    if start is not None and start > now():
        raise _bad_time(parameters["startTime"], "startTime is in the future")
    if start is not None and stop is not None and stop < start:
        raise _bad_time(parameters["stopTime"], "stopTime is earlier than startTime")
    element = parameters.get("filter")
    # A filter keeps the message that it came in.
    kept = request.session.share.part(IN_WORK) if element is not None else 0
    subscription = request.services.subscriptions.prepare(
        request.session, _selection(request, element), start=start, stop=stop, kept=kept
    )
    return Reply(then=subscription.begin)


def _selection(request: Request, element: etree._Element | None) -> Select:
    """What of an event the subscriber gets: all of it or, with a filter, what that selects."""
    wanted = filters.parameter(request.services.schema, element)
    guard, subject = request.services.guard, request.session.subject

    def select(event: Event) -> bytes | None:
        if not guard.may_hear(subject, event.node):
            return None
        seen = event.seen_by(lambda node, keys: guard.may_see(subject, node, keys))
        if seen is None:
            return None
        if element is None:
            return seen.content
        tree = wanted.select_quickly(seen.tree)
        return to_xml(tree) if tree.children else None

    return select


def _time(element: etree._Element) -> datetime:
    """A date and time with its zone (RFC 3339)."""
    value = text(element)
    match = _DATE_AND_TIME.fullmatch(value)
    try:
        if match is None:
            raise ValueError
        seconds, fraction, zone = match.groups()
        zone = "+00:00" if zone == "Z" else zone
        return datetime.fromisoformat(f"{seconds}.{(fraction or '0').ljust(6, '0')}{zone}")
    except (ValueError, OverflowError):
        raise _bad_time(
            element, f"{value!r} is no date and time with its zone, as in 2026-11-22T10:00:00Z"
        ) from None


def _bad_time(element: etree._Element, message: str) -> Error:
    """RFC 5277, section 2.1.1, names the tag."""
    error = problems.invalid(element, message)
    error.tag = "bad-element"
    return error
