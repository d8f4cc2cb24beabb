"""Runs all tests in several processes, two at a time, and closes with what each of them counted."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
AT_ONCE = 2
# What mostly waits for other programs: the blocks of the documents, the wheel, the commands, the suites of users.
PROGRAMS = ["tests/docs", "tests/meta", "tests/plugin", "tests/unit/cli"]
# The longest first. A synchronous browser driver leaves a running event loop behind, which the asyncio tests cannot share.
RUNS = {
    "browser": ["tests/browser"],
    "programs": PROGRAMS,
    "main": ["tests", *(f"--ignore={folder}" for folder in ("tests/browser", *PROGRAMS))],
}
NO_TESTS = 5  # pytest's exit code when nothing was collected, for example by -k
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def run(arguments: list[str], log: Path) -> int:
    """Run pytest with its output in ``log``, and return its exit code.

    Bytecode is kept even where the environment says otherwise: the tests start some hundred programs of this project,
    and each would compile what is not kept.
    """
    colour = "yes" if sys.stdout.isatty() else "no"
    command = [sys.executable, "-m", "pytest", f"--color={colour}", *arguments]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with log.open("w") as out:
        return subprocess.run(
            command, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT, check=False
        ).returncode


def show(running: Future[int], log: Path) -> tuple[int, str]:
    """Show the output of a run as it comes, and return its exit code and its closing line."""
    last = ""
    log.touch()
    with log.open() as lines:
        while True:
            over = running.done()
            for line in lines:
                sys.stdout.write(line)
                last = line.strip() or last
            sys.stdout.flush()
            if over:
                return running.result(), COLOUR.sub("", last).strip("= ")
            time.sleep(0.2)


def main(extra: list[str]) -> int:
    """Run all parts, and show one after the other; the exit code is 0 only when all passed."""
    started = time.monotonic()
    closing: list[str] = []
    failed = False
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(AT_ONCE) as pool:
        logs = {name: Path(folder, name) for name in RUNS}
        running = {name: pool.submit(run, [*arguments, *extra], logs[name]) for name, arguments in RUNS.items()}
        try:
            for name, future in running.items():
                code, summary = show(future, logs[name])
                nothing_chosen = bool(extra) and code == NO_TESTS
                failed = failed or not (code == 0 or nothing_chosen)
                closing.append(f"{name:8} {summary}")
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)  # the terminal interrupts those that run; none begins any more
            raise
    print(f"\nAll tests in {time.monotonic() - started:.0f} s:")
    print("\n".join(closing))
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
