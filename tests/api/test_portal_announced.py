"""What each act of the portal announces: the list is named before the act, and each webhook is verified by the SDK.

Lists: facts portal 9. What a change of plan costs is in ``test_portal_update*.py``; here only what a merchant hears.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import nullcontext
from typing import Any

import pytest
import stripe
from aiohttp import web

from emulator.kernel.errors import StripeError
from tests.support.client import Api
from tests.support.plans import CONFIGURATIONS, SESSIONS, Shop
from tests.support.portal import page, since
from tests.support.receiving import listening

Act = Callable[[], Awaitable[Any]]
Row = Callable[[Shop], Awaitable[Act]]
CHANGED = "customer.subscription.updated"
BILLED = ["invoice.created", "customer.updated", "invoice.finalized", "payment_intent.created"]
PAID = ["invoice.paid", "invoice.payment_succeeded", "invoice_payment.paid"]
PRORATED = ["invoiceitem.created", "invoiceitem.created", CHANGED]
CARD = {"cvc": "123", "expiry": "12 / 34", "number": "5555555555554444", "country": "US", "postal_code": "94105"}


class Heard:
    """An application's webhook address: what is signed for it, as the SDK reads it."""

    def __init__(self) -> None:
        self.secret = ""
        self.types: list[str] = []

    async def handle(self, request: web.Request) -> web.Response:
        event = stripe.Webhook.construct_event(await request.read(), request.headers["Stripe-Signature"], self.secret)
        self.types.append(event.type)
        return web.Response()


@pytest.fixture
async def heard(api: Api) -> AsyncIterator[Heard]:
    made = Heard()
    async with listening(made.handle) as url:
        endpoint = await api.ok("POST", "/v1/webhook_endpoints", {"url": f"{url}/hook", "enabled_events": ["*"]})
        made.secret = endpoint["secret"]
        yield made


def acting(shop: Shop, act: str, token: str, **params: Any) -> Act:
    """Return an act upon the subscription."""
    return lambda: shop.act(act, token, **params)


def saying(shop: Shop, act: str, token: str, **params: Any) -> Act:
    """Return an act upon the customer."""
    return lambda: page(shop.api, act, token, **params)


async def offering(shop: Shop, **features: Any) -> str:
    """Return a link whose configuration has these features."""
    made = await shop.api.ok("POST", CONFIGURATIONS, {"features": {"invoice_history": {"enabled": True}, **features}})
    return await shop.link(made["id"])


async def _configuration(shop: Shop) -> Act:
    features = {"invoice_history": {"enabled": True}}
    return lambda: shop.api.ok("POST", CONFIGURATIONS, {"features": features})


async def _configuration_changed(shop: Shop) -> Act:
    id_ = await shop.configuration()
    return lambda: shop.api.ok("POST", f"{CONFIGURATIONS}/{id_}", {"business_profile": {"headline": "Hello"}})


async def _session(shop: Shop) -> Act:
    return lambda: shop.api.ok("POST", SESSIONS, {"customer": shop.customer})


async def _visit(shop: Shop) -> Act:
    return saying(shop, "home", await shop.link())


async def _cancel(shop: Shop) -> Act:
    return acting(shop, "cancel", await shop.link())


async def _reason(shop: Shop) -> Act:
    reasons = {"enabled": True, "options": ["unused", "other"]}
    token = await offering(shop, subscription_cancel={"enabled": True, "cancellation_reason": reasons})
    await shop.act("cancel", token)
    return acting(shop, "cancellation_reason", token, feedback="other", comment="Bye")


async def _renew(shop: Shop) -> Act:
    token = await shop.link()
    await shop.act("cancel", token)
    return acting(shop, "renew", token)


async def _cancel_now(shop: Shop) -> Act:
    feature = {"enabled": True, "mode": "immediately", "proration_behavior": "none"}
    return acting(shop, "cancel", await offering(shop, subscription_cancel=feature))


async def _cancel_with_credit(shop: Shop) -> Act:
    feature = {"enabled": True, "mode": "immediately", "proration_behavior": "create_prorations"}
    await shop.api.advance("5d")
    return acting(shop, "cancel", await offering(shop, subscription_cancel=feature))


async def _offer(shop: Shop) -> Act:
    coupon = await shop.api.ok("POST", "/v1/coupons", {"percent_off": 50, "duration": "once"})
    await shop.api.ok("POST", "/_emulator/settings", {"portal_retention_coupon": coupon["id"]})
    return acting(shop, "accept_offer", await shop.link())


def changing(behavior: str, card: str | None = None, *, declined: bool = False) -> Row:
    """Return the row of a change of plan that is prorated so, with a card of the test cards as the default."""

    async def row(shop: Shop) -> Act:
        if card is not None:
            method = await shop.attach(card)
            settings = {"invoice_settings": {"default_payment_method": method}}
            await shop.api.ok("POST", f"/v1/customers/{shop.customer}", settings)
        await shop.api.advance("5d")
        token = await shop.link(await shop.configuration(proration_behavior=behavior))

        async def change() -> None:
            with pytest.raises(StripeError) if declined else nullcontext():
                await shop.act("update", token, price="pro")

        return change

    row.__name__ = "_".join(("change", behavior, card or "pays"))
    return row


