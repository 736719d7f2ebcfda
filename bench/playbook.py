"""A playbook over 10 000 routes: new, unchanged, and one of them changed."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable
from pathlib import Path

from lab import Daemon, Lab, peak
from lab.latency import groups
from lab.playbook import SCRIPTS, link_collection, run_playbook, write_inventory
from lab.relay import Relay
from lab.scratch import scratch_directory

from .benchmark import Benchmark, Progress, Row

ROUTES = 10_000
TARGET_NEW, TARGET_UNCHANGED = 4.0, 2.0
"""Seconds over an empty task."""

TARGET_PEAK = 150.0
"""MB of the module's process."""

PLAYBOOK = """\
- hosts: all
  gather_facts: false
  tasks:
    - mcast.smcroute.smcroute_route:
        state: overridden
        config: "{{ lookup('ansible.builtin.file', 'routes.json') | from_json }}"
        socket: "{{ smcroute_socket | default(omit) }}"
        host: "{{ smcroute_host | default(omit) }}"
        port: "{{ smcroute_port | default(omit) }}"
        username: "{{ smcroute_username | default(omit) }}"
        private_key_file: "{{ smcroute_private_key_file | default(omit) }}"
        known_hosts_file: "{{ smcroute_known_hosts_file | default(omit) }}"
        timeout: 120
"""
EMPTY = """\
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.ping:
"""

_EDIT = re.compile(rb"<(?:\w+:)?edit-config\b.*?</(?:\w+:)?edit-config>", re.DOTALL)


def write_routes(
    directory: Path, to: Iterable[str], interface: str, *out_interfaces: str, changed: int = 0
) -> None:
    """The file that PLAYBOOK reads; the first `changed` routes have no out-interface."""
    routes = [
        {
            "interface": interface,
            "source": "192.0.2.10",
            "group": group,
            "out_interfaces": [] if number < changed else list(out_interfaces),
        }
        for number, group in enumerate(to)
    ]
    (directory / "routes.json").write_text(json.dumps(routes))


def measure_all(rounds: int, progress: Progress) -> list[Row]:
    link_collection()
    with (
        scratch_directory() as name,
        Lab() as lab,
        Daemon(lab.router) as daemon,
        Relay(Path(name, "relay"), daemon.netconf_socket) as relay,
    ):
        directory = Path(name)
        book, empty = directory / "routes.yml", directory / "empty.yml"
        book.write_text(PLAYBOOK)
        empty.write_text(EMPTY)
        inventory = write_inventory(directory, "local", {"socket": str(daemon.netconf_socket)})
        relayed = write_inventory(directory, "relayed", {"socket": str(relay.path)})

        def write(changed: int = 0) -> None:
            write_routes(directory, groups("226.0.0.0", ROUTES), "in0", "out0", changed=changed)

        def play(what: str, book: Path, changed: int, inventory: Path = inventory) -> float:
            progress(what)
            begin = time.monotonic()
            recap = run_playbook(book, inventory, directory, timeout=300)
            if recap.changed != changed:
                raise AssertionError(f"{what}: changed={recap.changed}, not {changed}")
            return time.monotonic() - begin

        play("an empty task, once before", empty, 0)
        none, new, same, one = [], [], [], []
        for number in range(rounds):
            of = f"round {number + 1} of {rounds}"
            none.append(play(f"an empty task, {of}", empty, 0))
            write()
            new.append(play(f"{ROUTES} new routes, {of}", book, 1) - none[-1])
            installed = len(lab.router.proc_net("ip_mr_cache").splitlines()) - 1
            if installed != ROUTES:
                raise AssertionError(f"{installed} of {ROUTES} routes are in the kernel")
            same.append(play(f"{ROUTES} routes unchanged, {of}", book, 0) - none[-1])
            write(changed=1)
            one.append(play(f"one of {ROUTES} changed, {of}", book, 1) - none[-1])
            daemon.control("flush")
            daemon.reload("")
        write()
        stand_in, noted = peak.interpreter(directory, SCRIPTS / "python")
        relayed.write_text(relayed.read_text().replace(str(SCRIPTS / "python"), str(stand_in)))
        play(f"{ROUTES} new routes, memory", book, 1, relayed)
        play(f"{ROUTES} routes unchanged, memory", book, 0, relayed)
        relay.said.clear()
        write(changed=1)
        play(f"one of {ROUTES} changed, what is sent", book, 1, relayed)
        sent = sum(
            edit.count(b"<mroute") for said in relay.said for edit in _EDIT.findall(bytes(said))
        )
        peaks = tuple(int(line) / 1e6 for line in noted.read_text().split())
    over = "over an empty task"
    return [
        Row("playbook with an empty task", "s", tuple(none)),
        Row(f"playbook, {ROUTES} new routes, {over}", "s", tuple(new), target=TARGET_NEW),
        Row(f"playbook, {ROUTES} unchanged, {over}", "s", tuple(same), target=TARGET_UNCHANGED),
        Row(f"playbook, one of {ROUTES} changed, {over}", "s", tuple(one)),
        Row(f"entries sent for one of {ROUTES} changed", "", (sent,), target=1),
        Row(f"module's process, {ROUTES} new, peak", "MB", peaks[:1], target=TARGET_PEAK),
        Row(f"module's process, {ROUTES} unchanged, peak", "MB", peaks[1:2], target=TARGET_PEAK),
    ]


BENCHMARK = Benchmark(
    "playbook",
    f"wall time of ansible-playbook: one task, {ROUTES} routes from a JSON file, over the UNIX "
    "socket, less that of a play with ansible.builtin.ping in the same round; entries are counted "
    "between module and agent",
    measure_all,
)
