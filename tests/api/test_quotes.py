"""Quotes: what they come to, how they are numbered, accepted, canceled, and what they become."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.client import Api

DAY = 86_400


async def price(api: Api, amount: int = 1500, *, interval: str | None = None) -> str:
    product = await api.post("/v1/products", {"name": "Plan"})
    params: dict[str, Any] = {"product": product.id, "currency": "usd", "unit_amount": amount}
    if interval:
        params["recurring"] = {"interval": interval}
    return (await api.post("/v1/prices", params)).id


async def payer(api: Api) -> str:
    card = "pm_card_visa"
    wish = {"email": "ada@example.com", "payment_method": card, "invoice_settings": {"default_payment_method": card}}
    return (await api.post("/v1/customers", wish)).id


async def quote(api: Api, *prices: str, **more: Any) -> Any:
    answer = await api.post("/v1/quotes", {"line_items": [{"price": one, "quantity": 2} for one in prices], **more})
    assert answer.status == 200, answer.text
    return answer.json


async def test_what_a_quote_comes_to(api: Api) -> None:
    await api.post("/v1/coupons", {"id": "TEN", "percent_off": 10, "duration": "forever"})
    rate = await api.post("/v1/tax_rates", {"display_name": "VAT", "percentage": 20, "inclusive": False})
    made = await quote(
        api, await price(api, 1000, interval="month"), await price(api, 500), customer=await payer(api),
        discounts=[{"coupon": "TEN"}], default_tax_rates=[rate.id], expand=["total_details.breakdown"],
    )  # fmt: skip
    assert (made["status"], made["number"], made["currency"]) == ("draft", None, "usd")
    assert made["expires_at"] == made["created"] + 30 * DAY
    assert (made["amount_subtotal"], made["amount_total"]) == (3000, 3240)
    assert made["total_details"]["breakdown"]["taxes"][0]["amount"] == 540
    recurring = made["computed"]["recurring"]
    assert (recurring["amount_subtotal"], recurring["amount_total"], recurring["interval"]) == (2000, 2160, "month")
    assert made["computed"]["upfront"]["amount_total"] == 3240
    assert "line_items" not in made["computed"]["upfront"]
    assert "breakdown" not in recurring["total_details"]
    shown = (await api.get(f"/v1/quotes/{made['id']}", {"expand": ["discounts"]})).json
    assert shown["discounts"][0]["source"]["coupon"] == "TEN"
    assert (await api.get("/v1/coupons/TEN"))["times_redeemed"] == 0


async def test_line_items(api: Api) -> None:
    made = await quote(api, await price(api, 1000, interval="month"), await price(api, 500),
                       subscription_data={"trial_period_days": 7})  # fmt: skip
    items = (await api.get(f"/v1/quotes/{made['id']}/line_items")).json["data"]
    assert [one["amount_total"] for one in items] == [2000, 1000]
    upfront = (await api.get(f"/v1/quotes/{made['id']}/computed_upfront_line_items")).json["data"]
    assert [one["amount_total"] for one in upfront] == [0, 1000]
    expanded = (await api.get(f"/v1/quotes/{made['id']}", {"expand": ["computed.upfront.line_items"]})).json
    assert len(expanded["computed"]["upfront"]["line_items"]["data"]) == 2


async def test_drafts_change(api: Api) -> None:
    made = await quote(api, await price(api, 1000))
    item = (await api.get(f"/v1/quotes/{made['id']}/line_items")).json["data"][0]["id"]
    rows = [{"id": item, "quantity": 5}, {"price": await price(api, 100)}]
    changed = await api.post(
        f"/v1/quotes/{made['id']}", {"line_items": rows, "header": "Hello", "metadata": {"a": "1"}}
    )
    assert (changed["amount_total"], changed["header"], changed["metadata"]) == (5100, "Hello", {"a": "1"})


async def test_a_subscription_comes_of_it(api: Api) -> None:
    customer = await payer(api)
    made = await quote(api, await price(api, interval="month"), await price(api, 500), customer=customer,
                       subscription_data={"description": "Gold", "metadata": {"a": "1"}})  # fmt: skip
    path = f"/v1/quotes/{made['id']}"
    opened = await api.post(f"{path}/finalize")
    assert opened["status"] == "open"
    assert opened["number"].startswith("QT-")
    assert opened["number"].endswith("-0001-1")
    assert opened["status_transitions"]["finalized_at"]
    late = await api.post(path, {"header": "x"})
    assert late.status == 400
    done = await api.post(f"{path}/accept")
    assert done["status"] == "accepted"
    subscription = (await api.get(f"/v1/subscriptions/{done['subscription']}")).json
    assert (subscription["status"], subscription["description"]) == ("active", "Gold")
    invoice = (await api.get(f"/v1/invoices/{done['invoice']}")).json
    assert (invoice["status"], invoice["total"]) == ("paid", 4000)
    events = await api.events()
    assert [one for one in events if one.startswith("quote")] == ["quote.created", "quote.finalized", "quote.accepted"]
    assert (await api.post(f"{path}/accept")).status == 400
    assert (await api.post(f"{path}/cancel")).status == 400


async def test_an_invoice_comes_of_one_time_prices(api: Api) -> None:
    customer = await payer(api)
    made = await quote(api, await price(api, 700), customer=customer, collection_method="send_invoice",
                       invoice_settings={"days_until_due": 14})  # fmt: skip
    await api.post(f"/v1/quotes/{made['id']}/finalize")
    done = await api.post(f"/v1/quotes/{made['id']}/accept")
    invoice = (await api.get(f"/v1/invoices/{done['invoice']}")).json
    assert (invoice["status"], invoice["total"], invoice["collection_method"]) == ("draft", 1400, "send_invoice")
    assert invoice["parent"]["quote_details"] == {"quote": made["id"]}


async def test_a_schedule_comes_of_a_later_start(api: Api) -> None:
    now = (await api.post("/v1/products", {"name": "x"}))["created"]
    made = await quote(api, await price(api, interval="month"), customer=await payer(api),
                       subscription_data={"effective_date": now + 10 * DAY})  # fmt: skip
    await api.post(f"/v1/quotes/{made['id']}/finalize")
    done = await api.post(f"/v1/quotes/{made['id']}/accept")
    schedule = (await api.get(f"/v1/subscription_schedules/{done['subscription_schedule']}")).json
    assert schedule["phases"][0]["start_date"] == now + 10 * DAY


async def test_quotes_end_by_themselves(api: Api) -> None:
    made = await quote(api, await price(api), customer=await payer(api))
    await api.post(f"/v1/quotes/{made['id']}/finalize", {"expires_at": made["created"] + 5 * DAY})
    await api.advance("5d")
    over = (await api.get(f"/v1/quotes/{made['id']}")).json
    assert over["status"] == "canceled"
    assert over["status_transitions"]["canceled_at"] == made["created"] + 5 * DAY
    assert (await api.events())[-1] == "quote.canceled"


async def test_a_revision_keeps_its_number_and_counts_on(api: Api) -> None:
    made = await quote(api, await price(api), customer=await payer(api), header="Hello")
    number = (await api.post(f"/v1/quotes/{made['id']}/finalize"))["number"]
    again = await api.post("/v1/quotes", {"from_quote": {"quote": made["id"], "is_revision": True}})
    assert (again["header"], again["amount_total"]) == ("Hello", 3000)
    revised = (await api.post(f"/v1/quotes/{again.id}/finalize"))["number"]
    assert revised == number[:-1] + "2"


@pytest.mark.parametrize("step", ["finalize", "accept"])
async def test_empty_drafts_go_nowhere(api: Api, step: str) -> None:
    made = await api.post("/v1/quotes", {})
    assert (await api.post(f"/v1/quotes/{made.id}/{step}")).status == 400
    canceled = await api.post(f"/v1/quotes/{made.id}/cancel")
    assert canceled["status"] == "canceled"


async def test_lists_by_customer_and_status(api: Api) -> None:
    customer = await payer(api)
    mine = await quote(api, await price(api), customer=customer)
    await api.post("/v1/quotes", {})
    assert [one["id"] for one in (await api.get("/v1/quotes", {"customer": customer})).json["data"]] == [mine["id"]]
    assert len((await api.get("/v1/quotes", {"status": "draft"})).json["data"]) == 2


async def test_a_trial_is_not_longer_than_a_subscriptions(api: Api) -> None:
    items = [{"price": await price(api, interval="month")}]
    params = {"line_items": items, "subscription_data": {"trial_period_days": 731}}
    refused = await api.post("/v1/quotes", params)
    assert (refused.status, refused.error["param"]) == (400, "subscription_data[trial_period_days]")
    assert refused.error["message"] == "Trials may not be longer than 730 days."
    assert (await api.ok("GET", "/v1/quotes"))["data"] == []
