"""One record is one line, whoever's words are in it."""

import logging
from collections.abc import Iterator

import pytest

from smcroute_agent import log


@pytest.fixture(autouse=True)
def root() -> Iterator[None]:
    """The root logger is given back as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    kept = logging._srcfile, logging.logThreads, logging.logProcesses, logging.logMultiprocessing
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    (logging._srcfile, logging.logThreads, logging.logProcesses, logging.logMultiprocessing) = kept


def test_nobody_forges_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    log.setup("info", "smcrouted", syslog=False)
    logging.getLogger("agent").error("%s", "a\nsmcrouted: b\r\x1b[2J\x85\u2028é")
    assert capsys.readouterr().err == "agent: a\\nsmcrouted: b\\r\\x1b[2J\\x85\\u2028é\n"


def test_a_traceback_keeps_its_lines(capsys: pytest.CaptureFixture[str]) -> None:
    log.setup("info", "smcrouted", syslog=False)
    try:
        raise ValueError("x")
    except ValueError:
        logging.getLogger("agent").exception("failed")
    first, *more = capsys.readouterr().err.splitlines()
    assert first == "agent: failed"
    assert more[-1] == "ValueError: x"
