"""Decides what is shown while a call takes its time: nothing for a second, then how far the clock has come."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any

from emulator.cli.tables import instant

PATIENCE = 1.0  # seconds without a bar
PACE = 0.2
WIDTH = 30


class _Work(threading.Thread):
    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self._work = work
        self.result: Any = None
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            self.result = self._work()
        except BaseException as failure:  # noqa: BLE001 - raised again by whoever waits
            self.failure = failure


def followed(work: Callable[[], Any], start: int, target: int, where: Callable[[], int], *, shown: bool) -> Any:
    """Return what ``work`` returns; while it runs for long, draw how far ``where()`` is from ``start`` to ``target``."""
    working = _Work(work)
    working.start()
    working.join(PATIENCE)
    drawn = False
    while working.is_alive():
        if shown:
            try:
                at = where()
            except Exception:  # noqa: BLE001 - a bar that cannot be drawn is no reason to stop
                at = start
            sys.stderr.write(f"\r{bar(start, target, at)}")
            sys.stderr.flush()
            drawn = True
        working.join(PACE)
    if drawn:
        sys.stderr.write("\r" + " " * (WIDTH + 40) + "\r")
        sys.stderr.flush()
    if working.failure is not None:
        raise working.failure
    return working.result


def bar(start: int, target: int, at: int) -> str:
    """Return the bar of an instant between two others."""
    share = min(1.0, max(0.0, (at - start) / (target - start))) if target > start else 1.0
    done = int(share * WIDTH)
    return f"[{'#' * done}{'.' * (WIDTH - done)}] {share:4.0%}  {instant(at)}"
