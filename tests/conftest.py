"""Fixtures of all tests: a fresh server in process, one on a real port."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web_app

from emulator.app import build
from emulator.config import Config
from tests.support.client import Api
from tests.support.live import LiveServer

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "sk_test_tests"
# aiohttp keeps the handlers of the last thousand applications, and each keeps its whole world: nearly a gigabyte.
KEPT = web_app._cached_build_middleware


def pytest_collection_finish() -> None:
    """Set aside what all tests share: the collector would go through it again and again."""
    gc.collect()
    gc.freeze()


def pytest_runtest_teardown() -> None:
    """Let go of the application of the test."""
    KEPT.cache_clear()


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
