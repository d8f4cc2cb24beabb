"""Decides how test clocks move: in the background, one wake-up after the other, each in a unit of work at its own instant."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from emulator.clocks import test_clocks
from emulator.clocks.advance import Moved, run_until
from emulator.operations.execute import set_aside, settle, wake
from emulator.resources.context import Context, RequestInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from emulator.kernel.documents import Doc
    from emulator.operations.engine import Engine
    from emulator.operations.space import Space

log = logging.getLogger(__name__)
STARTED = "test_helpers.test_clock.advancing"


class Hand:
    """Where a test clock is on its way; the stored one shows it when it has arrived."""

    def __init__(self, at: int) -> None:
        self._at = at

    def now(self) -> int:
        """Return unix seconds."""
        return self._at

    def advance_to(self, at: int) -> None:
        """Move to ``at``."""
        self._at = at


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
            failed = (await self._moved(space, doc, target)).failed
        except Exception:
            log.exception("the test clock %s failed on its way", clock)
            await self._put(space, clock, test_clocks.failed)
            return
        if failed:
            log.error("the test clock %s is at %s, but %s of its wake-ups failed", clock, target, len(failed))
        await self._put(
            space,
            clock,
            lambda ctx, now: (test_clocks.failed if failed else test_clocks.arrived)(ctx, now, target),
        )

    async def _moved(self, space: Space, clock: Doc, target: int) -> Moved:
        """Let everything happen that is due on a clock until ``target``."""
        store = self.engine.store

        async def next_due(until: int) -> tuple[int, str, str] | None:
            return await store.next_due(space.store_name, until, clock["id"])

        async def run(at: int, kind: str, id: str) -> None:
            await wake(self.engine, space, at, kind, id)
            await asyncio.sleep(0)  # other requests get their turn

        async def leave(kind: str, id: str) -> None:
            await set_aside(self.engine, space, kind, id)

        return await run_until(target, Hand(clock["frozen_time"]), next_due, run, leave)

    async def _put(self, space: Space, clock: str, act: Callable[[Context, Doc], Doc]) -> None:
        async with self.engine.store.begin(space.store_name) as uow:
            doc = await uow.get(test_clocks.KIND, clock)
            if doc is not None:
                now = space.clock.now()
                ctx = self.engine.context(space, uow, now, RequestInfo(None, None, "clock"), server_now=now)
                act(ctx, doc)
                await settle(self.engine, space, uow, ctx)
