"""Prices whose amount the customer chooses, in Checkout and by payment links (docs.stripe.com/payments/checkout/pay-what-you-want)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from portal_ui.checkout_order import minor
from tests.api.test_checkout_page import CARD, SUBMIT, now, price, session, visitor

if TYPE_CHECKING:
    from tests.support.client import Api
    from tests.support.reader import Visitor

__all__ = ["visitor"]
FIELD = "line-item-custom-amount"
WRONG = ["This is not right. Check what you typed."]


async def gift(api: Api, currency: str = "usd", **bounds: Any) -> str:
    terms = {"currency": currency, "custom_unit_amount": {"enabled": True, **bounds}, "product_data": {"name": "Gift"}}
    return str((await api.ok("POST", "/v1/prices", terms))["id"])


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [("12", "usd", 1200), ("12.5", "usd", 1250), ("0,75", "usd", 75), (" 3 ", "jpy", 3), ("3.5", "jpy", None),
     ("1.234", "usd", None), ("-5", "usd", None), ("", "usd", None), ("1e3", "usd", None), ("²", "usd", None)],
)  # fmt: skip
def test_amounts_as_they_are_typed(text: str, currency: str, amount: int | None) -> None:
    assert minor(text, currency) == amount


async def test_the_preset_is_shown_and_another_amount_is_paid(api: Api, visitor: Visitor) -> None:
    made = await session(api, "payment", await gift(api, minimum=500, maximum=10_000, preset=2000))
    assert (made["amount_total"], made["status"]) == (2000, "open")
    words = await visitor.see(made["url"])
    assert "$5.00 \u2013 $100.00" in words
    assert 'min="5.00" max="100.00" value="20.00"' in visitor.html
    here = f"/c/pay/{made['id']}"
    for text in ("4.99", "100.01", "", "ten", "-20", "7.555"):
        assert await visitor.send(FIELD, amount=text) == "", text
        assert (visitor.status, visitor.alerts()) == (400, WRONG), text
    assert await visitor.send(FIELD, amount="12.50") == here
    assert "Total due $12.50" in await visitor.see(here)
    await visitor.send(SUBMIT, **CARD)
    after = await now(api, made)
    assert (after["status"], after["payment_status"], after["amount_total"]) == ("complete", "paid", 1250)
    intent = await api.ok("GET", f"/v1/payment_intents/{after['payment_intent']}")
    assert intent["amount_received"] == 1250
    items = (await api.ok("GET", f"/v1/checkout/sessions/{made['id']}/line_items"))["data"]
    assert (items[0]["amount_total"], items[0]["price"]["custom_unit_amount"]["preset"]) == (1250, 2000)


async def test_without_a_preset_nothing_is_paid_before_an_amount_is_chosen(api: Api, visitor: Visitor) -> None:
    made = await session(api, "payment", await gift(api))
    await visitor.see(made["url"])
    assert 'id="cardNumber"' in visitor.html, "it is not free"
    assert await visitor.send(SUBMIT, **CARD) == ""
    assert (visitor.status, visitor.alerts()) == (400, ["Choose an amount first."])
    assert (await now(api, made))["status"] == "open"
    await visitor.see(made["url"])
    assert await visitor.send(FIELD, amount="0.49") == ""  # less than can be charged
    assert visitor.alerts() == WRONG
    await visitor.send(FIELD, amount="0,50")
    await visitor.see(made["url"])
    await visitor.send(SUBMIT, **CARD)
    assert (await now(api, made))["amount_total"] == 50


async def test_a_payment_link_asks_each_customer_anew(api: Api, visitor: Visitor) -> None:
    rows = [{"price": await gift(api, preset=300), "quantity": 1}]
    link = await api.ok("POST", "/v1/payment_links", {"line_items": rows})
    for amount in ("9", "3.00"):
        opened = await visitor.ask("GET", "/b/" + link["url"].rsplit("/", 1)[1])
        await visitor.see(opened)
        assert 'value="3.00"' in visitor.html
        await visitor.send(FIELD, amount=amount)
        await visitor.see(opened)
        await visitor.send(SUBMIT, **CARD)
    made = (await api.ok("GET", "/v1/checkout/sessions", {"payment_link": link["id"]}))["data"]
    assert [(one["status"], one["amount_total"]) for one in made] == [("complete", 300), ("complete", 900)]


async def test_beside_a_subscription_it_is_on_the_first_invoice(api: Api, visitor: Visitor) -> None:
    team = {"price": await price(api), "quantity": 1}
    made = await session(api, "subscription", team, {"price": await gift(api, preset=700), "quantity": 1})
    await visitor.see(made["url"])
    await visitor.send(SUBMIT, **CARD)
    after = await now(api, made)
    invoice = await api.ok("GET", f"/v1/invoices/{after['invoice']}")
    assert (after["amount_total"], invoice["total"], invoice["status"]) == (2700, 2700, "paid")


async def test_a_fixed_price_takes_no_amount(api: Api, visitor: Visitor) -> None:
    made = await session(api, "payment")
    words = await visitor.see(made["url"])
    assert FIELD not in visitor.html
    assert "Amount" not in words
    item = (await api.ok("GET", f"/v1/checkout/sessions/{made['id']}/line_items"))["data"][0]["id"]
    _, held = visitor.form(SUBMIT)
    wish = {"csrf_token": held["csrf_token"], "item": item, "amount": "1"}
    assert await visitor.ask("POST", f"/c/pay/{made['id']}/adjust", **wish) == ""
    assert (visitor.status, (await now(api, made))["amount_total"]) == (400, 2000)
