"""Which wake-ups run when a clock moves, in which order, at which instant."""

from __future__ import annotations

import pytest

from emulator.clocks.advance import REPEATS, Due, StuckError, run_until
from emulator.kernel.clock import Clock


class Agenda:
    """A tiny store of due objects; a wake-up moves its object on by the step that it was given."""

    def __init__(self, clock: Clock, due: dict[str, int], step: dict[str, int] | None = None) -> None:
        self.clock = clock
        self.due = due
        self.step = step or {}
        self.log: list[tuple[str, int, int]] = []

    async def next_due(self, until: int) -> Due | None:
        found = sorted((at, "thing", id) for id, at in self.due.items() if at <= until)
        return found[0] if found else None

    async def wake(self, at: int, kind: str, id: str) -> None:
        self.log.append((id, at, self.clock.now()))
        if id in self.step:
            self.due[id] += self.step[id]
        else:
            del self.due[id]


async def test_in_time_order_each_at_its_own_instant() -> None:
    clock = Clock(1000)
    agenda = Agenda(clock, {"late": 1300, "early": 1100, "beyond": 2001}, {"early": 150})
    assert await run_until(2000, clock, agenda.next_due, agenda.wake) == 8
    assert agenda.log == [
        *(("early", at, at) for at in (1100, 1250)),
        ("late", 1300, 1300),
        *(("early", at, at) for at in (1400, 1550, 1700, 1850, 2000)),
    ]
    assert clock.now() == 2000
    assert clock.mode == "frozen"
    assert agenda.due == {"beyond": 2001, "early": 2150}


async def test_what_is_overdue_runs_at_its_own_instant_and_the_clock_never_goes_back() -> None:
    clock = Clock(1000)
    agenda = Agenda(clock, {"overdue": 900})
    assert await run_until(1000, clock, agenda.next_due, agenda.wake) == 1
    assert agenda.log == [("overdue", 900, 1000)]
    assert clock.now() == 1000


async def test_an_object_that_stays_due_is_noticed() -> None:
    clock = Clock(1000)
    agenda = Agenda(clock, {"stuck": 1010, "fine": 1005}, {"stuck": 0})
    with pytest.raises(StuckError, match="thing stuck is due at 1010 again"):
        await run_until(2000, clock, agenda.next_due, agenda.wake)
    assert len(agenda.log) == REPEATS + 1
    assert clock.now() == 1010


async def test_a_running_clock_runs_on_from_the_target() -> None:
    clock = Clock()
    start = clock.now()
    agenda = Agenda(clock, {"soon": start + 50})
    await run_until(start + 3600, clock, agenda.next_due, agenda.wake)
    assert clock.mode == "offset"
    assert start + 3600 <= clock.now() <= start + 3602
