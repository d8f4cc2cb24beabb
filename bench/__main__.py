"""Runs the benchmark and prints its table: python -m bench [--strict] [--quick] [row ...]."""

from __future__ import annotations

import argparse
import dataclasses
import os
import platform
import sys
import time

from bench.load import CONNECTIONS, client_name
from bench.measures import Result, Settings
from bench.rows import ROWS
from bench.servers import pin

QUICK = Settings(seconds=1.0, pairs=3, starts=5, many=20_000)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Speed as ratios to a bare aiohttp server.")
    parser.add_argument("rows", nargs="*", metavar="row", help=f"which rows ({', '.join(ROWS)}); all without any")
    parser.add_argument("--strict", action="store_true", help="leave with exit code 1 when a target is missed")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter measurements, and 20,000 for 100,000")
    parser.add_argument(
        "--uvloop", action="store_true", help="both servers on uvloop (the speed extra) instead of asyncio"
    )
    found = parser.parse_args()
    unknown = [row for row in found.rows if row not in ROWS]
    if unknown:
        parser.error(f"no such row: {', '.join(unknown)} (choose from {', '.join(ROWS)})")
    return found


def line(result: Result) -> str:
    """Return one line of the table."""
    sign = ">=" if result.at_least else "<="
    verdict = "pass" if result.passed else "FAIL"
    measured = f"{result.measured:.2f} {result.unit}"
    return f"{result.name:42} {measured:>14}  {sign} {result.target:<5.2f} {verdict:5} {result.detail}"


def main() -> int:
    """Measure the rows one after the other and print each when it is there."""
    options = arguments()
    settings = dataclasses.replace(QUICK if options.quick else Settings(), uvloop=options.uvloop)
    pin(0, 1)
    loop = "uvloop" if options.uvloop else "asyncio"
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {loop}, {client_name()} x {CONNECTIONS}")
    print()
    begun = time.monotonic()
    results: list[Result] = []
    for name in options.rows or ROWS:
        found = ROWS[name](settings)
        for result in found if isinstance(found, list) else [found]:
            results.append(result)
            print(line(result), flush=True)
    missed = [result for result in results if not result.passed]
    print(f"\n{len(results) - len(missed)} of {len(results)} targets reached in {time.monotonic() - begun:.0f} s.")
    return int(bool(missed) and options.strict)


if __name__ == "__main__":
    sys.exit(main())
