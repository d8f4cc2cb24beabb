"""Every journey once more: the same acts and events, but called by the official SDK over a real port."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest
import stripe

from tests.journeys import test_acts, test_failures, test_subscriptions, test_turns, test_what_was_before
from tests.support.sdk import SdkApi

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.live import LiveServer


@pytest.fixture
async def api(live_server: LiveServer) -> AsyncIterator[SdkApi]:
    """The official SDK, asynchronous, with a world of its own."""
    http = stripe.AIOHTTPClient()
    yield SdkApi(live_server, f"sk_test_{uuid.uuid4().hex}", http)
    await http.close_async()


for module in (test_acts, test_failures, test_subscriptions, test_turns, test_what_was_before):
    globals().update({name: one for name, one in vars(module).items() if name.startswith("test_")})
