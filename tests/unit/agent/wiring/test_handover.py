"""What one agent leaves to the next, with smcrouted's side of the channel behind."""

import asyncio
import gc
import os
import threading
from collections.abc import Iterator

import pytest

from smcroute_agent.agent.files import SupervisedFiles
from smcroute_agent.agent.handover import Handover
from smcroute_agent.channel import Channel, ChannelClosed, channel_pair
from smcroute_agent.errors import SystemProblem
from smcroute_agent.supervisor import handover as supervisor_handover


class Smcrouted:
    """The keeper, and a channel to it for each agent."""

    def __init__(self) -> None:
        self.keeper = supervisor_handover.Handover()
        self._threads: list[threading.Thread] = []
        self._channels: list[Channel] = []

    def agent(self) -> Handover:
        ours, theirs = channel_pair()
        thread = threading.Thread(target=self._serve, args=(theirs,))
        thread.start()
        self._threads.append(thread)
        self._channels.append(ours)
        return Handover(SupervisedFiles(ours))

    def _serve(self, channel: Channel) -> None:
        try:
            while (received := channel.receive()) is not None:
                self.keeper.serve(channel, *received)
                for descriptor in received[1]:
                    os.close(descriptor)
        except ChannelClosed:
            channel.close()

    def close(self) -> None:
        for channel in self._channels:
            channel.close()
        for thread in self._threads:
            thread.join(5)


@pytest.fixture
def smcrouted() -> Iterator[Smcrouted]:
    one = Smcrouted()
    yield one
    one.close()


def descriptors() -> int:
    gc.collect()  # what other tests have left may go at any time
    return len(os.listdir("/proc/self/fd"))


def test_the_next_agent_finds_what_was_kept_last(smcrouted: Smcrouted) -> None:
    async def main() -> None:
        first = smcrouted.agent()
        assert await first.load() is None
        await first.save(b"one")
        await first.save(b"two" * 100_000)
        second = smcrouted.agent()
        for _ in range(2):
            assert await second.load() == b"two" * 100_000
        await second.clear()
        assert await first.load() is None
        await second.clear()

    asyncio.run(main())


def test_no_descriptor_is_left_behind(smcrouted: Smcrouted) -> None:
    async def main() -> None:
        agent = smcrouted.agent()
        await agent.save(b"one")
        before = descriptors()
        for _ in range(5):
            await agent.save(b"two")
            await agent.load()
        assert descriptors() == before
        await agent.clear()
        assert descriptors() == before - 1

    asyncio.run(main())


def test_what_is_too_large_is_refused_and_the_old_is_kept(
    smcrouted: Smcrouted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor_handover, "MAX_SIZE", 10)

    async def main() -> None:
        agent = smcrouted.agent()
        await agent.save(b"0123456789")
        with pytest.raises(SystemProblem, match="more than 10 octets"):
            await agent.save(b"0123456789a")
        assert await agent.load() == b"0123456789"

    asyncio.run(main())


def test_smcrouted_that_is_gone_is_an_error(smcrouted: Smcrouted) -> None:
    async def main() -> None:
        agent = smcrouted.agent()
        smcrouted._channels[0].close()
        with pytest.raises((SystemProblem, OSError)):
            await agent.save(b"one")

    asyncio.run(main())
