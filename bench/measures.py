"""Decides what a measurement is: how long it takes, what it is held against, and that neighbours are compared."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass

MANY = 100_000


@dataclass(frozen=True)
class Settings:
    """How long and how often is measured."""

    seconds: float = 2.0
    pairs: int = 5
    starts: int = 15
    many: int = MANY
    uvloop: bool = False


@dataclass(frozen=True)
class Result:
    """One line of the table; `detail` names the two figures behind the ratio."""

    name: str
    measured: float
    target: float
    at_least: bool
    unit: str
    detail: str

    @property
    def passed(self) -> bool:
        """Say whether the target was reached."""
        return self.measured >= self.target if self.at_least else self.measured <= self.target


def taken_in_turn(first: Callable[[], float], second: Callable[[], float], times: int) -> tuple[float, float, float]:
    """Measure A B A B ...; return the medians of A, of B and of the ratios A/B of neighbours."""
    pairs = [(first(), second()) for _ in range(times)]
    return (
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
        statistics.median(a / b for a, b in pairs),
    )
