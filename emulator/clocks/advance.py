"""Decides in which order things happen by themselves when a clock moves, and at which instant each of them does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

Due = tuple[int, str, str]
NextDue = Callable[[int], Awaitable[Due | None]]
Wake = Callable[[int, str, str], Awaitable[object]]
# How often one object may be woken at one instant before it counts as not getting on.
REPEATS = 20


class Movable(Protocol):
    """The part of a clock that moving time needs."""

    def now(self) -> int:
        """Return unix seconds."""

    def advance_to(self, at: int) -> None:
        """Move to ``at``."""


class StuckError(RuntimeError):
    """A wake-up that ran and left its object due at the same instant, again and again."""

    def __init__(self, due: Due) -> None:
        super().__init__(f"{due[1]} {due[2]} is due at {due[0]} again after it was woken {REPEATS} times")
        self.due = due


async def run_until(target: int, clock: Movable, next_due: NextDue, wake: Wake) -> int:
    """Run every wake-up due until ``target`` (unix seconds, inclusive), then leave ``clock`` there; returns the number.

    ``next_due(until)`` names the earliest due object as (instant, kind, id) or None; ``wake(instant, kind, id)`` runs
    it in a unit of work of its own at that instant. What a wake-up makes due before ``target`` runs too. The clock is
    never moved back: what is overdue runs at its own instant while the clock stays.
    """
    runs = 0
    woken: dict[Due, int] = {}
    while (due := await next_due(target)) is not None:
        at = due[0]
        if woken and next(iter(woken))[0] != at:
            woken.clear()
        woken[due] = woken.get(due, 0) + 1
        if woken[due] > REPEATS:
            raise StuckError(due)
        if clock.now() < at:
            clock.advance_to(at)
        await wake(*due)
        runs += 1
    if clock.now() < target:
        clock.advance_to(target)
    return runs
