"""Tests of the Makefile: what it says where the machine lacks what it needs."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def checkout(tmp_path):
    """As much of a fresh clone as `make venv` looks at."""
    (tmp_path / "agent").mkdir()
    for name in ("Makefile", "requirements-dev.txt", "agent/pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("says", ["import ensurepip: no such module", "version 3.10", None])
def test_a_python_that_does_not_do(checkout, says):
    python = checkout / "python"
    if says:
        python.write_text(f"#!/bin/sh\necho '{says}' >&2\nexit 1\n")
        python.chmod(0o755)
    done = subprocess.run(
        ["make", "venv", f"PYTHON={python}"],
        cwd=checkout,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert f"make: {python} is no Python from 3.11 on" in done.stderr
    assert "apt-get install python3.11-venv" in done.stderr
    assert not (checkout / ".venv").exists()
