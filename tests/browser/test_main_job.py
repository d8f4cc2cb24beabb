"""The main job on real input: SDK, browser, signed webhook, recorded and asserted, the clock moved until the session is dead."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
import stripe
from playwright.sync_api import Page, expect

from tests.support.live import LiveServer

TIMEOUT = 20


class Receiver:
    """A webhook endpoint that verifies what it gets with the official SDK."""

    def __init__(self) -> None:
        self.events: list[stripe.Event] = []
        self.secret = ""
        self.arrived = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                event = stripe.Webhook.construct_event(body, self.headers["Stripe-Signature"], receiver.secret)
                self.send_response(200)
                self.end_headers()
                with receiver.arrived:
                    receiver.events.append(event)
                    receiver.arrived.notify_all()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def wait(self, type: str) -> stripe.Event:
        """Return the first event of a type, as soon as it has come."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: any(one.type == type for one in self.events), TIMEOUT), [
                one.type for one in self.events
            ]
        return next(one for one in self.events if one.type == type)

    def close(self) -> None:
        """Stop listening."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A webhook endpoint of this test."""
    made = Receiver()
    yield made
    made.close()


def test_a_customer_cancels(live_server: LiveServer, receiver: Receiver, page: Page) -> None:
    key = f"sk_test_{uuid.uuid4().hex}"
    http = stripe.RequestsClient()
    client = stripe.StripeClient(key, base_addresses={"api": live_server.url}, http_client=http)
    hook = client.v1.webhook_endpoints.create(
        {"url": receiver.url, "enabled_events": ["customer.subscription.updated"]}
    )
    receiver.secret = str(hook.secret)
    customer = client.v1.customers.create(
        {
            "name": "Jenny Rosen",
            "email": "jenny@example.com",
            "payment_method": "pm_card_visa",
            "invoice_settings": {"default_payment_method": "pm_card_visa"},
        }
    )
    price = client.v1.prices.create(
        {"currency": "usd", "unit_amount": 2000, "recurring": {"interval": "month"}, "product_data": {"name": "Team"}}
    )
    subscription = client.v1.subscriptions.create({"customer": customer.id, "items": [{"price": price.id}]})
    session = client.v1.billing_portal.sessions.create(
        {"customer": customer.id, "return_url": "https://example.com/account"}
    )

    expected = ["customer.subscription.updated"]
    page.goto(session.url)
    page.locator('a[data-test="cancel-subscription"]').click()
    page.get_by_test_id("confirm").click()
    expect(page.locator('[data-test="subscription-cancel-at-period-end-badge"]')).to_be_visible()

    event = receiver.wait("customer.subscription.updated")
    assert event.data.object["id"] == subscription.id
    previous = event.to_dict()["data"]["previous_attributes"]
    assert previous["cancel_at"] is None
    assert previous["cancellation_details"] == {"reason": None}
    assert client.v1.subscriptions.retrieve(subscription.id).cancel_at is not None

    auth = {"Authorization": f"Bearer {key}"}
    recorded = requests.get(f"{live_server.url}/_emulator/deliveries", headers=auth, timeout=TIMEOUT).json()["data"]
    assert [one["type"] for one in recorded] == expected
    assert recorded[0]["status"] == "succeeded"
    assert recorded[0]["response"]["status"] == 200
    assert recorded[0]["request"]["headers"]["Stripe-Signature"].startswith("t=")
    assert recorded[0]["latency_ms"] >= 0
    waited = requests.get(
        f"{live_server.url}/_emulator/events/wait?type=customer.subscription.updated&timeout=5",
        headers=auth,
        timeout=TIMEOUT,
    ).json()
    assert waited["id"] == event.id

    for step in ({"freeze": True}, {"advance": "61m"}):
        assert (
            requests.post(f"{live_server.url}/_emulator/clock", json=step, headers=auth, timeout=TIMEOUT).status_code
            == 200
        )
    dead = page.request.get(session.url)
    assert dead.status == 410
    http.close()
