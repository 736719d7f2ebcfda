# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs smcroute_config and writes its backup to a file of the controller."""

from __future__ import annotations

import os
import tempfile
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

MODULE = "mcast.smcroute.smcroute_config"
FILE_MODE = 0o600
"""A backup may hold the hashes of passwords.  (mkstemp makes its file with this mode.)"""


class ActionModule(ActionBase):
    """The backup is written before anything on the router changes."""

    _supports_check_mode = True

    def run(
        self, tmp: str | None = None, task_vars: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        backup = arguments.pop("backup", None)
        changes = arguments.get("restore") is not None or arguments.get("save", "never") != "never"
        path = None
        if backup is not None:
            only_backup = {**arguments, "restore": None, "confirm": None, "save": "never"}
            result.update(self._run_module({**only_backup, "backup": backup}, task_vars))
            if result.get("failed") or "backup_content" not in result:
                return result
            path = self._write(backup, result.pop("backup_content"))
        if changes or backup is None:
            result.update(self._run_module(arguments, task_vars))
        if path is not None:
            result["backup_path"] = path
        return result

    def _run_module(
        self, arguments: dict[str, Any], task_vars: dict[str, Any] | None
    ) -> dict[str, Any]:
        done: dict[str, Any] = self._execute_module(
            module_name=MODULE, module_args=arguments, task_vars=task_vars
        )
        return done

    def _write(self, backup: str, content: str) -> str:
        """Put the file in its place in one step; its path."""
        path = os.path.abspath(self._loader.path_dwim(os.path.expanduser(str(backup))))
        if self._task.check_mode:
            return path
        part = None
        try:
            descriptor, part = tempfile.mkstemp(prefix=".smcroute-", dir=os.path.dirname(path))
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(content)
            os.chmod(part, FILE_MODE)
            os.replace(part, path)
        except OSError as error:
            if part is not None and os.path.exists(part):
                os.unlink(part)
            raise AnsibleActionFail(
                f"the backup cannot be written to {path} on the controller: {error.strerror}; "
                "nothing was changed on the router"
            ) from error
        return path
