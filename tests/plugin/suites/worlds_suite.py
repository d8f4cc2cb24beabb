"""A suite as users write it: a world for each test, others by marker, the SDK patched and put back."""

from typing import Any

import pytest
import stripe


@pytest.mark.parametrize("turn", range(20))
def test_each_test_has_its_own_world(stripe_emulator: Any, turn: int) -> None:
    stripe_emulator.patch(stripe)
    assert stripe.Customer.retrieve("cus_demo").name != "changed"
    stripe.Customer.modify("cus_demo", name="changed")
    assert stripe.StripeClient("sk_test_other").v1.customers.retrieve("cus_demo").name == "changed"
    assert stripe_emulator.client.v1.customers.retrieve("cus_demo").name == "changed"
    assert stripe_emulator.events.types() == ["customer.updated"]


def test_the_sdk_is_put_back() -> None:
    assert stripe.api_base == "https://api.stripe.com"
    assert stripe.api_key is None
    assert stripe.StripeClient("sk_test_x")._requestor.base_addresses["api"] == "https://api.stripe.com"


@pytest.mark.stripe_world("trial_ending")
def test_another_world(stripe_emulator: Any) -> None:
    (subscription,) = stripe_emulator.api("GET", "/v1/subscriptions", {"customer": "cus_demo"})["data"]
    assert subscription["status"] == "trialing"


@pytest.mark.world({"customer": {"1": {"id": "cus_mine", "name": "Mine"}}})
def test_a_world_of_ones_own(stripe_emulator: Any) -> None:
    assert stripe_emulator.api("GET", "/v1/customers/cus_mine")["name"] == "Mine"
    assert stripe_emulator.environ["STRIPE_API_KEY"] == stripe_emulator.key


def test_failing_expectation(stripe_emulator: Any) -> None:
    with stripe_emulator.webhooks.expect("customer.deleted", within=0.1):
        stripe_emulator.api("POST", "/v1/customers/cus_demo", {"name": "x"})


@pytest.mark.stripe_world("nowhere")
def test_unknown_world(stripe_emulator: Any) -> None:
    """The fixture tells what is wrong."""
