"""Decides the words of the refusals around charges, refunds and legacy cards."""

from __future__ import annotations

from emulator.kernel.errors import StripeError, bad_param, card_error, invalid_request
from emulator.payments.amounts import spoken


def no_card() -> StripeError:
    """Build the refusal to charge a customer who has no card (known from many clients)."""
    return card_error("Cannot charge a customer that has no active card", code="missing", param="card")


def source_or_customer() -> StripeError:
    """Build the refusal of a charge on nobody."""
    return bad_param("Must provide source or customer.", code="parameter_missing")


def already_captured(charge: str) -> StripeError:
    """Build the refusal to capture twice (docs.stripe.com/error-codes, wording from clients)."""
    return invalid_request(f"Charge {charge} has already been captured.", code="charge_already_captured")


def capture_over_charge(charge: str) -> StripeError:
    """Build the refusal to capture more than the charge (a choice: no recording)."""
    return invalid_request(
        f"Amount to capture is greater than the amount of charge {charge}.", code="amount_too_large", param="amount"
    )


def nothing_to_refund() -> StripeError:
    """Build the refusal of a refund of nothing named (recorded 2023)."""
    return bad_param("One of the following params should be provided for this request: payment_intent or charge.")


def no_successful_charge(intent: str) -> StripeError:
    """Build the refusal to refund a payment that did not happen (known from clients)."""
    return invalid_request(
        f"This PaymentIntent ({intent}) does not have a successful charge to refund.", param="payment_intent"
    )


def already_refunded(charge: str) -> StripeError:
    """Build the refusal to refund what was refunded in full (recorded 2023-10)."""
    return invalid_request(f"Charge {charge} has already been refunded.", code="charge_already_refunded")


def charged_back(charge: str) -> StripeError:
    """Build the refusal to refund a disputed charge (recorded 2023-10)."""
    return invalid_request(f"Charge {charge} has been charged back; cannot issue a refund.", code="charge_disputed")


def refund_over(amount: int, limit: int, currency: str, *, unrefunded: bool) -> StripeError:
    """Build the refusal to refund more than the charge, or than is left of it (recorded 2023-10)."""
    what = "unrefunded amount on charge" if unrefunded else "charge amount"
    return invalid_request(
        f"Refund amount ({spoken(amount, currency)}) is greater than {what} ({spoken(limit, currency)})",
        param="amount",
    )


def refund_not_cancelable(refund: str, status: str) -> StripeError:
    """Build the refusal to cancel a refund that is through (a choice: no recording)."""
    return invalid_request(f"Refund {refund} cannot be canceled because it has a status of {status}.")


def unknown_source(id: str, *, param: str = "id", status: int = 404) -> StripeError:
    """Build ``No such source``."""
    return invalid_request(f"No such source: '{id}'", code="resource_missing", param=param, status=status)


def dispute_closed() -> StripeError:
    """Build the refusal to answer or close a dispute that is decided or under review (known from clients)."""
    return invalid_request("This dispute is already closed")


def no_dispute(charge: str) -> StripeError:
    """Build the 404 of the dispute of a charge that has none (a choice: no recording)."""
    return invalid_request(f"No dispute for charge: {charge}", code="resource_missing", status=404)


def one_thing_per_token(names: list[str]) -> StripeError:
    """Build the refusal of a token of two things (recorded wording of exclusive parameters)."""
    return bad_param(f"You may only specify one of these parameters: {', '.join(names)}.")
