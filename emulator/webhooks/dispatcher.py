"""Decides how deliveries leave: in the background, in order per endpoint, each attempt signed anew and recorded."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Protocol

from emulator import API_VERSION
from emulator.kernel.clock import wall
from emulator.kernel.documents import Doc, changed
from emulator.store.port import Query, UnitOfWork
from emulator.webhooks import faulty, listeners, outbox, sending, signing
from emulator.webhooks.answers import TIMEOUT, Answer
from emulator.webhooks.targets import Target, read

log = logging.getLogger(__name__)

WORKERS = 10  # measured: more bring nothing on one core
# Remembers which endpoint has taken which event, so that a replay does not count down pending_webhooks again.
TAKEN = "_delivered"
# The key behind `v0`, the fake scheme that test events carry; receivers must not use it.
FAKE_KEY = "whsec_test_events_only"


class Home(Protocol):
    """What the dispatcher needs of the world that a delivery belongs to; KeyError where there is no such world."""

    def begin(self, space: str) -> UnitOfWork:
        """Open a unit of work."""

    def platform(self, space: str) -> str | None:
        """Return the world of the platform whose connected account a world is, None for an account of its own."""

    def now(self, space: str) -> int:
        """Return the instant of the world's clock."""

    def new_id(self, space: str, prefix: str) -> str:
        """Return a new id."""

    def delays(self, space: str) -> Sequence[int]:
        """Return the seconds before each further attempt."""

    async def body(self, space: str, event: Doc, version: str | None) -> bytes:
        """Return an event as an endpoint of an API version gets it (None: the account's own version)."""

    def changed(self, space: str) -> None:
        """Hear that rows with a due instant were written."""

    def told(self, space: str) -> None:
        """Hear that an attempt was recorded."""

    def verdict(self, space: str, row: Doc) -> faulty.Verdict | None:
        """Return what a test wants to happen to a delivery that is about to leave."""


Lane = tuple[str, str]  # space, endpoint: deliveries of one lane keep their order
RECORDS = "records"  # the lane of what is kept and not sent


