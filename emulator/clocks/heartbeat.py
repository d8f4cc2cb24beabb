"""Decides when a running clock's due wake-ups are looked for: the moment the earliest one is due, without polling."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import logging
from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)

# Seconds until the first wake-up of a world, None when nothing is due or its clock stands still.
Wait = Callable[[str], Awaitable[int | None]]
Beat = Callable[[str], Awaitable[object]]
# A world whose wake-up failed is tried again after this many seconds (a choice).
AFTER_ERROR = 30.0
# What is nudged within this many seconds is looked at together (a choice).
TOGETHER = 0.05
# A sleep is at most this long, so that a change of the system's time is noticed (a choice).
LONGEST = 3600.0


class Heartbeat:
    """One background task for all worlds: sleeps until the next of them has something due, then runs it."""

    def __init__(self, wait: Wait, beat: Beat) -> None:
        self._wait = wait
        self._beat = beat
        self._changed = asyncio.Event()
        self._dirty: set[str] = set()
        self._queue: list[tuple[float, str]] = []
        self._planned: dict[str, float] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start the task; needs a running loop."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(), name="heartbeat")

    async def stop(self) -> None:
        """Stop the task; what is running is cancelled and rolls back."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def nudge(self, space: str) -> None:
        """Say that ``space`` may have something due earlier than before, or that its clock was moved."""
        if space not in self._dirty:
            self._dirty.add(space)
            self._changed.set()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            timeout = LONGEST
            if self._queue:
                timeout = min(LONGEST, self._queue[0][0] - loop.time())
            if timeout > 0 and not self._dirty:
                self._changed.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), timeout)
            await asyncio.sleep(TOGETHER)
            spaces, self._dirty = self._dirty, set()
            while self._queue and self._queue[0][0] <= loop.time():
                at, space = heapq.heappop(self._queue)
                if self._planned.get(space) == at:  # otherwise an earlier instant was planned since
                    del self._planned[space]
                    spaces.add(space)
            for space in sorted(spaces):
                await self._look(space)

    async def _look(self, space: str) -> None:
        try:
            seconds = await self._wait(space)
            if seconds is not None and seconds <= 0:
                await self._beat(space)
                seconds = await self._wait(space)
        except Exception:
            log.exception("a wake-up of %s failed; next try in %s s", space, AFTER_ERROR)
            self._plan(space, AFTER_ERROR)
            return
        if seconds is not None:
            # Clocks tell whole seconds: within the last one it is looked at every tenth of a second.
            self._plan(space, max(0.1, seconds - 0.9))

    def _plan(self, space: str, seconds: float) -> None:
        at = asyncio.get_running_loop().time() + min(seconds, LONGEST)
        if at < self._planned.get(space, at + 1):  # looking too early does no harm, and the queue stays short
            self._planned[space] = at
            heapq.heappush(self._queue, (at, space))
