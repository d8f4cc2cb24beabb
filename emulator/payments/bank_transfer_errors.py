"""Decides the words in which payments by bank transfer are refused: one constructor per answer, each a choice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.errors import StripeError, invalid_request

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc


def wrong_currency(type: str, currency: str, param: str) -> StripeError:
    """Build the refusal of a kind of transfer that does not go with a currency."""
    return invalid_request(f"The bank transfer type `{type}` does not support the currency `{currency}`.", param=param)


def customer_missing() -> StripeError:
    """Build the refusal of a payment by bank transfer of nobody."""
    return invalid_request("You must provide a customer to pay with `customer_balance`.", param="customer")


def not_waiting(intent: Doc) -> StripeError:
    """Build the refusal of money for a payment that does not wait for it."""
    return invalid_request(
        "This PaymentIntent does not wait for a bank transfer.", code="payment_intent_unexpected_state",
        payment_intent=intent,
    )  # fmt: skip


def other_currency(currency: str) -> StripeError:
    """Build the refusal of another currency than the payment's."""
    return invalid_request(f"The currency must be that of the PaymentIntent: `{currency}`.", param="currency")


def not_enough(available: int) -> StripeError:
    """Build the refusal of more than the customer's balance holds."""
    return invalid_request(f"The customer's cash balance holds {available} only.", param="amount")
