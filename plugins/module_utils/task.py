# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How every module ends: the only exit_json and fail_json of the collection."""

from __future__ import annotations

from typing import Any, Callable, Sequence

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.mcast.smcroute.plugins.module_utils.errors import Refused, SmcrouteError
from ansible_collections.mcast.smcroute.plugins.module_utils.explain import explain

ECHO_VERBOSITY = 3
"""From -vvv on Ansible shows the arguments of a module: to return 10 000 entries of config
when nobody looks costs a task 0.3 s."""


def end(
    module: AnsibleModule, perform: Callable[[], dict[str, Any]], large: Sequence[str] = ()
) -> None:
    """Do the work of a module and end it with the result, or with the error as a sentence.

    large: options that are echoed only to who looks.
    """
    try:
        result = perform()
    except Refused as refused:
        module.fail_json(msg=str(explain(None, None, refused)))
    except SmcrouteError as error:
        module.fail_json(msg=str(error))
    if large and module._verbosity < ECHO_VERBOSITY:
        result["invocation"] = {"module_args": {**module.params, **dict.fromkeys(large)}}
    module.exit_json(**result)
