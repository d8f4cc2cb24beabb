"""Decides how what happens by itself is tied to an engine: webhooks, the heartbeat, and moving a clock."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import orjson

from emulator import API_VERSION
from emulator.clocks.advance import run_until
from emulator.clocks.heartbeat import TOGETHER, Heartbeat
from emulator.kernel.documents import Doc
from emulator.operations.engine import Engine
from emulator.operations.execute import set_aside, wake
from emulator.operations.space import Space
from emulator.render import versions
from emulator.store.port import UnitOfWork
from emulator.webhooks import retries
from emulator.webhooks.dispatcher import Dispatcher
from emulator.webhooks.faulty import Verdict


class EngineHome:
    """What the dispatcher asks about the worlds of an engine; a world that is gone raises KeyError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.on_change: Callable[[str], None] = _nobody
        self.on_record: Callable[[str], None] = _nobody

    def begin(self, space: str) -> UnitOfWork:
        """Open a unit of work."""
        return self._engine.store.begin(self._engine.spaces[space].store_name)

    def platform(self, space: str) -> str | None:
        """Return the world of the platform whose connected account a world is, None for an account of its own."""
        above = self._engine.spaces[space].platform
        return None if above is None else above.key

    def now(self, space: str) -> int:
        """Return the instant of the world's clock."""
        return self._engine.spaces[space].clock.now()

    def new_id(self, space: str, prefix: str) -> str:
        """Return a new id."""
        found = self._engine.spaces[space]
        return found.ids.id(prefix, found.clock.now())

    def delays(self, space: str) -> Sequence[int]:
        """Return the seconds before each further attempt."""
        found = self._engine.spaces[space]
        return retries.delays(found.settings, livemode=found.livemode)

    async def body(self, space: str, event: Doc, version: str | None) -> bytes:
        """Return an event as an endpoint of an API version gets it.

        An event is rendered in the endpoint's version, else the account's, never the request's (facts billing 9.3).
        """
        wanted = version or self._engine.spaces[space].settings.get("default_api_version") or API_VERSION
        shown = event if wanted == API_VERSION else versions.downgrade("event", event, wanted)
        return orjson.dumps({**shown, "api_version": wanted}, option=orjson.OPT_INDENT_2)

    def changed(self, space: str) -> None:
        """Hear that rows with a due instant were written."""
        self.on_change(space)

    def told(self, space: str) -> None:
        """Hear that an attempt was recorded."""
        self.on_record(space)

    def verdict(self, space: str, row: Doc) -> Verdict | None:
        """Return what the rules of the world's tests want to happen to a delivery."""
        found = self._engine.spaces.get(space)
        if found is None or found.faults is None:
            return None
        event = self._engine.store.peek(found.store_name, "event", row["event"])  # type: ignore[attr-defined]
        verdict: Verdict | None = found.faults.of_delivery(row, event or {})
        return verdict


def _nobody(key: str) -> None:
    """Hear nothing."""


class Background:
    """The background tasks of one engine, and the only way in which clocks are moved."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        home = EngineHome(engine)
        self.dispatcher = Dispatcher(home, known=engine.listeners)
        self.heartbeat = Heartbeat(self._wait, self._beat)
        home.on_change = self.heartbeat.nudge
        home.on_record = self.wake_waiters
        self.running = False
        self._soonest: dict[str, int | None] = {}
        self._turns: dict[str, asyncio.Lock] = {}
        self._waiting: dict[str, set[asyncio.Event]] = {}
        engine.after_commit.append(self.committed)
        engine.clock_moved.append(self.moved)
        engine.forgotten.append(self.forget)

    async def start(self) -> None:
        """Start all tasks."""
        self.running = True
        self.dispatcher.start()
        self.heartbeat.start()
        for key in list(self.engine.spaces):
            self.heartbeat.nudge(key)

    async def stop(self) -> None:
        """Stop all tasks."""
        self.running = False
        await self.heartbeat.stop()
        await self.dispatcher.stop()

    def committed(self, space: Space, _events: Sequence[Doc], rows: Sequence[Doc]) -> None:
        """Hear of a commit: send its webhooks, look at its due instants, tell those who wait for anything of the world."""
        if rows:
            self.dispatcher.enqueue(space.key, rows)
        soonest = self.engine.store.soonest(space.store_name)
        if self._soonest.get(space.key, 0) != soonest:  # most commits change nothing of what is due next
            self._soonest[space.key] = soonest
            self.heartbeat.nudge(space.key)
        self.wake_waiters(space.key)

    async def quiet(self, space: Space, seconds: float) -> bool:
        """Wait until everything of a world is sent and nothing is due at its present instant; False after ``seconds``."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    await self.dispatcher.drained(space.key)
                    soonest = self.engine.store.soonest(space.store_name)
                    if (soonest is None or soonest > space.clock.now()) and self.dispatcher.idle(space.key):
                        return True
                    await asyncio.sleep(TOGETHER)
        return False

    def wake_waiters(self, key: str) -> None:
        """Let those who wait for something of a world look again."""
        for waiter in self._waiting.get(key, ()):
            waiter.set()

    def forget(self, space: Space) -> None:
        """Let go of a world that is open no more; one that is made in its place is looked at from the beginning."""
        self._soonest.pop(space.key, None)

    def moved(self, space: Space) -> None:
        """Hear that a clock was set."""
        self.heartbeat.nudge(space.key)

    # ------------------------------------------------------------------------------------------ time
    def turn(self, space: Space) -> asyncio.Lock:
        """Return the lock under which a world's clock moves: one move at a time."""
        return self._turns.setdefault(space.key, asyncio.Lock())

    async def advance(self, space: Space, target: int) -> int:
        """Run every wake-up of a world due until ``target`` (unix seconds) and leave its clock there."""

        async def next_due(until: int) -> tuple[int, str, str] | None:
            return await self.engine.store.next_due(space.store_name, until)

        async def run(at: int, kind: str, id: str) -> None:
            await wake(self.engine, space, at, kind, id)

        async def leave(kind: str, id: str) -> None:
            await set_aside(self.engine, space, kind, id)

        async with self.turn(space):
            moved = await run_until(target, space.clock, next_due, run, leave)
        self.heartbeat.nudge(space.key)
        return moved.runs

    async def _wait(self, key: str) -> int | None:
        space = self.engine.spaces.get(key)
        if space is None:
            return None
        due = await self.engine.store.next_due(space.store_name, None)
        if due is None:
            return None
        left = due.at - space.clock.now()
        # A clock that stands still reaches nothing by itself; what is due at its present instant still happens.
        return left if left <= 0 or space.clock.mode != "frozen" else None

    async def _beat(self, key: str) -> None:
        space = self.engine.spaces.get(key)
        if space is not None:
            await self.advance(space, space.clock.now())

    # ------------------------------------------------------------------------------------------ waiting
    async def until(self, space: Space, look: Callable[[], Awaitable[Any]], seconds: float) -> Any:
        """Return the first true answer of ``look``, asked now and after every commit; None after ``seconds``."""
        heard = asyncio.Event()
        waiters = self._waiting.setdefault(space.key, set())
        waiters.add(heard)
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    while not (found := await look()):
                        await heard.wait()
                        heard.clear()
                    return found
            return None
        finally:
            waiters.discard(heard)
            if not waiters:
                self._waiting.pop(space.key, None)
