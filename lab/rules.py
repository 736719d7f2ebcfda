"""Access rules (ietf-netconf-acm) as a state directory of smcrouted holds them at its start."""

from __future__ import annotations

import json
from pathlib import Path

FILE = "ietf-netconf-acm.json"


def let_write(directory: Path, *users: str) -> None:
    """Make a state directory in which these users may do everything."""
    rules = {
        "ietf-netconf-acm:nacm": {
            "groups": {"group": [{"name": "operators", "user-name": list(users)}]},
            "rule-list": [
                {
                    "name": "operators",
                    "group": ["operators"],
                    "rule": [{"name": "all", "action": "permit"}],
                }
            ],
        }
    }
    directory.mkdir(mode=0o700, exist_ok=True)
    (directory / FILE).write_text(json.dumps(rules))
