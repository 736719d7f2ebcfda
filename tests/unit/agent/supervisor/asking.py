"""What the agent asks the supervisor for, in the tests."""

import os
from pathlib import Path
from typing import Any

from smcroute_agent.channel import Channel, channel_pair, memory_file
from smcroute_agent.supervisor.startup_files import StartupFiles


def ask(main: Path, message: Any, content: bytes | None = None) -> tuple[Any, tuple[int, ...]]:
    return Asking(main)(message, content)


class Asking:
    """What the agent asks for on one channel."""

    def __init__(self, main: Path) -> None:
        self.files = StartupFiles(main, os.getgid(), main.parent / "lib" / "state")

    def __call__(self, message: Any, content: bytes | None = None) -> tuple[Any, tuple[int, ...]]:
        ours, theirs = channel_pair()
        descriptors = () if content is None else (memory_file("content", content),)
        try:
            self.files.serve(theirs, message, descriptors)
            received = ours.receive()
            assert received is not None
            return received
        finally:
            for end in (ours, theirs):
                Channel.close(end)
            for descriptor in descriptors:
                os.close(descriptor)

    def replace(self, path: Path | str, content: bytes) -> Any:
        """The answer that tells whether it was done."""
        answer = self({"do": "stage", "path": str(path)}, content)[0]
        return answer if answer != {"ok": True} else self({"do": "commit"})[0]


def replace(main: Path, path: Path | str, content: bytes) -> Any:
    return Asking(main).replace(path, content)


def write(directory: Path, *names: str, size: int = 10) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for name in names:
        (directory / name).write_bytes(b"x" * size)
