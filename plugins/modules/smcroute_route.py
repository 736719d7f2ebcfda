#!/usr/bin/python
# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: smcroute_route
short_description: Manage static multicast routes
version_added: 0.1.0
description:
  - Manages the multicast routes of a router that runs C(smcrouted), from an incoming interface to
    any number of outgoing ones.
  - A route with one source and one group is put into the kernel at once. One with V(*) or a range
    is a template; each flow that matches gets a kernel entry of its own when its first packet
    arrives.
author:
  - The mcast.smcroute project (@mcast)
extends_documentation_fragment:
  - mcast.smcroute.connection
  - mcast.smcroute.resource
options:
  config:
    description:
      - The routes, each at most once. O(config[].interface), O(config[].source) and
        O(config[].group) together identify one.
      - Required with O(state=merged), O(state=replaced), O(state=overridden) and
        O(state=rendered).
    type: list
    elements: dict
    suboptions:
      interface:
        description:
          - The interface that the packets come in on, or a wildcard such as V(eth+).
          - It need not exist yet.
        type: str
        required: true
      source:
        description:
          - The sender, an address or a range such as V(192.0.2.0/24), or V(*) for any.
        type: str
        default: "*"
      group:
        description:
          - The group, or a range such as V(225.1.0.0/16); IPv4 or IPv6.
        type: str
        required: true
      out_interfaces:
        description:
          - The interfaces that the packets go out on, or wildcards, in any order.
          - With O(state=merged) they are added to those of the route. With O(state=replaced) and
            O(state=overridden) the route has exactly these.
          - A route without any drops its packets.
        type: list
        elements: str
seealso:
  - module: mcast.smcroute.smcroute_group
  - module: mcast.smcroute.smcroute_phyint
"""

EXAMPLES = r"""
- name: Forward one flow, and a range of groups from any source
  mcast.smcroute.smcroute_route:
    config:
      - interface: eth0
        source: 192.0.2.10
        group: 225.1.2.3
        out_interfaces: [eth1, eth2]
      - interface: eth0
        group: 239.1.0.0/16
        out_interfaces: [eth1]

- name: Change where one flow goes out, whatever its route had, and leave the other routes alone
  mcast.smcroute.smcroute_route:
    state: replaced
    config:
      - interface: eth0
        source: 192.0.2.10
        group: 225.1.2.3
        out_interfaces: [eth2]

- name: Exactly these routes and no others
  mcast.smcroute.smcroute_route:
    state: overridden
    config:
      - interface: eth0
        group: ff1e::/16
        out_interfaces: [eth2]

- name: Remove a route, over SSH from the controller
  mcast.smcroute.smcroute_route:
    state: deleted
    config:
      - interface: eth0
        group: 239.1.0.0/16
    host: "{{ ansible_host }}"
    username: netops
  delegate_to: localhost

- name: Read the routes
  mcast.smcroute.smcroute_route:
    state: gathered
  register: routes

- name: See the lines of smcroute.conf for some entries, without a router
  mcast.smcroute.smcroute_route:
    state: rendered
    config:
      - interface: eth0
        group: 225.1.2.3
        out_interfaces: [eth1]
  delegate_to: localhost
  register: written

- name: Read what a router configured by hand has in its smcroute.conf
  mcast.smcroute.smcroute_route:
    state: parsed
    running_config: "{{ lookup('ansible.builtin.file', 'smcroute.conf') }}"
  delegate_to: localhost
  register: by_hand

- name: Many entries from a JSON file
  mcast.smcroute.smcroute_route:
    state: overridden
    config: "{{ lookup('ansible.builtin.file', 'routes.json') | from_json }}"
"""

RETURN = r"""
before:
  description: The routes that the router had, all options filled in, sorted by
    O(config[].interface), O(config[].source) and O(config[].group).
  returned: when O(state) is one of V(merged), V(replaced), V(overridden), V(deleted)
  type: list
  elements: dict
  sample:
    - {interface: eth0, source: "*", group: 225.1.2.3, out_interfaces: [eth1]}
after:
  description: The routes that the router has now, or would have without check mode.
  returned: when changed
  type: list
  elements: dict
  sample:
    - {interface: eth0, source: "*", group: 225.1.2.3, out_interfaces: [eth1, eth2]}
gathered:
  description: The routes that the router has.
  returned: when O(state=gathered)
  type: list
  elements: dict
  sample:
    - {interface: eth0, source: "*", group: 225.1.2.3, out_interfaces: [eth1, eth2]}
rendered:
  description: How the entries of O(config) are written, in their order.
  returned: when O(state=rendered)
  type: dict
  contains:
    netconf:
      description: A C(config) element for an C(edit-config), which makes each entry exactly as
        given and touches no other.
      type: str
      returned: always
      sample: <config xmlns="urn:ietf:params:xml:ns:netconf:base:1.0">...</config>
    smcroute_conf:
      description: The lines of C(smcroute.conf).
      type: str
      returned: always
      sample: "mroute from eth0 group 225.1.2.3 to eth1\n"
parsed:
  description: The entries that the text says, all options filled in and sorted as in
    RV(gathered); they may be given as O(config) again.
  returned: when O(state=parsed)
  type: list
  elements: dict
  sample:
    - {interface: eth0, source: "*", group: 225.1.2.3, out_interfaces: [eth1]}
rpc:
  description: The C(config) element of the C(edit-config) that was sent, or would be without
    check mode.
  returned: when changed
  type: str
  sample: <config xmlns="urn:ietf:params:xml:ns:netconf:base:1.0">...</config>
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mcast.smcroute.plugins.module_utils.kinds import ROUTE
from ansible_collections.mcast.smcroute.plugins.module_utils.resource import resource_arguments, run


def main() -> None:
    module = AnsibleModule(argument_spec=resource_arguments(), supports_check_mode=True)
    run(module, ROUTE)


if __name__ == "__main__":
    main()
