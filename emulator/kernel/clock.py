"""Decides what time it is: the only module that reads the system's clock."""

from __future__ import annotations

import time
from email.utils import formatdate
from typing import Literal

Mode = Literal["real", "frozen", "offset"]


class Clock:
    """A clock of one world: the system's time, a frozen instant, or the system's time moved by an offset."""

    __slots__ = ("_frozen", "_offset")

    def __init__(self, frozen: int | None = None) -> None:
        self._frozen = frozen
        self._offset = 0

    @property
    def mode(self) -> Mode:
        """Say how this clock tells the time."""
        if self._frozen is not None:
            return "frozen"
        return "offset" if self._offset else "real"

    def now(self) -> int:
        """Return unix seconds."""
        if self._frozen is not None:
            return self._frozen
        return int(time.time()) + self._offset

    def freeze(self, at: int | None = None) -> None:
        """Stop at ``at`` (unix seconds), or at the present instant of this clock."""
        self._frozen = self.now() if at is None else at

    def advance_to(self, at: int) -> None:
        """Move to ``at``: a frozen clock stays frozen there, a running one runs on from there."""
        if self._frozen is not None:
            self._frozen = at
        else:
            self._offset += at - self.now()

    def set_real(self) -> None:
        """Follow the system's time again."""
        self._frozen = None
        self._offset = 0

    def copy(self) -> Clock:
        """Return a clock that tells the same time and is moved on its own."""
        twin = Clock(self._frozen)
        twin._offset = self._offset
        return twin


monotonic = time.perf_counter  # seconds, for measuring how long something took


def wall() -> float:
    """Return the real time in unix seconds, for what is about the machine and not about a world."""
    return time.time()


_dates: dict[int, str] = {}


def http_date() -> str:
    """Return the real time as the Date header of an answer writes it, printed once a second."""
    now = int(time.time())
    text = _dates.get(now)
    if text is None:
        _dates.clear()
        text = _dates[now] = formatdate(now, usegmt=True)
    return text
