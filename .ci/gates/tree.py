"""The collection as Galaxy gets it: a tarball, installed into trees that the gates look at."""

from __future__ import annotations

import shutil
from pathlib import Path

from lanes import Log

CHECKOUT = Path(__file__).resolve().parents[2]
NAME = Path("ansible_collections", "mcast", "smcroute")
TESTS = ("tests/unit/plugins", "tests/unit/requirements.txt", "tests/integration/targets")
"""What ansible-test runs.  The tarball has no tests."""


class Trees:
    """Trees below one scratch directory.

    tools: the bin directory of the environment that has ansible-galaxy.
    """

    def __init__(self, scratch: Path, tools: Path) -> None:
        self.scratch = scratch
        self.tools = tools
        self.source = scratch / "source"
        self.installed = scratch / "installed"
        self.tarball = Path()

    def build(self, log: Log) -> None:
        """Build the tarball of what git knows, and install it."""
        self.source.mkdir()
        # The clone may belong to another user than the one who checks it.
        files = "git -c safe.directory='*' ls-files -z --cached --others --exclude-standard"
        log.run(["sh", "-c", f'{files} | xargs -0 cp --parents -t "$0"', self.source], cwd=CHECKOUT)
        galaxy: list[str | Path] = [self.tools / "ansible-galaxy", "collection"]
        log.run([*galaxy, "build", "--output-path", self.scratch, self.source])
        (self.tarball,) = self.scratch.glob("mcast-smcroute-*.tar.gz")
        install: list[str | Path] = ["install", "--offline", "--no-deps", "-p", self.installed]
        log.run([*galaxy, *install, self.tarball])

    def copy(self, name: str, log: Log) -> Path:
        """The installed collection with the tests of its plugins, in a tree of its own.

        Returns the collection's directory.  It is a git repository, for the tools look at what
        git knows.
        """
        root = self.scratch / name / NAME
        shutil.copytree(self.installed / NAME, root)
        for part in TESTS:
            source, target = CHECKOUT / part, root / part
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(source, target, ignore=ignored)
            else:
                shutil.copy(source, target)
        log.run(["git", "init", "-q"], cwd=root)
        log.run(["git", "add", "-A"], cwd=root)
        return root
