"""Sent invoices that are not paid, and renewals that are announced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.billing.desk import MONTH_END, START, Desk, billed

if TYPE_CHECKING:
    from tests.support.client import Api

DAY = 86_400


async def test_a_sent_invoice_becomes_overdue_and_its_subscription_past_due(api: Api) -> None:
    desk = await Desk(api).open(None)
    await api.ok("POST", "/_emulator/settings", {"will_be_due_days": 3})
    sub = await desk.subscribe(collection_method="send_invoice", days_until_due=10)
    await api.advance("2h")
    assert "invoice.finalized" in await desk.news()
    await api.advance("6d")
    assert await desk.news() == []
    await api.advance("1d")
    assert await desk.news() == ["invoice.will_be_due"]
    await api.advance("3d")
    assert await desk.news() == ["invoice.overdue", "customer.subscription.updated"]
    late = await desk.subscription(sub["id"])
    assert (late["status"], late["latest_invoice"]["status"]) == ("past_due", "open")
    await desk.ok(f"/v1/invoices/{late['latest_invoice']['id']}/pay", {"paid_out_of_band": True})
    assert (await desk.subscription(sub["id"]))["status"] == "active"
    await desk.news()
    await api.advance("5d")
    assert await desk.news() == []


async def test_the_account_may_end_what_is_overdue(api: Api) -> None:
    desk = await Desk(api).open(None)
    await api.ok("POST", "/_emulator/settings", {"overdue_then": {"days": 5, "act": "cancel"}})
    sub = await desk.subscribe(collection_method="send_invoice", days_until_due=1)
    await api.advance("8d")
    news = await desk.news()
    assert news.index("invoice.overdue") < news.index("customer.subscription.deleted")
    after = await desk.subscription(sub["id"])
    assert (after["status"], after["ended_at"]) == ("canceled", START + 6 * DAY)
    assert after["cancellation_details"]["reason"] == "payment_failed"


async def test_an_invoice_by_hand_is_overdue_too(api: Api) -> None:
    desk = await Desk(api).open(None)
    draft = await billed(desk, collection_method="send_invoice", days_until_due=2)
    await desk.ok(f"/v1/invoices/{draft['id']}/send")
    await desk.news()
    await api.advance("3d")
    assert await desk.news() == ["invoice.overdue"]


async def test_renewals_are_announced_when_the_account_wants_it(api: Api) -> None:
    desk = await Desk(api).open()
    await api.ok("POST", "/_emulator/settings", {"upcoming_invoice_days": 7})
    sub = await desk.subscribe()
    await desk.news()
    await api.advance(f"{MONTH_END - START - 7 * DAY - 1}s")
    assert await desk.news() == []
    await api.advance("1s")
    assert await desk.news() == ["invoice.upcoming"]
    event = (await desk.get("/v1/events", {"type": "invoice.upcoming"}))["data"][0]
    assert event["data"]["object"]["total"] == 2500
    assert event["data"]["object"]["created"] == MONTH_END
    assert (await desk.get("/v1/invoices"))["data"][1:] == []
    await api.advance("70d")
    news = await desk.news()
    assert news.count("invoice.upcoming") == 2
    await api.ok("DELETE", f"/v1/subscriptions/{sub['id']}")
    await desk.news()
    await api.advance("70d")
    assert "invoice.upcoming" not in await desk.news()
