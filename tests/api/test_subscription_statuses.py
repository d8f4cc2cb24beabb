"""The table of a subscription's statuses (facts billing 6.3), row by row over the API: what leads from which status where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.billing.desk import DECLINES, MONTH_END, NEEDS_3DS, START, VISA, Desk

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.support.client import Api

DAY, HOUR = 86_400, 3600
PAST = MONTH_END - START + 2 * HOUR  # from the beginning until a renewal was tried to be paid
SENT = {"collection_method": "send_invoice", "days_until_due": 7}
WAITING = {"payment_behavior": "default_incomplete"}


def without_card(behavior: str) -> dict[str, Any]:
    return {"trial_period_days": 3, "trial_settings": {"end_behavior": {"missing_payment_method": behavior}}}


@pytest.mark.parametrize(
    ("card", "wish", "status"),
    [
        (VISA, {}, "active"),
        (VISA, {"discounts": [{"coupon": "ALL"}]}, "active"),
        (None, {"discounts": [{"coupon": "ALL"}]}, "active"),
        (VISA, {"trial_period_days": 3}, "trialing"),
        (None, {"trial_period_days": 3}, "trialing"),
        (DECLINES, {}, "incomplete"),
        (NEEDS_3DS, {}, "incomplete"),
        (VISA, WAITING, "incomplete"),
        (None, WAITING, "incomplete"),
        (VISA, {**WAITING, "discounts": [{"coupon": "ALL"}]}, "active"),
        (None, SENT, "active"),
        (None, {**SENT, "trial_period_days": 3}, "trialing"),
    ],
)
async def test_what_it_begins_as(api: Api, card: str | None, wish: dict[str, Any], status: str) -> None:
    desk = await Desk(api).open(card)
    await desk.ok("/v1/coupons", {"id": "ALL", "percent_off": 100, "duration": "once"})
    assert (await desk.subscribe(**wish))["status"] == status


async def pay(desk: Desk, made: Any) -> None:
    await desk.card(VISA)
    await desk.ok(f"/v1/invoices/{(await desk.subscription(made['id']))['latest_invoice']['id']}/pay")


async def confirm(desk: Desk, made: Any) -> None:
    found = await desk.get("/v1/invoice_payments", {"invoice": made["latest_invoice"]["id"]})
    intent = found["data"][0]["payment"]["payment_intent"]
    await desk.ok(f"/v1/payment_intents/{intent}/confirm", {"payment_method": VISA})


def after(seconds: int, card: str | None = None, **settings: Any) -> Callable[[Desk, Any], Awaitable[None]]:
    """Return the act of time that passes, with another card and settings of the account."""

    async def act(desk: Desk, made: Any) -> None:
        if settings:
            (await desk.api.space()).settings.update(settings)
        if card is not None:
            await desk.card(card)
        await desk.api.advance(seconds)

    return act


def settling(what: str) -> Callable[[Desk, Any], Awaitable[None]]:
    """Return the act of voiding the latest invoice, or of writing it off."""

    async def act(desk: Desk, made: Any) -> None:
        await desk.ok(f"/v1/invoices/{(await desk.subscription(made['id']))['latest_invoice']['id']}/{what}")

    return act


def retried(then: str) -> dict[str, Any]:
    return {"dunning": {"retry_days": [1], "then": then}}


def overdue(then: str) -> dict[str, Any]:
    return {"overdue_then": {"days": 5, "act": then}}


async def resume(desk: Desk, made: Any) -> None:
    await desk.card(VISA)
    await desk.ok(f"/v1/subscriptions/{made['id']}/resume")
    await pay(desk, made)


LATE = after(PAST, DECLINES, **retried("past_due"))
GIVEN_UP = after(PAST + 2 * DAY, DECLINES, **retried("unpaid"))
OVERDUE = after(2 * HOUR + 7 * DAY)


@pytest.mark.parametrize(
    ("card", "wish", "acts"),
    [
        (DECLINES, {}, [("incomplete", pay), ("active", None)]),
        (None, WAITING, [("incomplete", confirm), ("active", None)]),
        (DECLINES, {}, [("incomplete", after(23 * HOUR - 1)), ("incomplete", after(1)), ("incomplete_expired", None)]),
        (VISA, {"trial_period_days": 3}, [("trialing", after(3 * DAY)), ("active", after(2 * HOUR)), ("active", None)]),
        (DECLINES, {"trial_period_days": 3}, [("trialing", after(3 * DAY + 2 * HOUR)), ("past_due", None)]),
        (None, without_card("create_invoice"), [("trialing", after(3 * DAY)), ("active", after(2 * HOUR)), ("past_due", None)]),
        (None, without_card("cancel"), [("trialing", after(3 * DAY)), ("canceled", None)]),
        (None, without_card("pause"), [("trialing", after(3 * DAY)), ("paused", resume), ("active", None)]),
        (VISA, {}, [("active", LATE), ("past_due", pay), ("active", None)]),
        (VISA, {}, [("active", LATE), ("past_due", settling("void")), ("active", None)]),
        (VISA, {}, [("active", LATE), ("past_due", settling("mark_uncollectible")), ("active", None)]),
        (VISA, {}, [("active", after(PAST, NEEDS_3DS)), ("past_due", None)]),
        (VISA, {}, [("active", LATE), ("past_due", after(3 * DAY)), ("past_due", None)]),
        (VISA, {}, [("active", after(PAST + 2 * DAY, DECLINES, **retried("cancel"))), ("canceled", None)]),
        (VISA, {}, [("active", GIVEN_UP), ("unpaid", pay), ("active", None)]),
        (VISA, {}, [("active", GIVEN_UP), ("unpaid", after(31 * DAY)), ("unpaid", pay), ("active", None)]),
        (None, SENT, [("active", OVERDUE), ("past_due", pay), ("active", None)]),
        (None, SENT, [("active", after(13 * DAY, **overdue("cancel"))), ("canceled", None)]),
        # paid after its due date: what was given up stays so (facts billing 6.3)
        (None, SENT, [("active", after(13 * DAY, **overdue("unpaid"))), ("unpaid", pay), ("unpaid", None)]),
    ],
)  # fmt: skip
async def test_what_leads_where(api: Api, card: str | None, wish: dict[str, Any], acts: list[Any]) -> None:
    desk = await Desk(api).open(card)
    made = await desk.subscribe(**wish)
    for status, act in acts:
        assert (await desk.subscription(made["id"]))["status"] == status, acts
        if act is not None:
            await act(desk, made)


async def test_unpaid_is_over_only_with_the_latest_invoice(api: Api) -> None:
    desk = await Desk(api).open()
    made = await desk.subscribe()
    await GIVEN_UP(desk, made)
    older = (await desk.subscription(made["id"]))["latest_invoice"]["id"]
    await api.advance(31 * DAY)
    latest = (await desk.subscription(made["id"]))["latest_invoice"]
    assert (latest["status"], latest["auto_advance"]) == ("draft", False), "new ones wait"
    await desk.card(VISA)
    await desk.ok(f"/v1/invoices/{older}/pay")
    assert (await desk.subscription(made["id"]))["status"] == "unpaid"
    await desk.ok(f"/v1/invoices/{latest['id']}/pay")
    assert (await desk.subscription(made["id"]))["status"] == "active"


@pytest.mark.parametrize(
    ("card", "wish", "act", "status"),
    [
        (DECLINES, {}, None, "incomplete"),
        (VISA, {"trial_period_days": 3}, None, "trialing"),
        (VISA, {}, None, "active"),
        (VISA, {}, LATE, "past_due"),
        (VISA, {}, GIVEN_UP, "unpaid"),
        (None, without_card("pause"), after(3 * DAY), "paused"),
    ],
)
async def test_whatever_lives_can_be_canceled(
    api: Api, card: str | None, wish: dict[str, Any], act: Any, status: str
) -> None:
    desk = await Desk(api).open(card)
    made = await desk.subscribe(**wish)
    if act is not None:
        await act(desk, made)
    assert (await desk.subscription(made["id"]))["status"] == status
    await desk.news()
    gone = await api.ok("DELETE", f"/v1/subscriptions/{made['id']}")
    assert gone["status"] == "canceled"
    news = await desk.news()
    assert (news.count("customer.subscription.deleted"), news.count("customer.subscription.updated")) == (1, 0)
    again = await api.delete(f"/v1/subscriptions/{made['id']}")
    assert (again.status, again.error["message"]) == (404, f"No such subscription: '{made['id']}'")
    before = await desk.subscription(made["id"])
    await api.advance(70 * DAY)
    assert await desk.subscription(made["id"]) == before, "an end is an end"
