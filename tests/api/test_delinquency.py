"""``customer.delinquent``: true since an automatic payment failed, false since one went through or was given up."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.support.client import Api


async def test_a_failed_renewal_and_its_payment(api: Api) -> None:
    """Recorded lists of events have no ``customer.updated`` for it (facts billing 9)."""
    customer = await api.ok(
        "POST",
        "/v1/customers",
        {"payment_method": "pm_card_visa", "invoice_settings": {"default_payment_method": "pm_card_visa"}},
    )
    path = f"/v1/customers/{customer['id']}"
    price = await api.ok(
        "POST",
        "/v1/prices",
        {"currency": "usd", "unit_amount": 900, "recurring": {"interval": "month"}, "product_data": {"name": "Tea"}},
    )
    await api.ok("POST", "/v1/subscriptions", {"customer": customer["id"], "items": [{"price": price["id"]}]})
    assert (await api.ok("GET", path))["delinquent"] is False
    card = await api.ok("POST", "/v1/payment_methods/pm_card_chargeCustomerFail/attach", {"customer": customer["id"]})
    await api.ok("POST", path, {"invoice_settings": {"default_payment_method": card["id"]}})
    before = len(await api.events())
    await api.advance("1mo")
    await api.advance("2h")
    assert (await api.ok("GET", path))["delinquent"] is True
    told = (await api.events())[before:]
    assert "invoice.payment_failed" in told
    updates = [event for event in await api.happened() if event["type"] == "customer.updated"]
    assert not any("delinquent" in event["data"]["previous_attributes"] for event in updates)
    invoice = (await api.ok("GET", "/v1/invoices", {"customer": customer["id"], "status": "open"}))["data"][0]
    good = await api.ok("POST", "/v1/payment_methods/pm_card_visa/attach", {"customer": customer["id"]})
    await api.ok("POST", f"/v1/invoices/{invoice['id']}/pay", {"payment_method": good["id"]})
    assert (await api.ok("GET", path))["delinquent"] is False


async def test_an_overdue_invoice_and_writing_it_off(api: Api) -> None:
    customer = await api.ok("POST", "/v1/customers", {"email": "a@example.com"})
    await api.ok("POST", "/v1/invoiceitems", {"customer": customer["id"], "amount": 500, "currency": "usd"})
    terms = {"collection_method": "send_invoice", "days_until_due": 7, "pending_invoice_items_behavior": "include"}
    invoice = await api.ok("POST", "/v1/invoices", {"customer": customer["id"], **terms})
    await api.ok("POST", f"/v1/invoices/{invoice['id']}/finalize")
    await api.advance("8d")
    path = f"/v1/customers/{customer['id']}"
    assert (await api.ok("GET", path))["delinquent"] is True
    await api.ok("POST", f"/v1/invoices/{invoice['id']}/mark_uncollectible")
    assert (await api.ok("GET", path))["delinquent"] is False
