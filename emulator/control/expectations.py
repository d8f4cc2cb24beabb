"""Decides whether what came is what was expected, and how the difference is told (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from emulator.operations.events import wanted


class Came(NamedTuple):
    """One thing that came: the event's type, the object it is about, and what is to be said of it."""

    type: str
    object: str = ""
    note: str = ""


class Expectation(NamedTuple):
    """What is expected, as event types or families such as ``invoice.*``; at most one of the first three is given."""

    exactly: tuple[str, ...] | None = None  # these, in this order, and nothing else
    contains: tuple[str, ...] = ()  # these in this order, anything between them
    any_order: tuple[str, ...] = ()  # these, in whatever order
    none_of: tuple[str, ...] = ()  # none of these

    def met(self, came: Sequence[Came]) -> bool:
        """Say whether the expectation holds of what has come so far."""
        return not any(sign in ("-", "+", "!") for sign, _, _ in self.rows(came))

    def hopeless(self, came: Sequence[Came]) -> bool:
        """Say whether nothing that may still come can make it hold."""
        return any(sign in ("+", "!") for sign, _, _ in self.rows(came, unfinished=True))

    def rows(self, came: Sequence[Came], *, unfinished: bool = False) -> list[tuple[str, str, Came | None]]:
        """Return what came and what did not as (sign, expected type, what came).

        ``=`` as expected, ``-`` missing, ``+`` surplus, ``!`` forbidden, blank of no concern.
        """
        if self.exactly is not None:
            rows = _exact(self.exactly, came, unfinished=unfinished)
        elif self.contains:
            rows = _ordered(self.contains, came)
        else:
            rows = _unordered(self.any_order, came)
        return [_forbidden(row, self.none_of) for row in rows]

    def words(self) -> str:
        """Return in words what is expected."""
        parts = []
        if self.exactly is not None:
            parts.append("exactly these" if self.exactly else "nothing")
        if self.contains:
            parts.append("these in order")
        if self.any_order:
            parts.append("these in any order")
        if self.none_of:
            parts.append(f"none of {', '.join(self.none_of)}")
        return " and ".join(parts) or "anything"


Row = tuple[str, str, Came | None]


def _exact(expected: Sequence[str], came: Sequence[Came], *, unfinished: bool) -> list[Row]:
    fits = [[wanted(pattern, one.type) for one in came] for pattern in expected]
    if unfinished and len(came) <= len(expected) and all(fits[n][n] for n in range(len(came))):
        return []
    # The longest common sequence, from the end: best[i][j] is its length for expected[i:] and came[j:].
    best = [[0] * (len(came) + 1) for _ in range(len(expected) + 1)]
    for i in reversed(range(len(expected))):
        for j in reversed(range(len(came))):
            skipped = max(best[i + 1][j], best[i][j + 1])
            best[i][j] = max(skipped, best[i + 1][j + 1] + 1) if fits[i][j] else skipped
    rows: list[Row] = []
    i = j = 0
    while i < len(expected) or j < len(came):
        if i < len(expected) and j < len(came) and fits[i][j] and best[i][j] == best[i + 1][j + 1] + 1:
            rows.append(("=", expected[i], came[j]))
            i, j = i + 1, j + 1
        elif i < len(expected) and (j == len(came) or best[i + 1][j] == best[i][j]):
            rows.append(("-", expected[i], None))
            i += 1
        else:
            rows.append(("+", "", came[j]))
            j += 1
    return rows


def _ordered(expected: Sequence[str], came: Sequence[Came]) -> list[Row]:
    rows: list[Row] = []
    left = list(expected)
    for item in came:
        if left and wanted(left[0], item.type):
            rows.append(("=", left.pop(0), item))
        else:
            rows.append((" ", "", item))
    return rows + [("-", one, None) for one in left]


def _unordered(expected: Sequence[str], came: Sequence[Came]) -> list[Row]:
    rows: list[Row] = []
    left = list(expected)
    for item in came:
        found = next((one for one in left if wanted(one, item.type)), None)
        if found is not None:
            left.remove(found)
        rows.append((" ", "", item) if found is None else ("=", found, item))
    return rows + [("-", one, None) for one in left]


def _forbidden(row: Row, none_of: Sequence[str]) -> Row:
    item = row[2]
    if item is not None and any(wanted(one, item.type) for one in none_of):
        return ("!", row[1], item)
    return row


REMARKS = {"-": "did not come", "+": "was not expected", "!": "was not to come"}


def diff(expectation: Expectation, came: Sequence[Came], what: str = "events") -> str:
    """Return the difference between what was expected of ``what`` and what came, for people to read."""
    rows = expectation.rows(came)
    width = max([len(one.type) if one is not None else len(name) for _, name, one in rows], default=0)
    lines = [f"{what}: expected {expectation.words()}, came {len(came)}"]
    for sign, name, one in rows:
        parts = [name if one is None else one.type]
        if one is not None and one.object:
            parts.append(one.object)
        remarks = [text for text in (REMARKS.get(sign, ""), "" if one is None else one.note) if text]
        line = f"  {sign} {parts[0]:<{width}}  {'  '.join(parts[1:])}".rstrip()
        lines.append(line + (f"  <- {'; '.join(remarks)}" if remarks else ""))
    return "\n".join(lines)
