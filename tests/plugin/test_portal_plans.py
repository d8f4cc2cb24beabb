"""The rest of what a customer does through the plugin: pause, planned changes, promotion codes, 3D Secure, several subscriptions."""

from __future__ import annotations

import asyncio
import inspect
from pathlib import Path
from typing import Any

import pytest

from emulator.testing.instrument import StripeEmulator
from emulator.testing.portal import Portal
from emulator.testing.visitor import PortalError

CUSTOMER = "cus_demo"
HERE = Path(__file__).parent


def pausing(emulator: StripeEmulator, **duration: Any) -> Portal:
    features = {"subscription_pause": {"enabled": True, "duration": {"type": "indefinite", **duration}}}
    made = emulator.api("POST", "/v1/billing_portal/configurations", {"features": features})
    return emulator.portal(CUSTOMER, configuration=made["id"])


def item(subscription: Any) -> Any:
    return subscription["items"]["data"][0]


def test_every_method_has_a_test() -> None:
    """What a customer can be made to do is called somewhere in these files."""
    files = "".join(file.read_text(encoding="utf-8") for file in HERE.glob("test_portal*.py"))
    names = [name for name, _ in inspect.getmembers(Portal, inspect.isfunction) if name[:1] != "_"]
    assert {"cancel", "pause", "resume", "cancel_change", "pay_invoice"} <= set(names)
    assert [name for name in names if f".{name}(" not in files] == []


def test_pause_and_resume(emulator: StripeEmulator) -> None:
    portal = pausing(emulator)
    with emulator.webhooks.expect("customer.subscription.paused", object="sub_demo"):
        assert portal.pause()["status"] == "paused"
    with pytest.raises(PortalError, match="there is no 'pause-subscription' here"):
        portal.pause()
    with emulator.webhooks.expect("customer.subscription.resumed", object="sub_demo"):
        assert portal.resume()["status"] == "active"
    with pytest.raises(PortalError, match="there is no 'resume-subscription' here"):
        portal.resume()
    with pytest.raises(PortalError, match="there is no field 'mood'"):
        portal.pause(mood="blue")


def test_pause_where_it_is_not_offered(emulator: StripeEmulator) -> None:
    with pytest.raises(PortalError, match="there is no 'pause-subscription' here"):
        emulator.portal(CUSTOMER).pause()


def test_a_planned_change_is_taken_back(emulator: StripeEmulator) -> None:
    products = [{"product": f"prod_{name}", "prices": [f"price_{name}_monthly"]} for name in ("team", "business")]
    update = {
        "enabled": True, "default_allowed_updates": ["price"], "products": products,
        "schedule_at_period_end": {"conditions": [{"type": "decreasing_item_amount"}]},
    }  # fmt: skip
    features = {"subscription_update": update, "payment_method_update": {"enabled": True}}
    made = emulator.api("POST", "/v1/billing_portal/configurations", {"features": features})
    line = item(emulator.api("GET", "/v1/subscriptions/sub_demo"))["id"]
    dearer = {"items": [{"id": line, "price": "price_business_monthly", "quantity": 1}]}
    emulator.api("POST", "/v1/subscriptions/sub_demo", dearer)
    portal = emulator.portal(CUSTOMER, configuration=made["id"])
    with emulator.webhooks.expect("subscription_schedule.created"):
        assert portal.update("price_team_monthly")["schedule"]
    with emulator.webhooks.expect("subscription_schedule.released"):
        assert portal.cancel_change()["schedule"] is None
    emulator.clock.advance(months=1, hours=2)
    assert item(emulator.api("GET", "/v1/subscriptions/sub_demo"))["price"]["id"] == "price_business_monthly"


def test_a_promotion_code(emulator: StripeEmulator) -> None:
    portal = emulator.portal(CUSTOMER)
    with pytest.raises(PortalError, match="code"):
        portal.update(quantity=3, promotion_code="NO-SUCH-CODE")
    changed = portal.update(quantity=3, promotion_code="WELCOME")
    assert (item(changed)["quantity"], len(changed["discounts"])) == (3, 1)


def test_3d_secure_is_answered_or_fails(emulator: StripeEmulator) -> None:
    portal = emulator.portal(CUSTOMER)
    before = emulator.api("GET", "/v1/payment_methods", {"customer": CUSTOMER})["data"]
    with pytest.raises(PortalError):
        portal.add_card("4000002500003155", authentication="fail")
    assert emulator.api("GET", "/v1/payment_methods", {"customer": CUSTOMER})["data"] == before
    assert portal.add_card("4000002500003155")["card"]["last4"] == "3155"


@pytest.mark.parametrize("call", ["cancel", "update"])
def test_one_of_several_subscriptions(worlds: Any, call: str) -> None:
    made = StripeEmulator(worlds.url, worlds.make("several"))
    try:
        subscriptions = made.api("GET", "/v1/subscriptions", {"customer": CUSTOMER})["data"]
        assert len(subscriptions) > 1
        with pytest.raises(PortalError, match="say which one"):
            getattr(made.portal(CUSTOMER), call)()
        chosen = subscriptions[-1]["id"]
        more = {"quantity": 2} if call == "update" else {}
        assert getattr(made.portal(CUSTOMER), call)(subscription=chosen, **more)["id"] == chosen
    finally:
        made.close()
        worlds.drop(made.key)


async def test_in_an_asynchronous_test(emulator: StripeEmulator) -> None:
    """Everything blocks for some milliseconds; in another thread it holds nobody up."""
    portal = emulator.portal(CUSTOMER)
    async with emulator.webhooks.expect("customer.subscription.updated", object="sub_demo"):
        canceled = await asyncio.to_thread(portal.cancel)
    assert canceled["cancel_at"]
    event = await emulator.webhooks.wait_async("customer.subscription.updated", timeout=2)
    assert event["data"]["object"]["id"] == "sub_demo"
    assert portal.renew()["cancel_at"] is None
