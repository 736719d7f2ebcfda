"""Compiles YANG modules to the JSON that schema.py loads; pyang does the hard part.

    python -m smcroute_agent.yang.compile [--check]

is run at build time (`make schema`); the agent itself never imports pyang.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from .compiler.modules import Served, compile_modules
from .compiler.statements import CompileError, Document
from .source import modules_directory

__all__ = [
    "COMPILED",
    "DEVIATIONS",
    "OWN_MODULES",
    "SERVED",
    "CompileError",
    "Served",
    "compile_modules",
]

SERVED = (
    Served("smcroute"),
    Served("smcroute-netconf-transport"),
    Served("ietf-netconf-monitoring"),
    Served("ietf-yang-library"),
    Served("ietf-datastores"),
    Served("notifications"),
    Served("nc-notifications"),
    Served("ietf-netconf-notifications"),
    Served("ietf-netconf-acm"),
    Served("ietf-system", ("authentication", "local-users")),
    Served(
        "ietf-netconf",
        (
            *("writable-running", "candidate", "confirmed-commit", "rollback-on-error"),
            *("validate", "startup", "xpath"),
        ),
        protocol=True,
    ),
    Served("ietf-netconf-with-defaults", protocol=True),
    Served("smcroute-netconf-rehearsal", protocol=True),
    Served("ietf-origin"),
    Served("ietf-netconf-nmda", protocol=True),
)
"""What the agent serves; a further module (ietf-netconf-acm, say) is one more line.

Modules that these import are compiled too, for their types and identities."""

DEVIATIONS: tuple[str, ...] = ("smcroute-system-deviations",)
"""Modules with deviations of the above."""

OWN_MODULES = Path(__file__).parents[4] / "yang"
COMPILED = Path(__file__).parent / "compiled" / "smcroute.json"


def render(document: Document) -> str:
    """The compiled form as text, one line a node or so, for readable differences."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def compile_served() -> Document:
    """The compiled form of what the agent serves."""
    directories = [OWN_MODULES, *modules_directory()]
    return compile_modules(SERVED, directories, DEVIATIONS)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the compiled schema, or with --check only say whether it is fresh."""
    parser = argparse.ArgumentParser(description="compile yang/ for the agent")
    parser.add_argument("--check", action="store_true", help="only compare; exit 1 if stale")
    options = parser.parse_args(arguments)
    try:
        text = render(compile_served())
    except CompileError as error:
        print(error, file=sys.stderr)
        return 1
    if options.check:
        return 0 if COMPILED.exists() and COMPILED.read_text(encoding="utf-8") == text else 1
    COMPILED.parent.mkdir(exist_ok=True)
    COMPILED.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
