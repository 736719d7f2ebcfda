#!/usr/bin/python
# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: smcroute_flush
short_description: Remove learned multicast forwarding entries
version_added: 0.1.0
description:
  - Removes the entries that the kernel of a router has only since packets of their flows came,
    those that a rule matched and those that none did. Flows that go on are learned anew with
    their next packet.
  - Entries of rules with one source and one group stay.
author:
  - The mcast.smcroute project (@mcast)
extends_documentation_fragment:
  - mcast.smcroute.connection
  - mcast.smcroute.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
seealso:
  - module: mcast.smcroute.smcroute_info
"""

EXAMPLES = r"""
- name: Forget the flows that came so far
  mcast.smcroute.smcroute_flush:

- name: The same, over SSH from the controller
  mcast.smcroute.smcroute_flush:
    host: "{{ ansible_host }}"
    username: netops
  delegate_to: localhost
"""

RETURN = r"""
flushed:
  description: The entries that were removed, or would be without check mode.
  returned: success
  type: list
  elements: dict
  sample:
    - {source: 192.0.2.10, group: 225.1.2.3, in_interface: eth0, origin: learned}
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mcast.smcroute.plugins.module_utils.connection import (
    check_connection,
    connect,
    connection_arguments,
)
from ansible_collections.mcast.smcroute.plugins.module_utils.flush import flush
from ansible_collections.mcast.smcroute.plugins.module_utils.task import end


def perform(module: AnsibleModule) -> dict[str, Any]:
    check_connection(module.params)
    with connect(module.params, module._socket_path) as client:
        return flush(client, module.check_mode)


def main() -> None:
    module = AnsibleModule(argument_spec=connection_arguments(), supports_check_mode=True)
    end(module, lambda: perform(module))


if __name__ == "__main__":
    main()
