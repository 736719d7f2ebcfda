"""ansible.netcommon's plugin for any device, but that `confirm` of netconf_config works.

The connection hands ncclient the timeout as a number, of which lxml makes no text
(ansible.netcommon 8.2.0, ncclient 0.7.1): the request never leaves the controller.
"""

import ncclient.transport.session

from ansible_collections.ansible.netcommon.plugins.netconf.default import Netconf as Default

# How often it looks for something to send: its own 0.1 s is added to every RPC.
ncclient.transport.session.TICK = 0.001


class Netconf(Default):
    """Confirms with a timeout as text."""

    def commit(self, confirmed=False, timeout=None, persist=None):
        timeout = None if timeout is None else str(timeout)
        return super().commit(confirmed, timeout, persist)
