"""Decides nothing: the command's entry, which loads as little as possible before the command line is read."""

from __future__ import annotations

import sys


def main() -> int:
    """Run ``stripe-emulator`` and return its exit code."""
    from emulator.cli.command import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
