"""Acts of the outside world: banks, authorities and customers do what a test says, and what follows is announced."""

from __future__ import annotations

from typing import Any

import pytest

ACTS = "/_emulator/acts"
CARD = {"currency": "usd", "confirm": "true", "return_url": "https://x.test"}


async def since(api: Any, before: int) -> list[str]:
    types: list[str] = await api.events()
    return types[before:]


async def paid(api: Any, method: str = "pm_card_visa", **more: Any) -> Any:
    return await api.ok("POST", "/v1/payment_intents", {**CARD, "amount": 2000, "payment_method": method, **more})


async def act(api: Any, what: str, object: str, expected: list[str], **more: Any) -> Any:
    """Perform an act that must announce exactly ``expected``."""
    before = len(await api.events())
    done = await api.ok("POST", f"{ACTS}/{what}", {"object": object, **more})
    assert await since(api, before) == expected
    return done


async def test_a_dispute_is_opened_and_won(api: Any) -> None:
    intent = await paid(api)
    dispute = await act(
        api, "open_dispute", intent["id"],
        ["charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.updated"], reason="duplicate",
    )  # fmt: skip
    assert (dispute["charge"], dispute["reason"], dispute["status"]) == (
        intent["latest_charge"],
        "duplicate",
        "needs_response",
    )
    assert (await api.ok("GET", f"/v1/charges/{intent['latest_charge']}"))["disputed"] is True
    expected = ["charge.dispute.updated", "charge.dispute.closed", "charge.dispute.funds_reinstated"]
    closed = await act(api, "close_dispute", intent["latest_charge"], expected, outcome="won")
    assert (await api.ok("GET", f"/v1/disputes/{dispute['id']}")) == closed
    assert closed["status"] == "won"
    events = await api.happened()
    assert events[-1]["request"] == {"id": None, "idempotency_key": None}  # nobody called
    refused = await api.post(f"{ACTS}/close_dispute", {"object": dispute["id"]})
    assert (refused.status, refused.error["message"]) == (400, f"{dispute['id']} is decided already: won")


async def test_an_inquiry_is_closed(api: Any) -> None:
    intent = await paid(api)
    dispute = await act(
        api, "open_dispute", intent["id"], ["charge.dispute.created", "charge.updated"], reason="inquiry"
    )
    assert dispute["status"] == "warning_needs_response"
    refused = await api.post(f"{ACTS}/close_dispute", {"object": dispute["id"], "outcome": "won"})
    assert refused.error["param"] == "outcome"
    expected = ["charge.dispute.updated", "charge.dispute.closed"]
    assert (await act(api, "close_dispute", dispute["id"], expected))["status"] == "warning_closed"


async def test_a_refund_comes_back(api: Any) -> None:
    intent = await paid(api)
    refund = await api.ok("POST", "/v1/refunds", {"payment_intent": intent["id"]})
    before = len(await api.events())
    failed = await api.ok("POST", f"{ACTS}/fail_refund", {"object": refund["id"], "reason": "lost_or_stolen_card"})
    assert "refund.failed" in await since(api, before)
    assert (failed["status"], failed["failure_reason"]) == ("failed", "lost_or_stolen_card")
    charge = await api.ok("GET", f"/v1/charges/{intent['latest_charge']}")
    assert (charge["amount_refunded"], charge["refunded"]) == (0, False)
    assert (await api.post(f"{ACTS}/fail_refund", {"object": refund["id"]})).error["message"].endswith("is failed")


@pytest.mark.parametrize("outcome", ["verified", "unverified", "unavailable"])
async def test_an_authority_answers_about_a_tax_id(api: Any, outcome: str) -> None:
    await api.ok("POST", "/_emulator/clock", {"freeze": True})
    customer = await api.ok("POST", "/v1/customers")
    made = await api.ok("POST", f"/v1/customers/{customer['id']}/tax_ids", {"type": "eu_vat", "value": "DE123456789"})
    done = await act(api, "verify_tax_id", made["id"], ["customer.tax_id.updated"], outcome=outcome, name="ADA GMBH")
    assert done["verification"] == {"status": outcome, "verified_address": None, "verified_name": "ADA GMBH"}
    before = len(await api.events())
    await api.ok("POST", "/_emulator/clock", {"advance": "1d"})
    assert await since(api, before) == []  # nobody answers twice


@pytest.mark.parametrize("outcome,status", [("succeed", "succeeded"), ("fail", "requires_payment_method")])
async def test_3d_secure_is_answered(api: Any, outcome: str, status: str) -> None:
    intent = await paid(api, "pm_card_authenticationRequired")
    assert intent["status"] == "requires_action"
    done = await api.ok("POST", f"{ACTS}/complete_3ds", {"object": intent["id"], "outcome": outcome})
    assert done["status"] == status
    assert (await api.post(f"{ACTS}/complete_3ds", {"object": intent["id"]})).status == 400


