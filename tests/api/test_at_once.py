"""Calls that arrive at once act as if one came after the other, and one key acts once."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.support.client import Answer, Api

STORM = 200


async def test_one_key_acts_once(api: Api) -> None:
    """Whoever comes while the first is at work hears so; whoever comes later hears the first answer."""
    key = {"Idempotency-Key": "the-only-one"}
    answers = await asyncio.gather(*(api.post("/v1/customers", {"name": "Ada"}, headers=key) for _ in range(50)))
    assert {one.status for one in answers} <= {200, 409}
    made = {one.id for one in answers if one.status == 200}
    assert len(made) == 1
    assert {one.error["type"] for one in answers if one.status == 409} <= {"idempotency_error"}
    again = await api.post("/v1/customers", {"name": "Ada"}, headers=key)
    assert (again.id, again.headers["Idempotent-Replayed"]) == (made.pop(), "true")
    assert len((await api.ok("GET", "/v1/customers"))["data"]) == 1
    assert await api.events() == ["customer.created"]


async def test_a_storm_over_one_subscription(api: Api) -> None:
    """Changes, payments, credits and five cancellations at once: it ends once, and nothing of what follows its end is kept."""
    customer = await api.ok("POST", "/v1/customers", {"source": "tok_visa"})
    product = await api.ok("POST", "/v1/products", {"name": "Pro"})
    terms = {"product": product["id"], "currency": "usd", "unit_amount": 900, "recurring": {"interval": "month"}}
    price = await api.ok("POST", "/v1/prices", terms)
    wish = {"customer": customer["id"], "items": [{"price": price["id"]}]}
    made = await api.ok("POST", "/v1/subscriptions", wish)
    here, invoice = f"/v1/subscriptions/{made['id']}", f"/v1/invoices/{made['latest_invoice']}"
    item = made["items"]["data"][0]["id"]

    async def act(number: int) -> tuple[str, Answer]:
        if number % 40 == 39:
            return "cancel", await api.delete(here)
        if number % 4 == 0:
            return "note", await api.post(here, {"metadata": {f"k{number}": "v"}})
        if number % 4 == 1:
            change = {"items": [{"id": item, "quantity": 2 + number}], "proration_behavior": "always_invoice"}
            return "change", await api.post(here, change)
        if number % 4 == 2:
            return "pay", await api.post(f"{invoice}/pay")
        credit = {"invoice": made["latest_invoice"], "amount": 100, "credit_amount": 100}
        return "credit", await api.post("/v1/credit_notes", credit)

    ends = await asyncio.gather(*(act(number) for number in range(STORM)))
    told = Counter((name, answer.status) for name, answer in ends)
    assert not [answer.text for _, answer in ends if answer.status >= 500]
    assert (told["cancel", 200], told["cancel", 404]) == (1, STORM // 40 - 1)
    assert told["pay", 200] == 0  # it was paid before the storm
    assert told["credit", 200] == 9  # of 900, in pieces of 100
    after = await api.ok("GET", here)
    assert after["status"] == "canceled"
    noted = [name for name, answer in ends if name == "note" and answer.status == 200]
    assert len(noted) <= len(after["metadata"])  # a canceled one still takes metadata
    events = Counter(await api.events())
    assert events["customer.subscription.deleted"] == 1
    assert events["credit_note.created"] == 9
    balance = (await api.ok("GET", f"/v1/customers/{customer['id']}"))["balance"]
    rows = await api.ok("GET", f"/v1/customers/{customer['id']}/balance_transactions", {"limit": 100})
    assert rows["data"][0]["ending_balance"] == balance
    assert sum(row["amount"] for row in rows["data"]) == balance
    paid = [one for one in await invoices(api, customer["id"]) if one["status"] == "paid"]
    assert len(paid) == 1 + told["change", 200]
    assert len({one["number"] for one in paid}) == len(paid)


async def invoices(api: Api, customer: str) -> list[dict[str, object]]:
    """Return all invoices of a customer."""
    page = await api.ok("GET", "/v1/invoices", {"customer": customer, "limit": 100})
    found: list[dict[str, object]] = page["data"]
    while page["has_more"]:
        page = await api.ok(
            "GET", "/v1/invoices", {"customer": customer, "limit": 100, "starting_after": found[-1]["id"]}
        )
        found += page["data"]
    return found
