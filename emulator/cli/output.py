"""Decides how the command speaks: results on standard output, what is wrong in one line on standard error."""

from __future__ import annotations

import sys

WRONG = 2


class UsageError(Exception):
    """Something that the user can put right; the message is one line."""


def say(text: str) -> None:
    """Write lines to standard output at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def complain(text: str) -> None:
    """Write one line to standard error."""
    sys.stderr.write(" ".join(text.split()) + "\n")
