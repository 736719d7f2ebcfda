"""What an agent leaves to the one that takes its place: the contents of one memory file.

smcrouted holds the file, so that it outlives an agent that is killed.  It is gone with the
daemon and with the machine: then running is what startup says, and nothing is left to undo.
The contents pass as descriptors and are never looked at here.
"""

from __future__ import annotations

import os

from ..channel import Channel, Message
from .startup_files import MAX_SIZE


class Handover:
    """Answers the requests keep (with a descriptor), kept and forget."""

    REQUESTS = ("keep", "kept", "forget")

    def __init__(self) -> None:
        self._kept: int | None = None

    def serve(self, channel: Channel, message: Message, descriptors: tuple[int, ...]) -> None:
        """Answer one request; the descriptors stay the caller's.

        Raises ChannelClosed and ChannelFull when the agent does not take the answer.
        """
        request = message.get("do")
        if request == "kept":
            kept = () if self._kept is None else (self._kept,)
            channel.send({"ok": True}, kept)
            return
        if request == "keep":
            problem = self._problem(descriptors)
            if problem is not None:
                channel.send({"error": problem, "path": None, "remedy": "commit a smaller change"})
                return
            self._replace(os.dup(descriptors[0]))
        else:
            self._replace(None)
        channel.send({"ok": True})

    def _replace(self, descriptor: int | None) -> None:
        if self._kept is not None:
            os.close(self._kept)
        self._kept = descriptor

    @staticmethod
    def _problem(descriptors: tuple[int, ...]) -> str | None:
        if len(descriptors) != 1:
            return "nothing to keep"
        if os.fstat(descriptors[0]).st_size > MAX_SIZE:
            return f"more than {MAX_SIZE} octets cannot be kept"
        return None
