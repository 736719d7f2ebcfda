"""The gates, by lane."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from lanes import Gate, Log
from surroundings import environment
from tree import CHECKOUT, Trees

FIRST = "2.19"
"""The oldest ansible-core that the collection supports, and the one of .venv-tools."""
NEWEST = "2.21"
NEWER_PYTHONS = {"3.12": ("unix",), "3.13": ("ssh",)}
"""On which versions of Python the newest ansible-core is tried, and over which transports."""

UNCHECKED = ("agent",)
"""What ansible-test sanity leaves alone: the agent is no plugin, make lint checks it."""

LINT = ("ansible-lint", "--offline", "--nocolor", "--profile", "production")
LINT_DOCS = (
    *("antsibull-docs", "lint-collection-docs", "--plugin-docs", "--check-extra-docs-refs"),
    *("--validate-collection-refs", "all", "."),
)


def make(venv: str) -> Gate:
    """An environment, as the Makefile has it."""

    def check(log: Log) -> None:
        log.run(["make", "--no-print-directory", f"{venv}/.done"], cwd=CHECKOUT)

    return Gate(f"make {venv}", check, needed=True)


def in_tree(trees: Trees, venv: str, name: str, *commands: Sequence[str]) -> Gate:
    """Commands of a venv, in a tree of their own."""

    def check(log: Log) -> None:
        root = trees.copy(name, log)
        env = environment(CHECKOUT / venv, root.parents[2])
        for command in commands:
            log.run(command, cwd=root, env=env)

    return Gate(name, check)


def ansible_test(
    trees: Trees, venv: str, core: str, python: str, over: Sequence[str]
) -> list[Gate]:
    """sanity, units and integration with one ansible-core on one Python."""
    which = f"{core} on {python}"
    options = ["--python", python, "--color", "no"]
    excluded = [word for path in UNCHECKED for word in ("--exclude", f"{path}/")]
    return [
        in_tree(trees, venv, f"sanity {which}", ["ansible-test", "sanity", *options, *excluded]),
        in_tree(trees, venv, f"units {which}", ["ansible-test", "units", *options]),
        *(integration(trees, venv, f"integration {which} {way}", options, way) for way in over),
    ]


def integration(trees: Trees, venv: str, name: str, options: Sequence[str], transport: str) -> Gate:
    """The targets against a real agent in the lab."""

    def check(log: Log) -> None:
        root = trees.copy(name, log)
        around: list[str | Path] = [CHECKOUT / ".venv/bin/python", "-m", "lab.around", transport]
        config = root / "tests/integration/integration_config.yml"
        env = environment(CHECKOUT / venv, root.parents[2])
        command: list[str | Path] = [
            "env",
            "-C",
            root,
            "ansible-test",
            "integration",
            "--allow-unsupported",
        ]
        log.run([*around, config, *command, *options], cwd=CHECKOUT, env=env)

    return Gate(name, check)


def changelog(trees: Trees) -> Gate:
    """CHANGELOG.md is what antsibull-changelog writes.  It wants galaxy.yml, so a source tree."""

    def check(log: Log) -> None:
        env = environment(CHECKOUT / ".venv-tools", trees.scratch / "nothing")
        log.run(["antsibull-changelog", "lint"], cwd=trees.source, env=env)
        log.run(["antsibull-changelog", "generate"], cwd=trees.source, env=env)
        log.run(["diff", "-u", CHECKOUT / "CHANGELOG.md", "CHANGELOG.md"], cwd=trees.source)

    return Gate("changelog", check)


def importer(trees: Trees) -> Gate:
    """What Galaxy does with a tarball that is uploaded."""
    venv = CHECKOUT / ".venv-importer"

    def check(log: Log) -> None:
        env = environment(venv, trees.scratch / "nothing")
        log.run(["python", "-m", "galaxy_importer.main", trees.tarball], cwd=trees.scratch, env=env)

    return Gate("galaxy-importer", check)


def execution_environment(trees: Trees) -> Gate:
    """What a container build is given.  The build itself wants a registry of images."""
    venv = CHECKOUT / ".venv-importer"

    def check(log: Log) -> None:
        work = trees.scratch / "execution environment"
        work.mkdir()
        shutil.copy(CHECKOUT / "execution-environment.yml", work)
        shutil.copy(trees.tarball, work)
        env = environment(venv, trees.installed)
        log.run(["ansible-builder", "create", "--context", "context"], cwd=work, env=env)
        # A file that the definition names and that is not there is no error to ansible-builder.
        log.run(["test", "-f", f"context/_build/{trees.tarball.name}"], cwd=work)
        wanted: list[str | Path] = [
            "introspect",
            "--sanitize",
            "--write-pip",
            "pip.txt",
            trees.installed,
        ]
        log.run(["ansible-builder", *wanted], cwd=work, env=env)
        log.run(["grep", "^ncclient", "pip.txt"], cwd=work)
        image(work, log, env)

    return Gate("execution-environment", check)


def image(work: Path, log: Log, env: Mapping[str, str]) -> None:
    """What the stages of the container build install, in a venv where the image would be."""
    installs = re.search('ANSIBLE_INSTALL_REFS="(.*)"', (work / "context/Dockerfile").read_text())
    assert installs is not None
    galaxy = ["ansible-galaxy", "collection", "install"]
    collections: list[str | Path] = ["-r", "requirements.yml", "-p", work / "collections"]
    inside = {**env, "ANSIBLE_COLLECTIONS_PATH": str(work / "collections")}
    log.run([*galaxy, *collections], cwd=work / "context/_build", env=inside)
    log.run(["python", "-m", "venv", "image"], cwd=work, env=env)
    pip = ["image/bin/pip", "install", "--quiet", "--disable-pip-version-check", "-r", "pip.txt"]
    log.run([*pip, *installs[1].split()], cwd=work, env=env)
    module = ["-m", "mcast.smcroute.smcroute_route", "-a", "state=gathered socket=/nonexistent"]
    asked = ["image/bin/ansible", "localhost", "--connection=local", *module]
    # It comes as far as the agent that is not there.
    log.run(["sh", "-c", '"$@" | grep "no NETCONF socket"', "sh", *asked], cwd=work, env=inside)


def demo(trees: Trees) -> Gate:
    """The demo, whose playbooks use the installed collection."""

    def check(log: Log) -> None:
        env = {**os.environ, "MCAST_COLLECTIONS": str(trees.installed)}
        log.run([CHECKOUT / ".venv/bin/python", "-m", "lab.demo"], cwd=CHECKOUT, env=env)

    return Gate("demo", check)


def lanes(trees: Trees) -> list[list[Gate]]:
    """All gates.  One lane for each home of ansible-test, for two cannot use one at a time."""
    tools = ".venv-tools"
    table = [
        ansible_test(trees, tools, FIRST, "3.11", ("unix", "ssh")),
        [
            changelog(trees),
            in_tree(trees, tools, "docs", LINT_DOCS, ["docs/build"]),
            in_tree(trees, tools, "ansible-lint", LINT),
            demo(trees),
            make(".venv-importer"),
            importer(trees),
            execution_environment(trees),
        ],
    ]
    for python, over in NEWER_PYTHONS.items():
        if has_python(python):
            venv = f".venv-core-{python}"
            gates = ansible_test(trees, venv, NEWEST, python, over)
            table.append([make(venv), *gates])
        else:
            print(f"no python{python} here: ansible-core {NEWEST} is not tried with it")
    return table


def has_python(version: str) -> bool:
    finder = Path(CHECKOUT, ".ci", "find-python")
    done = subprocess.run([finder, version], stdout=subprocess.DEVNULL, check=False)
    return done.returncode == 0
