# Copyright (c) 2026 The mcast.smcroute project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs smcroute_config and writes its backup to a file of the controller."""

from __future__ import annotations

import contextlib
import os
from typing import Any, Iterator

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.mcast.smcroute.plugins.plugin_utils import private_file

MODULE = "mcast.smcroute.smcroute_config"


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
            path = self._path(backup)
            result.update(self._run_module({**arguments, "backup": backup}, task_vars))
            if result.get("failed") or "backup_content" not in result:
                return result
            self._write(path, result.pop("backup_content"))
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

    def _path(self, backup: str) -> str:
        """Where the backup goes; a path that cannot be is found before the router is asked."""
        path = os.path.abspath(self._loader.path_dwim(os.path.expanduser(str(backup))))
        with _telling(path):
            private_file.check(path)
        return path

    def _write(self, path: str, content: str) -> None:
        if not self._task.check_mode:
            with _telling(path):
                private_file.write(path, content)


@contextlib.contextmanager
def _telling(path: str) -> Iterator[None]:
    try:
        yield
    except private_file.Unwritable as error:
        raise AnsibleActionFail(
            f"the backup cannot be written to {path} on the controller: {error}; "
            "nothing was changed on the router"
        ) from error
