"""Decides how deliveries leave: in the background, in order per endpoint, each attempt signed anew and recorded."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple, Protocol

from emulator.kernel.clock import wall
from emulator.kernel.documents import Doc, changed
from emulator.store.port import Query, UnitOfWork
from emulator.webhooks import outbox, sending, signing
from emulator.webhooks.endpoints import ENABLED, SECRETS
from emulator.webhooks.endpoints import KIND as ENDPOINT

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


class Target(NamedTuple):
    """What an attempt needs to know, read in one unit of work."""

    row: Doc
    event: Doc
    endpoint: Doc
    secrets: list[str]


Lane = tuple[str, str]  # space, endpoint: deliveries of one lane keep their order
RECORDS = "records"  # the lane of what is kept and not sent


class Dispatcher:
    """Ten workers over one client session; each takes the next delivery of an endpoint that nobody else is serving."""

    def __init__(self, home: Home, *, timeout: float = sending.TIMEOUT) -> None:
        self._home = home
        self._lanes: dict[Lane, deque[str]] = {}
        self._ready: asyncio.Queue[Lane] = asyncio.Queue()
        self._records: dict[str, list[tuple[str, int]]] = {}
        self._busy: Counter[str] = Counter()
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
            if row["status"] == outbox.RECORDED:
                if row["request"] is None:
                    if space not in self._records:
                        self._records[space] = []
                        self._ready.put_nowait((space, RECORDS))
                    self._records[space].append((row["id"], int(wall())))
            elif row["status"] == outbox.PENDING and row["due"] is None:
                lane = (space, row["endpoint"])
                if lane in self._lanes:
                    self._lanes[lane].append(row["id"])
                else:
                    self._lanes[lane] = deque([row["id"]])
                    self._ready.put_nowait(lane)

    async def recover(self, space: str) -> None:
        """Take over what an earlier process left unsent in a world that was loaded from a file."""
        async with self._home.begin(space) as unit:
            found = [(await unit.page(outbox.KIND, Query({"status": status}))).docs for status in _OPEN]
        for rows in found:
            self.enqueue(space, reversed(rows))

    def idle(self, space: str) -> bool:
        """Say whether nothing of a world waits to be sent or is being sent."""
        waiting = space in self._records or self._busy[space] > 0
        return not waiting and all(lane[0] != space for lane in self._lanes)

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
        found = await self._target(space, id)
        if isinstance(found, Target):
            body = await self._home.body(space, found.event, found.endpoint.get("api_version"))
            request = _request(found, body, int(wall()))
            answer = await self._sender.send(found.row["url"], request["headers"], body)
            await self._record(space, found, request, answer)

    async def _target(self, space: str, id: str) -> Target | None:
        """Return what the attempt needs; closes the row where its endpoint or event is gone."""
        async with self._home.begin(space) as unit:
            row = await unit.get(outbox.KIND, id)
            if row is None or row["status"] != outbox.PENDING:
                return None
            found = await _read(unit, row)
            if isinstance(found, Target):
                return found
            at = self._home.now(space)
            unit.put(outbox.KIND, changed(row, status=outbox.FAILED, at=at, error=found))
            await unit.commit()
            return None

    async def _record(self, space: str, target: Target, request: Doc, answer: sending.Answer) -> None:
        now = self._home.now(space)
        row = changed(
            target.row,
            status=outbox.SUCCEEDED if answer.good else outbox.FAILED,
            at=now,
            latency_ms=answer.latency_ms,
            request=request,
            response=answer.response,
            error=answer.error,
        )
        planned = None if answer.good or not row["automatic"] else self._planned(space, target, now)
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

    def _planned(self, space: str, target: Target, now: int) -> Doc | None:
        delays = self._home.delays(space)
        attempt = target.row["attempt"]
        if attempt > len(delays):
            return None
        due = now + delays[attempt - 1]
        made = self._home.new_id(space, outbox.PREFIX)
        row = outbox.row(target.event, target.endpoint, made, now, attempt=attempt + 1)
        return changed(row, url=target.row["url"], at=due, due=due)

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
                    row = await unit.get(outbox.KIND, delivery)
                    found = await _read(unit, row) if row is not None else ""
                    if row is not None and isinstance(found, Target):
                        body = await self._home.body(space, found.event, found.endpoint.get("api_version"))
                        unit.put(outbox.KIND, changed(row, request=_request(found, body, at)))
                await unit.commit()
        finally:
            self._busy[space] -= 1

    async def replay(self, space: str, id: str) -> Doc | None:
        """Make a further attempt of a delivery at once and return its row; None where the row is unknown."""
        async with self._home.begin(space) as unit:
            old = await unit.get(outbox.KIND, id)
            if old is None:
                return None
            found = await _read(unit, old)
            made = self._home.new_id(space, outbox.PREFIX)
            now = self._home.now(space)
            row = changed(old, id=made, created=now, attempt=await _attempts(unit, old) + 1, automatic=False)
            row.update(at=now, due=None, latency_ms=None, request=None, response=None, error=None)
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


async def _read(unit: UnitOfWork, row: Doc) -> Target | str:
    """Return the target of a row, or the reason why there is none."""
    endpoint = await unit.get(ENDPOINT, row["endpoint"])
    if endpoint is None:
        return "the endpoint was deleted"
    if endpoint["status"] != ENABLED and row["automatic"]:
        return "the endpoint is disabled"
    event = await unit.get("event", row["event"])
    if event is None:
        return "the event is gone"
    secret = await unit.get(SECRETS, row["endpoint"])
    return Target(row, event, endpoint, [secret["secret"]] if secret is not None else [])


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


def _request(target: Target, body: bytes, timestamp: int) -> dict[str, Any]:
    fake = None if target.event.get("livemode") else FAKE_KEY
    signature = signing.header(target.secrets, timestamp, body, fake=fake)
    return {"headers": {**sending.HEADERS, "Stripe-Signature": signature}, "body": body.decode()}
