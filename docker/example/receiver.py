"""An example receiver of webhooks: tells the emulator where it is, verifies what comes, and writes it to the log."""

# ruff: noqa: INP001 - a program in a folder of its own
from __future__ import annotations

import json
import urllib.request

import stripe
from flask import Flask, request

app = Flask(__name__)
app.config.from_mapping(
    STRIPE_API_KEY="sk_test_demo",
    STRIPE_API_BASE="http://127.0.0.1:12111",
    URL="http://127.0.0.1:8001/webhook",
    SECRET="whsec_example",  # noqa: S106 - the emulator signs with it
)
app.config.from_prefixed_env("RECEIVER")  # RECEIVER_URL=http://receiver:8001/webhook


def register() -> None:
    """Point the webhooks of the world at this receiver; a world knows each endpoint once."""
    call = urllib.request.Request(  # noqa: S310 - the address is ours
        app.config["STRIPE_API_BASE"] + "/_emulator/endpoints",
        data=json.dumps({"url": app.config["URL"], "secret": app.config["SECRET"]}).encode(),
        headers={"Authorization": f"Bearer {app.config['STRIPE_API_KEY']}"},
    )
    urllib.request.urlopen(call, timeout=10).close()  # noqa: S310 - as above


@app.post("/webhook")
def webhook() -> tuple[str, int]:
    """Take what is signed with our secret, and nothing else."""
    try:
        event = stripe.Webhook.construct_event(
            request.data, request.headers.get("Stripe-Signature", ""), app.config["SECRET"]
        )
    except stripe.SignatureVerificationError:
        return "not signed by whom it should be", 400
    app.logger.warning("%s %s", event.type, event.to_dict()["data"]["object"].get("id"))
    return "", 204


@app.cli.command("register")
def register_command() -> None:
    """Register from the command line: ``flask --app receiver register``."""
    register()
