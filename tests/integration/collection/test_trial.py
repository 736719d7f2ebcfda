"""smcroute_config on trial: what cuts off the controller is taken back by the router."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from ncclient.operations import RPCError

from ansible_collections.mcast.smcroute.plugins.module_utils.codec import (
    NAMESPACE,
    NETCONF_NAMESPACE,
)
from lab import wait_for
from lab.background import meanwhile
from lab.netconf import unix_session
from lab.playbook import PlaybookFailed

PLAYBOOK = Path(__file__).with_name("trial.yml")
BEFORE = "mroute from in0 group 225.1.2.3 to out0\n"
NACM = "urn:ietf:params:xml:ns:yang:ietf-netconf-acm"
CONFIG = f"""\
<config xmlns="{NETCONF_NAMESPACE}">
  <smcroute xmlns="{NAMESPACE}">
    <mroute>
      <interface>in0</interface><source>192.0.2.10</source><group>225.9.9.9</group>
      <out-interface>out1</out-interface>
    </mroute>
  </smcroute>
  {{more}}
</config>
"""
NO_OPERATION = f"""\
<nacm xmlns="{NACM}">
  <groups><group><name>operators</name><user-name>operator</user-name></group></groups>
  <rule-list>
    <name>operators</name><group>operators</group>
    <rule><name>no</name><access-operations>exec</access-operations><action>deny</action></rule>
  </rule-list>
</nacm>
"""


def running(way):
    with unix_session(way.daemon) as session:
        return session.get_config("running").data_xml


def is_on_trial(way):
    """Whether the kernel sends to out1, which only the new configuration does."""
    return "out1" in way.lab.router.proc_net("ip_mr_vif")


@contextlib.contextmanager
def link_taken_away(way):
    """As soon as the new configuration is there, the controller's link goes; at the end it comes
    back."""

    def take_away(_over):
        wait_for(lambda: is_on_trial(way), "the new configuration", timeout=60, interval=0.001)
        way.lab.router.ip("link set mgmt0 down\n")

    try:
        with meanwhile(take_away):
            yield
    finally:
        way.lab.router.ip("link set mgmt0 up\n")


CUTS = {
    "link": ("", "the router cannot be reached after the restore"),
    "access rules": (NO_OPERATION, "the router refused the confirmation"),
}


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("way", ["SSH"], indirect=True)
def test_the_router_goes_back_by_itself(way, cut):
    more, said = CUTS[cut]
    way.daemon.reload(BEFORE)
    before = running(way)
    file = way.directory / "other.xml"
    file.write_text(CONFIG.format(more=more))
    play = ("-e", f"restore_file={file}")
    with contextlib.ExitStack() as stack:
        if cut == "link":
            stack.enter_context(link_taken_away(way))
        with pytest.raises(PlaybookFailed) as failure:
            way.play(PLAYBOOK, *play)
        assert said in str(failure.value)
        assert "it goes back to what it had before, 5 s after the change" in str(failure.value)
        wait_for(lambda: not is_on_trial(way), "the router's going back")
        assert running(way) == before


@pytest.mark.parametrize("way", ["SSH"], indirect=True)
def test_what_cuts_nothing_off_is_confirmed(way):
    before = running(way)
    file = way.directory / "other.xml"
    file.write_text(CONFIG.format(more=before[before.index("<nacm") : before.index("</nacm>") + 7]))
    assert way.play(PLAYBOOK, "-e", f"restore_file={file}").changed == 1
    with unix_session(way.daemon) as session, pytest.raises(RPCError, match="no confirmed commit"):
        session.cancel_commit()
