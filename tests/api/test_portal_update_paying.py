"""Paying a change of plan in the portal: declines, 3D Secure, another card, and nothing saved at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from emulator.kernel.errors import StripeError
from tests.support.plans import HALF, START, Shop
from tests.support.reader import asking

if TYPE_CHECKING:
    from tests.support.client import Api

DECLINING, ASKING = "pm_card_chargeCustomerFail", "pm_card_threeDSecureRequired"
TRIED = [
    "invoice.created", "customer.updated", "invoice.finalized", "payment_intent.created", "charge.failed",
    "payment_intent.payment_failed",
]  # fmt: skip


async def on(api: Api, card: str) -> Shop:
    """Return a customer half-way through a month whose default card is another one now."""
    shop = await Shop(api).open()
    await api.freeze(START + HALF)
    method = await shop.attach(card)
    settings = {"default_payment_method": method}
    await api.ok("POST", f"/v1/customers/{shop.customer}", {"invoice_settings": settings})
    return shop


async def declined(shop: Shop, token: str, **params: Any) -> StripeError:
    with pytest.raises(StripeError) as caught:
        await shop.act("update", token, **params)
    assert caught.value.status == 402
    return caught.value


async def test_a_decline_leaves_the_plan_and_its_words_are_told(api: Api) -> None:
    shop = await on(api, DECLINING)
    token, before = await shop.link(), await api.events()
    error = await declined(shop, token, price="pro")
    assert (error.message, error.code) == ("Your card was declined.", "card_declined")
    told = (await api.events())[len(before) :]
    assert told[:6] == TRIED
    assert "invoice.payment_failed" in told
    assert "invoice.paid" not in told
    state = await shop.state()
    assert (state["status"], state["pending_update"] is None) == ("active", False)
    assert await shop.has() == ("basic", 1)
    assert (await shop.invoices())[0]["status"] == "open"
    shown = await shop.act("update_preview", token, price="pro")
    assert shown["failure"]["code"] == "card_declined"
    assert shown["today"]["invoice"]["amount_remaining"] == 500


async def test_another_saved_card_pays_the_same_invoice(api: Api) -> None:
    shop = await on(api, DECLINING)
    token, good = await shop.link(), await shop.attach("pm_card_mastercard")
    await declined(shop, token, price="pro")
    await declined(shop, token, price="pro")
    count = len(await shop.invoices())
    await shop.act("update", token, price="pro", payment_method=good)
    made = await shop.invoices()
    assert (len(made), made[0]["status"], made[0]["amount_paid"]) == (count, "paid", 500)
    state = await shop.state()
    assert (state["pending_update"], state["default_payment_method"]) == (None, good)
    assert await shop.has() == ("pro", 1)
    assert "customer.subscription.pending_update_applied" in await api.events()


async def test_another_plan_after_a_decline_is_another_invoice(api: Api) -> None:
    shop = await on(api, DECLINING)
    token, good = await shop.link(), await shop.attach("pm_card_visa")
    await declined(shop, token, price="pro")
    await shop.act("update", token, price="pro", quantity="2", payment_method=good)
    paid, given_up = (await shop.invoices())[:2]
    assert (paid["status"], given_up["status"]) == ("paid", "void")
    assert await shop.has() == ("pro", 2)


async def test_a_card_chosen_for_the_change_pays_the_plan_from_then_on(api: Api) -> None:
    shop = await Shop(api).open()
    await api.freeze(START + HALF)
    other, token, before = await shop.attach("pm_card_mastercard"), await shop.link(), await api.events()
    await shop.act("update", token, price="pro", payment_method=other)
    assert (await shop.state())["default_payment_method"] == other
    told = (await api.events())[len(before) :]
    assert (told[0], told[-1]) == ("customer.subscription.updated", "customer.subscription.updated")
    charge = (await api.ok("GET", "/v1/charges", {"customer": shop.customer, "limit": 1}))["data"][0]
    assert charge["payment_method"] == other


async def test_a_declined_card_that_was_chosen_pays_nothing_later(api: Api) -> None:
    shop = await Shop(api).open()
    await api.freeze(START + HALF)
    had = (await shop.state())["default_payment_method"]
    await declined(shop, await shop.link(), price="pro", payment_method=await shop.attach(DECLINING))
    assert (await shop.state())["default_payment_method"] == had


async def test_a_world_may_want_another_payment_behavior(api: Api) -> None:
    shop = await on(api, DECLINING)
    settings = (await api.space()).settings
    settings["portal_payment_behavior"] = "error_if_incomplete"
    before = await api.events()
    await declined(shop, await shop.link(), price="pro")
    assert [one for one in (await api.events())[len(before) :] if not one.startswith("billing_portal.")] == []
    settings["portal_payment_behavior"] = "allow_incomplete"
    await shop.act("update", await shop.link(), price="pro")
    assert (await shop.state())["status"] == "past_due"
    assert await shop.has() == ("pro", 1)


async def _asked(shop: Shop, token: str, **fields: str) -> str:
    """Send the form of a change that the bank asks about; returns where it leads."""
    here = f"/p/session/{token}/subscriptions/{shop.subscription}/preview/{shop.prices['pro']}"
    sent = await shop.send(here, quantity="1", **fields)
    assert sent.status == 303
    assert sent.location.startswith("/3d_secure/pi_")
    back = parse_qs(urlsplit(sent.location).query)["back"][0]
    assert back.startswith(here)
    return sent.location


async def _answer(shop: Shop, location: str, outcome: str) -> str:
    """Answer the bank's question as its page does; returns where that leads."""
    page = await shop.see(asking(location))
    target = page.text.partition('name="target" value="')[2].partition('"')[0].replace("&amp;", "&")
    code = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    sent = await shop.send(location.partition("?")[0], csrf_token=code, target=target, outcome=outcome)
    assert sent.status == 303
    return sent.location


