"""Decides what the pages of one server share: its engine, its secret, the generation that it shows."""

from __future__ import annotations

from typing import Any, NamedTuple

from aiohttp import web

from emulator.kernel import ids


class Desk(NamedTuple):
    """What the Dashboard's pages start from: whose world they show unless they are told, the only keys there are, demos."""

    key: str = "sk_test_demo"
    allowed: frozenset[str] | None = None
    demos: Any = None


class Pages:
    """What the pages of one server share."""

    desk = Desk()

    def __init__(self, engine: Any, secret: bytes | None, *, documents: bool, skin: str) -> None:
        self.engine = engine
        self.skin = skin
        self.documents = documents
        self.secret = secret or ids.random_bytes(32)
        self.request_ids = ids.request_ids()


PAGES = web.AppKey("pages", Pages)
