"""Decides what somebody who watches a world is told, and when: its latest calls, events and deliveries, its time, its rules.

Nothing is hooked in and nothing is queued. A stream looks again when a commit or a delivery wakes it, and a few times a second for
calls that wrote nothing, then sends what it has not sent: a reader who is slow, or a burst, costs what is in between, never memory.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import orjson
from aiohttp import web

from emulator.control import clock, faults
from emulator.control.errors import ControlError
from emulator.kernel.clock import monotonic, wall
from emulator.resources.mailbox import KIND as MAIL
from emulator.store.port import Query
from emulator.webhooks import outbox

if TYPE_CHECKING:
    from emulator.control.routes import Control
    from emulator.kernel.documents import Doc
    from emulator.operations.engine import Engine
    from emulator.operations.space import Space

MOST: Final = 100  # rows of each kind that are told; older ones are the control API's
NEXT: Final = 20  # rows of what is due
WATCHERS: Final = 32  # streams of one server at once
TICK: Final = 0.2  # seconds between two looks at what wakes nobody
TOGETHER: Final = 0.05  # seconds within which news is told together
BEAT: Final = 15.0  # seconds of silence after which a stream shows that it lives
PATIENCE: Final = 20.0  # seconds that a reader may take for one message
HEADERS: Final = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Accel-Buffering": "no",
    "Cross-Origin-Resource-Policy": "same-origin",
}
DELIVERY: Final = (
    "id",
    "event",
    "type",
    "subject",
    "endpoint",
    "url",
    "attempt",
    "status",
    "at",
    "due",
    "latency_ms",
    "error",
    "fault",
)


class Lane:
    """The latest rows of one kind, and which of them were told."""

    def __init__(self) -> None:
        self._told: dict[str, Any] = {}
        self._newest: str | None = None

    def news(self, rows: Sequence[tuple[str, Any]]) -> tuple[list[Any], bool]:
        """Return which rows are new or changed, oldest first, and whether they replace all that was told before.

        ``rows`` are ids and documents, newest first. Rows never change in place, so what is the same object was told.
        """
        anew = self._newest is not None and all(id != self._newest for id, _ in rows)
        fresh = [row for id, row in rows if anew or self._told.get(id) is not row]
        self._told = dict(rows)
        self._newest = rows[0][0] if rows else None
        return fresh[::-1], anew


class Watch:
    """What one watcher of a world was told."""

    def __init__(self, control: Control, key: str) -> None:
        self.control = control
        self.key = key
        self.space: Space | None = None
        self.lanes: dict[str, Lane] = {}
        self.said: dict[str, Any] = {}
        self.seen: Any = None

    def state(self) -> tuple[Any, ...]:
        """Return what is different after anything happened; takes no time."""
        engine = self.control.engine
        space = engine.spaces.get(self.key)
        everywhere = (len(engine.requests), engine.requests[-1].id if engine.requests else "", len(engine.spaces))
        if space is None:
            return everywhere
        revision = engine.store.revision(space.store_name)
        rules = () if space.faults is None else tuple((rule.id, rule.seen) for rule in space.faults.rules.values())
        return (*everywhere, id(space), int(monotonic()) if revision is None else revision, rules, _shows(space))

    async def news(self) -> Doc | None:
        """Return what the watcher does not know yet, None for nothing."""
        state = self.state()
        if state == self.seen:
            return None
        self.seen = state
        space = self.control.engine.spaces.get(self.key)
        first = space is not self.space or not self.lanes
        if first:
            self.space, self.said = space, {}
            self.lanes = {name: Lane() for name in ("requests", "events", "deliveries")}
        told: Doc = {"key": self.key, "first": first, "gone": space is None} if first else {}
        worlds = sorted(self.control.engine.spaces)
        if space is not None:
            told |= await self._rows(space)
            told |= await self._facts(space)
        if self.said.get("worlds") != worlds:
            self.said["worlds"] = worlds
            told["worlds"] = len(worlds)
        return told or None

    async def _rows(self, space: Space) -> Doc:
        engine = self.control.engine
        async with engine.store.begin(space.store_name) as unit:
            events = (await unit.page("event", Query(limit=MOST))).docs
            rows = (await unit.page(outbox.KIND, Query(limit=MOST))).docs
            mails = (await unit.page(MAIL, Query(limit=MOST))).docs
        found = {
            "requests": [(record.id, record) for record in _latest(engine.requests, self.key)],
            "events": [(event["id"], event) for event in events],
            "deliveries": [(row["id"], row) for row in rows],
        }
        told: Doc = {}
        for name, latest in found.items():
            fresh, anew = self.lanes[name].news(latest)
            if fresh or anew:
                told[name] = [SHOWN[name](row) for row in fresh]
            if anew:
                told.setdefault("anew", []).append(name)
        return told | self._changed("mail", {"count": len(mails), "latest": mails[0]["id"] if mails else None})

    async def _facts(self, space: Space) -> Doc:
        told = self._changed("clock", _shows(space))
        if told:
            told["clock"] = {"now": space.clock.now(), "mode": space.clock.mode}
        told |= self._changed("due", await due(self.control.engine, space))
        return told | self._changed("faults", faults.listed(space)["data"])

    def _changed(self, name: str, value: Any) -> Doc:
        if name in self.said and self.said[name] == value:
            return {}
        self.said[name] = value
        return {name: value}


async def due(engine: Engine, space: Space) -> list[Doc]:
    """Return what happens next on a world's clock; what is alike and happens at one instant is one row."""
    rows: dict[tuple[int, str], Doc] = {}
    for one in await engine.store.due(space.store_name, clock.LOOKED_AT):
        if one.kind not in clock.HOUSEKEEPING:
            blank: Doc = {"at": one.at, "what": one.kind.lstrip("_"), "object": one.id, "count": 0}
            rows.setdefault((one.at, one.kind), blank)["count"] += 1
    return list(rows.values())[:NEXT]


