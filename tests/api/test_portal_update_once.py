"""Codes for one invoice typed while the plan changes: what they take off, where they are used up, what pages say then."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.test_portal_update_codes import code
from tests.support.plans import DAY, HALF, START, Shop
from tests.support.portal import since

if TYPE_CHECKING:
    from tests.support.client import Api

ONCE = {"percent_off": 25, "duration": "once"}
MODES = ["classic", "flexible"]
ASKING = "pm_card_threeDSecureRequired"


async def opened(api: Api, **subscription: Any) -> tuple[Shop, Any]:
    """Return a customer half-way through a month, and a code for a quarter off one invoice."""
    shop = await Shop(api).open(**subscription)
    promotion = await code(api, "QUARTER", coupon=ONCE)
    await api.freeze(START + HALF)
    return shop, promotion


def said(text: str) -> str:
    """Return what a page says, without its markup."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def amounts(told: Any) -> list[int]:
    return [line["amount"] for line in told["lines"]["data"]]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("duration", ["once", "forever"])
async def test_page_and_api_take_the_same_off_the_same_change(api: Api, mode: str, duration: str) -> None:
    """Facts billing 6.10: the new price has the discount, what is given back had none."""
    shop = await Shop(api).open(billing_mode={"type": mode})
    promotion = await code(api, "QUARTER", coupon={"percent_off": 25, "duration": duration})
    by_hand = await shop.api.ok("POST", "/v1/customers", {
        "payment_method": "pm_card_visa", "invoice_settings": {"default_payment_method": "pm_card_visa"},
    })  # fmt: skip
    wish = {"customer": by_hand["id"], "items": [{"price": shop.prices["basic"]}], "billing_mode": {"type": mode}}
    other = await api.ok("POST", "/v1/subscriptions", wish)
    await api.freeze(START + HALF)
    token = await shop.link()
    shown = (await shop.act("update_preview", token, price="pro", promotion_code="QUARTER"))["today"]["invoice"]
    before = await api.events()
    await shop.act("update", token, price="pro", promotion_code="QUARTER")
    by_page, events = (await shop.invoices())[0], await since(api, before)
    before = await api.events()
    after = await api.ok("POST", f"/v1/subscriptions/{other['id']}", {
        "items": [{"id": other["items"]["data"][0]["id"], "price": shop.prices["pro"]}],
        "discounts": [{"promotion_code": promotion["id"]}], "expand": ["latest_invoice"],
        "proration_behavior": "always_invoice",
    })  # fmt: skip
    assert amounts(shown) == amounts(by_page) == amounts(after["latest_invoice"]) == [-500, 750]
    texts = [line["description"] for line in by_page["lines"]["data"]]
    assert texts == [line["description"] for line in after["latest_invoice"]["lines"]["data"]]
    assert ["off)" in text for text in texts] == [False, True]
    assert by_page["amount_paid"] == after["latest_invoice"]["amount_paid"] == 250
    assert len((await shop.state())["discounts"]) == len(after["discounts"]) == int(duration == "forever")
    assert [one for one in events if not one.startswith("billing_portal.")] == await since(api, before)


async def test_the_page_tells_the_price_without_the_code_that_is_used_up_today(api: Api) -> None:
    shop, _ = await opened(api)
    token = await shop.link()
    shown = await shop.act("update_preview", token, price="pro", promotion_code="QUARTER")
    told = {name: shown[name]["invoice"]["total"] for name in ("today", "next", "regular")}
    assert told == {"today": 250, "next": 2000, "regular": 2000}
    here = f"/p/session/{token}/subscriptions/{shop.subscription}/preview/{shop.prices['pro']}?quantity=1&code=QUARTER"
    text = said((await shop.see(here)).text)
    assert "monthly starting May 1, 2026 $20.00" in text
    assert "$15.00" not in text
    await shop.act("update", token, price="pro", promotion_code="QUARTER")
    assert "25% off" not in said((await shop.see(f"/p/session/{token}")).text)
    await api.advance(30 * DAY)
    assert (await shop.invoices())[0]["total"] == 2000


async def test_a_code_that_the_next_invoice_uses_up_is_told_of_that_one_alone(api: Api) -> None:
    """Prorated on the next invoice: that one has the code, the plan costs the whole price from the one after."""
    shop, _ = await opened(api)
    token = await shop.link(await shop.configuration(proration_behavior="create_prorations"))
    shown = await shop.act("update_preview", token, price="pro", promotion_code="QUARTER")
    told = {name: shown[name] and shown[name]["invoice"]["total"] for name in ("today", "next", "regular")}
    assert told == {"today": None, "next": 250 + 1500, "regular": 2000}
    await shop.act("update", token, price="pro", promotion_code="QUARTER")
    assert "25% off your next invoice" in said((await shop.see(f"/p/session/{token}")).text)
    await api.advance(16 * DAY)
    assert (await shop.invoices())[0]["total"] == 1750
    assert "25% off" not in said((await shop.see(f"/p/session/{await shop.link()}")).text)


