"""Decides in which order things happen by themselves when a clock moves, at which instant, and what a failure stops."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol

log = logging.getLogger(__name__)

Due = tuple[int, str, str]
NextDue = Callable[[int], Awaitable[Due | None]]
Wake = Callable[[int, str, str], Awaitable[object]]
SetAside = Callable[[str, str], Awaitable[object]]
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


class Moved(NamedTuple):
    """What a move of a clock did: how many wake-ups ran, and those that failed."""

    runs: int
    failed: list[Due]


async def run_until(target: int, clock: Movable, next_due: NextDue, wake: Wake, set_aside: SetAside) -> Moved:
    """Run every wake-up due until ``target`` (unix seconds, inclusive), then leave ``clock`` there.

    ``next_due(until)`` names the earliest due object as (instant, kind, id) or None; ``wake(instant, kind, id)`` runs
    it in a unit of work of its own at that instant. What a wake-up makes due before ``target`` runs too. The clock is
    never moved back: what is overdue runs at its own instant while the clock stays.

    One that fails stops nobody else: it is logged, and ``set_aside(kind, id)`` takes it from those that are due, so that
    it is not tried for ever.
    """
    runs = 0
    failed: list[Due] = []
    woken: dict[Due, int] = {}
    while (due := await next_due(target)) is not None:
        at = due[0]
        if woken and next(iter(woken))[0] != at:
            woken.clear()
        woken[due] = woken.get(due, 0) + 1
        if clock.now() < at:
            clock.advance_to(at)
        try:
            if woken[due] > REPEATS:
                raise StuckError(due)  # noqa: TRY301 - one that does not get on has failed like any other
            await wake(*due)
            runs += 1
        except Exception:
            log.exception("what was due at %s for %s %s failed; it is left alone until that object changes", *due)
            failed.append(due)
            await set_aside(due[1], due[2])
    if clock.now() < target:
        clock.advance_to(target)
    return Moved(runs, failed)
