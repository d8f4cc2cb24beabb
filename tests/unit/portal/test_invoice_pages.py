"""What the pages of invoices, receipts and 3D Secure are told, over the whole engine."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.kernel.errors import StripeError
from tests.support.client import Api

DAY = 86_400


async def ask(api: Api, operation: str, **params: Any) -> dict[str, Any]:
    return await api.engine.run(await api.space(), operation, params)


def token_of(invoice: Any) -> str:
    return str(invoice["hosted_invoice_url"]).partition("?")[0].rpartition("/")[2]


async def billed(api: Api, method: str = "pm_card_visa", **more: Any) -> Any:
    """Return a finalized invoice of $20 less a coupon of 25 % and plus tax of 10 %."""
    customer = await api.ok(
        "POST", "/v1/customers", {"name": "Ada", "email": "ada@example.com", "payment_method": method}
    )
    coupon = await api.ok("POST", "/v1/coupons", {"percent_off": 25, "duration": "once", "name": "Hello"})
    rate = await api.ok("POST", "/v1/tax_rates", {"display_name": "VAT", "percentage": 10, "inclusive": False})
    draft = await api.ok(
        "POST",
        "/v1/invoices",
        {
            "customer": customer["id"],
            "discounts": [{"coupon": coupon["id"]}],
            "default_tax_rates": [rate["id"]],
            **more,
        },
    )
    item = {
        "customer": customer["id"],
        "invoice": draft["id"],
        "amount": 2000,
        "currency": "usd",
        "description": "Workshop",
    }
    await api.ok("POST", "/v1/invoiceitems", item)
    return await api.ok("POST", f"/v1/invoices/{draft['id']}/finalize")


async def test_an_open_invoice(api: Api) -> None:
    invoice = await billed(api)
    told = await ask(api, "invoice:page", token=token_of(invoice))
    assert told["invoice"]["id"] == invoice["id"]
    assert told["invoice"]["amount_due"] == 1650
    assert [one["card"]["last4"] for one in told["payment_methods"]] == ["4242"]
    assert [coupon["name"] for coupon in told["coupons"].values()] == ["Hello"]
    assert [rate["display_name"] for rate in told["tax_rates"].values()] == ["VAT"]
    assert [one["charge"] for one in told["payments"]] == [None]
    with pytest.raises(StripeError) as refused:
        await ask(api, "receipt:page", token=token_of(invoice))
    assert refused.value.status == 404


async def test_a_paid_invoice_has_a_receipt(api: Api) -> None:
    invoice = await billed(api)
    method = (await ask(api, "invoice:page", token=token_of(invoice)))["payment_methods"][0]["id"]
    await api.ok("POST", f"/v1/invoices/{invoice['id']}/pay", {"payment_method": method})
    told = await ask(api, "invoice:page", token=token_of(invoice))
    charge = told["payments"][0]["charge"]
    assert charge["paid"]
    by_token = await ask(api, "receipt:page", token=token_of(invoice))
    by_charge = await ask(api, "receipt:page", charge=charge["id"])
    assert by_token == by_charge
    assert by_charge["invoice"]["id"] == invoice["id"]
    assert by_charge["charge"]["amount_captured"] == 1650


async def test_a_receipt_without_an_invoice(api: Api) -> None:
    charge = await api.ok("POST", "/v1/charges", {"amount": 700, "currency": "usd", "source": "tok_visa"})
    told = await ask(api, "receipt:page", charge=charge["id"])
    assert told["invoice"] is None
    held = {"amount": 700, "currency": "usd", "source": "tok_visa", "capture": False}
    waiting = await api.ok("POST", "/v1/charges", held)
    for id in (waiting["id"], "ch_no", ""):
        with pytest.raises(StripeError) as refused:
            await ask(api, "receipt:page", charge=id)
        assert refused.value.status == 404


@pytest.mark.parametrize("token", ["", "test_", "test_x", "live_x", "test_\x00é", "test_" + "A" * 5000])
async def test_tokens_of_nothing(api: Api, token: str) -> None:
    await billed(api)
    with pytest.raises(StripeError) as refused:
        await ask(api, "invoice:page", token=token)
    assert refused.value.status == 404


async def test_a_token_has_to_be_right_to_the_last_letter(api: Api) -> None:
    token = token_of(await billed(api))
    for wrong in (token[:-1], token + "a", token[:-1] + ("a" if token[-1] != "a" else "b")):
        with pytest.raises(StripeError):
            await ask(api, "invoice:page", token=wrong)


async def test_invoices_of_fixture_worlds(saas: Api) -> None:
    invoices = (await saas.ok("GET", "/v1/invoices", {"limit": 100}))["data"]
    shown = [one for one in invoices if one["hosted_invoice_url"]]
    assert shown
    now = (await saas.space()).clock.now()
    for one in shown:
        told = await ask(saas, "invoice:page", token=token_of(one), shown_at=now)
        assert told["invoice"]["id"] == one["id"]


async def test_links_live_thirty_days_after_the_due_date(api: Api) -> None:
    invoice = await billed(api, collection_method="send_invoice", days_until_due=14)
    token = token_of(invoice)
    await api.advance(f"{43 * DAY}s")
    assert (await ask(api, "invoice:page", token=token))["invoice"]["status"] == "open"
    await api.advance(f"{DAY}s")
    with pytest.raises(StripeError) as refused:
        await ask(api, "invoice:page", token=token)
    assert (refused.value.status, refused.value.code) == (410, "invoice_link_expired")
    assert refused.value.extra["account"]["object"] == "account"
    now = (await api.space()).clock.now()
    for shown_at, good in ((now, True), (now - 10 * DAY, True), (now - 10 * DAY - 1, False), (now + 1, False)):
        try:
            await ask(api, "invoice:page", token=token, shown_at=shown_at)
            assert good
        except StripeError:
            assert not good


async def test_links_live_120_days_at_most(api: Api) -> None:
    token = token_of(await billed(api, collection_method="send_invoice", days_until_due=200))
    await api.advance(f"{119 * DAY}s")
    await ask(api, "invoice:page", token=token)
    await api.advance(f"{DAY}s")
    with pytest.raises(StripeError):
        await ask(api, "invoice:page", token=token)


async def test_the_question_of_3d_secure(api: Api) -> None:
    params = {"amount": 2000, "currency": "usd", "payment_method": "pm_card_threeDSecure2Required", "confirm": True,
              "return_url": "https://shop.example/back"}  # fmt: skip
    intent = await api.ok("POST", "/v1/payment_intents", params)
    told = await ask(api, "challenge:page", client_secret=intent["client_secret"])
    assert told["intent"]["id"] == intent["id"]
    assert told["return_url"] == "https://shop.example/back"
    assert told["method"]["type"] == "card"
    secret = intent["client_secret"]
    for wrong in ("", "pi_", intent["id"], secret[:-1], secret + "x", "seti_" + secret[3:], "in_1_secret_x", "é"):
        with pytest.raises(StripeError) as refused:
            await ask(api, "challenge:page", client_secret=wrong)
        assert refused.value.status == 404
