"""Taking what the children say: whatever it is, it does not end smcrouted."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable

from ..channel import ChannelClosed, Message
from ..errors import Error
from .child import Child
from .failure import StartFailed
from .watch import React, Watch

MAX_LAST_WORDS = 1000
"""Messages of an ended child that are still heard."""

Said = Callable[[Message, tuple[int, ...]], None]
"""Takes what a child said, and the descriptors beside it, which are closed afterwards."""

_log = logging.getLogger(__name__)


def hear(child: Child, watch: Watch, said: Said, ended: React) -> None:
    """Take all that a child says on its control channel until it ends; then call `ended`."""
    control = child.control
    assert control is not None
    assert child.pidfd is not None

    def heard() -> None:
        try:
            received = control.receive()
        except ChannelClosed:
            watch.remove(control)
            return
        except ValueError as error:
            _log.error("the %s sent %s; it is killed", child.name, error)
            child.kill()
            return
        if received is not None:
            take(child, said, *received)

    def over() -> None:
        _hear_last_words(child, said)
        watch.remove(control)
        watch.remove(child.pidfd)
        ended()

    watch.add(control, heard)
    watch.add(child.pidfd, over)


def take(child: Child, said: Said, message: Message, descriptors: tuple[int, ...]) -> None:
    """Have a message taken; a child that talks nonsense is none of ours any more."""
    try:
        said(message, descriptors)
    except (StartFailed, Error):
        raise
    except Exception as error:  # whatever taking it apart raises, or what it asks for
        why = f"{type(error).__name__}: {error}"
        _log.error("a message of the %s is not taken (%s); it is killed", child.name, why)
        child.kill()
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def _hear_last_words(child: Child, said: Said) -> None:
    """What an ended child had still to say: why it ended, first of all.

    What it has started may hold its end of the channel, and go on talking.
    """
    assert child.control is not None
    for _ in range(MAX_LAST_WORDS):
        try:
            received = child.control.receive()
        except (ChannelClosed, ValueError, OSError):
            return
        if received is None:
            return
        take(child, said, *received)