async def test_a_code_without_proration_is_for_the_next_invoice(api: Api) -> None:
    shop, _ = await opened(api)
    token = await shop.link(await shop.configuration(proration_behavior="none"))
    shown = await shop.act("update_preview", token, price="pro", promotion_code="QUARTER")
    assert (shown["next"]["invoice"]["total"], shown["regular"]["invoice"]["total"]) == (1500, 2000)
    here = f"/p/session/{token}/subscriptions/{shop.subscription}/preview/{shop.prices['pro']}?quantity=1&code=QUARTER"
    text = said((await shop.see(here)).text)
    assert "Your next invoice on May 1, 2026 $15.00" in text
    assert "monthly starting June 1, 2026 $20.00" in text


async def test_a_code_of_a_change_that_waits_is_for_its_first_invoice(api: Api) -> None:
    shop, _ = await opened(api, price="pro")
    conditions = {"conditions": [{"type": "decreasing_item_amount"}]}
    token = await shop.link(await shop.configuration(schedule_at_period_end=conditions))
    shown = await shop.act("update_preview", token, price="basic", promotion_code="QUARTER")
    assert (shown["next"]["invoice"]["total"], shown["regular"]["invoice"]["total"]) == (750, 1000)


async def test_a_code_whose_payment_the_bank_asks_about_is_used_up_when_it_is_paid(api: Api) -> None:
    shop, _ = await opened(api)
    method = await shop.attach(ASKING)
    await shop.act("update", await shop.link(), price="pro", promotion_code="QUARTER", payment_method=method)
    state = await shop.state()
    assert (state["pending_update"] is None, len(state["discounts"])) == (False, 1)
    good = await shop.attach("pm_card_visa")
    before = await api.events()
    await api.ok("POST", f"/v1/invoices/{state['latest_invoice']}/pay", {"payment_method": good})
    assert (await since(api, before)).count("customer.discount.deleted") == 1
    after = await shop.state()
    assert (after["pending_update"], after["discounts"]) == (None, [])
    assert await shop.has() == ("pro", 1)
    assert "25% off" not in said((await shop.see(f"/p/session/{await shop.link()}")).text)


@pytest.mark.parametrize("duration", ["once", "forever"])
async def test_a_code_leaves_with_the_change_that_nobody_paid(api: Api, duration: str) -> None:
    shop = await Shop(api).open()
    await api.ok("POST", "/v1/coupons", {"id": "OLD", "percent_off": 5})
    await api.ok("POST", f"/v1/subscriptions/{shop.subscription}", {"discounts": [{"coupon": "OLD"}]})
    old = (await shop.state())["discounts"]
    await code(api, "QUARTER", coupon={"percent_off": 25, "duration": duration})
    await api.freeze(START + HALF)
    method = await shop.attach(ASKING)
    await shop.act("update", await shop.link(), price="pro", promotion_code="QUARTER", payment_method=method)
    waiting = await shop.state()
    assert waiting["discounts"][0] == old[0]
    before = await api.events()
    await api.advance("23h")
    told = ["invoice.voided", "payment_intent.canceled", "customer.discount.deleted"]
    told += ["customer.subscription.pending_update_expired", "customer.subscription.updated"]
    assert sorted(await since(api, before)) == sorted(told)
    after = await shop.state()
    assert (after["pending_update"], after["discounts"]) == (None, old)
    voided = await api.ok("GET", f"/v1/invoices/{waiting['latest_invoice']}", {"expand": ["discounts"]})
    assert [one["id"] for one in voided["discounts"]] == waiting["discounts"]


@pytest.mark.parametrize("second", ["QUARTER", "HALF", None])
async def test_another_change_keeps_of_the_codes_only_the_one_that_is_given_again(api: Api, second: str | None) -> None:
    shop, promotion = await opened(api)
    await code(api, "HALF", coupon={"percent_off": 50, "duration": "forever"})
    method = await shop.attach(ASKING)
    await shop.act("update", await shop.link(), price="pro", promotion_code="QUARTER", payment_method=method)
    wish = {"price": "basic_year", **({"promotion_code": second} if second else {})}
    shown = await shop.act("update_preview", await shop.link(), **wish)
    good = await shop.attach("pm_card_visa")
    await shop.act("update", await shop.link(), payment_method=good, **wish)
    after, billed = await shop.state(), (await shop.invoices())[0]
    percent = {"QUARTER": 25, "HALF": 50, None: 0}[second]
    debit = billed["lines"]["data"][1]["amount"]
    assert billed["total"] == shown["today"]["invoice"]["total"] == -500 + debit
    assert len(billed["discounts"]) == bool(second)
    assert len(after["discounts"]) == (second == "HALF")  # the other one was for once
    full = 9600 * (365 * DAY - HALF) // (365 * DAY)
    assert abs(debit - full * (100 - percent) // 100) <= 1
    assert (await api.ok("GET", f"/v1/promotion_codes/{promotion['id']}"))["times_redeemed"] == 1
