"""The example playbooks as they are, each against a router of the lab."""

from __future__ import annotations

import pytest
import yaml

from lab.multicast import Sender
from lab.playbook import PLAYBOOKS, ROUTER
from lab.topology import Addresses
from tests.integration.collection.traffic import traffic

BY_HAND = b"""\
\xef\xbb\xbf# by hand, f\xfcr Z\xfcrich
phyint out1 ttl-threshold 16
mgroup from in0 group 225.1.2.3
mroute from in0 source 192.0.2.10 group 225.1.2.3 to out1 out0   # \xe0 c\xf4t\xe9
""".replace(b"\n", b"\r\n")
"""With an editor's byte order mark, ISO 8859-1 in comments and DOS line ends."""


def routes(way):
    return way.daemon.control("-p", "show", "routes").stdout


@pytest.mark.parametrize("way", ["UNIX socket"], indirect=True)
def test_migrate(way):
    conf = way.directory / "by-hand.conf"
    conf.write_bytes(BY_HAND)
    directory = ("-e", f"vars_directory={way.directory}")
    migrate = PLAYBOOKS / "migrate.yml"
    assert way.play(migrate, *directory, "-e", f"smcroute_conf={conf}").changed == 1
    written = way.directory / f"{ROUTER}.yml"
    found = yaml.safe_load(written.read_text())
    assert [entry["name"] for entry in found["multicast_interfaces"]] == ["out1"]
    assert found["multicast_routes"][0]["out_interfaces"] == ["out0", "out1"]

    # The fleet's playbook with these variables makes of an empty router what was by hand.
    assert way.play(PLAYBOOKS / "fleet.yml", "-e", f"@{written}").changed == 4
    again = ("-e", f"smcroute_conf={way.daemon.configuration_file}")
    assert way.play(migrate, *directory, *again).changed == 0


@pytest.mark.parametrize("way", ["SSH"], indirect=True)
def test_failover(way):
    way.daemon.reload(
        "mroute from in0 group 225.2.0.0/16 to out0\n"
        "mroute from in0 group 225.3.0.1 to out1\n"
        "mroute from out1 group 225.4.0.1 to out0\n"
    )
    move = ("-e", "primary=in0", "-e", "backup=mgmt0", "-e", "seconds=1")
    with Sender(way.lab.sender) as sender, traffic(sender, [(Addresses.SENDER[0], "225.2.0.1")]):
        assert way.play(PLAYBOOKS / "failover.yml", *move).changed == 0
    with Sender(way.lab.control) as other, traffic(other, [(Addresses.CONTROL[0], "225.2.0.1")]):
        assert way.play(PLAYBOOKS / "failover.yml", *move).changed == 1
        assert way.play(PLAYBOOKS / "failover.yml", *move).changed == 0
        moved = routes(way)
    # In the tables: (source, group), incoming interface, outgoing ones.
    templates = {line.split()[2] for line in moved.splitlines() if line.startswith("(*, ")}
    assert templates == {"mgmt0", "out1"}, moved
    assert f"({Addresses.CONTROL[0]}, 225.2.0.1)" in moved
