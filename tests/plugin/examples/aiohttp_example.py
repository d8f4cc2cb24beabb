"""An asynchronous application that lives in the test's own event loop."""

from types import SimpleNamespace
from typing import Any

import pytest_asyncio
import stripe
from aiohttp import web


@pytest_asyncio.fixture
async def my_app(stripe_emulator: Any) -> Any:
    seen: list[str] = []

    async def webhook(request: web.Request) -> web.Response:
        signature = request.headers["Stripe-Signature"]
        event = stripe.Webhook.construct_event(await request.read(), signature, stripe_emulator.webhooks.secret)
        seen.append(event.type)
        return web.Response()

    app = web.Application()
    app.router.add_post("/webhook", webhook)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield SimpleNamespace(url=f"http://127.0.0.1:{runner.addresses[0][1]}", seen=seen)
    await runner.cleanup()


async def test_cancel(stripe_emulator: Any, my_app: Any) -> None:
    stripe_emulator.webhooks.forward_to(my_app.url + "/webhook", events=["customer.subscription.deleted"])
    async with stripe_emulator.webhooks.expect("customer.subscription.deleted", exactly=True, object="sub_demo"):
        stripe_emulator.portal("cus_demo").cancel()
        stripe_emulator.clock.advance(months=1)
    assert "customer.subscription.deleted" in my_app.seen


async def test_waiting(stripe_emulator: Any, my_app: Any) -> None:
    stripe_emulator.webhooks.forward_to(my_app.url + "/webhook")
    stripe_emulator.api("POST", "/v1/customers", {"name": "Ada"})
    event = await stripe_emulator.webhooks.wait_async("customer.created")
    assert event["data"]["object"]["name"] == "Ada"
    assert my_app.seen[-1] == "customer.created"