async def _in_a_trial(shop: Shop) -> Act:
    await shop.subscribe(trial_period_days=14)
    return acting(shop, "update", await shop.link(), price="pro")


async def _later(shop: Shop) -> Act:
    await shop.subscribe("pro")
    conditions = {"conditions": [{"type": "decreasing_item_amount"}]}
    token = await shop.link(await shop.configuration(schedule_at_period_end=conditions))
    return acting(shop, "update", token, price="basic")


async def _taken_back(shop: Shop) -> Act:
    await shop.subscribe("pro")
    conditions = {"conditions": [{"type": "decreasing_item_amount"}]}
    token = await shop.link(await shop.configuration(schedule_at_period_end=conditions))
    await shop.act("update", token, price="basic")
    return acting(shop, "cancel_change", token)


async def _method(shop: Shop) -> Act:
    return saying(shop, "add_payment_method", await shop.link(), type="card", details=CARD)


async def _default(shop: Shop) -> Act:
    other = await shop.attach("pm_card_mastercard")
    return saying(shop, "make_default", await shop.link(), payment_method=other)


async def _own_dropped(shop: Shop) -> Act:
    other = await shop.attach("pm_card_mastercard")
    await shop.api.ok("POST", f"/v1/subscriptions/{shop.subscription}", {"default_payment_method": other})
    return acting(shop, "use_customer_default", await shop.link())


async def _removed(shop: Shop) -> Act:
    other = await shop.attach("pm_card_mastercard")
    return saying(shop, "remove_payment_method", await shop.link(), payment_method=other)


async def _information(shop: Shop) -> Act:
    token = await offering(shop, customer_update={"enabled": True, "allowed_updates": ["name"]})
    return saying(shop, "update_information", token, name="Ada")


async def _tax_id(shop: Shop) -> Act:
    token = await offering(shop, customer_update={"enabled": True, "allowed_updates": ["tax_id"]})
    return saying(shop, "add_tax_id", token, type="us_ein", value="12-3456789")


async def _tax_id_gone(shop: Shop) -> Act:
    token = await offering(shop, customer_update={"enabled": True, "allowed_updates": ["tax_id"]})
    made = await page(shop.api, "add_tax_id", token, type="us_ein", value="12-3456789")
    return saying(shop, "remove_tax_id", token, tax_id=made["tax_ids"][0]["id"])


async def _pause(shop: Shop) -> Act:
    return acting(shop, "pause", await offering(shop, subscription_pause={"enabled": True}))


async def _resume(shop: Shop) -> Act:
    token = await offering(shop, subscription_pause={"enabled": True})
    await shop.act("pause", token)
    return acting(shop, "resume", token)


TABLE: dict[Row, list[str]] = {
    _configuration: ["billing_portal.configuration.created"],
    _configuration_changed: ["billing_portal.configuration.updated"],
    _session: ["billing_portal.session.created"],
    _visit: [],
    _cancel: [CHANGED],
    _reason: [CHANGED],
    _renew: [CHANGED],
    _cancel_now: ["customer.subscription.deleted"],
    _cancel_with_credit: ["invoiceitem.created", "customer.subscription.deleted"],
    _offer: ["customer.discount.created", CHANGED],
    changing("none"): [CHANGED],
    changing("create_prorations"): PRORATED,
    changing("always_invoice"): [*BILLED, "charge.succeeded", "payment_intent.succeeded", *PAID, *PRORATED],
    changing("always_invoice", "pm_card_chargeCustomerFail", declined=True): [
        *BILLED, "charge.failed", "payment_intent.payment_failed", "invoice.payment_failed", *PRORATED,
    ],
    changing("always_invoice", "pm_card_threeDSecureRequired"): [
        *BILLED, "payment_intent.requires_action", "invoice.payment_failed", "invoice.payment_action_required", *PRORATED,
    ],
    _in_a_trial: [
        "customer.subscription.trial_will_end", *BILLED, "charge.succeeded", "payment_intent.succeeded", *PAID, CHANGED,
    ],
    _later: ["subscription_schedule.created", CHANGED, "subscription_schedule.updated"],
    _taken_back: [CHANGED, "subscription_schedule.released"],
    _method: ["setup_intent.created", "payment_method.attached", "setup_intent.succeeded", "customer.updated"],
    _default: ["customer.updated"],
    _own_dropped: [CHANGED],
    _removed: ["payment_method.detached"],
    _information: ["customer.updated"],
    _tax_id: ["customer.tax_id.created"],
    _tax_id_gone: ["customer.tax_id.deleted"],
    _pause: ["invoiceitem.created", "customer.subscription.paused", CHANGED],
    _resume: ["invoice.created", "customer.updated", "invoice.finalized", "invoice.paid", "invoice.payment_succeeded",
              "customer.subscription.resumed", CHANGED],
}  # fmt: skip


@pytest.mark.parametrize("row,expected", TABLE.items(), ids=[row.__name__.strip("_") for row in TABLE])
async def test_what_a_merchant_hears(api: Api, heard: Heard, row: Row, expected: list[str]) -> None:
    shop = await Shop(api).open()
    act = await row(shop)
    await api.background.dispatcher.drained(api.key)
    heard.types.clear()
    before = await api.events()
    await act()
    assert await since(api, before) == expected
    await api.background.dispatcher.drained(api.key)
    assert sorted(heard.types) == sorted(expected)
