"""Checks the collection as Galaxy would get it, with the tools that a stranger would use.

  python3 .ci/gates [WORD...]     the gates that have one of these words in their names, or all

The collection is built, installed from its tarball and checked there.  A line a gate is printed,
and the log of a gate that failed.  Exit code 1 when one failed.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from lanes import Failed, Log, pass_all
from table import lanes
from tree import CHECKOUT, Trees

LOGS = CHECKOUT / "build" / "gates"


def main(words: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="mcast-gates-") as scratch:
        trees = Trees(Path(scratch), CHECKOUT / ".venv-tools" / "bin")
        log = Log(LOGS / "tarball.log")
        try:
            trees.build(log)
        except Failed as error:
            print(f"gate tarball: FAILED: {error}", log.tail(), sep="\n")
            return 1
        chosen = [[gate for gate in lane if _is_chosen(gate.name, words)] for lane in lanes(trees)]
        failed = pass_all(chosen, LOGS)
    if failed:
        print(f"gates that failed: {', '.join(failed)}")
    return 1 if failed else 0


def _is_chosen(name: str, words: list[str]) -> bool:
    return not words or any(word in name for word in words) or name.startswith("make ")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
