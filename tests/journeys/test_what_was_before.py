"""What events say was there before (``previous_attributes``), act by act, as facts billing 9 gives it; named before the act."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.journeys.traveller import CLASSIC, DAY, DECLINES, HOUR, MONTH_END, Traveller, tells_what_changed

if TYPE_CHECKING:
    from tests.support.client import Api

SUBSCRIPTION, CUSTOMER = "customer.subscription.updated", "customer.updated"
PLANNED = {
    "cancel_at": None, "cancel_at_period_end": False, "canceled_at": None, "cancellation_details": {"reason": None},
}  # fmt: skip


class Told:
    """What has been announced since it was asked for the last time."""

    def __init__(self, ada: Traveller) -> None:
        self.ada, self.seen = ada, 0

    async def news(self) -> list[Any]:
        events = await self.ada.api.happened()
        fresh, self.seen = events[self.seen :], len(events)
        for one in fresh:
            tells_what_changed(one)
        return fresh

    async def before(self, type_: str) -> Any:
        """Return the previous attributes of the one event of a type; all that was announced counts as seen."""
        found = [one["data"]["previous_attributes"] for one in await self.news() if one["type"] == type_]
        assert len(found) == 1, (type_, found)
        return found[0]


async def traveller(api: Api, card: str | None = "pm_card_visa") -> tuple[Traveller, Told]:
    ada = await Traveller(api).begin(card)
    told = Told(ada)
    await told.news()
    return ada, told


async def test_a_customer(api: Api) -> None:
    ada, told = await traveller(api)
    path = f"/v1/customers/{ada.customer}"
    for wish, expected in (
        ({"name": "Ada"}, {"name": None}),
        ({"metadata": {"a": "1"}}, {"metadata": {"a": None}}),
        ({"metadata": {"a": "2", "b": "1"}}, {"metadata": {"a": "1", "b": None}}),
        ({"metadata": {"a": ""}}, {"metadata": {"a": "2"}}),
        ({"address": {"city": "Bern"}}, {"address": None}),
        ({"address": {"city": "Basel"}, "name": "Ada"}, {"address": {"city": "Bern"}}),
        ({"invoice_settings": {"footer": "Bye"}}, {"invoice_settings": {"footer": None}}),
        ({"preferred_locales": ["de"]}, {"preferred_locales": []}),
    ):
        await ada.post(path, wish)
        assert await told.before(CUSTOMER) == expected, wish
    await ada.post(path, {"name": "Ada"})
    assert await told.news() == [], "nothing changed"


async def test_a_first_payment_and_the_plans_of_an_end(api: Api) -> None:
    ada, told = await traveller(api)
    price = await ada.price(2500)
    await told.news()
    made = await ada.subscribe(price)
    assert await told.before(CUSTOMER) == {"currency": None, "next_invoice_sequence": 1}
    await ada.change(made["id"], cancel_at_period_end=True)
    assert await told.before(SUBSCRIPTION) == PLANNED
    await ada.change(made["id"], cancellation_details={"feedback": "unused", "comment": "Bye"})
    assert await told.before(SUBSCRIPTION) == {"cancellation_details": {"comment": None, "feedback": None}}
    await ada.after(DAY)
    await ada.change(made["id"], cancel_at_period_end=False)
    assert await told.before(SUBSCRIPTION) == {
        "cancel_at": MONTH_END, "cancel_at_period_end": True, "canceled_at": ada.now - DAY,
        "cancellation_details": {"comment": "Bye", "feedback": "unused", "reason": "cancellation_requested"},
    }  # fmt: skip
    await ada.change(made["id"], cancel_at=MONTH_END + 90 * DAY)
    assert await told.before(SUBSCRIPTION) == {
        name: value for name, value in PLANNED.items() if name != "cancel_at_period_end"
    }
    await api.ok("DELETE", f"/v1/subscriptions/{made['id']}")
    (gone,) = await told.news()
    assert (gone["type"], set(gone["data"])) == ("customer.subscription.deleted", {"object"})


async def test_settings_of_a_subscription(api: Api) -> None:
    ada, told = await traveller(api)
    made = await ada.subscribe(await ada.price(2500))
    resumes = ada.now + 40 * DAY
    for wish, expected in (
        ({"metadata": {"a": "1"}}, {"metadata": {"a": None}}),
        ({"description": "Gold"}, {"description": None}),
        ({"pause_collection": {"behavior": "void"}}, {"pause_collection": None}),
        ({"pause_collection": {"behavior": "void", "resumes_at": resumes}}, {"pause_collection": {"resumes_at": None}}),
        ({"pause_collection": ""}, {"pause_collection": {"behavior": "void", "resumes_at": resumes}}),
        ({"collection_method": "send_invoice", "days_until_due": 7},
         {"collection_method": "charge_automatically", "days_until_due": None}),
    ):  # fmt: skip
        await told.news()
        await ada.change(made["id"], **wish)
        assert await told.before(SUBSCRIPTION) == expected, wish


async def test_a_renewal_that_fails_and_recovers(api: Api) -> None:
    ada, told = await traveller(api)
    made = await ada.subscribe(await ada.price(2500))
    await ada.card(DECLINES)
    await told.news()
    await ada.until(MONTH_END)
    # a list is told whole, as it was
    assert await told.before(SUBSCRIPTION) == {"items": made["items"], "latest_invoice": made["latest_invoice"]["id"]}
    await ada.after(2 * HOUR)
    news = {one["type"]: one["data"].get("previous_attributes") for one in await told.news()}
    assert (news[CUSTOMER], news[SUBSCRIPTION]) == ({"next_invoice_sequence": 2}, {"status": "active"})
    refused = (await ada.get(f"/v1/customers/{ada.customer}"))["invoice_settings"]["default_payment_method"]
    await ada.card("pm_card_visa")
    assert await told.before(CUSTOMER) == {"invoice_settings": {"default_payment_method": refused}}
    await ada.post(f"/v1/invoices/{(await ada.look(made['id']))['latest_invoice']['id']}/pay")
    assert await told.before(SUBSCRIPTION) == {"status": "past_due"}


async def test_items_change(api: Api) -> None:
    ada, told = await traveller(api)
    small, large = await ada.price(1000), await ada.price(2000)
    made = await ada.subscribe(small)
    item = made["items"]["data"][0]["id"]
    await told.news()
    await ada.change(made["id"], items=[{"id": item, "price": large}], proration_behavior="none")
    assert await told.before(SUBSCRIPTION) == {
        "items": made["items"], "plan": {"amount": 1000, "amount_decimal": "1000", "id": small},
    }  # fmt: skip
    now = await ada.look(made["id"])
    await ada.change(made["id"], items=[{"id": item, "quantity": 3}])
    assert await told.before(SUBSCRIPTION) == {"items": now["items"], "quantity": 1}
    now = await ada.look(made["id"])
    await ada.after(DAY)
    await ada.change(made["id"], items=[{"id": item, "quantity": 2}], proration_behavior="always_invoice")
    assert await told.before(SUBSCRIPTION) == {
        "items": now["items"], "latest_invoice": now["latest_invoice"]["id"], "quantity": 3,
    }  # fmt: skip


async def test_trials(api: Api) -> None:
    ada, told = await traveller(api)
    price = await ada.price(2500)
    made = await ada.subscribe(price, trial_period_days=10)
    end, start = made["trial_end"], made["trial_start"]
    await told.news()
    await ada.change(made["id"], trial_end=end + 5 * DAY)
    before = await told.before(SUBSCRIPTION)
    assert before == {"billing_cycle_anchor": end, "items": made["items"], "trial_end": end}
    now = await ada.look(made["id"])
    await ada.change(made["id"], trial_end="now")
    assert await told.before(SUBSCRIPTION) == {
        "billing_cycle_anchor": end + 5 * DAY, "items": now["items"], "latest_invoice": made["latest_invoice"]["id"],
        "status": "trialing", "trial_end": end + 5 * DAY,
    }  # fmt: skip
    assert start == ada.now, "it ended when it began: that is told by nothing"


async def test_a_yearly_price_moves_the_classic_anchor(api: Api) -> None:
    ada, told = await traveller(api)
    monthly, yearly = await ada.price(2500), await ada.price(25_000, "year")
    made = await ada.subscribe(monthly, headers=CLASSIC)
    await ada.after(10 * DAY)
    await told.news()
    await ada.change(made["id"], items=[{"id": made["items"]["data"][0]["id"], "price": yearly}])
    before = await told.before(SUBSCRIPTION)
    assert set(before) == {"billing_cycle_anchor", "items", "latest_invoice", "plan"}
    assert before["billing_cycle_anchor"] == made["billing_cycle_anchor"]
    assert before["plan"] == {"amount": 2500, "amount_decimal": "2500", "id": monthly, "interval": "month"}


async def test_pausing_and_schedules(api: Api) -> None:
    ada, told = await traveller(api)
    made = await ada.subscribe(await ada.price(2500))
    await told.news()
    schedule = await ada.post("/v1/subscription_schedules", {"from_subscription": made["id"]})
    assert await told.before(SUBSCRIPTION) == {"schedule": None}
    await ada.post(f"/v1/subscription_schedules/{schedule['id']}", {"end_behavior": "cancel"})
    news = {one["type"]: one["data"].get("previous_attributes") for one in await told.news()}
    assert news["subscription_schedule.updated"] == {"end_behavior": "release"}
    assert set(news[SUBSCRIPTION]) == {"cancel_at", "canceled_at", "cancellation_details"} & set(news[SUBSCRIPTION])
    assert news[SUBSCRIPTION]["cancel_at"] is None
    await ada.post(f"/v1/subscription_schedules/{schedule['id']}/release")
    assert (await told.before(SUBSCRIPTION))["schedule"] == schedule["id"]
    await ada.post(f"/v1/subscriptions/{made['id']}/pause", {"type": "subscription"})
    before = await told.before(SUBSCRIPTION)
    assert (before["status"], before["status_details"]) == ("active", None)


async def test_what_is_gone_is_told_as_it_was(api: Api) -> None:
    ada, told = await traveller(api)
    await ada.post("/v1/coupons", {"id": "TEN", "percent_off": 10, "duration": "once"})
    card = (await ada.get(f"/v1/customers/{ada.customer}/payment_methods"))["data"][0]["id"]
    await told.news()
    await ada.post(f"/v1/payment_methods/{card}/detach")
    detached, updated = await told.news()
    assert detached["data"]["previous_attributes"] == {"customer": ada.customer}
    assert updated["data"]["previous_attributes"] == {"invoice_settings": {"default_payment_method": card}}
    await api.advance("1d")
    await ada.post(f"/v1/products/{ada.product}", {"description": "Shines"})
    assert set(await told.before("product.updated")) == {"description", "updated"}
    for path, type_, member in (
        (f"/v1/products/{ada.product}", "product.deleted", ("active", False)),
        ("/v1/coupons/TEN", "coupon.deleted", ("valid", False)),
        (f"/v1/customers/{ada.customer}", "customer.deleted", ("email", "ada@example.com")),
    ):
        await api.ok("DELETE", path)
        (gone,) = await told.news()
        assert (gone["type"], gone["data"]["object"][member[0]]) == (type_, member[1])
        assert "deleted" not in gone["data"]["object"]
