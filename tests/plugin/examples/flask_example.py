"""A Flask application that sells a subscription, and its tests."""

import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import stripe
from flask import Flask, redirect, request
from werkzeug.serving import make_server

# ------------------------------------------------------------------------------------------------ the application
ACCESS: dict[str, bool] = {}  # who may use the product


def create_app(webhook_secret: str) -> Flask:
    app = Flask(__name__)

    @app.post("/billing/<customer>")
    def billing(customer: str) -> Any:
        session = stripe.billing_portal.Session.create(customer=customer, return_url=request.host_url)
        return redirect(session.url, code=303)

    @app.post("/webhook")
    def webhook() -> Any:
        event = stripe.Webhook.construct_event(request.data, request.headers["Stripe-Signature"], webhook_secret)
        if event.type.startswith("customer.subscription."):
            subscription = event.data.object
            ACCESS[subscription["customer"]] = subscription["status"] in ("active", "trialing")
        return "", 204

    return app


# ------------------------------------------------------------------------------------------------ its tests
@pytest.fixture
def my_app(stripe_emulator: Any) -> Iterator[SimpleNamespace]:
    stripe_emulator.patch(stripe)
    server = make_server("127.0.0.1", 0, create_app(stripe_emulator.webhooks.secret), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    ACCESS.clear()
    yield SimpleNamespace(url=f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join()
    server.server_close()


def test_cancel(stripe_emulator: Any, my_app: Any) -> None:
    stripe_emulator.webhooks.forward_to(my_app.url + "/webhook")
    with stripe_emulator.webhooks.expect("customer.subscription.updated", "customer.subscription.deleted"):
        stripe_emulator.portal("cus_demo").cancel()
        stripe_emulator.clock.advance(months=1)
    assert ACCESS["cus_demo"] is False


def test_the_billing_button_leads_to_the_portal(stripe_emulator: Any, my_app: Any) -> None:
    import requests

    answer = requests.post(f"{my_app.url}/billing/cus_demo", timeout=10)
    assert "cus_demo" not in answer.text
    assert "Current subscription" in answer.text


def test_a_forged_webhook_changes_nothing(stripe_emulator: Any, my_app: Any) -> None:
    stripe_emulator.webhooks.forward_to(my_app.url + "/webhook")
    stripe_emulator.faults.add("webhook_forged", match={"type": "customer.subscription.updated"})
    stripe_emulator.portal("cus_demo").cancel()
    stripe_emulator.webhooks.wait("customer.subscription.updated", status="failed")
    assert ACCESS == {}
