"""Decides what the commands that act on a running server share: how they call it, and how an answer is shown."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Any

from emulator.cli import tables
from emulator.cli.output import UsageError, say

Options = argparse.Namespace
Act = Callable[[Options], int]
DONE, UNMET = 0, 1


def call(options: Options, method: str, path: str, body: Any = None, **more: Any) -> dict[str, Any]:
    """Make a call to the server and world that the options name."""
    from emulator.cli import remote

    return remote.call(options.url, options.key, method, path, body, **more)


def given(options: Options, *names: str) -> dict[str, Any]:
    """Return those of the named options that were given."""
    return {name: value for name in names if (value := getattr(options, name, None)) is not None}


def listing(options: Options, answer: dict[str, Any], columns: tables.Columns, nothing: str) -> int:
    """Write the rows of an answer, as a table or as JSON."""
    if options.json:
        tables.dump(answer)
    else:
        tables.show(answer["data"], columns, nothing=nothing)
        if answer.get("has_more"):
            sys.stderr.write("there are more: --limit shows them\n")
    return DONE


def told(options: Options, answer: Any, line: str) -> int:
    """Write one line for people, or the answer as JSON."""
    if options.json:
        tables.dump(answer)
    else:
        say(line)
    return DONE


def pairs(texts: Sequence[str]) -> dict[str, str]:
    """Return NAME=VALUE arguments as a dictionary; raises UsageError."""
    found = {}
    for text in texts:
        name, separator, value = text.partition("=")
        if not separator or not name:
            raise UsageError(f"not NAME=VALUE: {text!r}")
        found[name] = value
    return found
