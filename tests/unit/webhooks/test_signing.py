"""The signature header, as the official SDK and the documentation compute it."""

from __future__ import annotations

import time

import pytest
import stripe

from emulator.webhooks import signing

BODY = '{\n  "id": "evt_1",\n  "object": "event",\n  "name": "Zoë"\n}'.encode()


def test_the_official_sdk_verifies_it() -> None:
    header = signing.header(["whsec_a"], int(time.time()), BODY, fake="x")
    event = stripe.Webhook.construct_event(BODY, header, "whsec_a")
    assert event.id == "evt_1"


def test_every_valid_secret_signs() -> None:
    header = signing.header(["whsec_new", "whsec_old"], int(time.time()), BODY)
    for secret in ("whsec_new", "whsec_old"):
        assert stripe.WebhookSignature.verify_header(BODY.decode(), header, secret, tolerance=300)
    assert header.count("v1=") == 2


def test_another_secret_another_body_or_an_old_time_does_not_pass() -> None:
    header = signing.header(["whsec_a"], int(time.time()), BODY)
    with pytest.raises(stripe.SignatureVerificationError, match="No signatures found matching"):
        stripe.Webhook.construct_event(BODY, header, "whsec_b")
    with pytest.raises(stripe.SignatureVerificationError, match="No signatures found matching"):
        stripe.Webhook.construct_event(BODY + b" ", header, "whsec_a")
    old = signing.header(["whsec_a"], int(time.time()) - 301, BODY)
    with pytest.raises(stripe.SignatureVerificationError, match="Timestamp outside the tolerance zone"):
        stripe.Webhook.construct_event(BODY, old, "whsec_a")


def test_the_fake_scheme_is_another_signature() -> None:
    parts = dict(part.split("=") for part in signing.header(["whsec_a"], 7, b"{}", fake="other").split(","))
    assert list(parts) == ["t", "v1", "v0"]
    assert parts["t"] == "7"
    assert len(parts["v1"]) == len(parts["v0"]) == 64
    assert parts["v1"] != parts["v0"]
    # echo -n '7.{}' | openssl dgst -sha256 -hmac whsec_a
    assert parts["v1"] == "3defa822fe69757ed74376d0c3f36c408ece4c6c11ee74023524da3490009962"
