"""An example application: one page that says what a customer has, and a button that leads to the customer portal."""

# ruff: noqa: INP001 - a program in a folder of its own
from __future__ import annotations

from flask import Flask, redirect, request
from stripe import StripeClient
from werkzeug import Response

app = Flask(__name__)
app.config.from_mapping(STRIPE_API_KEY="sk_test_demo", STRIPE_API_BASE="http://127.0.0.1:12111", CUSTOMER="cus_demo")
app.config.from_prefixed_env("APP")  # APP_STRIPE_API_BASE=http://stripe-emulator:12111

PAGE = """<!doctype html><meta name="viewport" content="width=device-width"><title>Example</title>
<h1>Your plan</h1><p>{plan}</p><form method="post" action="/billing"><button>Manage billing</button></form>"""


def client() -> StripeClient:
    """Return a client of Stripe, or of what stands in for it."""
    return StripeClient(app.config["STRIPE_API_KEY"], base_addresses={"api": app.config["STRIPE_API_BASE"]})


@app.get("/")
def home() -> str:
    """Say what the customer has."""
    found = client().v1.subscriptions.list({"customer": app.config["CUSTOMER"]}).data
    return PAGE.format(plan=", ".join(f"{one.id}: {one.status}" for one in found) or "nothing")


@app.post("/billing")
def billing() -> Response:
    """Send the customer to the portal, and have them sent back here."""
    session = client().v1.billing_portal.sessions.create(
        {"customer": app.config["CUSTOMER"], "return_url": request.host_url}
    )
    return redirect(session.url, code=303)
