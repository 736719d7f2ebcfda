# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The states of a resource module that need no router: rendered and parsed."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mcast.smcroute.plugins.module_utils import codec, conf
from ansible_collections.mcast.smcroute.plugins.module_utils.entries import Config
from ansible_collections.mcast.smcroute.plugins.module_utils.errors import OptionError
from ansible_collections.mcast.smcroute.plugins.module_utils.kinds import Kind
from ansible_collections.mcast.smcroute.plugins.module_utils.loops import loop_warnings
from ansible_collections.mcast.smcroute.plugins.module_utils.reconcile import Edit, sorted_entries

RENDERED = "rendered"
PARSED = "parsed"


def rendered(module: AnsibleModule, kind: Kind, wanted: Config) -> dict[str, Any]:
    """The result of a task that only wants to see how its entries are written."""
    for warning in loop_warnings(kind, wanted):
        module.warn(warning)
    edits = [Edit("replace", entry) for _index, entry in wanted.values()]
    return {
        "changed": False,
        "rendered": {
            "netconf": codec.encode(kind, edits),
            "smcroute_conf": conf.render(kind, wanted),
        },
    }


def parsed(module: AnsibleModule, kind: Kind, running_config: str | None) -> dict[str, Any]:
    """The result of a task that reads the text of smcroute.conf."""
    if running_config is None:
        raise OptionError(
            "running_config is missing, and state parsed needs it", "give the text of smcroute.conf"
        )
    found = conf.parse(kind, running_config)
    for number, pattern in found.includes:
        module.warn(
            f"line {number} of running_config includes {pattern}, whose content is not known "
            "here; append the text of those files to running_config"
        )
    return {"changed": False, "parsed": sorted_entries(found.entries)}
