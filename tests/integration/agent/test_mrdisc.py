"""smcrouted announces itself to snooping switches, as its file and -m say, until it ends."""

from __future__ import annotations

import pytest

from lab import wait_for
from lab.capture import Capture
from lab.requirements import check

CONFIGURATION = """\
phyint out0 enable mrdisc
mroute from in0 source 192.0.2.10 group 225.1.2.3 to out0 out1
"""
ADVERTISEMENT, TERMINATION = "0x30", "0x32"


@pytest.mark.parametrize("user", [None, "nobody"])
def test_from_the_file_to_the_end(router, user):
    check(commands=("tshark",))
    with Capture(router.lab.receivers[0]) as out0, Capture(router.lab.receivers[1]) as out1:

        def messages(capture):
            return capture.dissect("ip.dst == 224.0.0.106", "igmp.type", "igmp.data")

        daemon = router.start(CONFIGURATION, "-m", "7", user=user)
        wait_for(lambda: len(messages(out0)) >= 3, "three advertisements", timeout=20, interval=0.5)
        assert set(messages(out0)) == {(ADVERTISEMENT, "07cff800000000")}
        daemon.stop()
        assert messages(out0)[-1] == (TERMINATION, "00cdff")
        assert messages(out1) == []
