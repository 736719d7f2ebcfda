"""What an agent leaves to the one that takes its place: the contents of memory files.

smcrouted holds the files, so that they outlive an agent that is killed.  They are gone with
the daemon and with the machine: then running is what startup says, and nothing is left to undo.
The contents pass as descriptors and are never looked at here.
"""

from __future__ import annotations

import os

from ..channel import Channel, Message
from ..replacing import MAX_SIZE


class Handover:
    """Answers the requests keep (with a descriptor), kept and forget, each of a name."""

    REQUESTS = ("keep", "kept", "forget")

    NAMES = ("pending-commit", "running")
    """What may be kept: a confirmed commit; what running holds of modules that the engine
    knows nothing of."""

    def __init__(self) -> None:
        self._kept: dict[str, int] = {}

    def serve(self, channel: Channel, message: Message, descriptors: tuple[int, ...]) -> None:
        """Answer one request; the descriptors stay the caller's.

        Raises ChannelClosed and ChannelFull when the agent does not take the answer.
        """
        request, name = message.get("do"), message.get("name")
        if name not in self.NAMES:
            channel.send({"error": "nothing of that name is kept", "path": None, "remedy": None})
            return
        if request == "kept":
            kept = (self._kept[name],) if name in self._kept else ()
            channel.send({"ok": True}, kept)
            return
        if request == "keep":
            problem = self._problem(descriptors)
            if problem is not None:
                channel.send({"error": problem, "path": None, "remedy": "make a smaller change"})
                return
            self._replace(name, os.dup(descriptors[0]))
        else:
            self._replace(name, None)
        channel.send({"ok": True})

    def _replace(self, name: str, descriptor: int | None) -> None:
        if name in self._kept:
            os.close(self._kept.pop(name))
        if descriptor is not None:
            self._kept[name] = descriptor

    @staticmethod
    def _problem(descriptors: tuple[int, ...]) -> str | None:
        if len(descriptors) != 1:
            return "nothing to keep"
        if os.fstat(descriptors[0]).st_size > MAX_SIZE:
            return f"more than {MAX_SIZE} octets cannot be kept"
        return None
