"""Decides in which worlds strangers try the portal: each visitor of the demo gets one, and the oldest make room."""

from __future__ import annotations

import re
from collections import deque

from emulator.control.worlds import Worlds
from emulator.kernel.data import data_path
from emulator.kernel.errors import StripeError
from emulator.kernel.ids import ALNUM, IdSource
from emulator.operations.space import Space

MOST = 20  # worlds at once (choice)
NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")
KEY = "sk_test_portaldemo{name}"


class Demos:
    """Makes the worlds of the demo."""

    def __init__(self, worlds: Worlds, most: int = MOST) -> None:
        self._worlds = worlds
        self._most = most
        self._names = IdSource("acct_" + "0" * 16)
        self._keys: deque[str] = deque()

    async def open(self, name: str) -> Space:
        """Return a fresh world made from a fixture world of this project; raises 404 for any other name."""
        if not NAME.fullmatch(name) or not _exists(name):
            raise StripeError(f"There is no demo called {name}.", status=404, code="resource_missing")
        return await self._worlds.make(await self._room(), name)

    async def copy(self, key: str) -> Space:
        """Return a fresh copy of an open world."""
        return await self._worlds.fork(key, await self._room())

    async def _room(self) -> str:
        """Return a new key, after the oldest demo has made room for it."""
        while len(self._keys) >= self._most:
            await self._drop(self._keys.popleft())
        key = KEY.format(name=self._names.secret(24, ALNUM))
        self._keys.append(key)
        return key

    async def _drop(self, key: str) -> None:
        if key in self._worlds.engine.spaces:
            await self._worlds.drop(key)


def _exists(name: str) -> bool:
    try:
        return data_path("fixtures", "worlds", f"{name}.json").is_file()
    except FileNotFoundError:
        return False
