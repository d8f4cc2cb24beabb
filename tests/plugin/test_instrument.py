"""What the fixture can do beside the portal: time, expectations, faults, acts, the SDK."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
import stripe

from emulator.testing import ExpectationError, RefusedError, StripeEmulator


def test_time_moves_by_words_and_units(emulator: StripeEmulator) -> None:
    start = emulator.clock.freeze(datetime(2027, 1, 31, tzinfo=UTC))
    assert start == 1_801_353_600
    assert emulator.clock.advance(months=1) == int(datetime(2027, 2, 28, tzinfo=UTC).timestamp())
    assert (
        emulator.clock.advance("1d", hours=2)
        == emulator.clock.now
        == int(datetime(2027, 3, 1, 2, tzinfo=UTC).timestamp())
    )
    assert emulator.clock.advance_to(1_804_000_000) == 1_804_000_000
    assert {"at", "object", "what"} == set(emulator.clock.next[0])
    with pytest.raises(TypeError, match="no such unit: month"):
        emulator.clock.advance(month=1)
    with pytest.raises(ValueError, match="time zone"):
        emulator.clock.freeze(datetime(2027, 1, 1))  # noqa: DTZ001 - that is what is refused
    with pytest.raises(RefusedError, match="time does not go back") as refused:
        emulator.clock.advance_to(1_700_000_000)
    assert refused.value.status == 409


def test_expectations_look_at_the_block_only(emulator: StripeEmulator) -> None:
    emulator.api("POST", "/v1/products", {"name": "Before"})
    with emulator.webhooks.expect("customer.created", exactly=True) as expected:
        emulator.api("POST", "/v1/customers")
    assert [one["type"] for one in expected.came] == ["customer.created"]
    with emulator.webhooks.expect(exactly=True):
        pass
    with emulator.webhooks.expect("product.created", "customer.created", any_order=True, none_of=["invoice.*"]):
        emulator.api("POST", "/v1/customers")
        emulator.api("POST", "/v1/products", {"name": "x"})
    with pytest.raises(ExpectationError, match="was not to come"), emulator.webhooks.expect(none_of=["customer.*"]):
        emulator.api("POST", "/v1/customers")
    with (
        pytest.raises(ExpectationError, match="was not expected"),
        emulator.webhooks.expect("customer.deleted", exactly=True),
    ):
        emulator.api("POST", "/v1/customers")


def test_what_goes_wrong_in_the_block_is_what_is_told(emulator: StripeEmulator) -> None:
    with pytest.raises(ZeroDivisionError), emulator.webhooks.expect("customer.created", within=0):
        _ = 1 / 0


def test_a_receiver_that_fails_is_told_of(emulator: StripeEmulator) -> None:
    emulator.webhooks.forward_to("http://127.0.0.1:9/webhook")
    with pytest.raises(ExpectationError, match=r"failed: customer\.created to http://127\.0\.0\.1:9/webhook: "):  # noqa: SIM117
        with emulator.webhooks.expect("customer.created", within=0.5):
            emulator.api("POST", "/v1/customers")


def test_recorded_deliveries_are_signed_resent_and_cleared(emulator: StripeEmulator) -> None:
    emulator.webhooks.record()
    customer = emulator.api("POST", "/v1/customers", {"name": "Ada"})
    event = emulator.webhooks.wait("customer.*", object=customer["id"])
    assert event["data"]["object"]["name"] == "Ada"
    (row,) = emulator.webhooks.deliveries("customer.created")
    stripe.Webhook.construct_event(
        row["request"]["body"], row["request"]["headers"]["Stripe-Signature"], emulator.webhooks.secret
    )
    assert emulator.webhooks.resend(event["id"])[0]["event"] == event["id"]
    assert emulator.webhooks.replay(row["id"])["attempt"] == 2
    assert len(emulator.webhooks.deliveries()) == 3
    emulator.webhooks.clear()
    assert emulator.webhooks.deliveries() == []
    with pytest.raises(RefusedError, match=r"no delivery came within 0\.1 s"):
        emulator.webhooks.wait("invoice.paid", timeout=0.1)


def test_a_wait_in_vain_tells_what_came_instead(emulator: StripeEmulator) -> None:
    emulator.api("POST", "/v1/customers", {"name": "Ada"})
    with pytest.raises(RefusedError) as late:
        emulator.webhooks.wait("customer.deleted", timeout=0.05)
    assert late.value.__notes__ == ["the latest events: customer.created"]


async def test_nothing_blocks_the_loop_while_it_waits(emulator: StripeEmulator) -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0.01)
            turns += 1

    counting = asyncio.create_task(count())
    with pytest.raises(ExpectationError):
        async with emulator.webhooks.expect("customer.created", within=0.3):
            pass
    counting.cancel()
    assert turns > 10


def test_faults_acts_settings_snapshots(emulator: StripeEmulator) -> None:
    emulator.faults.add("outage", times=1)
    with pytest.raises(RefusedError, match="An unknown error occurred"):
        emulator.api("GET", "/v1/customers")
    assert [rule["used"] for rule in emulator.faults.list()] == [1]
    emulator.faults.clear()
    assert emulator.faults.list() == []
    name = emulator.snapshot()
    params = {
        "amount": 500,
        "currency": "usd",
        "payment_method": "pm_card_visa",
        "confirm": True,
        "return_url": "https://x.test",
    }
    intent = emulator.api("POST", "/v1/payment_intents", params)
    assert emulator.act("open_dispute", intent["id"])["status"] == "needs_response"
    assert emulator.settings(country="DE")["country"] == "DE"
    assert [row["status"] for row in emulator.requests(path="/v1/payment_intents")] == [200]
    emulator.restore(name)
    with pytest.raises(RefusedError, match="No such payment_intent"):
        emulator.api("GET", f"/v1/payment_intents/{intent['id']}")


def test_events_are_listed_and_awaited(emulator: StripeEmulator) -> None:
    customer = emulator.api("POST", "/v1/customers")
    assert emulator.events.types() == ["customer.created"]
    assert emulator.events.wait("customer.*")["data"]["object"]["id"] == customer["id"]
    assert emulator.events.list(object="cus_x") == []


def test_the_sdk_is_patched_and_put_back(emulator: StripeEmulator) -> None:
    before: Any = (stripe.api_base, stripe.api_key, stripe.StripeClient.__init__)
    emulator.patch(stripe)
    assert stripe.Customer.retrieve("cus_demo").id == "cus_demo"
    assert stripe.StripeClient("sk_test_mine").v1.customers.retrieve("cus_demo").id == "cus_demo"
    own = stripe.StripeClient("sk_test_mine", base_addresses={"api": "http://127.0.0.1:9"})
    assert own._requestor.api_key == "sk_test_mine"
    emulator.close()
    assert (stripe.api_base, stripe.api_key, stripe.StripeClient.__init__) == before
