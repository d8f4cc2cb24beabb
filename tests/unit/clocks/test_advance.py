"""Which wake-ups run when a clock moves, in which order, at which instant."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from emulator.clocks.advance import REPEATS, Due, Moved, run_until
from emulator.kernel.clock import Clock

if TYPE_CHECKING:
    import pytest


class Agenda:
    """A tiny store of due objects; a wake-up moves its object on by the step that it was given."""

    def __init__(self, clock: Clock, due: dict[str, int], step: dict[str, int] | None = None) -> None:
        self.clock = clock
        self.due = due
        self.step = step or {}
        self.log: list[tuple[str, int, int]] = []
        self.broken: set[str] = set()

    async def until(self, target: int) -> Moved:
        return await run_until(target, self.clock, self.next_due, self.wake, self.set_aside)

    async def set_aside(self, kind: str, id: str) -> None:
        assert kind == "thing"
        del self.due[id]

    async def next_due(self, until: int) -> Due | None:
        found = sorted((at, "thing", id) for id, at in self.due.items() if at <= until)
        return found[0] if found else None

    async def wake(self, at: int, kind: str, id: str) -> None:
        self.log.append((id, at, self.clock.now()))
        if id in self.broken:
            raise ValueError(id)
        if id in self.step:
            self.due[id] += self.step[id]
        else:
            del self.due[id]


async def test_in_time_order_each_at_its_own_instant() -> None:
    clock = Clock(1000)
    agenda = Agenda(clock, {"late": 1300, "early": 1100, "beyond": 2001}, {"early": 150})
    assert await agenda.until(2000) == (8, [])
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
    assert await agenda.until(1000) == (1, [])
    assert agenda.log == [("overdue", 900, 1000)]
    assert clock.now() == 1000


async def test_an_object_that_stays_due_is_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock(1000)
    agenda = Agenda(clock, {"stuck": 1010, "fine": 1005, "later": 1500}, {"stuck": 0})
    with caplog.at_level(logging.ERROR):
        assert await agenda.until(2000) == (REPEATS + 2, [(1010, "thing", "stuck")])
    assert "thing stuck is due at 1010 again" in caplog.text
    assert agenda.log[-1] == ("later", 1500, 1500), "the others go on"
    assert clock.now() == 2000


async def test_one_that_fails_stops_nobody_else(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock(1000)
    agenda = Agenda(clock, {"first": 1010, "broken": 1020, "last": 1030})
    agenda.broken = {"broken"}
    with caplog.at_level(logging.ERROR):
        assert await agenda.until(2000) == (2, [(1020, "thing", "broken")])
    assert [one[0] for one in agenda.log] == ["first", "broken", "last"], "each is tried once"
    assert "what was due at 1020 for thing broken failed" in caplog.text
    assert "ValueError" in caplog.text
    assert (clock.now(), agenda.due) == (2000, {})


async def test_a_running_clock_runs_on_from_the_target() -> None:
    clock = Clock()
    start = clock.now()
    agenda = Agenda(clock, {"soon": start + 50})
    await agenda.until(start + 3600)
    assert clock.mode == "offset"
    assert start + 3600 <= clock.now() <= start + 3602
