"""Taxes: manual rates on lines and prorations, automatic tax by the customer's place."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from pypdf import PdfReader

from emulator.billing.subscription_errors import ARCHIVED_RATE, RATE_TWICE
from tests.unit.billing.desk import MONTH_END, START, Desk, billed

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


@pytest.mark.parametrize("status, reason", [("exempt", "customer_exempt"), ("reverse", "reverse_charge")])
async def test_exempt_customers_pay_no_manual_tax(api: Api, status: str, reason: str) -> None:
    desk = await Desk(api).open(tax_exempt=status)
    on_top = await desk.ok("/v1/tax_rates", {"display_name": "VAT", "percentage": 10, "inclusive": False})
    inside = await desk.ok("/v1/tax_rates", {"display_name": "VAT", "percentage": 10, "inclusive": True})
    item = {"customer": desk.customer, "amount": 10000, "currency": "usd"}
    await desk.ok("/v1/invoiceitems", {**item, "tax_rates": [inside["id"]]})
    draft = await billed(desk, 10000, default_tax_rates=[on_top["id"]])
    # 10% inside 100.00 is 9.09 that the customer is let off, 10% on top of 100.00 is not added.
    assert (draft["subtotal"], draft["total"], draft["total_excluding_tax"]) == (20000, 19091, 19091)
    assert draft["customer_tax_exempt"] == status
    told = {tax["tax_behavior"]: (tax["amount"], tax["taxable_amount"]) for tax in draft["total_taxes"]}
    assert told == {"exclusive": (0, 10000), "inclusive": (0, 9091)}
    assert {tax["taxability_reason"] for tax in draft["total_taxes"]} == {reason}
    paid = await desk.ok(f"/v1/invoices/{draft['id']}/pay")
    assert paid["amount_paid"] == 19091
    note = await desk.ok("/v1/credit_notes", {"invoice": draft["id"], "amount": 19091, "refund_amount": 19091})
    assert (note["total"], note["subtotal"], note["total_excluding_tax"]) == (19091, 20000, 19091)
    path = urlsplit(paid["invoice_pdf"])
    async with api.client.get(f"{path.path}?{path.query}") as answer:
        text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(await answer.read())).pages)
    assert ("Reverse charge" in text) == (status == "reverse")


async def test_exempt_customers_pay_no_manual_tax_at_the_checkout(api: Api) -> None:
    desk = await Desk(api).open(tax_exempt="reverse", amount=10000)
    inside = (await desk.ok("/v1/tax_rates", {"display_name": "VAT", "percentage": 10, "inclusive": True}))["id"]
    session = await desk.ok("/v1/checkout/sessions", {
        "mode": "subscription", "customer": desk.customer, "success_url": "https://example.com",
        "line_items": [{"price": desk.price, "quantity": 1, "tax_rates": [inside]}],
    })  # fmt: skip
    figures = (session["amount_subtotal"], session["amount_total"], session["total_details"]["amount_tax"])
    assert figures == (10000, 9091, 0)
    made = await desk.subscribe(items=[{"price": desk.price, "tax_rates": [inside]}])
    assert made["latest_invoice"]["amount_paid"] == 9091, "what the session says is what a subscription costs"


async def test_the_exemption_counts_when_the_invoice_is_finalized(api: Api) -> None:
    desk = await Desk(api).open()
    rate = await desk.ok("/v1/tax_rates", {"display_name": "VAT", "percentage": 20, "inclusive": False})
    draft = await billed(desk, default_tax_rates=[rate["id"]])
    assert (draft["total"], draft["customer_tax_exempt"]) == (1200, "none")
    await desk.ok(f"/v1/customers/{desk.customer}", {"tax_exempt": "exempt"})
    done = await desk.ok(f"/v1/invoices/{draft['id']}/finalize")
    assert (done["total"], done["amount_due"], done["customer_tax_exempt"]) == (1000, 1000, "exempt")
    await desk.ok(f"/v1/customers/{desk.customer}", {"tax_exempt": "none"})
    assert (await desk.get(f"/v1/invoices/{draft['id']}"))["customer_tax_exempt"] == "exempt"


async def test_archived_rates_stay_where_they_are_and_come_nowhere_else(api: Api) -> None:
    desk = await Desk(api).open()
    rate = (await desk.ok("/v1/tax_rates", {"display_name": "VAT", "percentage": 20, "inclusive": False}))["id"]
    made = await desk.subscribe(default_tax_rates=[rate])
    item = made["items"]["data"][0]["id"]
    await desk.change(made["id"], items=[{"id": item, "tax_rates": [rate]}])
    schedule = await desk.ok("/v1/subscription_schedules", {"from_subscription": made["id"]})
    draft = await billed(desk, default_tax_rates=[rate])
    session = await desk.ok("/v1/checkout/sessions", {
        "mode": "subscription", "customer": desk.customer, "success_url": "https://example.com",
        "line_items": [{"price": desk.price, "quantity": 1, "tax_rates": [rate]}],
    })  # fmt: skip
    await desk.ok(f"/v1/tax_rates/{rate}", {"active": False})
    # Where it was set it works on, also when it is named again.
    again = await desk.change(made["id"], default_tax_rates=[rate], items=[{"id": item, "tax_rates": [rate]}])
    assert [one["id"] for one in again["default_tax_rates"]] == [rate]
    assert (await desk.ok(f"/v1/invoices/{draft['id']}", {"default_tax_rates": [rate]}))["total"] == 1200
    phase = {"items": [{"price": desk.price, "tax_rates": [rate]}], "default_tax_rates": [rate], "start_date": START,
             "end_date": MONTH_END}  # fmt: skip
    await desk.ok(f"/v1/subscription_schedules/{schedule['id']}", {"phases": [phase]})
    assert (await desk.get(f"/v1/checkout/sessions/{session['id']}"))["amount_total"] == 3000
    await api.advance(MONTH_END - START + 2 * 3600)
    assert (await desk.subscription(made["id"]))["latest_invoice"]["amount_paid"] == 3000
    # It comes nowhere else.
    new: dict[str, Any] = {"customer": desk.customer, "items": [{"price": desk.price}]}
    checkout = {"mode": "subscription", "success_url": "https://example.com",
                "line_items": [{"price": desk.price, "quantity": 1, "tax_rates": [rate]}]}  # fmt: skip
    for path, wish, param in (
        ("/v1/subscriptions", {**new, "default_tax_rates": [rate]}, "default_tax_rates[0]"),
        ("/v1/subscriptions", {**new, "items": [{"price": desk.price, "tax_rates": [rate]}]}, "items[0][tax_rates][0]"),
        ("/v1/invoices", {"customer": desk.customer, "default_tax_rates": [rate]}, "default_tax_rates[0]"),
        ("/v1/invoiceitems", {"customer": desk.customer, "amount": 1, "currency": "usd", "tax_rates": [rate]}, "tax_rates[0]"),
        ("/v1/checkout/sessions", checkout, "line_items[0][tax_rates][0]"),
        ("/v1/quotes", {"customer": desk.customer, "default_tax_rates": [rate]}, "default_tax_rates[0]"),
    ):  # fmt: skip
        refused = await desk.refused(path, wish)
        assert (refused.status, refused.error["param"]) == (400, param), path
        assert refused.error["message"] == ARCHIVED_RATE.format(rate=rate)


async def test_a_rate_is_named_once(api: Api) -> None:
    desk = await Desk(api).open()
    rate = (await desk.ok("/v1/tax_rates", {"display_name": "VAT", "percentage": 20, "inclusive": False}))["id"]
    twice = [rate, rate]
    for path, wish in (
        ("/v1/subscriptions", {"customer": desk.customer, "items": [{"price": desk.price}]}),
        ("/v1/invoices", {"customer": desk.customer}),
    ):
        refused = await desk.refused(path, {**wish, "default_tax_rates": twice})
        assert (refused.error["param"], refused.error["message"]) == (
            "default_tax_rates[1]", RATE_TWICE.format(rate=rate),
        )  # fmt: skip
    assert await desk.news() == ["tax_rate.created"], "nothing was stored"
