"""A main file of the test's."""

from pathlib import Path

import pytest


@pytest.fixture
def main(tmp_path: Path) -> Path:
    path = tmp_path / "smcroute.conf"
    path.write_text("# mine\n")
    return path
