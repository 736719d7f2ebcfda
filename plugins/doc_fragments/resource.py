# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the resource modules have in common."""

from __future__ import annotations


class ModuleDocFragment:
    """extends_documentation_fragment: mcast.smcroute.resource"""

    DOCUMENTATION = r"""
options:
  state:
    description:
      - What to do with the entries of O(config).
      - V(merged) adds what they say to what the router has. Nothing else is touched.
      - V(replaced) makes each of the entries exactly as given, with the default for every option
        that is left out. Entries that are not named are not touched.
      - V(overridden) is V(replaced), and removes all other entries of this kind. An empty
        O(config) removes all.
      - V(deleted) removes the entries that are named, whatever else is said of them; without
        O(config) it removes all entries of this kind.
      - V(gathered) only reads. O(config) is not looked at.
      - V(rendered) shows how the entries of O(config) are written in NETCONF and in
        C(smcroute.conf). No router is asked.
      - V(parsed) reads the text of C(smcroute.conf) that O(running_config) gives. No router is
        asked.
    type: str
    choices:
      - merged
      - replaced
      - overridden
      - deleted
      - gathered
      - rendered
      - parsed
    default: merged
  running_config:
    description:
      - The text of C(smcroute.conf), with that of the files that it includes behind it.
      - Statements of other kinds than this module's are checked and left out.
      - Required with O(state=parsed), and only used there.
    type: str
  pending_warnings:
    description:
      - Whether to ask the router, when all is done, which of the entries of O(config) it cannot
        act on yet, because an interface does not exist for example, and to warn of them.
      - V(auto) asks routers that have up to 1000 entries of this kind. Those with many thousand
        take a second for the answer.
    type: str
    choices: [auto, always, never]
    default: auto
attributes:
  check_mode:
    support: full
    description: Returns exactly what the real run returns, without the change. The router is
      asked whether it would accept the change, down to what its kernel has room for, and the task
      fails when it would not; only to a user who may not write that is a warning. It is asked
      which entries would be pending, too.
  diff_mode:
    support: full
    description: Shows the entries that change, as YAML.
  action_group:
    support: full
    membership:
      - mcast.smcroute.smcroute
    description: Use C(group/mcast.smcroute.smcroute) in C(module_defaults) to set the connection
      options once for all modules.
notes:
  - O(state=rendered) and O(state=parsed) need no connection, so run them once, on the
    controller.
  - A task sends one C(get-config) and, when something has to change, one C(edit-config) that
    holds only the difference. Either all of it is done or nothing. Then, for
    O(pending_warnings), it sends one C(get) of what is pending. In check mode the
    C(edit-config) has the C(test-option) V(test-only), and the agent's own parameter
    C(tell-pending).
  - No lock is taken. Where somebody else changes the same entry between the two, the router
    refuses an entry that is to be made and exists already, and one that is to be extended or
    removed and exists no longer; the task fails, nothing is done, and running it again is right.
    With O(state=replaced) and O(state=overridden) an entry that exists becomes as given, whatever
    was there.
  - Only C(running) is changed. Copy it to C(startup) to have it after a restart too.
  - Ansible needs seconds to load and template some thousand entries from YAML. Keep such a list
    in a JSON file and give O(config) as in the last example.
"""
