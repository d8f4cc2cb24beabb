"""Decides how rows look on a terminal: aligned columns, times as people read them, nothing wrapped."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from emulator.cli.output import say

Cell = Callable[[dict[str, Any]], Any]
Columns = Sequence[tuple[str, Cell]]
LONGEST = 60  # characters of a cell that is not the last one of its row


def instant(at: int | None) -> str:
    """Return unix seconds as a day and time in UTC."""
    return "-" if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")


def text(value: Any) -> str:
    """Return a cell's value as text on one line."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (dict, list)):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return " ".join(str(value).split())


def show(rows: Sequence[dict[str, Any]], columns: Columns, *, nothing: str) -> None:
    """Write rows as a table with a heading; ``nothing`` is what is said of none."""
    if not rows:
        say(nothing)
        return
    for line in lines([[text(cell(row)) for _, cell in columns] for row in rows], [name for name, _ in columns]):
        say(line)


def lines(cells: Sequence[Sequence[str]], heading: Sequence[str] | None = None) -> list[str]:
    """Return rows of texts as aligned lines."""
    table = [list(heading)] if heading else []
    table += [[*(one[:LONGEST] for one in row[:-1]), row[-1]] for row in cells]
    widths = [max(len(row[place]) for row in table) for place in range(len(table[0]))] if table else []
    return ["  ".join(one.ljust(width) for one, width in zip(row, widths, strict=True)).rstrip() for row in table]


def dump(data: Any) -> None:
    """Write JSON for programs."""
    say(json.dumps(data, indent=2, ensure_ascii=False))


def dump_line(data: Any) -> None:
    """Write JSON on one line, for programs that read a stream."""
    say(json.dumps(data, separators=(",", ":"), ensure_ascii=False))
