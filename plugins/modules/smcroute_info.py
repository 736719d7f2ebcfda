#!/usr/bin/python
# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: smcroute_info
short_description: Read the state of static multicast routing
version_added: 0.1.0
description:
  - Reads what C(smcrouted) and the kernel of a router make of the configuration. Nothing is
    changed.
author:
  - The mcast.smcroute project (@mcast)
extends_documentation_fragment:
  - mcast.smcroute.connection
  - mcast.smcroute.attributes
options:
  gather_subset:
    description:
      - What to read. Each of them is the key of the result that holds it.
      - V(all) stands for all of them.
    type: list
    elements: str
    choices:
      - all
      - agent
      - interfaces
      - memberships
      - forwarding_entries
      - pending
      - rule_warnings
    default: [all]
  interval:
    description:
      - With more than V(0), the counters of the forwarding entries are read twice, so many seconds
        apart, and the rates between the two are returned.
    type: float
    default: 0
attributes:
  check_mode:
    support: full
  diff_mode:
    support: N/A
seealso:
  - module: mcast.smcroute.smcroute_wait_for
"""

EXAMPLES = r"""
- name: Read all there is
  mcast.smcroute.smcroute_info:
  register: multicast

- name: Measure which flows pass, over SSH from the controller
  mcast.smcroute.smcroute_info:
    gather_subset: [forwarding_entries]
    interval: 2
    host: "{{ ansible_host }}"
    username: netops
  delegate_to: localhost
  register: traffic

- name: Name the flows of more than a megabit a second
  ansible.builtin.debug:
    msg: "{{ traffic.forwarding_entries | selectattr('bytes_per_second', 'gt', 125000) }}"

- name: Fail when a rule cannot act
  mcast.smcroute.smcroute_info:
    gather_subset: [pending]
  register: rules
  failed_when: rules.pending | length > 0
"""

RETURN = r"""
agent:
  description: The daemon itself.
  returned: when O(gather_subset) has V(agent)
  type: dict
  contains:
    version:
      description: The version of the software.
      type: str
      returned: always
    identity:
      description: Its identity, C(smcrouted -i).
      type: str
      returned: always
    table_id:
      description: The kernel's multicast routing table.
      type: int
      returned: always
    boot_time:
      description: When it was started.
      type: str
      returned: always
    counters:
      description: "Counted since its engine was started: C(upcalls), C(learned), C(stopped),
        C(expired), C(moved), C(cache_limit_reached), C(kernel_refusals) and C(events_dropped);
        since its agent was started: C(edits) of running, and C(errors), changes that were refused."
      type: dict
      returned: always
  sample:
    version: 0.1.0
    identity: smcroute
    table_id: 0
    boot_time: "2026-11-22T10:00:00Z"
    counters: {upcalls: 3, learned: 2, stopped: 1, expired: 0, moved: 0, cache_limit_reached: 0,
      kernel_refusals: 0, events_dropped: 0, edits: 1, errors: 0}
interfaces:
  description:
    - All interfaces of the router, with their numbers in the kernel; V(null) where they have none.
    - C(reason) says why one cannot be used for multicast routing; V(null) where it can.
    - C(ipv4) and C(ipv6) hold what the kernel has forwarded on it since it has its number, C(vif)
      or C(mif); V(null) where it has none.
  returned: when O(gather_subset) has V(interfaces)
  type: list
  elements: dict
  sample:
    - name: eth0
      if_index: 2
      vif: 0
      mif: null
      reason: null
      flags: [up, broadcast, running, multicast]
      ipv4: {in_packets: 100, in_bytes: 4800, out_packets: 0, out_bytes: 0}
      ipv6: null
memberships:
  description: The groups that the router has joined.
  returned: when O(gather_subset) has V(memberships)
  type: list
  elements: dict
  sample:
    - {interface: eth0, source: "*", group: 225.1.2.3}
forwarding_entries:
  description:
    - The entries of the kernel's multicast forwarding cache, by C(source) and C(group).
    - C(origin) is V(static) for a rule with one source and one group, V(learned) for a flow that
      matched another rule, V(stop) for one that no rule matched.
    - C(packets) and C(bytes) are of the flow, with the C(wrong_interface) packets that came in
      elsewhere than on C(in_interface).
    - C(uptime) is for how many seconds the daemon's engine has had the entry, C(idle) how many have
      passed since the flow's last packet; V(null) where there was none.
    - C(packets_per_second) and C(bytes_per_second) are there with O(interval).
  returned: when O(gather_subset) has V(forwarding_entries)
  type: list
  elements: dict
  sample:
    - source: 192.0.2.10
      group: 225.1.2.3
      in_interface: eth0
      origin: static
      out_interfaces: [eth1]
      ttl_thresholds: {eth1: 1}
      packets: 100
      bytes: 4800
      wrong_interface: 0
      uptime: 3600
      idle: 0
      packets_per_second: 50.0
      bytes_per_second: 2400.0
pending:
  description: The rules that cannot act yet, with C(kind) V(phyint), V(group) or V(route), and the
    C(reason).
  returned: when O(gather_subset) has V(pending)
  type: list
  elements: dict
  sample:
    - kind: route
      interface: eth7
      source: "*"
      group: 225.1.2.3
      reason: there is no interface eth7
rule_warnings:
  description: The rules that are accepted but deserve a look, with C(kind) as in RV(pending).
  returned: when O(gather_subset) has V(rule_warnings)
  type: list
  elements: dict
  sample:
    - kind: route
      interface: eth0
      source: "*"
      group: 225.1.2.3
      warnings: ["packets go out where they came in: eth0"]
interval:
  description: The seconds that passed between the two readings.
  returned: when O(interval) is more than V(0)
  type: float
  sample: 2.001
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mcast.smcroute.plugins.module_utils.connection import (
    check_connection,
    connect,
    connection_arguments,
)
from ansible_collections.mcast.smcroute.plugins.module_utils.info import (
    ALL,
    SUBSETS,
    check_options,
    gather,
)
from ansible_collections.mcast.smcroute.plugins.module_utils.task import end


def perform(module: AnsibleModule) -> dict[str, Any]:
    params = module.params
    check_connection(params)
    check_options(params)
    with connect(params, module._socket_path) as client:
        return {"changed": False, **gather(client, params["gather_subset"], params["interval"])}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "gather_subset": {
                "type": "list",
                "elements": "str",
                "choices": [ALL, *SUBSETS],
                "default": [ALL],
            },
            "interval": {"type": "float", "default": 0},
            **connection_arguments(),
        },
        supports_check_mode=True,
    )
    end(module, lambda: perform(module))


if __name__ == "__main__":
    main()
