"""Invoices of more than can be charged at once: owed on the balance, or refused when they are paid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.billing.desk import MONTH_END, START, Desk

if TYPE_CHECKING:
    from tests.support.client import Api

LARGEST = 99_999_999
HOUR = 3600


async def test_more_than_can_be_charged_is_owed_on_the_balance(api: Api) -> None:
    desk = await Desk(api).open(amount=LARGEST)
    made = await desk.subscribe(items=[{"price": desk.price, "quantity": 3}])
    invoice = made["latest_invoice"]
    assert (made["status"], invoice["status"], invoice["total"]) == ("active", "paid", 3 * LARGEST)
    assert (invoice["amount_due"], invoice["amount_paid"], invoice["ending_balance"]) == (0, 0, 3 * LARGEST)
    assert "payment_intent.created" not in await desk.news()
    moved = (await desk.get(f"/v1/customers/{desk.customer}/balance_transactions"))["data"]
    assert [(one["type"], one["amount"], one["invoice"]) for one in moved] == [
        ("invoice_too_large", 3 * LARGEST, invoice["id"])
    ]


async def test_the_largest_sum_is_charged(api: Api) -> None:
    desk = await Desk(api).open(amount=LARGEST)
    made = await desk.subscribe()
    assert (made["status"], made["latest_invoice"]["amount_paid"]) == ("active", LARGEST)


async def test_a_renewal_over_it_stops_nothing(api: Api) -> None:
    desk = await Desk(api).open(amount=LARGEST)
    made = await desk.subscribe()
    await desk.change(
        made["id"], items=[{"id": made["items"]["data"][0]["id"], "quantity": 2}], proration_behavior="none"
    )
    await api.advance(MONTH_END - START + 2 * HOUR)
    after = await desk.subscription(made["id"])
    assert (after["status"], after["latest_invoice"]["status"]) == ("active", "paid")
    assert (await desk.get(f"/v1/customers/{desk.customer}"))["balance"] == 2 * LARGEST


async def test_a_sent_invoice_over_it_cannot_be_finalized(api: Api) -> None:
    desk = await Desk(api).open(amount=LARGEST)
    items = [{"price": desk.price, "quantity": 2}]
    made = await desk.subscribe(items=items, collection_method="send_invoice", days_until_due=7)
    await desk.news()
    path = f"/v1/invoices/{made['latest_invoice']['id']}"
    for act in ("finalize", "send", "pay"):
        refused = await desk.refused(f"{path}/{act}")
        assert (refused.status, refused.error["code"]) == (400, "amount_too_large")
        assert refused.error["message"] == "Amount must be no more than $999,999.99"
    assert await desk.news() == []
    await api.advance(2 * HOUR)
    assert await desk.news() == ["invoice.updated", "invoice.finalization_failed"]
    kept = await desk.get(path)
    assert (kept["status"], kept["number"], kept["automatically_finalizes_at"]) == ("draft", None, None)
    assert kept["last_finalization_error"]["code"] == "amount_too_large"
    await api.advance(40 * 24 * HOUR)
    assert (await desk.get(path))["status"] == "draft"
    assert (await desk.subscription(made["id"]))["status"] == "active"
