"""What the agent imports and reads when it needs it, unless it might not be allowed to then.

It gives up its rights when it starts, and Python may lie where only root may look, as a pyenv of
root does.
"""

from __future__ import annotations

import functools
import importlib
import os
import stat
from importlib.machinery import PathFinder

from ..yang import source

MODULES = (
    "concurrent.futures.thread",  # asyncio.to_thread
    "encodings.unicode_escape",  # str.encode
    "hashlib",  # netconf/library.py
    "hmac",  # accounts/crypt_hash.py
    "secrets",
    "smcroute_agent.netconf.service",  # netconf/server.py
    "smcroute_agent.yang.json_input",
)


def prepare() -> None:
    """Import and read now what is not everybody's to read; to be called with all rights."""
    if not all(map(everybody_may_read, _samples())):
        for name in MODULES:
            importlib.import_module(name)
    if not all(map(everybody_may_read, source.installed_files())):
        source.preload()


def _samples() -> list[str]:
    """A file of Python, one of ours, one of lxml."""
    lxml = PathFinder.find_spec("lxml")
    return [os.__file__, __file__] + ([lxml.origin] if lxml and lxml.origin else [])


def everybody_may_read(path: str) -> bool:
    """Whether any user may read a file, as far as modes tell: its own, and those of all that is
    above it, also where links on the way lead.  The path is absolute."""
    try:
        return bool(os.stat(path).st_mode & stat.S_IROTH) and all(
            map(
                _everybody_may_enter,
                {os.path.dirname(path), os.path.dirname(os.path.realpath(path))},
            )
        )
    except OSError:
        return False


@functools.cache
def _everybody_may_enter(directory: str) -> bool:
    above = os.path.dirname(directory)
    return bool(os.stat(directory).st_mode & stat.S_IXOTH) and (
        above == directory or _everybody_may_enter(above)
    )
