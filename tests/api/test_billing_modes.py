"""Where classic and flexible billing part: one test for each row of their comparison.

Source of every row: docs.stripe.com/billing/subscriptions/billing-mode/compare (facts billing 6.16).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.journeys.traveller import DAY, FREE, HOUR, MONTH_END, PAYMENT, SETTLED, START, Traveller

if TYPE_CHECKING:
    from tests.support.client import Api

MODES = pytest.mark.parametrize("mode", ["classic", "flexible"])
PAID_NOW = ("invoice.created", "customer.updated", "invoice.finalized", *PAYMENT, *SETTLED)


async def begun(api: Api, mode: str, *amounts: int, **more: Any) -> tuple[Traveller, list[str], Any]:
    """Return a customer with a subscription in one mode, its prices first."""
    ada = await Traveller(api).begin()
    prices = [await ada.price(one) for one in amounts]
    wish = {"items": [{"price": one} for one in prices], "billing_mode": {"type": mode}, **more}
    return ada, prices, await ada.subscribe(prices[0], **wish)


def items(subscription: Any) -> list[Any]:
    rows: list[Any] = subscription["items"]["data"]
    return rows


async def pending(ada: Traveller) -> list[int]:
    """Return the amounts of what waits for an invoice, oldest first."""
    found = (await ada.get("/v1/invoiceitems", {"customer": ada.customer, "pending": True}))["data"]
    return [one["amount"] for one in reversed(found)]


@pytest.mark.parametrize(("version", "mode"), [("2025-08-27.basil", "classic"), ("2025-09-30.clover", "flexible")])
async def test_the_default_is_the_version_s(api: Api, version: str, mode: str) -> None:
    ada = await Traveller(api).begin()
    made = await ada.subscribe(await ada.price(1000), headers={"Stripe-Version": version})
    assert made["billing_mode"]["type"] == mode
    assert (made["billing_mode"].get("updated_at") == START) is (mode == "flexible")


# ------------------------------------------------------------------------------------------------- the anchor
@MODES
async def test_a_free_price_becomes_a_paid_one(api: Api, mode: str) -> None:
    ada, _, made = await begun(api, mode, 0)
    paid = await ada.price(3000)
    await ada.after(10 * DAY)
    change = {"items": [{"id": items(made)[0]["id"], "price": paid}]}
    if mode == "classic":
        # a new period begins at once, and is billed
        async with ada.expecting(*PAID_NOW, "invoiceitem.created", "customer.subscription.updated"):
            after = await ada.change(made["id"], **change)
        assert (after["billing_cycle_anchor"], after["latest_invoice"]["total"]) == (ada.now, 3000)
        assert await pending(ada) == []
    else:
        async with ada.expecting("invoiceitem.created", "invoiceitem.created", "customer.subscription.updated"):
            after = await ada.change(made["id"], **change)
        assert after["billing_cycle_anchor"] == START
        assert await pending(ada) == [0, 2000]


@MODES
async def test_the_anchor_follows_cancel_at_in_classic(api: Api, mode: str) -> None:
    ada, _, made = await begun(api, mode, 3000)
    middle = START + 20 * DAY
    async with ada.expecting("invoiceitem.created", "customer.subscription.updated"):
        cut = await ada.change(made["id"], cancel_at=middle)
    assert items(cut)[0]["current_period_end"] == middle
    assert cut["billing_cycle_anchor"] == (middle if mode == "classic" else START)
    assert await pending(ada) == [-1000]
    async with ada.expecting("invoiceitem.created", "customer.subscription.updated"):
        moved = await ada.change(made["id"], cancel_at=START + 25 * DAY)
    assert items(moved)[0]["current_period_end"] == START + 25 * DAY
    assert moved["billing_cycle_anchor"] == (START + 25 * DAY if mode == "classic" else START)
    async with ada.expecting("invoiceitem.created", "customer.subscription.updated"):
        back = await ada.change(made["id"], cancel_at="")
    assert (items(back)[0]["current_period_end"], back["billing_cycle_anchor"]) == (MONTH_END, START)
    assert sum(await pending(ada)) == 0, "cut and grown again costs what the whole period costs"


@MODES
async def test_cancel_at_beyond_the_period_moves_nothing(api: Api, mode: str) -> None:
    ada, _, made = await begun(api, mode, 3000)
    async with ada.expecting("customer.subscription.updated"):
        after = await ada.change(made["id"], cancel_at=MONTH_END + 10 * DAY)
    assert (items(after)[0]["current_period_end"], after["billing_cycle_anchor"]) == (MONTH_END, START)


@pytest.mark.parametrize(
    ("mode", "behavior", "billed"),
    [("classic", "none", 1000), ("flexible", "none", 3000), ("flexible", "create_prorations", 1000)],
)
async def test_a_first_period_cut_by_cancel_at(api: Api, mode: str, behavior: str, billed: int) -> None:
    _, _, made = await begun(api, mode, 3000, cancel_at=START + 10 * DAY, proration_behavior=behavior)
    assert made["latest_invoice"]["total"] == billed
    assert made["billing_cycle_anchor"] == (START + 10 * DAY if mode == "classic" else START)


# -------------------------------------------------------------------------------------------------- trials
@MODES
@pytest.mark.parametrize("at_create", [True, False])
async def test_cancel_at_within_a_trial(api: Api, mode: str, at_create: bool) -> None:
    early, trial = START + 5 * DAY, {"trial_end": START + 14 * DAY}
    if at_create:
        ada, _, made = await begun(api, mode, 3000, **trial, cancel_at=early)
    else:
        ada, _, made = await begun(api, mode, 3000, **trial)
        made = await ada.change(made["id"], cancel_at=early)
    moved = early if mode == "classic" else START + 14 * DAY
    assert (made["trial_end"], items(made)[0]["current_period_end"], made["billing_cycle_anchor"]) == (moved,) * 3
    await ada.until(early + DAY)
    ended = await ada.look(made["id"])
    assert (ended["status"], ended["ended_at"]) == ("canceled", early)
    invoices = (await ada.get("/v1/invoices", {"subscription": made["id"]}))["data"]
    assert [one["total"] for one in invoices] == [0], "a trial that is cancelled is never billed"


@pytest.mark.parametrize(("mode", "first"), [("classic", START), ("flexible", START + 20 * DAY)])
async def test_the_start_of_a_second_trial(api: Api, mode: str, first: int) -> None:
    ada, _, made = await begun(api, mode, 3000, trial_period_days=10)
    await ada.until(START + 20 * DAY)
    after = await ada.change(made["id"], trial_end=START + 30 * DAY)
    assert (after["status"], after["trial_start"]) == ("trialing", first)


@pytest.mark.parametrize(
    ("mode", "texts"),
    [
        ("classic", ["Trial period for Gold", "0 \u00d7 Gold (Free trial)"]),
        ("flexible", ["Free trial for 1 \u00d7 Gold"]),
    ],
)
async def test_the_words_of_a_trial(api: Api, mode: str, texts: list[str]) -> None:
    ada = await Traveller(api).begin()
    licensed, metered = await ada.price(1000), await metered_price(ada)
    both = [{"price": licensed}, {"price": metered}]
    made = await ada.subscribe(licensed, items=both, trial_period_days=14, billing_mode={"type": mode})
    lines = made["latest_invoice"]["lines"]["data"]
    assert [one["description"] for one in lines] == texts
    assert made["latest_invoice"]["total"] == 0


@pytest.mark.parametrize(
    ("mode", "texts"),
    [
        ("classic", ["Trial period for Gold", "Trial period for Gold"]),  # everything is told again
        ("flexible", ["Free trial for 3 \u00d7 Gold"]),  # only what changed
    ],
)
async def test_a_change_during_a_trial(api: Api, mode: str, texts: list[str]) -> None:
    ada, _, made = await begun(api, mode, 1000, 500, trial_period_days=14)
    await ada.after(DAY)
    change = {"items": [{"id": items(made)[1]["id"], "quantity": 3}]}
    async with ada.expecting("customer.subscription.updated"):
        silent = await ada.change(made["id"], items=[{"id": items(made)[1]["id"], "quantity": 2}])
    assert silent["latest_invoice"]["id"] == made["latest_invoice"]["id"]
    async with ada.expecting(FREE[0], "customer.updated", *FREE[1:], "customer.subscription.updated"):
        after = await ada.change(made["id"], **change, proration_behavior="always_invoice")
    invoice = after["latest_invoice"]
    assert [one["description"] for one in invoice["lines"]["data"]] == texts
    assert (invoice["total"], invoice["billing_reason"], after["status"]) == (0, "subscription_update", "trialing")


# -------------------------------------------------------------------------------------------------- credits
@pytest.mark.parametrize(("mode", "expected"), [("classic", [-667, 333]), ("flexible", [-333, 333])])
async def test_a_downgrade_after_an_upgrade_that_was_free(api: Api, mode: str, expected: list[int]) -> None:
    """Classic credits the price of now, flexible what was debited for it (docs.stripe.com prorations: -334 and 0)."""
    ada, prices, made = await begun(api, mode, 1000)
    large = await ada.price(2000)
    await ada.after(10 * DAY)
    item = items(made)[0]["id"]
    async with ada.expecting("customer.subscription.updated"):
        await ada.change(made["id"], items=[{"id": item, "price": large}], proration_behavior="none")
    await ada.after(10 * DAY)
    async with ada.expecting("invoiceitem.created", "invoiceitem.created", "customer.subscription.updated"):
        await ada.change(made["id"], items=[{"id": item, "price": prices[0]}])
    assert await pending(ada) == expected


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        # 600 off two items of 1000 and 2000, half a period left; the first grows to 4000.
        ("classic", [-350, 1850]),  # each item bears 300: (1000 - 300) / 2, (4000 - 300) / 2
        ("flexible", [-400, 1800]),  # by price: (1000 - 200) / 2, (4000 - 400) / 2
    ],
)
async def test_an_amount_off_in_prorations(api: Api, mode: str, expected: list[int]) -> None:
    ada = await Traveller(api).begin()
    await ada.post("/v1/coupons", {"id": "SIX", "amount_off": 600, "currency": "usd", "duration": "forever"})
    small, other, large = [await ada.price(one) for one in (1000, 2000, 4000)]
    made = await ada.subscribe(
        small, items=[{"price": small}, {"price": other}], discounts=[{"coupon": "SIX"}], billing_mode={"type": mode}
    )
    assert made["latest_invoice"]["total"] == 2400
    await ada.after(15 * DAY)
    await ada.change(made["id"], items=[{"id": items(made)[0]["id"], "price": large}])
    assert await pending(ada) == expected


@pytest.mark.parametrize(("mode", "lines"), [("classic", [-1500, 3000]), ("flexible", [-1500, 777, 3000])])
async def test_a_new_anchor_and_what_waits(api: Api, mode: str, lines: list[int]) -> None:
    """Classic leaves pending items for the next invoice, flexible takes them along."""
    ada, _, made = await begun(api, mode, 3000)
    item = {"customer": ada.customer, "subscription": made["id"], "amount": 777, "currency": "usd"}
    await ada.post("/v1/invoiceitems", item)
    await ada.after(15 * DAY)
    after = await ada.change(made["id"], billing_cycle_anchor={"type": "now"}, proration_behavior="always_invoice")
    assert [one["amount"] for one in after["latest_invoice"]["lines"]["data"]] == lines
    assert await pending(ada) == ([777] if mode == "classic" else [])


@MODES
async def test_mixed_intervals(api: Api, mode: str) -> None:
    ada = await Traveller(api).begin()
    both = [{"price": await ada.price(1000)}, {"price": await ada.price(9000, "year")}]
    wish = {"customer": ada.customer, "items": both, "billing_mode": {"type": mode}}
    answer = await api.post("/v1/subscriptions", wish)
    assert answer.status == (400 if mode == "classic" else 200)


# -------------------------------------------------------------------------------------------------- metered
async def metered_price(ada: Traveller, amount: int = 5) -> str:
    found = (await ada.get("/v1/billing/meters"))["data"]
    wish = {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
    meter = found[0]["id"] if found else (await ada.post("/v1/billing/meters", wish))["id"]
    return await ada.price(amount, recurring={"interval": "month", "usage_type": "metered", "meter": meter})


async def use(ada: Traveller, value: int, **more: Any) -> None:
    payload = {"stripe_customer_id": ada.customer, "value": str(value)}
    await ada.post("/v1/billing/meter_events", {
        "event_name": "calls", "payload": payload, "timestamp": ada.now, **more,
    })  # fmt: skip


@pytest.mark.parametrize(("mode", "lines"), [("classic", [0]), ("flexible", [])])
async def test_a_metered_item_is_added(api: Api, mode: str, lines: list[int]) -> None:
    ada, _, made = await begun(api, mode, 3000)
    metered = await metered_price(ada)
    await ada.after(10 * DAY)
    invoice = (FREE[0], "customer.updated", *FREE[1:]) if lines else ()
    async with ada.expecting(*invoice, "customer.subscription.updated"):
        after = await ada.change(made["id"], items=[{"price": metered}], proration_behavior="always_invoice")
    new = after["latest_invoice"]
    assert (new["id"] != made["latest_invoice"]["id"]) is bool(lines), "nothing is no invoice"
    if lines:
        assert [(one["amount"], one["quantity"]) for one in new["lines"]["data"]] == [(0, 0)]


@pytest.mark.parametrize(
    ("mode", "waits", "renewed"),
    [
        ("classic", [], [(200, 30)]),  # only what was used since, at the new price
        ("flexible", [500], [(500, 100), (200, 30)]),  # every use at the price of its time
    ],
)
async def test_a_metered_price_changes_within_the_period(
    api: Api, mode: str, waits: list[int], renewed: list[tuple[int, int]]
) -> None:
    del renewed
    ada = await Traveller(api).begin()
    cheap, dear = await metered_price(ada, 5), await metered_price(ada, 20)
    made = await ada.subscribe(cheap, billing_mode={"type": mode})
    await ada.after(10 * DAY)
    await use(ada, 100)
    await ada.after(HOUR)
    await ada.change(made["id"], items=[{"id": items(made)[0]["id"], "price": dear}])
    assert await pending(ada) == waits
    await ada.after(DAY)
    await use(ada, 30)
    await ada.until(MONTH_END)
    lines = (await ada.look(made["id"]))["latest_invoice"]["lines"]["data"]
    assert [(one["amount"], one["quantity"]) for one in lines] == [*[(one, 100) for one in waits], (600, 30)]
    assert lines[-1]["period"]["start"] == START + 10 * DAY + HOUR
    await ada.after(DAY)
    await use(ada, 7)
    await ada.until(START + 61 * DAY)
    lines = (await ada.look(made["id"]))["latest_invoice"]["lines"]["data"]
    assert [(one["amount"], one["quantity"]) for one in lines] == [(140, 7)], "the next period is whole again"


@pytest.mark.parametrize(
    ("mode", "behavior", "waits"),
    [
        ("classic", "create_prorations", []),
        ("flexible", "create_prorations", [500]),
        ("flexible", "none", []),
    ],
)
async def test_a_metered_item_is_removed(api: Api, mode: str, behavior: str, waits: list[int]) -> None:
    ada = await Traveller(api).begin()
    metered, licensed = await metered_price(ada, 5), await ada.price(1000)
    made = await ada.subscribe(licensed, items=[{"price": metered}, {"price": licensed}], billing_mode={"type": mode})
    await ada.after(10 * DAY)
    await use(ada, 100)
    gone = {"id": items(made)[0]["id"], "deleted": True, "clear_usage": True}
    await ada.after(HOUR)
    await ada.change(made["id"], items=[gone], proration_behavior=behavior)
    assert await pending(ada) == waits


# ---------------------------------------------------------------------------------------------- migration
async def test_migration_to_flexible_billing(api: Api) -> None:
    ada, prices, made = await begun(api, "classic", 1000)
    await ada.after(DAY)
    async with ada.expecting("customer.subscription.updated"):
        after = await ada.post(f"/v1/subscriptions/{made['id']}/migrate", {"billing_mode": {"type": "flexible"}})
    assert after["billing_mode"] == {
        "type": "flexible", "flexible": {"proration_discounts": "included"}, "updated_at": ada.now,
    }  # fmt: skip
    yearly = await ada.price(12_000, "year")
    changed = await ada.change(made["id"], items=[{"id": items(made)[0]["id"], "price": yearly}])
    assert changed["billing_cycle_anchor"] == START, "from now on the anchor stays"
    assert prices
    await ada.after(DAY)
    async with ada.expecting():
        again = await ada.post(f"/v1/subscriptions/{made['id']}/migrate", {"billing_mode": {"type": "flexible"}})
    assert again["billing_mode"]["updated_at"] == START + DAY, "the time of its adoption"
    back = await ada.refused(f"/v1/subscriptions/{made['id']}/migrate", {"billing_mode": {"type": "classic"}})
    assert (back.status, back.error["param"]) == (400, "billing_mode[type]")
    none = await ada.refused(f"/v1/subscriptions/{made['id']}/migrate")
    assert none.error["param"] == "billing_mode"
    await api.delete(f"/v1/subscriptions/{made['id']}")
    dead = await ada.refused(f"/v1/subscriptions/{made['id']}/migrate", {"billing_mode": {"type": "flexible"}})
    assert dead.status == 400
