"""Decides how test clocks move: in the background, one wake-up after the other, each in a unit of work at its own instant."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from emulator import API_VERSION
from emulator.clocks import test_clocks
from emulator.kernel.documents import changed
from emulator.operations.execute import settle, wake
from emulator.resources.context import Context, RequestInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from emulator.kernel.documents import Doc
    from emulator.operations.engine import Engine
    from emulator.operations.space import Space

log = logging.getLogger(__name__)
STARTED = "test_helpers.test_clock.advancing"
LIMIT = 1_000_000  # wake-ups of one advance; beyond it the clock is taken to be stuck


class ClockRuns:
    """The advances that are under way on a server."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._tasks: set[asyncio.Task[None]] = set()
        engine.after_commit.append(self.committed)

    def committed(self, space: Space, events: Sequence[Doc], rows: Sequence[Doc]) -> None:
        """Hear of a commit: a clock that is told to advance sets out."""
        del rows
        for event in events:
            if event["type"] == STARTED:
                task = asyncio.get_running_loop().create_task(self._run(space, event["data"]["object"]["id"]))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Stop all advances; a clock stays where it was."""
        for task in list(self._tasks):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _run(self, space: Space, clock: str) -> None:
        store = self.engine.store
        async with store.begin(space.store_name) as uow:
            doc = await uow.get(test_clocks.KIND, clock)
        if doc is None or doc["status"] != "advancing":
            return
        target = doc["status_details"]["advancing"]["target_frozen_time"]
        try:
            for _ in range(LIMIT):
                due = await store.next_due(space.store_name, target, clock)
                if due is None:
                    break
                await wake(self.engine, space, due.at, due.kind, due.id)
                await asyncio.sleep(0)  # other requests get their turn
            await self._put(space, clock, lambda ctx, now: test_clocks.arrived(ctx, now, target))
        except Exception:
            log.exception("the test clock %s failed on its way", clock)
            await self._put(
                space,
                clock,
                lambda ctx, now: ctx.put(test_clocks.KIND, changed(now, status="internal_failure", status_details={})),
            )

    async def _put(self, space: Space, clock: str, act: Callable[[Context, Doc], Doc]) -> None:
        async with self.engine.store.begin(space.store_name) as uow:
            doc = await uow.get(test_clocks.KIND, clock)
            if doc is not None:
                ctx = Context(
                    self.engine.services,
                    space.world,
                    uow,
                    space.clock.now(),
                    RequestInfo(None, None, "clock"),
                    API_VERSION,
                )
                act(ctx, doc)
                await settle(self.engine, space, uow, ctx)