async def test_the_bank_asks_in_between_and_leads_back(api: Api) -> None:
    shop = await on(api, ASKING)
    token = await shop.link()
    location = await _asked(shop, token)
    assert "invoice.payment_action_required" in await api.events()
    assert await shop.has() == ("basic", 1)
    back = await _answer(shop, location, "succeed")
    after = await shop.see(back)
    assert (after.status, after.location) == (303, f"/p/session/{token}?done=updated")
    assert await shop.has() == ("pro", 1)
    assert (await shop.state())["pending_update"] is None
    assert "Your subscription has been updated." in (await shop.see(after.location)).text


async def test_who_does_not_pass_the_question_may_try_another_card(api: Api) -> None:
    shop = await on(api, ASKING)
    token, good = await shop.link(), await shop.attach("pm_card_visa")
    back = await _answer(shop, await _asked(shop, token), "fail")
    page = await shop.see(back)
    assert page.status == 200
    assert "We are unable to authenticate your payment method." in page.text
    assert await shop.has() == ("basic", 1)
    sent = await shop.send(back.partition("?")[0], quantity="1", payment_method=good)
    assert sent.location == f"/p/session/{token}?done=updated"
    assert await shop.has() == ("pro", 1)


async def test_a_decline_is_told_in_place_with_what_was_chosen(api: Api) -> None:
    shop = await on(api, DECLINING)
    token = await shop.link()
    await shop.attach("pm_card_visa")
    bad = (await api.ok("GET", f"/v1/customers/{shop.customer}"))["invoice_settings"]["default_payment_method"]
    here = f"/p/session/{token}/subscriptions/{shop.subscription}/preview/{shop.prices['pro']}"
    page = await shop.send(here, quantity="1", payment_method=bad)
    assert page.status == 402
    assert 'id="paying-problem" role="alert">Your card was declined.' in page.text
    assert f'value="{bad}" required checked' in page.text


async def test_nothing_to_pay_with(api: Api) -> None:
    shop = await Shop(api).open(trial_period_days=14)
    for method in (await api.ok("GET", "/v1/payment_methods", {"customer": shop.customer}))["data"]:
        await api.ok("POST", f"/v1/payment_methods/{method['id']}/detach")
    token, before = await shop.link(), await api.events()
    here = f"/p/session/{token}/subscriptions/{shop.subscription}/preview/{shop.prices['pro']}"
    page = await shop.see(f"{here}?quantity=1")
    assert 'data-testid="add-payment-method"' in page.text
    assert 'data-testid="confirm"' not in page.text
    sent = await shop.send(here, quantity="1")
    assert sent.status == 402
    assert "No payment method has been saved to pay with." in sent.text
    assert (await api.events())[len(before) :] == []


async def test_a_second_decline_never_calls_the_subscription_past_due(api: Api) -> None:
    shop = await on(api, DECLINING)
    token = await shop.link()
    await declined(shop, token, price="pro")
    before = await api.events()
    await declined(shop, token, price="pro")
    assert (await api.events())[len(before) :] == [
        "charge.failed", "payment_intent.payment_failed", "invoice.payment_failed",
    ]  # fmt: skip
    assert (await shop.state())["status"] == "active"
