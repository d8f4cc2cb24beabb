"""Runs all tests in two processes, without and with a browser, and closes with what each of them counted."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# A synchronous browser driver leaves a running event loop behind, which the asyncio tests cannot share.
RUNS = {"main": ["tests", "--ignore=tests/browser"], "browser": ["tests/browser"]}
NO_TESTS = 5  # pytest's exit code when nothing was collected, for example by -k
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def run(arguments: list[str]) -> tuple[int, str]:
    """Run pytest, show its output as it comes, and return its exit code and its closing line."""
    colour = "yes" if sys.stdout.isatty() else "no"
    command = [sys.executable, "-m", "pytest", f"--color={colour}", *arguments]
    last = ""
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        for line in process.stdout or ():
            sys.stdout.write(line)
            sys.stdout.flush()
            last = line.strip() or last
    return process.returncode, COLOUR.sub("", last).strip("= ")


def main(extra: list[str]) -> int:
    """Run both parts, even when the first one fails; the exit code is 0 only when both passed."""
    started = time.monotonic()
    closing: list[str] = []
    failed = False
    for name, arguments in RUNS.items():
        if not (ROOT / arguments[0]).is_dir():
            continue
        code, summary = run([*arguments, *extra])
        nothing_chosen = bool(extra) and code == NO_TESTS
        failed = failed or not (code == 0 or nothing_chosen)
        closing.append(f"{name:8} {summary}")
    print(f"\nAll tests in {time.monotonic() - started:.0f} s:")
    print("\n".join(closing))
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