class Dispatcher:
    """Ten workers over one client session; each takes the next delivery of an endpoint that nobody else is serving."""

    def __init__(self, home: Home, *, timeout: float = TIMEOUT, known: listeners.Listeners | None = None) -> None:
        self._home = home
        self._listeners = known or listeners.Listeners()
        self._listeners.late = self._amend
        self._lanes: dict[Lane, deque[str]] = {}
        self._ready: asyncio.Queue[Lane] = asyncio.Queue()
        self._records: dict[str, list[tuple[str, int]]] = {}
        self._busy: Counter[str] = Counter()
        self._order: Counter[str] = Counter()
        self._verdicts: dict[str, faulty.Verdict] = {}
        self._held: dict[Lane, list[Doc]] = {}  # deliveries that another one is to overtake
        self._worked = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._sender = sending.Sender(timeout)

    def start(self) -> None:
        """Start the workers; needs a running loop."""
        if not self._tasks:
            loop = asyncio.get_running_loop()
            self._tasks = [loop.create_task(self._work(), name=f"webhooks-{n}") for n in range(WORKERS)]

    async def stop(self) -> None:
        """Stop the workers; what was not sent stays pending."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self._sender.close()

    def enqueue(self, space: str, rows: Iterable[Doc]) -> None:
        """Take over delivery rows that were committed and are to be sent now, in their order."""
        for row in rows:
            if row["due"] is not None or row["request"] is not None or row["status"] not in _OPEN:
                continue
            lane = (space, row["endpoint"])
            verdict = self._home.verdict(space, row) if row.get("fault") is None else None
            if verdict is not None:
                self._verdicts[row["id"]] = verdict
                if verdict.action == faulty.REORDER:
                    self._hold(lane, row)
                    continue
            self._line_up(lane, row)
            self._release(lane)

    def _line_up(self, lane: Lane, row: Doc) -> None:
        if outbox.recorded(row):
            if lane[0] not in self._records:
                self._records[lane[0]] = []
                self._ready.put_nowait((lane[0], RECORDS))
            self._records[lane[0]].append((row["id"], int(wall())))
        elif lane in self._lanes:
            self._lanes[lane].append(row["id"])
        else:
            self._lanes[lane] = deque([row["id"]])
            self._ready.put_nowait(lane)

    def _hold(self, lane: Lane, row: Doc) -> None:
        """Let a delivery wait until another one of its endpoint has overtaken it."""
        self._held.setdefault(lane, []).append(row)
        asyncio.get_running_loop().call_later(faulty.OVERTAKEN_WITHIN, self._release, lane)

    def _release(self, lane: Lane) -> None:
        for row in self._held.pop(lane, ()):
            self._line_up(lane, row)

    async def recover(self, space: str) -> None:
        """Take over what was left unsent in a world that was loaded or copied, and count on from what was sent."""
        async with self._home.begin(space) as unit:
            rows = (await unit.page(outbox.KIND, Query())).docs[::-1]
        self._order[space] = max((row.get("order") or 0 for row in rows), default=0)
        for status in _OPEN:
            self.enqueue(space, [row for row in rows if row["status"] == status])

    def idle(self, space: str) -> bool:
        """Say whether nothing of a world waits to be sent or is being sent."""
        waiting = space in self._records or self._busy[space] > 0
        return not waiting and all(lane[0] != space for lane in (*self._lanes, *self._held))

    async def drained(self, space: str) -> None:
        """Wait until nothing of a world waits to be sent or is being sent."""
        while not self.idle(space):
            self._worked.clear()
            await self._worked.wait()

    async def _work(self) -> None:
        while True:
            lane = await self._ready.get()
            try:
                if lane[1] == RECORDS:
                    await self.fill(lane[0])
                else:
                    await self._attempt(lane[0], self._lanes[lane][0])
            except KeyError:
                log.debug("the world %s is gone, and its deliveries with it", lane[0])
            except Exception:
                log.exception("a delivery of %s could not be recorded", lane[0])
            finally:
                self._next(lane)
                self._worked.set()

    def _next(self, lane: Lane) -> None:
        waiting = self._lanes.get(lane)
        if waiting is not None:
            waiting.popleft()
            if waiting:
                self._ready.put_nowait(lane)
            else:
                del self._lanes[lane]

    # ------------------------------------------------------------------------------------------ one attempt
    async def _attempt(self, space: str, id: str) -> None:
        verdict = self._verdicts.pop(id, None)
        found = await self._target(space, id)
        if not isinstance(found, Target):
            return
        if verdict is not None:
            async with self._home.begin(space) as unit:
                row, twin = self._disturbed(space, unit, found.row, verdict)
                await unit.commit()
            if twin is not None:
                self._lanes[space, row["endpoint"]].insert(1, twin["id"])
            if verdict.action in (faulty.DROP, faulty.DELAY):
                self._home.changed(space)
                self._home.told(space)
                return
            found = found._replace(row=row)
        left = self._home.now(space)
        body = await self._home.body(space, found.event, found.endpoint.get("api_version"))
        action = None if verdict is None else verdict.action
        request = _request(found, body, int(wall()), action)
        listener = self._listeners.find(found.endpoint["id"])
        if listener is None:
            answer = await self._sender.send(found.row["url"], request["headers"], body)
        else:
            newest = await self._home.body(space, found.event, API_VERSION)
            answer = await listener.forward(space, found.row, request, _request(found, newest, int(wall()), action))
        # The next attempt counts from this one, also where a test moved the clock while it was under way.
        await self._record(space, found, request, answer, left + answer.latency_ms // 1000)

    def _disturbed(self, space: str, unit: UnitOfWork, row: Doc, verdict: faulty.Verdict) -> tuple[Doc, Doc | None]:
        """Store what a test wants of a delivery before it leaves; returns its row, and that of its twin."""
        now = self._home.now(space)
        row = changed(row, fault=verdict.rule)
        twin = None
        if verdict.action == faulty.DROP:
            row = changed(row, status=outbox.FAILED, at=now, error=faulty.lost(verdict.rule))
        elif verdict.action == faulty.DELAY:
            row = changed(row, status=outbox.PENDING, at=now + verdict.seconds, due=now + verdict.seconds)
        elif verdict.action == faulty.DUPLICATE:
            twin = changed(row, id=self._home.new_id(space, outbox.PREFIX), automatic=False)
            unit.put(outbox.KIND, twin)
        unit.put(outbox.KIND, row, due=row["due"])
        return row, twin

    async def _target(self, space: str, id: str) -> Target | None:
        """Return what the attempt needs; closes the row where its endpoint or event is gone."""
        async with self._home.begin(space) as unit:
            row = await unit.get(outbox.KIND, id)
            if row is None or row["status"] != outbox.PENDING:
                return None
            found = await self._read(space, unit, row)
            if isinstance(found, Target):
                return found
            at = self._home.now(space)
            unit.put(outbox.KIND, changed(row, status=outbox.FAILED, at=at, error=found))
            await unit.commit()
            return None

    async def _read(self, space: str, unit: UnitOfWork, row: Doc) -> Target | str:
        over = self._home.platform(space)
        if over is None:
            return await read(unit, row, self._listeners)
        async with self._home.begin(over) as above:
            return await read(unit, row, self._listeners, above)

    async def _record(self, space: str, target: Target, request: Doc, answer: Answer, answered: int) -> None:
        now = self._home.now(space)
        row = changed(
            target.row,
            status=outbox.SUCCEEDED if answer.good else outbox.FAILED,
            at=now,
            latency_ms=answer.latency_ms,
            request=request,
            response=answer.response,
            error=answer.error,
            order=self._next_order(space),
        )
        planned = None if answer.good or not row["automatic"] else self._planned(space, target, answered)
        async with self._home.begin(space) as unit:
            if await unit.get(outbox.KIND, row["id"]) is None:
                return  # deliveries were cleared, or the world was replaced, while this one was under way
            unit.put(outbox.KIND, row)
            if answer.good:
                await _count_down(unit, row)
            if planned is not None:
                unit.put(outbox.KIND, planned, due=planned["due"])
            await unit.commit()
        if planned is not None:
            self._home.changed(space)
        self._home.told(space)

    def _next_order(self, space: str) -> int:
        self._order[space] += 1
        return self._order[space]

    def _planned(self, space: str, target: Target, now: int) -> Doc | None:
        delays = self._home.delays(space)
        attempt = target.row["attempt"]
        if attempt > len(delays):
            return None
        due = now + delays[attempt - 1]
        made = self._home.new_id(space, outbox.PREFIX)
        row = outbox.row(target.event, target.endpoint, made, now, attempt=attempt + 1)
        return changed(row, url=target.row["url"], at=due, due=due)

    async def _amend(self, space: str, id: str, answer: Answer) -> None:
        """Record what a listener's program answered after the next event had left."""
        with contextlib.suppress(KeyError):
            async with self._home.begin(space) as unit:
                row = await unit.get(outbox.KIND, id)
                if row is not None:
                    unit.put(outbox.KIND, listeners.amended(row, answer))
                    await unit.commit()
            self._home.told(space)

    # ------------------------------------------------------------------------------------------ kept, not sent
    async def fill(self, space: str) -> None:
        """Write into record-only rows what would have been sent, signed at the time when the event came."""
        waiting = self._records.pop(space, None)
        if not waiting:
            return
        self._busy[space] += 1
        try:
            async with self._home.begin(space) as unit:
                for delivery, at in waiting:
                    await self._fill(space, unit, delivery, at)
                await unit.commit()
        finally:
            self._busy[space] -= 1
        self._home.told(space)

    async def _fill(self, space: str, unit: UnitOfWork, id: str, at: int) -> None:
        verdict = self._verdicts.pop(id, None)
        row = await unit.get(outbox.KIND, id)
        found = await self._read(space, unit, row) if row is not None else ""
        if row is None or not isinstance(found, Target):
            return
        twin = None
        if verdict is not None:
            row, twin = self._disturbed(space, unit, row, verdict)
            if verdict.action in (faulty.DROP, faulty.DELAY):
                self._home.changed(space)
                return
        body = await self._home.body(space, found.event, found.endpoint.get("api_version"))
        request = _request(found, body, at, None if verdict is None else verdict.action)
        for one in (row, twin):
            if one is not None:
                filled = changed(one, status=outbox.RECORDED, request=request, order=self._next_order(space))
                unit.put(outbox.KIND, filled)

    async def replay(self, space: str, id: str) -> Doc | None:
        """Make a further attempt of a delivery at once and return its row; None where the row is unknown."""
        async with self._home.begin(space) as unit:
            old = await unit.get(outbox.KIND, id)
            if old is None:
                return None
            found = await self._read(space, unit, old)
            made = self._home.new_id(space, outbox.PREFIX)
            now = self._home.now(space)
            row = changed(old, id=made, created=now, attempt=await _attempts(unit, old) + 1, automatic=False)
            row.update(at=now, due=None, latency_ms=None, request=None, response=None, error=None, order=None)
            row["status"] = outbox.PENDING
            if isinstance(found, Target):
                row["url"] = found.endpoint["url"]
                if outbox.recorded(found.endpoint):
                    row["status"] = outbox.RECORDED
            unit.put(outbox.KIND, row)
            await unit.commit()
        if row["status"] == outbox.RECORDED:
            self.enqueue(space, [row])
            await self.fill(space)
        else:
            await self._attempt(space, made)
        async with self._home.begin(space) as unit:
            return await unit.get(outbox.KIND, made)


