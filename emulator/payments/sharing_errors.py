"""Decides the words of the refusals to share a payment, or to take a share back: one constructor per answer."""

from __future__ import annotations

from emulator.kernel.errors import StripeError, bad_param, invalid_request


def nobody_for_a_fee(*, charge: bool) -> StripeError:
    """Build the refusal of a fee on a payment that is nobody else's.

    Words of real answers: of intents 2021-05 (Sylius/PayumStripe issue 14), of charges 2017-06 (stripe-dotnet issue 936).
    """
    if charge:
        return bad_param(
            "Can only apply an application_fee_amount when the request is made on behalf of another account (using an "
            "OAuth key, the Stripe-Account header, or the destination parameter).",
            param="application_fee_amount",
        )
    return bad_param(
        "Can only apply an application_fee_amount when the PaymentIntent is attempting a direct payment (using an OAuth "
        "key or Stripe-Account header) or destination payment (using `transfer_data[destination]`).",
        code="parameter_missing",
    )


def fee_too_large() -> StripeError:
    """Build the refusal of a fee that is more than the payment (that it is refused: docs.stripe.com; words are a choice)."""
    return bad_param(
        "The application_fee_amount must be less than or equal to the amount of the payment.",
        param="application_fee_amount",
    )


def fee_negative() -> StripeError:
    """Build the refusal of a fee below nothing (the wording of all ranges)."""
    return bad_param(
        "This value must be greater than or equal to 0.",
        param="application_fee_amount",
        code="parameter_invalid_integer",
    )


def fee_or_amount() -> StripeError:
    """Build the refusal of a fee together with an amount to transfer (the API description of charges; wording of exclusives)."""
    return bad_param(
        "You may only specify one of these parameters: application_fee_amount, transfer_data[amount].",
        param="application_fee_amount",
    )


def no_transfer(charge: str) -> StripeError:
    """Build the refusal to reverse the transfer of a charge that made none (quoted by many clients, 2026)."""
    return invalid_request(
        f"Cannot reverse transfer on charge {charge} because it does not have an associated transfer.",
        param="reverse_transfer",
    )


def no_fee(charge: str) -> StripeError:
    """Build the refusal to give back the fee of a charge that has none (real answer of 2019-09, alfio-event/alf.io issue 739)."""
    return invalid_request(
        f"Attempting to refund_application_fee on {charge}, but it has no application fee",
        param="refund_application_fee",
    )
