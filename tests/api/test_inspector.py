"""The inspector's server side: who gets the page, what a stream tells and when it ends, which browsers may write."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
from aiohttp import web

from emulator.control import inspector, inspector_stream
from emulator.control.inspector_stream import Lane
from tests.support.client import Api

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
HOOK = {"url": "http://127.0.0.1:9/", "enabled_events": ["customer.created"]}  # nobody listens there
STREAM = "/_emulator/inspector/stream"
STATIC = Path(inspector.__file__).parent / "static"


class Reading:
    """One open stream."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self.answer = answer

    async def next(self) -> Any:
        """Return the next message; beats are passed by."""
        async with asyncio.timeout(3):
            while True:
                line = await self.answer.content.readline()
                assert line, "the stream ended"
                if line.startswith(b"data: "):
                    return orjson.loads(line[6:])

    async def until(self, name: str) -> Any:
        """Return what the next message with a member says."""
        while name not in (told := await self.next()):
            pass
        return told[name]


@asynccontextmanager
async def watching(api: Api, key: str | None = None) -> AsyncIterator[Reading]:
    async with api.client.get(f"{STREAM}?key={key or api.key}") as answer:
        assert answer.status == 200
        assert answer.content_type == "text/event-stream"
        yield Reading(answer)


# ------------------------------------------------------------------------------------------------ the page
async def test_a_browser_at_the_root_is_led_to_the_page_and_a_program_is_answered(api: Api) -> None:
    async with api.client.get("/", headers=BROWSER, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"], answer.headers["Vary"]) == (302, "/_emulator/", "Accept")
    async with api.client.get("/", headers={"Accept": "*/*"}) as answer:
        assert (answer.status, answer.content_type) == (401, "application/json")
    assert (await api.call("GET", "/")).status == 404
    assert (await api.call("POST", "/", headers=BROWSER)).status == 404


async def test_a_browser_that_asks_for_an_icon_is_told_of_none(api: Api) -> None:
    async with api.client.get("/favicon.ico") as answer:
        assert (answer.status, await answer.read()) == (204, b"")
        assert answer.headers["Cache-Control"] == "max-age=86400"


@pytest.mark.parametrize("path", ["/_emulator", "/_emulator/"])
async def test_browsers_get_the_page_and_programs_the_calls(api: Api, path: str) -> None:
    async with api.client.get(path, headers=BROWSER) as answer:
        assert answer.status == 200
        assert answer.content_type == "text/html"
        text = await answer.text()
        policy = answer.headers["Content-Security-Policy"]
    assert "<title>Inspector</title>" in text
    assert "unsafe" not in policy
    assert {"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "trusted-types 'none'"} <= set(
        policy.split("; ")
    )
    for accept in ("*/*", "application/json", ""):
        answer_ = await api.get(path, headers={"Accept": accept})
        assert "GET /_emulator/events" in answer_["calls"]
    assert (await api.post("/_emulator/", headers=BROWSER)).status == 405


async def test_files_are_sent_once_and_only_those_of_the_page(api: Api) -> None:
    async with api.client.get("/_emulator/inspector/inspector.js") as answer:
        assert (answer.status, answer.content_type) == (200, "text/javascript")
        etag = answer.headers["ETag"]
    async with api.client.get("/_emulator/inspector/inspector.js", headers={"If-None-Match": etag}) as answer:
        assert answer.status == 304
    for name in ("nope.js", "..%2finspector.py", "%2e%2e%2frouting.py"):
        async with api.client.get(f"/_emulator/inspector/{name}") as answer:
            assert answer.status == 404, name


def test_the_page_is_light_and_makes_no_markup_of_texts() -> None:
    bodies = [path.read_text() for path in STATIC.iterdir()]
    assert sum(len(body.encode()) for body in bodies) < 60_000
    for body in bodies:
        assert len(body.splitlines()) <= 400
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", body)
        assert not re.search(r"(src|href|@import|url\()\s*=?\s*[\"']?(https?:)?//", body), "another host"
    page = (STATIC / "inspector.html").read_text()
    assert not re.search(r"<style|<script>| on\w+=| style=", page)
    named = {name for body in bodies for name in re.findall(r'from "\./(\w+\.js)"', body)} | {
        "inspector.js",
        "inspector.css",
    }
    assert named | {"inspector.html"} == set(inspector.files())


async def test_a_world_at_a_glance(saas: Api) -> None:
    await saas.ok("POST", "/v1/webhook_endpoints", HOOK)
    await saas.ok("POST", "/_emulator/worlds/sk_test_demo/snapshot")
    await saas.ok("POST", "/v1/customers", {"name": "Ada"})
    told = await saas.ok("GET", "/_emulator/inspector/world?key=sk_test_demo")
    assert told["objects"]["customer"] == len((await saas.ok("GET", "/v1/customers", {"limit": 100}))["data"])
    assert (told["events"], sum(told["deliveries"].values()) > 0, told["requests"]) == (1, True, 2)
    assert told["snapshots"] == ["snap_1"]
    assert "saas" in told["fixtures"]
    assert not [kind for kind in told["objects"] if kind.startswith("_") or kind == "event"]
    refused = await saas.get("/_emulator/inspector/world?key=nonsense")
    assert (refused.status, refused.error["message"]) == (401, "not a key: nonsense")


# ------------------------------------------------------------------------------------------------ the stream
async def test_a_stream_begins_with_what_there_is_and_tells_what_happens(api: Api) -> None:
    before = await api.post("/v1/customers", {"name": "Ada"})
    async with watching(api) as stream:
        first = await stream.next()
        assert (first["first"], first["gone"], first["key"]) == (True, False, api.key)
        assert [row["path"] for row in first["requests"]] == ["/v1/customers"]
        assert [row["type"] for row in first["events"]] == ["customer.created"]
        assert first["clock"]["mode"] == "real"
        started = time.perf_counter()
        made = await api.post(f"/v1/customers/{before.id}", {"name": "Bea"})
        event = (await stream.until("events"))[0]
        assert time.perf_counter() - started < 1
        assert (event["type"], event["object"], event["changed"]) == ("customer.updated", before.id, ["name"])
        assert event["request"] == made.headers["Request-Id"]
        await api.get(f"/v1/customers/{before.id}")
        read = (await stream.until("requests"))[-1]
        assert (read["method"], read["status"]) == ("GET", 200), "a call that wrote nothing is told as well"
        assert "answer" not in read


async def test_a_delivery_is_told_again_when_its_attempt_was_made(api: Api) -> None:
    await api.ok("POST", "/v1/webhook_endpoints", HOOK)
    async with watching(api) as stream:
        await stream.next()
        await api.post("/v1/customers")
        told: dict[str, str] = {}
        while "failed" not in told.values():
            told |= {row["id"]: row["status"] for row in await stream.until("deliveries")}
        assert set(told.values()) <= {"failed", "pending"}


async def test_clock_faults_mail_and_due(saas: Api) -> None:
    async with watching(saas) as stream:
        first = await stream.next()
        assert {row["what"] for row in first["due"]} >= {"subscription"}
        assert [row["at"] for row in first["due"]] == sorted(row["at"] for row in first["due"])
        await saas.ok("POST", "/_emulator/clock", {"freeze": True})
        assert (await stream.until("clock"))["mode"] == "frozen"
        at = (await saas.ok("POST", "/_emulator/clock", {"advance": "1h"}))["now"]
        assert (await stream.until("clock"))["now"] == at
        await saas.ok("POST", "/_emulator/faults", {"preset": "rate_limited", "times": 1})
        assert (await stream.until("faults"))[0]["used"] == 0
        await saas.get("/v1/customers")
        assert (await stream.until("faults"))[0]["used"] == 1
        await saas.ok("DELETE", "/_emulator/faults")
        assert await stream.until("faults") == []


async def test_what_is_due_at_once_is_one_row(saas: Api) -> None:
    await saas.ok("POST", "/_emulator/clock", {"freeze": True})
    await saas.ok("POST", "/v1/webhook_endpoints", HOOK)
    for _ in range(3):
        await saas.post("/v1/customers")
    await saas.background.dispatcher.drained(saas.key)
    async with watching(saas) as stream:
        rows = (await stream.next())["due"]
    assert [row["count"] for row in rows if row["what"] == "delivery"] == [3]


async def test_a_world_that_is_reset_or_gone_is_told_from_the_beginning(api: Api) -> None:
    await api.post("/v1/customers")
    async with watching(api) as stream:
        await stream.next()
        await api.ok("POST", f"/_emulator/worlds/{api.key}/reset")
        while not (told := await stream.next()).get("first"):
            pass
        assert told.get("events") is None
        await api.ok("DELETE", f"/_emulator/worlds/{api.key}")
        while not (told := await stream.next()).get("first"):
            pass
        assert told["gone"] is True
        assert api.key not in api.engine.spaces, "to watch a world does not open it again"
        await api.post("/v1/customers")
        while not (told := await stream.next()).get("first"):
            pass
        assert told["gone"] is False
        assert [row["type"] for row in told["events"]] == ["customer.created"]


async def test_a_burst_costs_the_latest_rows_only(api: Api) -> None:
    async with watching(api) as stream:
        await stream.next()
        space = await api.space()
        for number in range(inspector_stream.MOST + 50):  # no turn of the loop's readers in between is needed
            await api.engine.run(space, "PostCustomers", {"name": f"c{number}"})
        seen: list[str] = []
        while not seen or seen[-1] != f"c{inspector_stream.MOST + 49}":
            told = await stream.next()
            assert len(told.get("events", ())) <= inspector_stream.MOST
            seen += [row["name"] for row in told.get("events", ())]
        assert len(seen) == len(set(seen))


def test_rows_are_told_once_and_again_when_they_changed() -> None:
    lane = Lane()
    one, two = {"id": "1"}, {"id": "2"}
    assert lane.news([("1", one)]) == ([one], False)
    assert lane.news([("2", two), ("1", one)]) == ([two], False)
    changed = {"id": "1", "x": 1}
    assert lane.news([("2", two), ("1", changed)]) == ([changed], False)
    assert lane.news([("2", two), ("1", changed)]) == ([], False)
    assert lane.news([("3", one)]) == ([one], True), "what was newest is gone"
    assert lane.news([]) == ([], True)
    assert lane.news([]) == ([], False)


async def test_streams_end_with_the_server_and_when_the_browser_goes(api: Api) -> None:
    streams: Any = None
    async with watching(api) as stream:
        await stream.next()
        router = api.client.server.app.router  # type: ignore[attr-defined]
        resource = next(one for one in router.resources() if one.canonical == STREAM)
        streams = next(iter(resource)).handler.__self__._streams
        assert len(streams.tasks) == 1
        stream.answer.close()
    if streams.tasks:
        await asyncio.wait(streams.tasks, timeout=2)
    assert not streams.tasks
    assert not api.background._waiting
    async with watching(api) as stream:
        await stream.next()
        started = time.perf_counter()
        closing = asyncio.create_task(api.client.server.close())
        async with asyncio.timeout(3):
            while await stream.answer.content.readline():
                pass
            await closing
        assert time.perf_counter() - started < 2


async def test_a_reader_who_does_not_read_is_left(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    async def stuck(*_: Any) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(inspector_stream, "PATIENCE", 0.1)
    monkeypatch.setattr(web.StreamResponse, "write", stuck)
    async with watching(api) as stream, asyncio.timeout(2):
        assert await stream.answer.content.read() == b""


async def test_one_watcher_too_many_is_told_so(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspector_stream, "WATCHERS", 1)
    async with watching(api) as stream:
        await stream.next()
        refused = await api.get(f"{STREAM}?key={api.key}")
        assert (refused.status, refused.error["message"]) == (503, "too many are watching")
    assert (await api.get(f"{STREAM}?key=nonsense")).status == 401


async def test_silence_is_broken_by_a_beat(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspector_stream, "BEAT", 0.3)
    async with watching(api) as stream:
        await stream.next()
        async with asyncio.timeout(2):
            while not (await stream.answer.content.readline()).startswith(b": "):
                pass


async def test_nobody_watching_costs_nothing(api: Api) -> None:
    hooks = list(api.engine.after_commit)
    async with watching(api) as stream:
        await stream.next()
        assert api.engine.after_commit == hooks
        assert api.engine.requests.hear is None


# ------------------------------------------------------------------------------------------------ other sites
FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost:3000"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://["},
]