_OPEN = (outbox.PENDING, outbox.RECORDED)


def _of_event(event: str, row: Doc) -> bool:
    return bool(row["event"] == event)


async def _attempts(unit: UnitOfWork, row: Doc) -> int:
    """Return the number of the latest attempt of a row's event at its endpoint."""
    same = Query({"type": row["type"]}, keep=partial(_of_event, row["event"]))
    found = await unit.page(outbox.KIND, same)
    return max((one["attempt"] for one in found.docs if one["endpoint"] == row["endpoint"]), default=0)


async def _count_down(unit: UnitOfWork, row: Doc) -> None:
    """Take one off the event's pending_webhooks when an endpoint answers 2xx for the first time."""
    taken = f"{row['event']}/{row['endpoint']}"
    event = await unit.get("event", row["event"])
    if event is None or await unit.get(TAKEN, taken) is not None:
        return
    unit.put(TAKEN, {"id": taken, "object": TAKEN, "created": row["at"]})
    unit.put("event", changed(event, pending_webhooks=max(0, event["pending_webhooks"] - 1)))


def _request(target: Target, body: bytes, timestamp: int, disturbed: str | None = None) -> dict[str, Any]:
    fake = None if target.event.get("livemode") else FAKE_KEY
    secrets, signed_at = faulty.signed(target.secrets, timestamp, disturbed)
    signature = signing.header(secrets, signed_at, body, fake=fake)
    return {"headers": {**sending.HEADERS, "Stripe-Signature": signature}, "body": body.decode()}
