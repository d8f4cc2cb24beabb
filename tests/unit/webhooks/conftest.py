"""A receiver on a real port, and a home for deliveries over the memory store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from aiohttp import web

from emulator.kernel.clock import Clock
from emulator.kernel.documents import Doc
from emulator.kernel.ids import IdSource
from emulator.store.memory import MemoryStore
from emulator.store.port import Query, UnitOfWork
from emulator.webhooks import outbox
from emulator.webhooks.dispatcher import Dispatcher
from emulator.webhooks.endpoints import SECRETS
from emulator.webhooks.faulty import Verdict
from tests.support.receiving import listening

SPACE = "sk_test_unit"
SECRET = "whsec_unit"


@dataclass
class Got:
    path: str
    headers: dict[str, str]
    body: bytes
    arrived: float


class Receiver:
    """Answers 200 unless told otherwise: ``answers`` is used up first."""

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.answers: list[Callable[[web.Request], Awaitable[web.StreamResponse]]] = []
        self.under_way = 0
        self.most_under_way = 0
        self.url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            body = await request.read()
            self.got.append(Got(request.path, dict(request.headers), body, asyncio.get_running_loop().time()))
            answer = self.answers.pop(0) if self.answers else None
            return await answer(request) if answer else web.Response(text="thanks", headers={"X-Seen": "yes"})
        finally:
            self.under_way -= 1

    def next(self, status: int, *, after: float = 0.0, **more: Any) -> None:
        async def answer(_: web.Request) -> web.StreamResponse:
            await asyncio.sleep(after)
            return web.Response(status=status, **more)

        self.answers.append(answer)

    def ids(self) -> list[str]:
        return [orjson.loads(one.body)["id"] for one in self.got]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    async with listening(made.handle) as made.url:
        yield made


@dataclass
class Home:
    """What the engine is to the dispatcher."""

    store: MemoryStore = field(default_factory=MemoryStore)
    clock: Clock = field(default_factory=lambda: Clock(1_800_000_000))
    ids: IdSource = field(default_factory=lambda: IdSource("acct_1unit000000000000", "seed"))
    waits: Sequence[int] = (60, 600, 6000)
    heard: list[str] = field(default_factory=list)
    records: int = 0
    verdicts: list[Verdict | None] = field(default_factory=list)

    def begin(self, space: str) -> UnitOfWork:
        return self.store.begin(space)

    def now(self, space: str) -> int:
        return self.clock.now()

    def new_id(self, space: str, prefix: str) -> str:
        return self.ids.id(prefix, self.clock.now())

    def platform(self, space: str) -> str | None:
        return None

    def delays(self, space: str) -> Sequence[int]:
        return self.waits

    async def body(self, space: str, event: Doc, version: str | None) -> bytes:
        return orjson.dumps({**event, "api_version": version or "newest"}, option=orjson.OPT_INDENT_2)

    def changed(self, space: str) -> None:
        self.heard.append(space)

    def told(self, space: str) -> None:
        self.records += 1

    def verdict(self, space: str, row: Doc) -> Verdict | None:
        return self.verdicts.pop(0) if self.verdicts else None

    # -------------------------------------------------------------------------------------- for the tests
    async def rows(self) -> list[Doc]:
        return (await self.store.dump(SPACE)).get(outbox.KIND, [])

    async def get(self, kind: str, id: str) -> Doc:
        async with self.store.begin(SPACE) as unit:
            doc = await unit.get(kind, id)
        assert doc is not None
        return doc

    async def put(self, kind: str, *docs: Doc) -> None:
        async with self.store.begin(SPACE) as unit:
            for doc in docs:
                unit.put(kind, doc)
            await unit.commit()

    async def commit(self, *types: str) -> list[Doc]:
        """Do what the one door does at a commit: events and their delivery rows, together."""
        now = self.clock.now()
        async with self.store.begin(SPACE) as unit:
            endpoints = (await unit.page("webhook_endpoint", Query())).docs
            events = [event(self.ids.id("evt", now), type) for type in types]
            events = [{**one, "pending_webhooks": outbox.pending(one, endpoints)} for one in events]
            rows = outbox.rows(events, endpoints, now, lambda prefix: self.ids.id(prefix, now))
            for one in events:
                unit.put("event", one)
            for row in rows:
                unit.put(outbox.KIND, row)
            await unit.commit()
        return rows


def event(id: str, type: str, **more: Any) -> Doc:
    subject = {"id": "cus_1", "object": "customer", "name": "Zoë"}
    return {
        "id": id, "object": "event", "type": type, "livemode": False, "pending_webhooks": 0, "created": 1_800_000_000,
        "data": {"object": subject}, **more,
    }  # fmt: skip


def endpoint(id: str, url: str, *events: str, **more: Any) -> Doc:
    return {
        "id": id, "object": "webhook_endpoint", "url": url, "enabled_events": list(events or ("*",)),
        "status": "enabled", "api_version": None, "application": None, **more,
    }  # fmt: skip


def _never(kind: str, doc: Doc) -> None:
    """Say that nothing is due."""


@pytest.fixture
async def home(receiver: Receiver) -> Home:
    made = Home()
    await made.store.create(SPACE, {}, _never)
    await made.put("webhook_endpoint", endpoint("we_1", receiver.url + "/hook"))
    await made.put(SECRETS, {"id": "we_1", "secret": SECRET})
    return made


@pytest.fixture
async def dispatcher(home: Home) -> AsyncIterator[Dispatcher]:
    made = Dispatcher(home, timeout=0.5)
    made.start()
    yield made
    await made.stop()


@pytest.fixture
def settle(dispatcher: Dispatcher) -> Callable[[], Awaitable[None]]:
    """Wait until nothing is under way any more."""

    async def wait() -> None:
        async with asyncio.timeout(10):
            await dispatcher.drained(SPACE)

    return wait
