"""Runs every parity case."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.support.client import Answer, Api

CASES = sorted((Path(__file__).parent / "cases").rglob("*.json"))
NOW = 1_790_000_000
SLOT = re.compile(r"\{\{\s*([\w.+-]+)\s*\}\}")
KEYS = {"words", "source", "world", "setup", "request", "expect"}


def filled(value: Any, saved: dict[str, Any]) -> Any:
    """Return a value with its slots filled; a slot that is the whole text keeps its type."""
    if isinstance(value, dict):
        return {filled(key, saved): filled(one, saved) for key, one in value.items()}
    if isinstance(value, list):
        return [filled(one, saved) for one in value]
    if not isinstance(value, str):
        return value
    whole = SLOT.fullmatch(value)
    if whole:
        return looked_up(whole[1], saved)
    return SLOT.sub(lambda found: str(looked_up(found[1], saved)), value)


def looked_up(path: str, saved: dict[str, Any]) -> Any:
    """Return what a slot stands for."""
    moment = re.fullmatch(r"now([+-]\d+)?", path)
    if moment:
        return NOW + int(moment[1] or 0)
    found: Any = saved
    for step in path.split("."):
        found = found[int(step)] if isinstance(found, list) else found[step]
    return found


def missing(expected: Any, got: Any, path: str = "") -> list[str]:
    """Return where an answer lacks what is expected of it."""
    if isinstance(expected, dict) and isinstance(got, dict):
        return [one for key, value in expected.items() for one in missing(value, got.get(key), f"{path}.{key}")]
    if isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        return [one for place, value in enumerate(expected) for one in missing(value, got[place], f"{path}[{place}]")]
    return [] if expected == got and type(expected) is type(got) else [f"{path}: expected {expected!r}, got {got!r}"]


async def send(api: Api, call: dict[str, Any], saved: dict[str, Any]) -> Answer:
    call = filled(call, saved)
    return await api.call(
        call["method"],
        call["path"],
        call.get("params"),
        headers=call.get("headers"),
        key=call.get("key"),
        body=call.get("body"),
    )


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
async def test_case(api: Api, path: Path) -> None:
    case = json.loads(path.read_text())  # noqa: ASYNC240 - a small file of the test
    assert set(case) <= KEYS, set(case) - KEYS
    assert case["words"]
    assert case["source"]
    await api.freeze(NOW)
    space = await api.space()
    space.settings.update(case.get("world") or {})
    saved: dict[str, Any] = {}
    for step in case.get("setup", []):
        answer = await send(api, step, saved)
        assert answer.status == 200, (step, answer.text)
        saved[step.get("save") or "last"] = answer.json
    before = len(await api.events())
    answer = await send(api, case["request"], saved)
    expect = filled(case["expect"], saved)
    got = answer.json.get("error", {}) if "error" in expect else answer.json
    assert answer.status == expect["status"], answer.text
    wrong = missing(expect.get("error") or expect.get("body") or {}, got)
    assert not wrong, "; ".join(wrong) + "\n" + answer.text
    for name in expect.get("absent", []):
        assert name not in got, name
    for name, value in (expect.get("headers") or {}).items():
        assert answer.headers.get(name) == value, name
    if "events" in expect:
        assert (await api.events())[before:] == expect["events"]