def _shows(space: Space) -> tuple[str, int]:
    """Return what stays the same while a clock only runs on: its instant, or how far it is from real time (seconds)."""
    now = space.clock.now()
    return space.clock.mode, now if space.clock.mode == "frozen" else now - int(wall())


def _latest(records: Sequence[Any], key: str) -> list[Any]:
    found: list[Any] = []
    for record in reversed(records):
        if record.key == key:
            found.append(record)
            if len(found) == MOST:
                break
    return found


def _request(record: Any) -> Doc:
    return {
        "id": record.id, "at": record.at, "method": record.method, "path": record.path, "status": record.status,
        "duration_ms": round(record.duration_ms, 3), "idempotency_key": record.idempotency_key, "error": record.error,
    }  # fmt: skip


def _event(event: Doc) -> Doc:
    data = event["data"]
    subject = data["object"]
    name = next((subject[one] for one in ("name", "number", "email") if isinstance(subject.get(one), str)), None)
    return {
        "id": event["id"], "type": event["type"], "created": event["created"], "object": subject.get("id"), "name": name,
        "changed": list(data.get("previous_attributes") or ()), "request": (event.get("request") or {}).get("id"),
        "pending_webhooks": event.get("pending_webhooks"),
    }  # fmt: skip


def _delivery(row: Doc) -> Doc:
    answered = row.get("response") or {}
    return {**{name: row.get(name) for name in DELIVERY}, "answered": answered.get("status")}


SHOWN: Final = {"requests": _request, "events": _event, "deliveries": _delivery}


class Streams:
    """The streams of one server."""

    def __init__(self, control: Control) -> None:
        self.control = control
        self.closing = False
        self.tasks: set[asyncio.Task[Any]] = set()

    def close(self) -> None:
        """End all streams, those included whose readers do not read."""
        self.closing = True
        for task in self.tasks:
            task.cancel()

    def _room(self) -> None:
        if self.closing or len(self.tasks) >= WATCHERS:
            raise ControlError("too many are watching", status=503, hint="close other pages of the inspector")

    async def serve(self, request: web.Request, key: str) -> web.StreamResponse:
        """Tell of a world until the browser goes or the server ends; raises 503 for one watcher too many."""
        self._room()
        response = web.StreamResponse(headers=HEADERS)
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a handler runs in a task
        self.tasks.add(task)
        try:
            await response.prepare(request)
            await self._tell(request, response, Watch(self.control, key))
        except (ConnectionError, TimeoutError):
            pass  # the reader is gone, or does not read
        except asyncio.CancelledError:
            if not self.closing:
                raise
            task.uncancel()
        finally:
            self.tasks.discard(task)
        return response

    async def _tell(self, request: web.Request, response: web.StreamResponse, watch: Watch) -> None:
        silent = monotonic()
        while not _gone(request):
            told = None
            with contextlib.suppress(KeyError):  # the world went away while it was looked at
                told = await watch.news()
            if told is not None or monotonic() - silent >= BEAT:
                silent = monotonic()
                async with asyncio.timeout(PATIENCE):
                    await response.write(_message(told))
                await asyncio.sleep(TOGETHER)
            await self._wait(watch)

    async def _wait(self, watch: Watch) -> None:
        """Return when something may have happened, after a moment at the latest."""

        async def look() -> bool:
            return bool(watch.state() != watch.seen)

        if watch.space is None:
            await asyncio.sleep(TICK)
        else:
            await self.control.background.until(watch.space, look, TICK)


def _gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


def _message(told: Doc | None) -> bytes:
    if told is None:
        return b": still here\n\n"
    return b"data: " + orjson.dumps(told, default=str, option=orjson.OPT_NON_STR_KEYS) + b"\n\n"
