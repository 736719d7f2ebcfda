#!/usr/bin/python
# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: smcroute_wait_for
short_description: Wait until a multicast flow is forwarded
version_added: 0.1.0
description:
  - Asks a router again and again until its kernel forwards a flow as wanted, or fails after some
    time and says what is missing.
author:
  - The mcast.smcroute project (@mcast)
extends_documentation_fragment:
  - mcast.smcroute.connection
  - mcast.smcroute.attributes
options:
  source:
    description:
      - The sender, or V(*) for any.
    type: str
    default: "*"
  group:
    description:
      - The group, IPv4 or IPv6.
    type: str
    required: true
  in_interface:
    description:
      - The interface that the packets must come in on.
      - When left out, any will do.
    type: str
  out_interfaces:
    description:
      - The interfaces that the packets must go out on; they may go out on others too.
      - When left out, any one will do.
    type: list
    elements: str
  packets:
    description:
      - How many packets of the flow must have come in, counted since the kernel has the entry.
      - A rule with one source and one group has an entry before the first packet comes. Give V(1)
        to wait for that.
    type: int
    default: 0
  wait_timeout:
    description:
      - How many seconds to wait. O(timeout) is another one, that of a single request.
      - V(0) asks once.
    type: float
    default: 30
  poll_interval:
    description:
      - How many seconds to wait before asking again, V(0.05) or more.
    type: float
    default: 0.5
attributes:
  check_mode:
    support: full
    details:
      - Nothing is changed in any case, so it waits in check mode too.
  diff_mode:
    support: N/A
seealso:
  - module: mcast.smcroute.smcroute_info
"""

EXAMPLES = r"""
- name: Wait until packets of a flow come and go out on both interfaces
  mcast.smcroute.smcroute_wait_for:
    source: 192.0.2.10
    group: 225.1.2.3
    in_interface: eth0
    out_interfaces: [eth1, eth2]
    packets: 1

- name: See that any sender of a group is forwarded, over SSH from the controller
  mcast.smcroute.smcroute_wait_for:
    group: ff1e::1
    wait_timeout: 0
    host: "{{ ansible_host }}"
    username: netops
  delegate_to: localhost
"""

RETURN = r"""
entry:
  description: The entry of the kernel, as
    RV(mcast.smcroute.smcroute_info#module:forwarding_entries) has it.
  returned: success
  type: dict
  sample:
    source: 192.0.2.10
    group: 225.1.2.3
    in_interface: eth0
    origin: static
    out_interfaces: [eth1, eth2]
    ttl_thresholds: {eth1: 1, eth2: 1}
    packets: 1
    bytes: 48
    wrong_interface: 0
elapsed:
  description: How many seconds it took.
  returned: success
  type: float
  sample: 1.004
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mcast.smcroute.plugins.module_utils.connection import (
    check_connection,
    connect,
    connection_arguments,
)
from ansible_collections.mcast.smcroute.plugins.module_utils.task import end
from ansible_collections.mcast.smcroute.plugins.module_utils.waiting import flow_of, wait


def perform(module: AnsibleModule) -> dict[str, Any]:
    params = module.params
    check_connection(params)
    flow = flow_of(params)
    with connect(params, module._socket_path) as client:
        return wait(client, flow, params["wait_timeout"], params["poll_interval"])


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "source": {"type": "str", "default": "*"},
            "group": {"type": "str", "required": True},
            "in_interface": {"type": "str"},
            "out_interfaces": {"type": "list", "elements": "str"},
            "packets": {"type": "int", "default": 0},
            "wait_timeout": {"type": "float", "default": 30},
            "poll_interval": {"type": "float", "default": 0.5},
            **connection_arguments(),
        },
        supports_check_mode=True,
    )
    end(module, lambda: perform(module))


if __name__ == "__main__":
    main()
