"""The pages of a change of plan as a browser without scripts meets them, and the merchant's links into them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.plans import HALF, START, Shop

if TYPE_CHECKING:
    from tests.support.client import Api


def place(shop: Shop, token: str, rest: str = "") -> str:
    return f"/p/session/{token}/subscriptions/{shop.subscription}{rest}"


def confirm_flow(shop: Shop, **more: Any) -> dict[str, Any]:
    item = {"id": shop.item, "price": shop.prices["pro"], "quantity": 2}
    return {"type": "subscription_update_confirm",
            "subscription_update_confirm": {"subscription": shop.subscription, "items": [item], **more}}  # fmt: skip


async def test_the_whole_way_without_scripts(api: Api) -> None:
    shop = await Shop(api).open()
    await api.freeze(START + HALF)
    token = await shop.link()
    here = place(shop, token, "/update")
    home = await shop.see(f"/p/session/{token}")
    assert f'href="{here}" data-test="update-subscription" data-testid="update-subscription"' in home.text
    plans = await shop.see(here)
    shown = plans.text.partition("<template")[0]
    assert shown.count('data-testid="pricing-table-card"') == 2
    assert "$10.00 per month" in shown
    assert "$96.00 per year" not in shown
    assert 'aria-current="true">Monthly</a>' in shown
    yearly = await shop.see(f"{here}?interval=year1")
    assert "$96.00 per year" in re.sub(r"<template.*?</template>", "", yearly.text, flags=re.DOTALL)
    chosen = await shop.see(f"{here}?price={shop.prices['pro']}&interval=month1")
    assert f'name="price" value="{shop.prices["pro"]}" aria-pressed="true"' in chosen.text
    assert f'<input type="hidden" name="price" value="{shop.prices["pro"]}">' in chosen.text
    go = await shop.see(f"{here}?price={shop.prices['pro']}&quantity=2&go=1")
    assert (go.status, go.location) == (303, place(shop, token, f"/preview/{shop.prices['pro']}?quantity=2"))
    page = await shop.see(go.location)
    assert "Confirm your updates" in page.text
    assert 'class="price">$15.00</strong>' in page.text
    assert "What you&#39;ll pay monthly starting May 1, 2026" in page.text
    assert 'data-testid="confirm" data-test="confirm">Subscribe and pay</button>' in page.text
    at = re.search(r'name="shown_at" value="(\d+)"', page.text)
    assert at is not None
    sent = await shop.send(go.location.partition("?")[0], quantity="2", shown_at=at[1])
    assert (sent.status, sent.location) == (303, f"/p/session/{token}?done=updated")
    again = await shop.send(go.location.partition("?")[0], quantity="2", shown_at=at[1])
    assert again.location == sent.location
    assert await shop.has() == ("pro", 2)
    assert len(await shop.invoices()) == 2
    assert (await shop.see(go.location)).location == here, "there is nothing left to confirm"


async def test_quantities_are_told_as_one_line(api: Api) -> None:
    shop = await Shop(api).open()
    await api.freeze(START + HALF)
    page = await shop.see(place(shop, await shop.link(), f"/preview/{shop.prices['basic']}?quantity=2"))
    details = page.text.partition('data-testid="expanded-invoice-details"')[2]
    assert "Prorated charge for Basic" in details
    assert "Qty 1 → 2" in details
    assert '<span class="amount" data-test="value">$5.00</span>' in details
    assert "Unused time" not in details


async def test_the_overview_tells_what_the_next_invoice_bills_besides(api: Api) -> None:
    shop = await Shop(api).open()
    await api.freeze(START + HALF)
    token = await shop.link()
    home = f"/p/session/{token}"
    assert "show-cost-details" not in (await shop.see(home)).text
    items = [{"id": shop.item, "quantity": 2}]
    await api.ok("POST", f"/v1/subscriptions/{shop.subscription}", {"items": items})
    details = (await shop.see(home)).text.partition('data-testid="expanded-invoice-details"')[2]
    assert "Your next invoice on May 1, 2026" in details
    assert "Prorated charge for Basic" in details
    assert "Qty 1 → 2" in details
    assert '<span data-test="value">$25.00</span>' in details


@pytest.mark.parametrize(
    "query,status,words",
    [
        ("price={basic}&quantity=3&go=1", 400, "Choose another plan or quantity first."),
        ("price={pro}&quantity=1&go=1", 400, "Enter a whole number from 2 to 9."),
        ("price={pro}&quantity=&go=1", 400, "Enter a whole number from 2 to 9."),
        ("price={pro}&quantity=%3Cb%3E&go=1", 400, "Enter a whole number from 2 to 9."),
        ("price=price_x&quantity=3&go=1", 400, "Choose another plan or quantity first."),
        ("price={pro}&interval=%22", 200, "Update subscription"),
    ],
)
async def test_what_is_typed_into_the_address(api: Api, query: str, status: int, words: str) -> None:
    shop = await Shop(api).open(quantity=3)
    bounds = {"enabled": True, "minimum": 2, "maximum": 9}
    products = [
        {"product": shop.products[name], "prices": [shop.prices[name.lower()]], "adjustable_quantity": bounds}
        for name in ("Basic", "Pro")
    ]
    token = await shop.link(await shop.configuration(products=products))
    page = await shop.see(place(shop, token, "/update?" + query.format(**shop.prices)))
    assert page.status == status
    assert words in page.text
    assert "<b>" not in page.text
    if "Enter" in words:
        assert 'aria-invalid="true" aria-describedby="quantity-problem"' in page.text
        over = await shop.see(place(shop, token, f"/preview/{shop.prices['pro']}?quantity=99"))
        assert over.location.endswith(f"/update?price={shop.prices['pro']}&quantity=99&go=1")


async def test_forms_need_their_code(api: Api) -> None:
    shop = await Shop(api).open()
    token = await shop.link()
    for rest in (f"/preview/{shop.prices['pro']}", "/update/undo"):
        assert (await shop.send(place(shop, token, rest), csrf_token="forged", quantity="1")).status == 403
    assert await shop.has() == ("basic", 1)


async def test_names_of_products_are_text(api: Api) -> None:
    shop = await Shop(api).open()
    evil = "<script>alert(1)</script>"
    await api.ok("POST", f"/v1/products/{shop.products['Pro']}", {
        "name": evil, "description": evil, "marketing_features": [{"name": evil}],
    })  # fmt: skip
    token = await shop.link()
    for rest in ("/update", f"/preview/{shop.prices['pro']}?quantity=1"):
        page = await shop.see(place(shop, token, rest))
        assert page.status == 200
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;" in page.text


async def test_a_subscription_of_somebody_else(api: Api) -> None:
    mine, theirs = await Shop(api).open(), await Shop(api).open()
    token = await mine.link()
    for rest in ("/update", f"/preview/{theirs.prices['pro']}?quantity=1"):
        assert (await mine.see(place(theirs, token, rest))).status == 404
    assert (await mine.send(place(theirs, token, f"/preview/{theirs.prices['pro']}"), quantity="1")).status == 404
    assert await theirs.has() == ("basic", 1)


async def test_a_link_to_the_plans(api: Api) -> None:
    shop = await Shop(api).open()
    flow = {"type": "subscription_update", "subscription_update": {"subscription": shop.subscription}}
    done = {"type": "redirect", "redirect": {"return_url": "https://app.example/done"}}
    token = await shop.link(flow_data={**flow, "after_completion": done})
    assert (await shop.see(f"/p/session/{token}")).location == place(shop, token, "/update")
    plans = await shop.see(place(shop, token, "/update"))
    assert 'class="back"' not in plans.text
    sent = await shop.send(place(shop, token, f"/preview/{shop.prices['pro']}"), quantity="1")
    assert sent.location == f"/p/session/{token}/completed"
    assert await shop.has() == ("pro", 1)


async def test_a_link_to_confirm_with_a_coupon(api: Api) -> None:
    coupon = await api.ok("POST", "/v1/coupons", {"percent_off": 50, "duration": "forever"})
    shop = await Shop(api).open()
    await api.freeze(START + HALF)
    configuration = await shop.configuration(default_allowed_updates=["promotion_code"])
    flow = confirm_flow(shop, discounts=[{"coupon": coupon["id"]}])
    token = await shop.link(configuration, flow_data=flow)
    entry = await shop.see(f"/p/session/{token}")
    assert entry.location == place(shop, token, "/update/confirm")
    preview = (await shop.see(entry.location)).location
    assert preview == place(shop, token, f"/preview/{shop.prices['pro']}?quantity=2")
    page = await shop.see(preview)
    assert (page.status, 'class="back"' in page.text, "Promotion code" in page.text) == (200, False, False)
    assert 'class="price">$5.00</strong>' in page.text, "half of 20.00, less the half of 10.00 that is left"
    await shop.send(preview.partition("?")[0], quantity="2")
    assert await shop.has() == ("pro", 2)
    state = await api.ok("GET", f"/v1/subscriptions/{shop.subscription}", {"expand": ["discounts"]})
    assert [one["source"]["coupon"] for one in state["discounts"]] == [coupon["id"]]
    assert (await shop.see(f"/p/session/{token}")).status == 200, "the whole portal is open then"


async def test_a_link_to_confirm_brings_its_discount_for_its_change_only(api: Api) -> None:
    coupon = await api.ok("POST", "/v1/coupons", {"percent_off": 50, "duration": "forever"})
    shop = await Shop(api).open()
    token = await shop.link(flow_data=confirm_flow(shop, discounts=[{"coupon": coupon["id"]}]))
    shown = await shop.act("update_preview", token, price="pro_year")
    assert shown["next"]["invoice"]["discounts"] == []


async def test_a_link_to_confirm_with_a_promotion_code(api: Api) -> None:
    coupon = await api.ok("POST", "/v1/coupons", {"percent_off": 50, "duration": "forever"})
    promotion = await api.ok("POST", "/v1/promotion_codes", {"promotion": {"type": "coupon", "coupon": coupon["id"]}})
    shop = await Shop(api).open()
    token = await shop.link(flow_data=confirm_flow(shop, discounts=[{"promotion_code": promotion["id"]}]))
    await shop.act("update", token, price="pro", quantity="2")
    assert (await api.ok("GET", f"/v1/promotion_codes/{promotion['id']}"))["times_redeemed"] == 1
