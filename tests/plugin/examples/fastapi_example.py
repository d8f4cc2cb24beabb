"""A FastAPI application that sells a subscription, and its tests."""

import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import stripe
import uvicorn
from fastapi import FastAPI, Request, Response

# ------------------------------------------------------------------------------------------------ the application
UNPAID: set[str] = set()  # customers whose last payment failed


def create_app(client: stripe.StripeClient, webhook_secret: str) -> FastAPI:
    app = FastAPI()

    @app.post("/customers")
    def create_customer(name: str, response: Response) -> dict[str, str]:
        try:
            return {"id": client.v1.customers.create({"name": name}).id}
        except stripe.RateLimitError:
            response.status_code = 503
            return {"error": "too busy"}

    @app.post("/webhook")
    async def webhook(request: Request) -> Response:
        signature = request.headers["Stripe-Signature"]
        try:
            event = stripe.Webhook.construct_event(await request.body(), signature, webhook_secret)
        except stripe.SignatureVerificationError:
            return Response(status_code=400)
        if event.type == "invoice.payment_failed":
            UNPAID.add(event.data.object["customer"])
        elif event.type == "invoice.paid":
            UNPAID.discard(event.data.object["customer"])
        return Response(status_code=204)

    return app


# ------------------------------------------------------------------------------------------------ its tests
@pytest.fixture
def my_app(stripe_emulator: Any) -> Iterator[SimpleNamespace]:
    stripe_emulator.patch(stripe)  # the client below takes address and key from here
    client = stripe.StripeClient("sk_test_of_the_application")
    config = uvicorn.Config(
        create_app(client, stripe_emulator.webhooks.secret), host="127.0.0.1", port=0, log_level="warning"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    UNPAID.clear()
    yield SimpleNamespace(url=f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}")
    server.should_exit = True
    thread.join()


def test_a_renewal_that_fails(stripe_emulator: Any, my_app: Any) -> None:
    stripe_emulator.webhooks.forward_to(my_app.url + "/webhook")
    stripe_emulator.faults.add("insufficient_funds", match={"object": "cus_demo"})
    stripe_emulator.clock.advance(months=1)
    stripe_emulator.webhooks.wait("invoice.payment_failed", customer="cus_demo")
    assert "cus_demo" in UNPAID
    stripe_emulator.faults.clear()
    with stripe_emulator.webhooks.expect("invoice.paid", customer="cus_demo"):
        stripe_emulator.portal("cus_demo").pay_invoice()
    assert "cus_demo" not in UNPAID


def test_a_rate_limit_is_met(stripe_emulator: Any, my_app: Any) -> None:
    import requests

    stripe_emulator.faults.add("rate_limited", times=1)
    assert requests.post(f"{my_app.url}/customers?name=Ada", timeout=10).status_code == 503
    made = requests.post(f"{my_app.url}/customers?name=Ada", timeout=10).json()
    assert stripe_emulator.api("GET", f"/v1/customers/{made['id']}")["name"] == "Ada"
    assert [row["status"] for row in stripe_emulator.requests(path="/v1/customers")] == [429, 200]
