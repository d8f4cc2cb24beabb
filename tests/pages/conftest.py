"""Decides how page tests ask for pages: no browser, no engine, sample worlds."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from portal_ui import csrf, routes
from tests.pages.fake_engine import FakeEngine, World


@dataclass
class Reply:
    """A page as the tests look at it."""

    status: int
    headers: Mapping[str, str]
    html: str

    @property
    def text(self) -> str:
        """The words of the page, without marks."""
        body = re.sub(r"(?s)<(script|style|svg).*?</\1>", "", self.html.partition("<body>")[2])
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())

    def has(self, test_id: str) -> bool:
        """Say whether something has this data-test or data-testid."""
        return f'data-test="{test_id}"' in self.html or f'data-testid="{test_id}"' in self.html


class Portal:
    """The pages of the sample worlds."""

    secret = b"a secret of the tests"

    def __init__(self, client: TestClient[Any, Any], engine: FakeEngine) -> None:
        self.client = client
        self.engine = engine

    def world(self, name: str) -> World:
        """Return a sample world."""
        return self.engine.worlds[f"test_{name}"]

    async def get(self, path: str, **headers: str) -> Reply:
        """Open ``saas`` or ``saas/subscriptions/sub_1/cancel``."""
        async with self.client.get(f"/p/session/test_{path}", headers=headers, allow_redirects=False) as answer:
            return Reply(answer.status, answer.headers, await answer.text())

    async def post(self, path: str, code: str | None = "", **fields: str) -> Reply:
        """Send a form with the right code, with another one, or (None) without."""
        data = dict(fields)
        if code is not None:
            data[csrf.FIELD] = code or csrf.code(self.secret, "test_" + path.partition("/")[0])
        url = f"/p/session/test_{path}"
        async with self.client.post(url, data=data, allow_redirects=False) as answer:
            return Reply(answer.status, answer.headers, await answer.text())

    async def raw(self, url: str) -> Reply:
        """Open any address."""
        async with self.client.get(url) as answer:
            return Reply(answer.status, answer.headers, await answer.text())


@pytest.fixture
async def portal() -> AsyncIterator[Portal]:
    """The pages over fresh sample worlds."""
    engine = FakeEngine()
    app = web.Application()
    routes.setup(app, engine=engine, secret=Portal.secret)
    async with TestClient(TestServer(app)) as client:
        yield Portal(client, engine)
