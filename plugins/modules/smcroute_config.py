#!/usr/bin/python
# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: smcroute_config
short_description: Back up, restore and save the configuration of a multicast router
version_added: 0.1.0
description:
  - Works on whole configurations of a router that runs C(smcrouted), those of all YANG modules
    that its agent serves.
  - The steps are done in this order, O(backup), O(restore), O(save).
  - What the user may not read is in no backup, and is no difference. Connect as a user who may
    read and write everything.
author:
  - The mcast.smcroute project (@mcast)
extends_documentation_fragment:
  - mcast.smcroute.connection
  - mcast.smcroute.attributes
options:
  backup:
    description:
      - The file on the controller to which to write what is running, before anything is changed.
      - It is written with the mode V(0600), in place of one that is there. Its directory must
        exist.
      - In check mode nothing is written.
    type: path
  restore:
    description:
      - The text of a backup. The router is made to run exactly this.
    type: str
  confirm:
    description:
      - With O(restore), how many seconds the router waits for a confirmation, from V(5) to
        V(3600). The module connects anew and confirms. When it cannot, the router goes back to
        what it had.
      - The agent must announce the capability C(:confirmed-commit).
      - When left out, the change is final at once.
    type: int
  save:
    description:
      - Whether to copy running to startup, C(smcroute.conf), for the next start.
      - V(never) does not.
      - V(changed) does when the two differ.
      - V(always) does in any case. The task is changed only when the two differed.
    type: str
    choices: [never, changed, always]
    default: never
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - Shows the interfaces, groups and routes that O(restore) changes. The data of other YANG
        modules are not shown, for they may hold hashes of passwords.
seealso:
  - module: mcast.smcroute.smcroute_route
"""

EXAMPLES = r"""
- name: Keep what the router has for its next start
  mcast.smcroute.smcroute_config:
    save: changed

- name: Back up
  mcast.smcroute.smcroute_config:
    backup: "backups/{{ inventory_hostname }}.xml"

- name: Restore, and keep it only if the router can still be reached
  mcast.smcroute.smcroute_config:
    restore: "{{ lookup('ansible.builtin.file', 'backups/' ~ inventory_hostname ~ '.xml') }}"
    confirm: 60
    save: changed

- name: Back up over SSH from the controller
  mcast.smcroute.smcroute_config:
    backup: "backups/{{ inventory_hostname }}.xml"
    host: "{{ ansible_host }}"
    username: netops
  delegate_to: localhost
"""

RETURN = r"""
restored:
  description: Whether the router was made to run something else, or would be without check mode.
  returned: success
  type: bool
  sample: false
saved:
  description: Whether startup was made to say something else, or would be without check mode.
  returned: success
  type: bool
  sample: true
backup_path:
  description: The file on the controller.
  returned: when O(backup) is given
  type: str
  sample: /home/netops/backups/r1.xml
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mcast.smcroute.plugins.module_utils.connection import (
    check_connection,
    connect,
    connection_arguments,
)
from ansible_collections.mcast.smcroute.plugins.module_utils.task import end
from ansible_collections.mcast.smcroute.plugins.module_utils.whole_config import (
    ALWAYS,
    CHANGED,
    NEVER,
    perform,
)


def course(module: AnsibleModule) -> dict[str, Any]:
    check_connection(module.params)
    params = module.params
    result = perform(params, lambda: connect(params, module._socket_path), module.check_mode)
    if not module._diff:
        del result["diff"]
    return result


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "backup": {"type": "path"},
            "restore": {"type": "str"},
            "confirm": {"type": "int"},
            "save": {"type": "str", "choices": [NEVER, CHANGED, ALWAYS], "default": NEVER},
            **connection_arguments(),
        },
        supports_check_mode=True,
    )
    end(module, lambda: course(module), ("restore",))


if __name__ == "__main__":
    main()
