"""Tests of lab/playbook.py, but for running Ansible itself."""

from __future__ import annotations

import json

from lab.playbook import Recap, environment, parse_recap, write_inventory

OUTPUT = """
TASK [a task whose text has PLAY RECAP in it: ok=9] ***
ok: [router]

PLAY RECAP *********************************************************************
other-host                 : ok=1    changed=0    unreachable=1    failed=0    skipped=0
router                     : ok=3    changed=2    unreachable=0    failed=0    skipped=0    \
rescued=0    ignored=0

"""


def test_the_recap_is_read_by_host():
    assert parse_recap(OUTPUT) == {
        "other-host": Recap(ok=1, changed=0, failed=0, unreachable=1),
        "router": Recap(ok=3, changed=2, failed=0, unreachable=0),
    }


def test_output_without_recap():
    assert parse_recap("ERROR! the playbook could not be found\n") == {}


def test_connection_options_become_variables(tmp_path):
    path = write_inventory(tmp_path, "remote", {"host": "192.0.2.1", "port": 830})
    host = json.loads(path.read_text())["all"]["hosts"]["router"]
    assert host["smcroute_host"] == "192.0.2.1"
    assert host["smcroute_port"] == 830


def test_nothing_of_the_persons_own_settings(monkeypatch, tmp_path):
    monkeypatch.setenv("ANSIBLE_STDOUT_CALLBACK", "oneline")
    settings = environment(tmp_path)
    assert "ANSIBLE_STDOUT_CALLBACK" not in settings
    assert settings["ANSIBLE_HOME"].startswith(str(tmp_path))
