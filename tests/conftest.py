"""Fixtures of all tests: a fresh server in process, one on a real port."""

from __future__ import annotations

import gc
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web_app

from emulator.app import build
from emulator.billing import shapes as billing_shapes
from emulator.billing import unset
from emulator.config import Config
from emulator.customers import settings
from emulator.payments import charge_shapes
from emulator.payments import shapes as payment_shapes
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


SHARING = (billing_shapes, charge_shapes, payment_shapes, settings, unset)


def shared() -> dict[str, Any]:
    """Return the parts of documents that are made once and stand in all of them."""
    found: dict[str, Any] = {}
    for module in SHARING:
        named = {f"{module.__name__}.{name}": value for name, value in vars(module).items() if name.isupper()}
        found |= {name: value for name, value in named.items() if isinstance(value, (dict, list))}
    return found


@pytest.fixture(scope="session", autouse=True)
def nothing_shared_is_changed() -> Iterator[None]:
    """Hold the rule that documents are never changed in place, by all tests together."""
    before = deepcopy(shared())
    yield
    assert shared() == before


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
