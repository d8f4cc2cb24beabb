"""Fixtures of all tests: a fresh server in process, one on a real port."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from emulator.app import build
from emulator.config import Config
from tests.support.client import Api
from tests.support.live import LiveServer

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "sk_test_tests"


@pytest.fixture
async def api(aiohttp_client: Any) -> Api:
    """A client of a fresh server whose world is empty."""
    return Api(await aiohttp_client(build(Config(world="empty"))), KEY)


@pytest.fixture
async def saas(aiohttp_client: Any) -> Api:
    """A client of a fresh server whose worlds are made from the SaaS fixture."""
    return Api(await aiohttp_client(build(Config(world="saas"))), "sk_test_demo")


@pytest.fixture(scope="session")
def live_server() -> Iterator[LiveServer]:
    """A server on a real port, for SDKs and browsers; every test should use a key of its own."""
    server = LiveServer()
    server.start()
    yield server
    server.stop()
