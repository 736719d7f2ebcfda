"""python -m bench [NAME...] [--json] [--rounds N]: run the benchmarks and print a table."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time

from lab.requirements import MissingRequirement, check

from . import (
    batch,
    burst,
    engine_death,
    first_packet,
    fleet,
    legs,
    load,
    memory,
    playbook,
    ready,
    reload,
    scale,
    show,
)
from .benchmark import Row
from .netconf import edits as netconf_edits
from .netconf import reads as netconf_reads
from .netconf import sessions as netconf_sessions
from .netconf import undisturbed as netconf_undisturbed
from .table import as_json, render

BENCHMARKS = {
    module.BENCHMARK.name: module.BENCHMARK
    for module in (
        ready,
        first_packet,
        burst,
        engine_death,
        legs,
        load,
        reload,
        batch,
        show,
        scale,
        memory,
        playbook,
        fleet,
        netconf_edits,
        netconf_reads,
        netconf_sessions,
        netconf_undisturbed,
    )
}
"""By name, in the order in which they run."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(BENCHMARKS)}")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--rounds", type=int, help="instead of each benchmark's own number")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there are: {', '.join(BENCHMARKS)}")
    try:
        check(commands=("/usr/sbin/smcrouted",))
    except MissingRequirement as problem:
        print(f"bench: {problem}", file=sys.stderr)
        return 1

    begin = time.monotonic()

    def progress(text: str) -> None:
        print(f"[{time.monotonic() - begin:5.1f} s] {name}: {text}", file=sys.stderr, flush=True)

    rows: list[Row] = []
    objects = []
    chosen = options.names or list(BENCHMARKS)
    for name in chosen:
        entry = BENCHMARKS[name]
        measured = entry.run(options.rounds or entry.rounds, progress)
        rows += measured
        objects += as_json(entry, measured)
    if options.json:
        print(json.dumps(objects, indent=2))
    else:
        print(render(rows))
        print(f"\nMedians over the rounds; ratio: ours to theirs; on {os.cpu_count()} CPUs. How:")
        for name in chosen:
            print(f"  {name}: {BENCHMARKS[name].method}; {BENCHMARKS[name].rounds} rounds")
    return 0


if __name__ == "__main__":
    sys.exit(main())
