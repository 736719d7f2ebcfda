"""python -m smcroute_agent.agent: the unprivileged process, started by smcrouted only."""

import sys

# asyncio imports ssl where Python has it: 4 ms and 3 MB, for what nobody here speaks.
sys.modules["ssl"] = None  # type: ignore[assignment]
import asyncio  # noqa: E402, F401

del sys.modules["ssl"]

from .process import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
