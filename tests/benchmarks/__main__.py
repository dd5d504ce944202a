"""`python -m tests.benchmarks [NAME …] [--rounds N]`: our side and the usual way, in one run.

Prints a table. Ends with 0 whatever the figures are, and with 1 only if something that must be
exact was not: a lost callback, a wrong win, a window with too many messages.
"""

import argparse
import sys
import time
from collections.abc import Callable
from importlib import import_module

from tests.benchmarks.machine import describe, load_average
from tests.benchmarks.report import Broken, Row, table

BENCHMARKS = {
    "crypto": ("crypto", "run"),
    "callbacks": ("callbacks", "steady"),
    "burst": ("callbacks", "burst"),
    "draws": ("draws", "run"),
    "planning": ("schedule", "planning"),
    "due": ("schedule", "due"),
    "outbound": ("outbound", "run"),
    "limits": ("limits", "run"),
    "start": ("start", "run"),
    "members": ("members", "run"),
    "summary": ("summary", "run"),
    "beside": ("summary", "beside"),
    "memory": ("callbacks", "memory"),
}


def main() -> int:
    """Runs what was asked for."""
    reader = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    reader.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    reader.add_argument("--rounds", type=int, default=3)
    asked = reader.parse_args()
    unknown = [name for name in asked.names if name not in BENCHMARKS]
    if unknown:
        reader.error(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    print(describe(), flush=True)
    rows: list[Row] = []
    broken = False
    for name in asked.names or BENCHMARKS:
        module, function = BENCHMARKS[name]
        run: Callable[[int], list[Row]] = getattr(
            import_module(f"tests.benchmarks.{module}"), function
        )
        began = time.monotonic()
        try:
            rows += run(asked.rounds)
        except Broken as error:
            print(f"{name}: WRONG: {error}", file=sys.stderr, flush=True)
            broken = True
            continue
        took = time.monotonic() - began
        print(f"{name}: done in {took:.0f} s, load {load_average():.2f}", flush=True)
    print(f"\n{table(rows)}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
