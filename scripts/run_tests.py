"""Runs all tests in two processes at once, without and with a browser, and closes with what each of them counted."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# A synchronous browser driver leaves a running event loop behind, which the asyncio tests cannot share.
RUNS = {"main": ["tests", "--ignore=tests/browser"], "browser": ["tests/browser"]}
NO_TESTS = 5  # pytest's exit code when nothing was collected, for example by -k
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def start(arguments: list[str], log: Path) -> subprocess.Popen[str]:
    """Start pytest with its output in ``log``."""
    colour = "yes" if sys.stdout.isatty() else "no"
    command = [sys.executable, "-m", "pytest", f"--color={colour}", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=log.open("w"), stderr=subprocess.STDOUT, text=True)


def show(process: subprocess.Popen[str], log: Path) -> tuple[int, str]:
    """Show the output of a run as it comes, and return its exit code and its closing line."""
    last = ""
    with log.open() as lines:
        while True:
            over = process.poll() is not None
            for line in lines:
                sys.stdout.write(line)
                last = line.strip() or last
            sys.stdout.flush()
            if over:
                return process.returncode, COLOUR.sub("", last).strip("= ")
            time.sleep(0.2)


def main(extra: list[str]) -> int:
    """Run both parts at once, and show one after the other; the exit code is 0 only when both passed."""
    started = time.monotonic()
    closing: list[str] = []
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        running = [
            (name, start([*arguments, *extra], log := Path(folder, name)), log)
            for name, arguments in RUNS.items()
            if (ROOT / arguments[0]).is_dir()
        ]
        for name, process, log in running:
            code, summary = show(process, log)
            nothing_chosen = bool(extra) and code == NO_TESTS
            failed = failed or not (code == 0 or nothing_chosen)
            closing.append(f"{name:8} {summary}")
    print(f"\nAll tests in {time.monotonic() - started:.0f} s:")
    print("\n".join(closing))
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
