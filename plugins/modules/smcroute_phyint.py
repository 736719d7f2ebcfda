#!/usr/bin/python
# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: smcroute_phyint
short_description: Manage the interfaces of static multicast routing
version_added: 0.1.0
description:
  - Manages what holds for an interface of a router that runs C(smcrouted), whichever rules use
    it.
  - An interface that is not listed takes part in multicast routing and has the defaults.
author:
  - The mcast.smcroute project (@mcast)
extends_documentation_fragment:
  - mcast.smcroute.connection
  - mcast.smcroute.resource
options:
  config:
    description:
      - The interfaces, each at most once.
      - Required with O(state=merged), O(state=replaced), O(state=overridden) and
        O(state=rendered).
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - The interface, or a wildcard such as V(eth+) for all whose names begin so. The entry
            with the longest name that matches counts.
          - It need not exist yet.
        type: str
        required: true
      enabled:
        description:
          - Whether the interface may take part in multicast routing. Groups are joined on it either
            way.
          - V(true) where nothing is said.
        type: bool
      mrdisc:
        description:
          - Whether to announce the router on this interface to snooping switches (RFC 4286).
          - V(false) where nothing is said.
        type: bool
      ttl_threshold:
        description:
          - Packets are sent out on this interface only when their TTL is greater than this, from
            1 to 255.
          - V(1) where nothing is said.
        type: int
seealso:
  - module: mcast.smcroute.smcroute_group
  - module: mcast.smcroute.smcroute_route
"""

EXAMPLES = r"""
- name: Keep multicast with a TTL up to 15 inside the site
  mcast.smcroute.smcroute_phyint:
    config:
      - name: wan0
        ttl_threshold: 15

- name: Announce the router on one interface, with the default for all else that can be said of it
  mcast.smcroute.smcroute_phyint:
    state: replaced
    config:
      - name: eth0
        mrdisc: true

- name: Forget what was said of an interface
  mcast.smcroute.smcroute_phyint:
    state: deleted
    config:
      - name: wan0

- name: Exactly these settings and no others
  mcast.smcroute.smcroute_phyint:
    state: overridden
    config:
      - name: eth+
        mrdisc: true
      - name: mgmt0
        enabled: false

- name: Read the settings over SSH from the controller
  mcast.smcroute.smcroute_phyint:
    state: gathered
    host: "{{ ansible_host }}"
    username: netops
  delegate_to: localhost
  register: phyints

- name: See the lines of smcroute.conf for some entries, without a router
  mcast.smcroute.smcroute_phyint:
    state: rendered
    config:
      - name: wan0
        ttl_threshold: 15
  delegate_to: localhost
  register: written

- name: Read what a router configured by hand has in its smcroute.conf
  mcast.smcroute.smcroute_phyint:
    state: parsed
    running_config: "{{ lookup('ansible.builtin.file', 'smcroute.conf') }}"
  delegate_to: localhost
  register: by_hand

- name: Many entries from a JSON file
  mcast.smcroute.smcroute_phyint:
    state: overridden
    config: "{{ lookup('ansible.builtin.file', 'phyints.json') | from_json }}"
"""

RETURN = r"""
before:
  description: The entries that the router had, all options filled in, sorted by O(config[].name).
  returned: when O(state) is one of V(merged), V(replaced), V(overridden), V(deleted)
  type: list
  elements: dict
  sample:
    - {name: wan0, enabled: true, mrdisc: false, ttl_threshold: 1}
after:
  description: The entries that the router has now, or would have without check mode.
  returned: when changed
  type: list
  elements: dict
  sample:
    - {name: wan0, enabled: true, mrdisc: false, ttl_threshold: 15}
gathered:
  description: The entries that the router has.
  returned: when O(state=gathered)
  type: list
  elements: dict
  sample:
    - {name: wan0, enabled: true, mrdisc: false, ttl_threshold: 15}
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
      sample: "phyint wan0 ttl-threshold 15\n"
parsed:
  description: The entries that the text says, all options filled in and sorted as in
    RV(gathered); they may be given as O(config) again.
  returned: when O(state=parsed)
  type: list
  elements: dict
  sample:
    - {name: wan0, enabled: true, mrdisc: false, ttl_threshold: 15}
rpc:
  description: The C(config) element of the C(edit-config) that was sent, or would be without
    check mode.
  returned: when changed
  type: str
  sample: <config xmlns="urn:ietf:params:xml:ns:netconf:base:1.0">...</config>
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mcast.smcroute.plugins.module_utils.kinds import PHYINT
from ansible_collections.mcast.smcroute.plugins.module_utils.resource import resource_arguments, run


def main() -> None:
    module = AnsibleModule(argument_spec=resource_arguments(), supports_check_mode=True)
    run(module, PHYINT)


if __name__ == "__main__":
    main()
