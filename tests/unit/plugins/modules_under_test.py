"""Runs a module's main() in this process, as AnsiballZ would, and returns its result."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from ansible.module_utils import basic
from ansible.module_utils.testing import patch_module_args

MODULES = "ansible_collections.mcast.smcroute.plugins.modules."


def run_module(name: str, **options: Any) -> dict[str, Any]:
    """The result of smcroute_NAME; options starting with _ansible_ are Ansible's own."""
    module = importlib.import_module(f"{MODULES}smcroute_{name}")
    options = {
        key: str(value) if isinstance(value, Path) else value for key, value in options.items()
    }
    output: list[str] = []
    with (
        patch_module_args(options),
        mock.patch.object(basic.AnsibleModule, "log"),
        mock.patch("builtins.print", lambda text, **_: output.append(text)),
        mock.patch("ansible.module_utils.common.warnings._global_warnings", {}, create=True),
        pytest.raises(SystemExit),
    ):
        module.main()
    result: dict[str, Any] = json.loads(output[-1])
    return result
