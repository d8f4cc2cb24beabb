"""Memory is asked for in large pieces where the C library can be told; elsewhere nothing happens."""

from __future__ import annotations

import asyncio
import ctypes
import platform

import pytest

from emulator.cli import heap


def test_the_library_is_told() -> None:
    assert heap._tell() is (platform.libc_ver()[0] == "glibc")


@pytest.mark.parametrize("missing", [AttributeError, OSError, TypeError])
def test_another_library_is_left_alone(monkeypatch: pytest.MonkeyPatch, missing: type[Exception]) -> None:
    def unknown(name: object) -> object:
        raise missing(name)

    monkeypatch.setattr(ctypes, "CDLL", unknown)
    assert heap._tell() is False


async def test_the_first_callers_do_not_wait_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[bool] = []
    monkeypatch.setattr(heap, "_tell", lambda: told.append(True))
    monkeypatch.setattr(heap, "LATER", 0.01)
    heap.ask_in_large_pieces(asyncio.get_running_loop())
    await asyncio.sleep(0)
    assert told == []
    await asyncio.sleep(0.05)
    assert told == [True]
