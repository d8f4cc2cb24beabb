"""Tax and discounts of subscriptions, as their invoices show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.unit.billing.desk import MONTH_END, START, Desk

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


async def lost(api: Api, **subscription: Any) -> tuple[Desk, Any]:
    """Subscribe with automatic tax, then let the customer's place get lost."""
    desk = await Desk(api).open(address=BERLIN)
    made = await desk.subscribe(automatic_tax={"enabled": True}, **subscription)
    await desk.ok(f"/v1/customers/{desk.customer}", {"address": ""})
    await desk.news()
    return desk, made


OFF = {"disabled_reason": "requires_location_inputs", "enabled": False, "liability": None}


async def test_a_renewal_without_a_place_is_billed_without_tax(api: Api) -> None:
    desk = await Desk(api).open(address=BERLIN)
    made = await desk.subscribe(automatic_tax={"enabled": True})
    schedule = await desk.ok("/v1/subscription_schedules", {"from_subscription": made["id"]})
    items = [{"price": desk.price}]
    phases = [{"items": items, "start_date": START, "end_date": MONTH_END},
              {"items": items, "duration": {"interval": "year"}}]  # fmt: skip
    await desk.ok(f"/v1/subscription_schedules/{schedule['id']}", {"phases": phases})
    await desk.ok(f"/v1/customers/{desk.customer}", {"address": ""})
    await api.advance(MONTH_END - START)
    waiting = await desk.subscription(made["id"])
    assert waiting["automatic_tax"]["enabled"] is True, "it is given up when the invoice is finalized"
    draft = waiting["latest_invoice"]
    assert (draft["status"], draft["automatic_tax"]["status"]) == ("draft", "requires_location_inputs")
    await desk.news()
    await api.advance(2 * 3600)
    after = await desk.subscription(made["id"])
    invoice = after["latest_invoice"]
    assert (invoice["id"], invoice["status"], invoice["amount_paid"]) == (draft["id"], "paid", 2500)
    assert (invoice["total_taxes"], invoice["lines"]["data"][0]["taxes"]) == ([], [])
    assert invoice["automatic_tax"] == {
        "disabled_reason": "finalization_requires_location_inputs", "enabled": False, "liability": None,
        "provider": None, "status": "requires_location_inputs",
    }  # fmt: skip
    assert after["automatic_tax"] == OFF
    plan = await desk.get(f"/v1/subscription_schedules/{schedule['id']}")
    assert (plan["default_settings"]["automatic_tax"], plan["phases"][1]["automatic_tax"]) == (OFF, OFF)
    assert plan["phases"][0]["automatic_tax"]["enabled"] is True, "what is over stays as it was"
    news = await desk.news()
    assert news[:3] == ["customer.subscription.updated", "subscription_schedule.updated", "invoice.updated"]
    assert "invoice.finalization_failed" not in news
    await desk.ok(f"/v1/subscription_schedules/{schedule['id']}/release")
    await desk.ok(f"/v1/customers/{desk.customer}", {"address": BERLIN})
    on = await desk.change(made["id"], automatic_tax={"enabled": True})
    assert on["automatic_tax"] == {"disabled_reason": None, "enabled": True, "liability": {"type": "self"}}


async def test_a_change_without_a_place_is_billed_without_tax(api: Api) -> None:
    desk, made = await lost(api)
    dear = await desk.new_price(5000)
    await api.advance("15d")
    await desk.news()
    after = await desk.change(made["id"], items=[{"id": made["items"]["data"][0]["id"], "price": dear}],
                              proration_behavior="always_invoice")  # fmt: skip
    invoice = after["latest_invoice"]
    assert (invoice["status"], invoice["total_taxes"]) == ("paid", [])
    assert invoice["automatic_tax"]["disabled_reason"] == "finalization_requires_location_inputs"
    assert (after["status"], after["automatic_tax"]) == ("active", OFF)
    assert "customer.subscription.updated" in await desk.news()


async def test_by_hand_an_invoice_without_a_place_is_refused(api: Api) -> None:
    desk, made = await lost(api)
    await api.advance(MONTH_END - START)
    draft = (await desk.subscription(made["id"]))["latest_invoice"]
    for act in ("finalize", "pay"):
        refused = await desk.refused(f"/v1/invoices/{draft['id']}/{act}")
        assert (refused.status, refused.error["code"]) == (400, "customer_tax_location_invalid")
    after = await desk.subscription(made["id"])
    assert (after["latest_invoice"]["status"], after["automatic_tax"]["enabled"]) == ("draft", True)
