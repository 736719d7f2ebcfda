"""Tests of .ci/run, with a make that only says what it would do."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

RUN = Path(__file__).resolve().parents[3] / ".ci" / "run"
STUBS = {
    "dpkg-query": "#!/bin/sh\necho installed\n",
    "make": """\
#!/bin/sh
echo "made $1"
[ "$1" = test ] && echo "7 passed in 1.00s"
case " $BROKEN " in *" $1 "*) exit 2 ;; esac
exit 0
""",
}


@pytest.fixture
def run(tmp_path):
    for name, text in STUBS.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)

    def go(broken=""):
        path = f"{tmp_path}:{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path, "BROKEN": broken}
        done = subprocess.run(
            [RUN], env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        return done.returncode, done.stdout.splitlines()

    return go


def test_all_is_well(run):
    code, lines = run()
    assert code == 0
    assert [line for line in lines if line.startswith("made")] == [
        "made lint",
        "made test",
        "made collection-check",
    ]
    assert lines[-1] == "closing line: 7 passed in 1.00s"
    assert not any(line.startswith("failed") for line in lines)


@pytest.mark.parametrize("broken", ["lint", "test", "collection-check", "lint collection-check"])
def test_what_failed_is_named_and_the_rest_is_done(run, broken):
    code, lines = run(broken)
    assert code == 2
    assert lines[-2] == f"failed: {broken} (see above)"
    assert lines[-1] == "closing line: 7 passed in 1.00s"
    assert "made collection-check" in lines
