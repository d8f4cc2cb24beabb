"""Tax and discounts of subscriptions, as their invoices show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.billing.desk import Desk

if TYPE_CHECKING:
    from tests.support.client import Api

BERLIN = {"country": "DE", "postal_code": "10115", "city": "Berlin"}


async def test_subscriptions_are_taxed_by_place_prorations_too(api: Api) -> None:
    desk = await Desk(api).open()
    wish = {"customer": desk.customer, "items": [{"price": desk.price}], "automatic_tax": {"enabled": True}}
    refused = await desk.refused("/v1/subscriptions", wish)
    assert refused.error["code"] == "customer_tax_location_invalid"
    await desk.ok(f"/v1/customers/{desk.customer}", {"address": BERLIN})
    sub = await desk.subscribe(automatic_tax={"enabled": True})
    assert sub["automatic_tax"] == {"disabled_reason": None, "enabled": True, "liability": {"type": "self"}}
    first = sub["latest_invoice"]
    assert (first["total"], first["amount_paid"], first["automatic_tax"]["status"]) == (2975, 2975, "complete")
    dear = await desk.new_price(5000)
    await api.advance("10d")
    after = await desk.change(sub["id"], items=[{"id": sub["items"]["data"][0]["id"], "price": dear}],
                              proration_behavior="always_invoice")  # fmt: skip
    made = after["latest_invoice"]
    assert made["total"] == sum(line["amount"] + line["taxes"][0]["amount"] for line in made["lines"]["data"])
    found = await desk.ok("/v1/invoices/create_preview", {"subscription": sub["id"]})
    assert found["total"] == 5950
    await desk.ok(f"/v1/customers/{desk.customer}", {"tax_exempt": "reverse"})
    free = await desk.ok("/v1/invoices/create_preview", {"subscription": sub["id"]})
    assert (free["total"], free["total_taxes"][0]["taxability_reason"]) == (5000, "reverse_charge")
    plain = {"customer": desk.customer, "subscription_details": {"items": [{"price": desk.price}]}}
    details = {"address": {"country": "FR"}, "tax_exempt": "none"}
    there = await desk.ok("/v1/invoices/create_preview",
                          {**plain, "automatic_tax": {"enabled": True}, "customer_details": details})  # fmt: skip
    assert there["total"] == 3000
