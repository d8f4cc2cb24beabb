"""A client with the calls of ``tests.support.client.Api`` that the official SDK makes, over a real port."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import aiohttp
import stripe

from tests.support.client import Answer, Api

if TYPE_CHECKING:
    from emulator.operations.space import Space
    from tests.support.live import LiveServer


class Acts:
    """What the outside world does to a server in another thread."""

    def __init__(self, server: LiveServer) -> None:
        self.server = server

    async def there(self, act: Any) -> Any:
        """Await something in the server's own loop."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(act, self.server.loop))

    async def run(self, space: Space, name: str, params: Any, **ids: str) -> Any:
        """Run an operation that is no call of the API."""
        return await self.there(self.server.engine.run(space, name, params, **ids))


class SdkApi(Api):
    """Calls one key of a live server with the official SDK: it encodes, reads and raises; a refusal is told as an answer."""

    def __init__(self, server: LiveServer, key: str, http: stripe.HTTPClient) -> None:
        self.key = key
        self.acts = Acts(server)
        self.engine = self.acts  # type: ignore[assignment]
        self.sdk = stripe.StripeClient(key, base_addresses={"api": server.url}, max_network_retries=0, http_client=http)

    async def call(
        self, method: str, path: str, params: Any = None, *, key: str | None = None,
        headers: dict[str, str] | None = None, body: Any = None,
    ) -> Answer:  # fmt: skip
        """Send one call as the SDK does."""
        assert key is None
        assert body is None
        options = {"stripe_version": headers["Stripe-Version"]} if headers else {}
        try:
            answer = await self.sdk.raw_request_async(method.lower(), path, **(params or {}), **options)
        except stripe.StripeError as refused:
            return Answer(refused.http_status or 0, refused.json_body, refused.headers, str(refused.http_body))  # type: ignore[arg-type]
        return Answer(answer.code, answer.data, answer.headers, answer.body)

    async def may_debit(self, customer: str, method: Any) -> None:
        """Have a customer agree to debits, in the words of the SDK's own version."""
        await self.ok("POST", "/v1/setup_intents", {
            "customer": customer, "payment_method": method["id"], "allowed_payment_method_types": [method["type"]],
            "confirm": True, "mandate_data": {"customer_acceptance": {"type": "offline"}},
        })  # fmt: skip

    async def advance(self, duration: int | str) -> None:
        """Move the world's clock by the control API."""
        headers = {"Authorization": f"Bearer {self.key}"}
        url = f"{self.acts.server.url}/_emulator/clock"
        async with aiohttp.ClientSession(headers=headers) as session:
            async with session.post(url, json={"freeze": True}) as frozen:
                assert frozen.status == 200
            async with session.post(url, json={"advance": duration}) as moved:
                assert moved.status == 200

    async def space(self) -> Space:
        """Return the world behind the key, whose settings may be changed."""
        found: Space = await self.acts.there(self.acts.server.engine.space(self.key))
        return found

    async def happened(self) -> list[dict[str, Any]]:
        """Return the world's events as the SDK lists them, oldest first."""
        found: list[dict[str, Any]] = []
        more = True
        while more:
            after = {"starting_after": found[-1]["id"]} if found else {}
            page = await self.ok("GET", "/v1/events", {"limit": 100, **after})
            found += page["data"]
            more = page["has_more"]
        return found[::-1]