@pytest.mark.parametrize("headers", FOREIGN)
async def test_pages_of_other_sites_change_nothing(api: Api, headers: dict[str, str]) -> None:
    sent = {**headers, "Content-Type": "text/plain"}  # what a form may send without asking first
    for method, path, body in (
        ("POST", "/clock", b'{"freeze": true}'), ("POST", f"/worlds/{api.key}/reset", b""), ("DELETE", "/requests", b""),
        ("POST", "/faults", b'{"preset": "outage"}'),
    ):  # fmt: skip
        answer = await api.call(method, f"/_emulator{path}", headers=sent, body=body)
        assert (answer.status, answer.error["message"]) == (403, "a page of another site may not do this"), path
    assert (await api.space()).clock.mode == "real"
    assert (await api.space()).faults is None
    for path in ("stream", "world"):
        assert (await api.get(f"/_emulator/inspector/{path}?key=sk_test_other", headers=headers)).status == 403
    assert "sk_test_other" not in api.engine.spaces
    assert (await api.get("/_emulator/clock", headers=headers)).status == 200, "browsers do not let them read it"


async def test_programs_and_our_own_pages_do(api: Api) -> None:
    own = {"Origin": f"http://{api.client.host}:{api.client.port}"}
    for headers in ({}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, own,
                    {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost:3000"}):  # fmt: skip
        answer = await api.post("/_emulator/clock", {"freeze": True}, headers=headers)
        assert answer.status == 200, headers
