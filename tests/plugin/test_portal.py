"""The portal driven without a browser: what a customer can do, and what a test is told when it cannot be done."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.testing.instrument import StripeEmulator
from emulator.testing.visitor import PortalError

CUSTOMER = "cus_demo"


@pytest.fixture
def portal(emulator: StripeEmulator) -> Any:
    return emulator.portal(CUSTOMER, return_url="https://shop.test/account")


def subscription(emulator: StripeEmulator) -> Any:
    return emulator.api("GET", "/v1/subscriptions/sub_demo")


def test_cancel_with_a_reason_and_renew(emulator: StripeEmulator, portal: Any) -> None:
    with emulator.webhooks.expect("customer.subscription.updated", "customer.subscription.updated", object="sub_demo"):
        canceled = portal.cancel(feedback="too_expensive", comment="Too dear")
    assert canceled["cancel_at"] or canceled["cancel_at_period_end"]
    assert subscription(emulator)["cancellation_details"]["feedback"] == "too_expensive"
    renewed = portal.renew()
    assert (renewed["cancel_at"], renewed["cancel_at_period_end"]) == (None, False)
    with pytest.raises(PortalError, match="there is no 'renew-subscription' here"):
        portal.renew()
    with pytest.raises(PortalError, match="'mood' is none of the reasons"):
        portal.cancel(feedback="mood")


def test_a_reason_is_given_where_it_is_asked_first(emulator: StripeEmulator, portal: Any) -> None:
    emulator.settings(portal_skin="b-survey")
    portal.cancel(feedback="other", comment="Too dear")
    details = subscription(emulator)["cancellation_details"]
    assert (details["feedback"], details["comment"]) == ("other", "Too dear")


def test_a_session_that_expired_is_opened_anew(emulator: StripeEmulator, portal: Any) -> None:
    first = portal.url
    portal.open()
    emulator.clock.advance(hours=2)
    assert portal.open().heading
    assert portal.url != first


def test_the_portal_of_a_customer_who_is_gone(emulator: StripeEmulator) -> None:
    from emulator.testing.wire import RefusedError

    with pytest.raises(RefusedError, match="No such customer: 'cus_nobody'"):
        emulator.portal("cus_nobody").cancel()


def test_an_offer_is_accepted_or_declined(emulator: StripeEmulator) -> None:
    coupon = emulator.api("POST", "/v1/coupons", {"percent_off": 50, "duration": "once"})["id"]
    retention = {"type": "coupon_offer", "coupon_offer": {"coupon": coupon}}
    flow = {"type": "subscription_cancel", "subscription_cancel": {"subscription": "sub_demo", "retention": retention}}
    kept = emulator.portal(CUSTOMER, flow_data=flow).accept_offer()
    assert kept["cancel_at"] is None
    assert len(kept["discounts"]) == 1
    other = emulator.portal(CUSTOMER)
    assert other.cancel()["cancel_at"] is not None


def test_cards_are_added_and_made_the_default(emulator: StripeEmulator, portal: Any) -> None:
    with emulator.webhooks.expect("payment_method.attached"):
        made = portal.add_card("5555555555554444")
    assert (made["card"]["last4"], made["customer"]) == ("4444", CUSTOMER)
    authenticated = portal.add_card("4000002500003155")
    assert authenticated["card"]["last4"] == "3155"
    assert portal.make_default("pm_demo")["invoice_settings"]["default_payment_method"] == "pm_demo"
    for number, words in (("4000000000000002", "declined"), ("4242424242424241", "number"), ("1", "number")):
        with pytest.raises(PortalError, match=words):
            portal.add_card(number)
    with pytest.raises(PortalError, match="cannot be made the default"):
        portal.make_default("pm_nobody")


def test_plan_and_quantity_are_changed(emulator: StripeEmulator, portal: Any) -> None:
    changed = portal.update(quantity=3)
    assert changed["items"]["data"][0]["quantity"] == 3
    changed = portal.update("price_business_yearly", quantity=1)
    assert changed["items"]["data"][0]["price"]["id"] == "price_business_yearly"
    with pytest.raises(PortalError, match="the price price_x is not offered"):
        portal.update("price_x")
    with pytest.raises(PortalError, match="Choose another plan or quantity first"):
        portal.update("price_business_yearly")


def test_information_is_changed(portal: Any) -> None:
    assert portal.update_information(name="Ada Lovelace")["name"] == "Ada Lovelace"
    with pytest.raises(PortalError, match="there is no field 'shoe_size', but "):
        portal.update_information(shoe_size="42")


def test_an_invoice_is_paid(emulator: StripeEmulator, portal: Any) -> None:
    with pytest.raises(PortalError, match="the customer has no open invoice"):
        portal.pay_invoice()
    invoice = emulator.api(
        "POST", "/v1/invoices", {"customer": CUSTOMER, "collection_method": "send_invoice", "days_until_due": 3}
    )
    emulator.api(
        "POST", "/v1/invoiceitems", {"customer": CUSTOMER, "amount": 900, "currency": "usd", "invoice": invoice["id"]}
    )
    emulator.api("POST", f"/v1/invoices/{invoice['id']}/finalize")
    emulator.faults.add("insufficient_funds", times=1)
    with pytest.raises(PortalError, match="insufficient funds"):
        portal.pay_invoice()
    with emulator.webhooks.expect("invoice.paid", object=invoice["id"]):
        assert portal.pay_invoice(invoice["id"])["status"] == "paid"


def test_the_way_back_leaves_the_emulator(portal: Any) -> None:
    assert portal.go_back() == "https://shop.test/account"
    assert portal.left_for == "https://shop.test/account"
    portal.open()
    assert portal.left_for is None


def test_after_a_flow_the_customer_is_sent_on(emulator: StripeEmulator) -> None:
    flow = {
        "type": "subscription_cancel", "subscription_cancel": {"subscription": "sub_demo"},
        "after_completion": {"type": "redirect", "redirect": {"return_url": "https://shop.test/canceled"}},
    }  # fmt: skip
    portal = emulator.portal(CUSTOMER, flow_data=flow)
    assert portal.cancel()["cancel_at"] is not None
    assert portal.left_for == "https://shop.test/canceled"
