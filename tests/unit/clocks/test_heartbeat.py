"""The background task of running clocks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from emulator.clocks import heartbeat
from emulator.clocks.heartbeat import Heartbeat


class Worlds:
    def __init__(self) -> None:
        self.due: dict[str, float] = {}
        self.beats: list[str] = []
        self.looks = 0
        self.failing = 0
        self.beaten = asyncio.Event()

    async def wait(self, space: str) -> int | None:
        self.looks += 1
        at = self.due.get(space)
        return None if at is None else max(0, round(at - asyncio.get_running_loop().time()))

    async def beat(self, space: str) -> None:
        if self.failing:
            self.failing -= 1
            raise RuntimeError("a wake-up that fails")
        del self.due[space]
        self.beats.append(space)
        self.beaten.set()


@pytest.fixture
async def worlds() -> Worlds:
    return Worlds()


@pytest.fixture
async def beat(worlds: Worlds) -> AsyncIterator[Heartbeat]:
    made = Heartbeat(worlds.wait, worlds.beat)
    made.start()
    yield made
    await made.stop()


async def test_runs_what_is_due_now(worlds: Worlds, beat: Heartbeat) -> None:
    worlds.due["a"] = asyncio.get_running_loop().time()
    beat.nudge("a")
    await asyncio.wait_for(worlds.beaten.wait(), 5)
    assert worlds.beats == ["a"]


async def test_sleeps_until_the_next_instant_without_polling(worlds: Worlds, beat: Heartbeat) -> None:
    worlds.due["a"] = asyncio.get_running_loop().time() + 1.2
    worlds.due["far"] = asyncio.get_running_loop().time() + 10_000
    beat.nudge("a")
    beat.nudge("far")
    await asyncio.sleep(0.3)
    assert worlds.beats == []
    assert worlds.looks <= 5
    await asyncio.wait_for(worlds.beaten.wait(), 5)
    assert worlds.beats == ["a"]
    assert worlds.looks <= 20


async def test_an_earlier_instant_is_heard_of(worlds: Worlds, beat: Heartbeat) -> None:
    worlds.due["a"] = asyncio.get_running_loop().time() + 10_000
    beat.nudge("a")
    await asyncio.sleep(0.05)
    worlds.due["a"] = asyncio.get_running_loop().time()
    beat.nudge("a")
    await asyncio.wait_for(worlds.beaten.wait(), 5)


async def test_a_failing_wake_up_is_logged_and_tried_again_later(
    worlds: Worlds, beat: Heartbeat, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(heartbeat, "AFTER_ERROR", 0.1)
    worlds.failing = 1
    worlds.due["a"] = asyncio.get_running_loop().time()
    with caplog.at_level(logging.ERROR):
        beat.nudge("a")
        await asyncio.wait_for(worlds.beaten.wait(), 5)
    assert "a wake-up of a failed" in caplog.text


async def test_stop_twice_is_harmless(beat: Heartbeat) -> None:
    beat.start()
    await beat.stop()
    await beat.stop()
