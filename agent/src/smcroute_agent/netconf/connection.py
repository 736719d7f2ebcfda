"""What a session needs of the connection that carries it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Transport(Protocol):
    """A connection whose user is known; transports/ has one for each kind."""

    host: str | None
    """The peer's IP address; None where it has none."""

    identity: str
    """The kind of connection: an identity derived from `transport` of
    ietf-netconf-monitoring."""

    def write(self, pieces: Sequence[bytes | memoryview]) -> None:
        """Send octets; never blocks."""

    async def drain(self) -> None:
        """Wait until the peer has taken most of it.

        Raises ConnectionError when it is gone, or takes nothing for too long.
        """

    def pause_reading(self) -> None:
        """Deliver no more octets for now."""

    def resume_reading(self) -> None:
        """Deliver octets again."""

    def close(self) -> None:
        """Send what was written, then close."""

    async def wait_closed(self) -> None:
        """Wait until nothing of the connection is left."""