async def test_3d_secure_of_a_subscription_pays_its_invoice(saas: Any) -> None:
    customer = await saas.ok("POST", "/v1/customers", {"payment_method": "pm_card_authenticationRequired"})
    (method,) = (await saas.ok("GET", "/v1/payment_methods", {"customer": customer["id"]}))["data"]
    price = (await saas.ok("GET", "/v1/prices", {"type": "recurring", "limit": 1}))["data"][0]
    subscription = await saas.ok("POST", "/v1/subscriptions", {
        "customer": customer["id"], "items": [{"price": price["id"]}], "default_payment_method": method["id"],
        "payment_behavior": "default_incomplete",
    })  # fmt: skip
    assert subscription["status"] == "incomplete"
    invoice = await saas.ok("GET", f"/v1/invoices/{subscription['latest_invoice']}", {"expand": ["payments"]})
    intent = invoice["payments"]["data"][0]["payment"]["payment_intent"]
    await saas.ok(
        "POST",
        f"/v1/payment_intents/{intent}/confirm",
        {"payment_method": method["id"], "return_url": "https://x.test"},
    )
    await saas.ok("POST", f"{ACTS}/complete_3ds", {"object": subscription["id"]})
    assert (await saas.ok("GET", f"/v1/subscriptions/{subscription['id']}"))["status"] == "active"
    assert (await saas.ok("GET", f"/v1/invoices/{invoice['id']}"))["status"] == "paid"


@pytest.mark.parametrize(
    "more,status,code", [({}, "succeeded", None), ({"outcome": "fail", "code": "account_closed"}, "requires_payment_method", "account_closed")]
)  # fmt: skip
async def test_the_bank_behind_a_delayed_payment_answers(api: Any, more: Any, status: str, code: str | None) -> None:
    await api.ok("POST", "/_emulator/clock", {"freeze": True})
    customer = await api.ok("POST", "/v1/customers", {"email": "a@example.com"})
    intent = await paid(
        api, "pm_usBankAccount_success", customer=customer["id"], automatic_payment_methods={"enabled": "true"},
        mandate_data={"customer_acceptance": {"type": "offline"}},
    )  # fmt: skip
    assert intent["status"] == "processing"
    done = await api.ok("POST", f"{ACTS}/settle_payment", {"object": intent["id"], **more})
    assert (done["status"], (done["last_payment_error"] or {}).get("code")) == (status, code)
    before = len(await api.events())
    await api.ok("POST", "/_emulator/clock", {"advance": "1d"})
    assert await since(api, before) == []
    assert (await api.post(f"{ACTS}/settle_payment", {"object": intent["id"]})).status == 400


@pytest.mark.parametrize(
    "name,body,status,param,message",
    [
        ("fly", {"object": "ch_1"}, 404, None, "no such act: fly"),
        ("open_dispute", {}, 400, "object", "object is missing"),
        ("open_dispute", {"object": 5}, 400, "object", "object must be a text"),
        ("open_dispute", {"object": "ch_1", "outcome": "won"}, 400, "outcome", "unknown: outcome"),
        (
            "open_dispute",
            {"object": "ch_1"},
            404,
            "object",
            "No such charge, payment, setup, invoice or subscription: 'ch_1'",
        ),
        ("fail_refund", {"object": "re_1"}, 404, "object", "No such refund: 're_1'"),
        ("verify_tax_id", {"object": "txi_1"}, 404, "object", "No such tax id: 'txi_1'"),
        ("verify_tax_id", {"object": "txi_1", "name": 5}, 400, "name", "name must be a text"),
        ("complete_3ds", {"object": "pi_1"}, 404, "object", "No such charge, payment,"),
        ("settle_payment", {"object": "pi_1"}, 404, "object", "No such charge, payment,"),
    ],
)
async def test_acts_that_cannot_be(
    api: Any, name: str, body: Any, status: int, param: str | None, message: str
) -> None:
    refused = await api.post(f"{ACTS}/{name}", body)
    assert (refused.status, refused.error.get("param")) == (status, param)
    assert refused.error["message"].startswith(message)
    assert await api.events() == []


async def test_a_wrong_reason_stores_nothing(api: Any) -> None:
    intent = await paid(api)
    before = len(await api.events())
    for name, body in (
        ("open_dispute", {"reason": "mood"}),
        ("close_dispute", {}),
        ("settle_payment", {}),
        ("open_dispute", {"object": "pi_x"}),
    ):
        assert (await api.post(f"{ACTS}/{name}", {"object": intent["id"], **body})).status in (400, 404)
    assert await since(api, before) == []


async def test_the_acts_are_listed(api: Any) -> None:
    told = {one["act"]: one for one in (await api.ok("GET", ACTS))["data"]}
    assert set(told) == {
        "open_dispute",
        "close_dispute",
        "fail_refund",
        "verify_tax_id",
        "complete_3ds",
        "settle_payment",
    }
    assert told["close_dispute"]["takes"]["outcome"] == ["won", "lost", "warning_closed"]
