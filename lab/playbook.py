"""Running ansible-playbook against a router of the lab."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sysconfig
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from .host import Host

CHECKOUT = Path(__file__).resolve().parent.parent
SCRIPTS = Path(sysconfig.get_path("scripts"))
INSTALLED = os.environ.get("MCAST_COLLECTIONS")
"""A tree that has the collection installed, to be used in the place of the checkout."""

COLLECTIONS = Path(INSTALLED) if INSTALLED else SCRIPTS.parent / "collections"
COLLECTION = COLLECTIONS / "ansible_collections" / "mcast" / "smcroute"
PLAYBOOKS = COLLECTION / "playbooks" if INSTALLED else CHECKOUT / "playbooks"
ROUTER = "router"

_RECAP = re.compile(r"^(\S+)\s*:\s*((?:\w+=\d+\s*)+)$", re.MULTILINE)


class PlaybookFailed(AssertionError):
    """ansible-playbook failed, or said nothing that can be understood; with its output."""


class Recap(NamedTuple):
    """The line of one host at the end of ansible-playbook's output."""

    ok: int
    changed: int
    failed: int
    unreachable: int


def link_collection() -> None:
    """Make the checkout visible to Ansible as the collection mcast.smcroute."""
    if INSTALLED:
        return
    link = COLLECTION
    link.parent.mkdir(parents=True, exist_ok=True)
    if link.is_symlink() and link.resolve() == CHECKOUT:
        return
    link.unlink(missing_ok=True)
    link.symlink_to(CHECKOUT, target_is_directory=True)


def environment(directory: Path) -> dict[str, str]:
    """Ansible's settings for a run that depends on nothing of the person's own."""
    configuration = directory / "ansible.cfg"
    configuration.touch()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    return {
        **kept,
        "PATH": f"{SCRIPTS}:{os.environ.get('PATH', '')}",
        "ANSIBLE_CONFIG": str(configuration),
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_HOME": str(directory / "ansible"),
        "ANSIBLE_LOCAL_TEMP": str(directory / "ansible" / "tmp"),
        "ANSIBLE_REMOTE_TEMP": str(directory / "ansible" / "tmp"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_NOCOWS": "1",
        "ANSIBLE_DEPRECATION_WARNINGS": "0",
        "ANSIBLE_RETRY_FILES_ENABLED": "0",
        "LC_ALL": "C.UTF-8",
    }


def write_inventory(
    directory: Path, name: str, connection_options: Mapping[str, str | int]
) -> Path:
    """An inventory of one host `router`, whose modules run on this machine.

    connection_options: of the collection's modules; they become the variables smcroute_NAME
    that playbooks/ hands to the modules.
    """
    variables: dict[str, str | int] = {
        "ansible_connection": "local",
        "ansible_python_interpreter": str(SCRIPTS / "python"),
        **{f"smcroute_{option}": value for option, value in connection_options.items()},
    }
    path = directory / f"{name}.json"
    path.write_text(json.dumps({"all": {"hosts": {ROUTER: variables}}}))
    return path


def run_playbook(
    playbook: Path,
    inventory: Path,
    directory: Path,
    *options: str,
    timeout: float = 300,
    host: Host | None = None,
    settings: Mapping[str, str] = MappingProxyType({}),
) -> Recap:
    """Run a playbook for the host `router`; returns its recap.

    directory: where Ansible keeps its temporary files.
    host: where in the lab it runs; outside of it unless given.
    settings: further environment variables of Ansible.
    Raises PlaybookFailed when it fails, the router is not reached, or the recap is missing.
    """
    return run_for_all(
        playbook,
        inventory,
        directory,
        *options,
        hosts=(ROUTER,),
        timeout=timeout,
        host=host,
        settings=settings,
    )[ROUTER]


def run_for_all(
    playbook: Path,
    inventory: Path,
    directory: Path,
    *options: str,
    hosts: Iterable[str],
    timeout: float = 120,
    host: Host | None = None,
    settings: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Recap]:
    """As run_playbook, for the hosts that are named; returns their recaps."""
    command = [
        str(SCRIPTS / "ansible-playbook"),
        "--inventory",
        str(inventory),
        *options,
        str(playbook),
    ]
    try:
        with host.entered() if host else contextlib.nullcontext():
            done = subprocess.run(
                command,
                env={**environment(directory), **settings},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=timeout,
                check=False,
            )
    except subprocess.TimeoutExpired as expired:
        output = (expired.stdout or b"").decode(errors="replace")
        raise PlaybookFailed(f"{playbook.name} took more than {timeout:g} s:\n{output}") from None
    recaps = parse_recap(done.stdout)
    if done.returncode or not recaps.keys() >= set(hosts):
        raise PlaybookFailed(f"{playbook.name}: exit code {done.returncode}:\n{done.stdout}")
    return recaps


def parse_recap(output: str) -> dict[str, Recap]:
    """The hosts' lines after PLAY RECAP, by host; empty when there is none."""
    recaps = {}
    for host, counts in _RECAP.findall(output.rpartition("PLAY RECAP")[2]):
        numbers = dict(pair.split("=") for pair in counts.split())
        recaps[host] = Recap(*(int(numbers.get(field, 0)) for field in Recap._fields))
    return recaps
