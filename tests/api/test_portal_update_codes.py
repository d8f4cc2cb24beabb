"""Promotion codes typed while the plan changes, and discounts that a merchant's link brings (facts portal 5.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from emulator.kernel.errors import StripeError
from tests.support.plans import DAY, HALF, START, Shop

if TYPE_CHECKING:
    from tests.support.client import Api


async def code(api: Api, text: str = "SAVE20", *, coupon: dict[str, Any] | None = None, **more: Any) -> Any:
    """Return a promotion code for a fifth off."""
    made = await api.ok("POST", "/v1/coupons", {"duration": "forever", **(coupon or {"percent_off": 20})})
    wish = {"promotion": {"type": "coupon", "coupon": made["id"]}, "code": text, **more}
    return await api.ok("POST", "/v1/promotion_codes", wish)


async def problem(shop: Shop, token: str, text: str, **params: Any) -> str:
    """Return why a code is left out; the act refuses it with the same reason and nothing is stored."""
    shown = await shop.act("update_preview", token, price="pro", promotion_code=text, **params)
    assert shown["code"] is None
    before = await shop.api.events()
    with pytest.raises(StripeError) as caught:
        await shop.act("update", token, price="pro", promotion_code=text, **params)
    assert caught.value.code == "portal_promotion_code"
    assert caught.value.extra["reason"] == shown["code_problem"]
    assert (await shop.api.events())[len(before) :] == []
    assert await shop.has() == ("basic", 1)
    return str(shown["code_problem"])


async def test_a_code_makes_the_change_cheaper_and_stays(api: Api) -> None:
    shop = await Shop(api).open()
    promotion = await code(api)
    await api.freeze(START + HALF)
    token = await shop.link()
    shown = await shop.act("update_preview", token, price="pro", promotion_code=" save20 ")
    assert (shown["code"], shown["code_problem"]) == ("SAVE20", None)
    assert (shown["today"]["invoice"]["amount_due"], shown["regular"]["invoice"]["total"]) == (300, 1600)
    before = await api.events()
    await shop.act("update", token, price="pro", promotion_code="save20")
    told = (await api.events())[len(before) :]
    assert "customer.discount.created" in told
    assert (await shop.invoices())[0]["amount_paid"] == 300
    state = await api.ok("GET", f"/v1/subscriptions/{shop.subscription}", {"expand": ["discounts"]})
    assert [one["promotion_code"] for one in state["discounts"]] == [promotion["id"]]
    assert (await api.ok("GET", f"/v1/promotion_codes/{promotion['id']}"))["times_redeemed"] == 1


async def test_a_code_joins_the_discounts_that_are_there(api: Api) -> None:
    coupon = await api.ok("POST", "/v1/coupons", {"percent_off": 10, "duration": "forever"})
    shop = await Shop(api).open(discounts=[{"coupon": coupon["id"]}])
    await code(api)
    await shop.act("update", await shop.link(), price="pro", promotion_code="SAVE20")
    assert len((await shop.state())["discounts"]) == 2


async def test_codes_that_do_not_work(api: Api) -> None:
    shop = await Shop(api).open()
    stranger = await api.ok("POST", "/v1/customers", {})
    restrictions = {"minimum_amount": 5000, "minimum_amount_currency": "usd"}
    await code(api, "LATE", expires_at=START + DAY)
    await code(api, "OFF", active=False)
    await code(api, "HERS", customer=stranger["id"])
    await code(api, "BIG", restrictions=restrictions)
    await code(api, "FIRST", restrictions={"first_time_transaction": True})
    await code(api, "EURO", coupon={"amount_off": 100, "currency": "eur"})
    await api.freeze(START + 2 * DAY)
    token = await shop.link()
    found = {text: await problem(shop, token, text) for text in ("NO", "LATE", "OFF", "HERS", "BIG", "FIRST", "EURO")}
    assert found == {
        "NO": "unknown", "LATE": "expired", "OFF": "inactive", "HERS": "other_customer", "BIG": "below_minimum",
        "FIRST": "not_first", "EURO": "not_here",
    }  # fmt: skip
    shown = await shop.act("update_preview", token, price="pro", quantity="3", promotion_code="BIG")
    assert shown["code"] == "BIG", "three times $20.00 reach the minimum"


async def test_a_code_that_is_used_up(api: Api) -> None:
    shop = await Shop(api).open()
    await code(api, "ONCE", max_redemptions=1)
    token = await shop.link()
    await shop.act("update", token, price="pro", promotion_code="ONCE")
    await shop.act("update", token, price="basic")
    first = shop.customer
    other = await Shop(api).open()
    assert other.customer != first
    assert await problem(other, await other.link(), "ONCE") == "used_up"


async def test_codes_may_be_switched_off(api: Api) -> None:
    shop = await Shop(api).open()
    await code(api)
    token = await shop.link(await shop.configuration(default_allowed_updates=["price"]))
    assert await problem(shop, token, "SAVE20") == "not_here"
    page = await shop.see(
        f"/p/session/{token}/subscriptions/{shop.subscription}/preview/{shop.prices['pro']}?quantity=1"
    )
    assert "Promotion code" not in page.text


async def test_a_code_alone_is_not_offered(api: Api) -> None:
    shop = await Shop(api).open()
    await code(api)
    token, before = await shop.link(), await api.events()
    await shop.act("update", token, promotion_code="SAVE20")
    assert (await api.events())[len(before) :] == []


async def test_a_declined_change_does_not_spend_its_code(api: Api) -> None:
    shop = await Shop(api).open()
    promotion = await code(api, max_redemptions=1)
    await api.freeze(START + HALF)
    bad, good = await shop.attach("pm_card_chargeCustomerFail"), await shop.attach("pm_card_visa")
    token, wish = await shop.link(), {"price": "pro", "promotion_code": "SAVE20"}
    with pytest.raises(StripeError) as caught:
        await shop.act("update", token, payment_method=bad, **wish)
    assert (caught.value.status, caught.value.message) == (402, "Your card was declined.")
    assert (await api.ok("GET", f"/v1/promotion_codes/{promotion['id']}"))["times_redeemed"] == 0
    await shop.act("update", token, payment_method=good, **wish)
    assert (await shop.invoices())[0]["amount_paid"] == 300


async def test_a_code_of_a_change_that_waits_comes_with_it(api: Api) -> None:
    shop = await Shop(api).open(price="pro")
    promotion = await code(api)
    conditions = {"conditions": [{"type": "decreasing_item_amount"}]}
    token = await shop.link(await shop.configuration(schedule_at_period_end=conditions))
    shown = await shop.act("update_preview", token, price="basic", promotion_code="SAVE20")
    assert shown["next"]["invoice"]["amount_due"] == 800
    await shop.act("update", token, price="basic", promotion_code="SAVE20")
    assert (await shop.state())["discounts"] == []
    await api.advance(30 * DAY + 2 * 3600)
    assert (await shop.invoices())[0]["amount_paid"] == 800
    assert (await api.ok("GET", f"/v1/promotion_codes/{promotion['id']}"))["times_redeemed"] == 1


async def test_the_page_says_what_is_wrong_at_the_field_and_keeps_what_was_typed(api: Api) -> None:
    shop = await Shop(api).open()
    await code(api, "LATE", expires_at=START + DAY)
    await code(api)
    await api.freeze(START + 2 * DAY)
    here = f"/p/session/{await shop.link()}/subscriptions/{shop.subscription}/preview/{shop.prices['pro']}?quantity=1"
    page = await shop.see(f"{here}&code=LATE%22%3E")
    assert 'id="code-problem" role="alert">This code is invalid.' in page.text
    assert 'value="LATE&#34;&gt;"' in page.text
    assert "This code has expired." in (await shop.see(f"{here}&code=LATE")).text
    page = await shop.see(f"{here}&code=save20")
    assert 'data-testid="promotion-code"' in page.text
    assert 'name="code" value="SAVE20"' in page.text
