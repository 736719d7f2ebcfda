#!/usr/bin/python
# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: smcroute_group
short_description: Manage the multicast groups that a router joins
version_added: 0.1.0
description:
  - Manages the groups that C(smcrouted) joins on the interfaces of a router, by IGMP and MLD, so
    that switches and routers before it send their traffic.
author:
  - The mcast.smcroute project (@mcast)
extends_documentation_fragment:
  - mcast.smcroute.connection
  - mcast.smcroute.resource
options:
  config:
    description:
      - The memberships, each at most once. All three options together identify one.
      - Required with O(state=merged), O(state=replaced), O(state=overridden) and
        O(state=rendered).
    type: list
    elements: dict
    suboptions:
      interface:
        description:
          - Where to join, or a wildcard such as V(eth+).
          - It need not exist yet.
        type: str
        required: true
      source:
        description:
          - The sender to join for (SSM), an address or a range such as V(192.0.2.0/29), or V(*)
            for any (ASM).
        type: str
        default: "*"
      group:
        description:
          - The group, or a range such as V(225.1.2.0/29), each of whose members is joined; IPv4
            or IPv6.
        type: str
        required: true
seealso:
  - module: mcast.smcroute.smcroute_phyint
  - module: mcast.smcroute.smcroute_route
"""

EXAMPLES = r"""
- name: Join a group from any source, and one from a single source
  mcast.smcroute.smcroute_group:
    config:
      - interface: eth0
        group: 225.1.2.3
      - interface: eth0
        source: 2001:db8::10
        group: ff3e::8000:1

- name: See that one group is joined, and leave the others alone
  mcast.smcroute.smcroute_group:
    state: replaced
    config:
      - interface: eth0
        group: 225.1.2.3

- name: Read the groups
  mcast.smcroute.smcroute_group:
    state: gathered
  register: groups

- name: Leave all groups
  mcast.smcroute.smcroute_group:
    state: deleted

- name: Exactly these groups, over SSH from the controller
  mcast.smcroute.smcroute_group:
    state: overridden
    config:
      - interface: eth0
        group: 225.1.2.0/29
    host: "{{ ansible_host }}"
    username: netops
  delegate_to: localhost

- name: See the lines of smcroute.conf for some entries, without a router
  mcast.smcroute.smcroute_group:
    state: rendered
    config:
      - interface: eth0
        group: 225.1.2.3
  delegate_to: localhost
  register: written

- name: Read what a router configured by hand has in its smcroute.conf
  mcast.smcroute.smcroute_group:
    state: parsed
    running_config: "{{ lookup('ansible.builtin.file', 'smcroute.conf') }}"
  delegate_to: localhost
  register: by_hand

- name: Many entries from a JSON file
  mcast.smcroute.smcroute_group:
    state: overridden
    config: "{{ lookup('ansible.builtin.file', 'groups.json') | from_json }}"
"""

RETURN = r"""
before:
  description: The memberships that were configured, sorted by O(config[].interface),
    O(config[].source) and O(config[].group).
  returned: when O(state) is one of V(merged), V(replaced), V(overridden), V(deleted)
  type: list
  elements: dict
  sample:
    - {interface: eth0, source: "*", group: 225.1.2.3}
after:
  description: The memberships that are configured now, or would be without check mode.
  returned: when changed
  type: list
  elements: dict
  sample:
    - {interface: eth0, source: "*", group: 225.1.2.3}
    - {interface: eth0, source: "2001:db8::10", group: "ff3e::8000:1"}
gathered:
  description: The memberships that are configured.
  returned: when O(state=gathered)
  type: list
  elements: dict
  sample:
    - {interface: eth0, source: "*", group: 225.1.2.3}
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
      sample: "mgroup from eth0 group 225.1.2.3\n"
parsed:
  description: The entries that the text says, all options filled in and sorted as in
    RV(gathered); they may be given as O(config) again.
  returned: when O(state=parsed)
  type: list
  elements: dict
  sample:
    - {interface: eth0, source: "*", group: 225.1.2.3}
rpc:
  description: The C(config) element of the C(edit-config) that was sent, or would be without
    check mode.
  returned: when changed
  type: str
  sample: <config xmlns="urn:ietf:params:xml:ns:netconf:base:1.0">...</config>
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mcast.smcroute.plugins.module_utils.kinds import GROUP
from ansible_collections.mcast.smcroute.plugins.module_utils.resource import resource_arguments, run


def main() -> None:
    module = AnsibleModule(argument_spec=resource_arguments(), supports_check_mode=True)
    run(module, GROUP)


if __name__ == "__main__":
    main()
