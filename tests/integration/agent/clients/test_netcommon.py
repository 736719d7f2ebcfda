"""ansible.netcommon: its modules, and its connection under the modules of our collection."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from lab.netconf import NETCONF, SMCROUTE, running, unix_session
from lab.playbook import COLLECTIONS, PLAYBOOKS, ROUTER, Recap, link_collection, run_playbook
from tests.integration.agent.clients.conftest import CLIENTS, Site

PLAYBOOK = Path(__file__).with_name("netcommon.yml")


NOTHING = f"""<config xmlns="{NETCONF}">
    <smcroute xmlns="{SMCROUTE}" xmlns:nc="{NETCONF}" nc:operation="remove"/></config>"""


def inventory(place: Site, directory: Path, way: str) -> Path:
    """The router, for the connection ansible.netcommon.netconf on the host `control`."""
    access = place.access(way)
    variables = {
        "ansible_host": access.address,
        "ansible_port": access.port,
        "ansible_user": access.user,
        "ansible_private_key_file": str(access.private_key),
        "ansible_host_key_checking": False,
        "ansible_python_interpreter": sys.executable,
    }
    path = directory / "inventory.json"
    path.write_text(json.dumps({"all": {"hosts": {ROUTER: variables}}}))
    return path


@pytest.fixture(autouse=True)
def empty_at_the_end(place):
    yield
    with unix_session(place.daemon) as session:
        session.discard_changes()
        session.edit_config(target="running", config=NOTHING)
        session.copy_config(source="running", target="startup")


def play(
    place: Site, directory: Path, way: str, playbook: Path, *options: str, **settings: str
) -> Recap:
    return run_playbook(
        playbook,
        inventory(place, directory, way),
        directory,
        *options,
        host=place.control,
        settings={
            "ANSIBLE_COLLECTIONS_PATH": f"{COLLECTIONS}:{CLIENTS / 'collections'}",
            **settings,
        },
    )


def test_the_modules_of_netcommon(place, tmp_path):
    playbook = tmp_path / PLAYBOOK.name
    shutil.copy(PLAYBOOK, playbook)
    plugin = ("-e", "ansible_network_os=smcroute")
    plugins = str(PLAYBOOK.with_name("netconf_plugins"))
    recap = play(place, tmp_path, "SSH", playbook, *plugin, ANSIBLE_NETCONF_PLUGINS=plugins)
    assert (recap.failed, recap.unreachable) == (0, 0)
    assert recap.ok == 24
    (backup,) = (tmp_path / "backup").iterdir()
    assert "225.1.1.1" in backup.read_text()
    with unix_session(place.daemon) as session:
        assert running(session) == set()
    assert "225." not in place.daemon.configuration_file.read_text()


@pytest.mark.parametrize("way", ["sshd"])
def test_our_modules_over_the_connection_of_netcommon(place, tmp_path, way):
    link_collection()
    text = (PLAYBOOKS / "demo.yml").read_text()
    playbook = tmp_path / "demo.yml"
    playbook.write_text(text)
    connection = ("--connection", "ansible.netcommon.netconf")
    # With interfaces that are not there: ncclient, below, takes warnings for failures.
    waiting = tmp_path / "waiting.yml"
    waiting.write_text(text.replace("out1", "out9"))
    check = play(place, tmp_path, way, waiting, *connection, "--check")
    assert (check.changed, check.failed) == (3, 0)
    with unix_session(place.daemon) as session:
        assert running(session) == set()
    assert play(place, tmp_path, way, playbook, *connection).changed == 3
    with unix_session(place.daemon) as session:
        assert len(running(session)) == 12
    assert play(place, tmp_path, way, playbook, *connection).changed == 0
