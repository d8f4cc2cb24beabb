"""Taxes: manual rates on lines and prorations, automatic tax by the customer's place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.billing.desk import Desk, billed

if TYPE_CHECKING:
    from tests.support.client import Api

BERLIN = {"country": "DE", "postal_code": "10115", "city": "Berlin"}


async def test_manual_rates_inside_and_on_top(api: Api) -> None:
    desk = await Desk(api).open()
    on_top = await desk.ok("/v1/tax_rates", {"display_name": "VAT", "percentage": 20, "inclusive": False})
    inside = await desk.ok("/v1/tax_rates", {"display_name": "VAT", "percentage": 25, "inclusive": True})
    item = {"customer": desk.customer, "amount": 1000, "currency": "usd"}
    await desk.ok("/v1/invoiceitems", {**item, "tax_rates": [inside["id"]]})
    draft = await billed(desk, default_tax_rates=[on_top["id"]])
    taxes = {tax["tax_behavior"]: tax for tax in draft["total_taxes"]}
    assert (taxes["exclusive"]["amount"], taxes["inclusive"]["amount"]) == (200, 200)
    assert (draft["subtotal"], draft["subtotal_excluding_tax"], draft["total"]) == (2000, 1800, 2200)
    assert draft["total_excluding_tax"] == 1800
    assert taxes["exclusive"] == {
        "amount": 200, "tax_behavior": "exclusive", "tax_rate_details": {"tax_rate": on_top["id"]},
        "taxability_reason": "not_available", "taxable_amount": 1000, "type": "tax_rate_details",
    }  # fmt: skip


async def test_automatic_tax_follows_the_place(api: Api) -> None:
    desk = await Desk(api).open()
    await desk.ok("/v1/invoiceitems", {"customer": desk.customer, "amount": 1000, "currency": "usd"})
    wish = {"customer": desk.customer, "pending_invoice_items_behavior": "include", "automatic_tax": {"enabled": True}}
    unknown = await desk.refused("/v1/invoices", wish)
    assert (unknown.status, unknown.error["code"]) == (400, "customer_tax_location_invalid")
    assert unknown.error["param"] == "automatic_tax[enabled]"
    await desk.ok(f"/v1/customers/{desk.customer}", {"address": BERLIN})
    draft = await desk.ok("/v1/invoices", wish)
    assert (draft["total"], draft["automatic_tax"]["status"]) == (1190, "complete")
    assert draft["total_taxes"][0]["taxability_reason"] == "standard_rated"
    rate = await desk.get(f"/v1/tax_rates/{draft['total_taxes'][0]['tax_rate_details']['tax_rate']}")
    assert (rate["country"], rate["percentage"], rate["active"]) == ("DE", 19, False)
    for exempt, reason in (("reverse", "reverse_charge"), ("exempt", "customer_exempt")):
        await desk.ok(f"/v1/customers/{desk.customer}", {"tax_exempt": exempt})
        off = await desk.ok(f"/v1/invoices/{draft['id']}", {"automatic_tax": {"enabled": True}})
        assert (off["total"], off["total_taxes"][0]["taxability_reason"]) == (1000, reason)
    await desk.ok(f"/v1/customers/{desk.customer}", {"tax_exempt": "none", "address": {"country": "BR"}})
    none = await desk.ok(f"/v1/invoices/{draft['id']}", {"automatic_tax": {"enabled": True}})
    assert (none["total"], none["total_taxes"][0]["taxability_reason"]) == (1000, "not_collecting")
    await desk.ok(f"/v1/customers/{desk.customer}", {"address": ""})
    lost = await desk.refused(f"/v1/invoices/{draft['id']}/finalize")
    assert lost.error["code"] == "customer_tax_location_invalid"
    await desk.ok(f"/v1/customers/{desk.customer}", {"address": BERLIN})
    opened = await desk.ok(f"/v1/invoices/{draft['id']}/finalize")
    assert (opened["total"], opened["amount_due"]) == (1190, 1190)


async def test_inclusive_prices_hold_their_tax(api: Api) -> None:
    desk = await Desk(api).open(address={"country": "US", "state": "CA", "postal_code": "94103"})
    product = (await desk.ok("/v1/products", {"name": "Book"}))["id"]
    price = await desk.ok(
        "/v1/prices", {"product": product, "currency": "usd", "unit_amount": 1000, "tax_behavior": "inclusive"}
    )
    await desk.ok("/v1/invoiceitems", {"customer": desk.customer, "pricing": {"price": price["id"]}})
    draft = await desk.ok("/v1/invoices", {
        "customer": desk.customer, "pending_invoice_items_behavior": "include", "automatic_tax": {"enabled": True}})  # fmt: skip
    assert (draft["total"], draft["total_taxes"][0]["amount"], draft["total_excluding_tax"]) == (1000, 68, 932)


async def test_a_place_that_got_lost_stops_the_finalization(api: Api) -> None:
    desk = await Desk(api).open(address=BERLIN)
    draft = await billed(desk, automatic_tax={"enabled": True}, auto_advance=True)
    await desk.ok(f"/v1/customers/{desk.customer}", {"address": ""})
    await desk.news()
    await api.advance("2h")
    assert await desk.news() == ["invoice.updated", "invoice.finalization_failed"]
    stuck = await desk.get(f"/v1/invoices/{draft['id']}")
    assert (stuck["status"], stuck["automatic_tax"]["status"]) == ("draft", "requires_location_inputs")
    assert stuck["last_finalization_error"]["code"] == "customer_tax_location_invalid"
