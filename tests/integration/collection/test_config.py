"""smcroute_config against a real agent: files of the controller, and smcroute.conf."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ansible_collections.mcast.smcroute.plugins.module_utils.codec import (
    NAMESPACE,
    NETCONF_NAMESPACE,
)

PLAYBOOK = Path(__file__).with_name("config.yml")
OTHER = f"""\
<?xml version="1.0" encoding="utf-8"?>
<!-- by hand -->
<config xmlns="{NETCONF_NAMESPACE}">
  <smcroute xmlns="{NAMESPACE}">
    <mroute>
      <group>225.9.9.9</group>
      <interface>in0</interface>
      <source>*</source>
      <out-interface>out0</out-interface>
    </mroute>
  </smcroute>
</config>
"""


@pytest.mark.parametrize("way", ["SSH"], indirect=True)
def test_config(way):
    backup, other = way.directory / "router.xml", way.directory / "other.xml"
    other.write_text(OTHER)
    backup.write_text("an old backup that anyone may read")
    backup.chmod(0o644)
    recap = way.play(PLAYBOOK, "-e", f"backup_file={backup}", "-e", f"other_file={other}")
    assert (recap.failed, recap.unreachable) == (0, 0)
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert stat.S_IMODE(Path(f"{backup}.before").stat().st_mode) == 0o600
    assert not list(way.directory.glob(".smcroute-*"))
    # What was saved is the first configuration: the last restore was not.
    assert way.daemon.configuration_file.read_text() == (
        "phyint out1 ttl-threshold 3\n"
        "mroute from in0 source 192.0.2.10 group 225.1.2.3 to out0 out1\n"
    )
    running = way.daemon.control("-p", "show", "routes").stdout
    assert "225.9.9.9" in running
    assert "225.1.2.3" not in running
