"""Decides the words of the refusals to move money that is not there, or no longer the account's to move."""

from __future__ import annotations

from emulator.kernel.errors import StripeError, bad_param, invalid_request


def not_enough() -> StripeError:
    """Build the refusal of a payout or transfer that the available balance does not cover (known from many clients)."""
    return invalid_request(
        "You have insufficient available funds in your Stripe account. Try adding funds directly to your available balance by "
        "creating Charges using the 4000000000000077 test card. See: https://stripe.com/docs/testing#available-balance",
        code="balance_insufficient",
    )


def too_little() -> StripeError:
    """Build the refusal of an amount of nothing."""
    return bad_param("This value must be greater than or equal to 1.", param="amount", code="parameter_invalid_integer")


def no_destination(account: str) -> StripeError:
    """Build the refusal of a transfer to an account that is not connected (known from many clients)."""
    return invalid_request(f"No such destination: '{account}'", param="destination", code="resource_missing")


def no_external_account(id: str) -> StripeError:
    """Build the refusal of a payout to a bank account that is none of the account's (known from clients)."""
    return invalid_request(f"No such external account: '{id}'", param="destination", code="resource_missing")


def not_pending(noun: str, status: str) -> StripeError:
    """Build the refusal to cancel what is under way or done; words are a choice."""
    return invalid_request(f"{noun} can only be canceled while they are pending; this one is {status}.")


def over_transfer(amount: str, left: str) -> StripeError:
    """Build the refusal to take back more than was transferred (known from clients)."""
    return invalid_request(
        f"Reversal amount ({amount}) is greater than unreversed amount on transfer ({left})", param="amount"
    )


def already_reversed(transfer: str) -> StripeError:
    """Build the refusal to take back a transfer twice; words are a choice."""
    return invalid_request(f"Transfer {transfer} is already fully reversed.")


def fee_refunded(fee: str) -> StripeError:
    """Build the refusal to give a fee back twice; words are a choice."""
    return invalid_request(f"Application fee {fee} has already been refunded.", code="charge_already_refunded")


def over_fee(amount: str, left: str) -> StripeError:
    """Build the refusal to give more of a fee back than is left of it; words are a choice after those of charges."""
    return invalid_request(
        f"Refund amount ({amount}) is greater than unrefunded amount on application fee ({left})", param="amount"
    )


def over_source(source: str, already: str | None, count: int) -> StripeError:
    """Build the refusal to transfer more of a charge than it brought (real answers of 2025-10; those of several: a choice)."""
    there = "There is already a transfer" if count == 1 else f"There are already {count} transfers"
    rest = "" if already is None else f" ({there} using this source, amounting to {already}.)"
    return invalid_request(
        f"Transfers using this transaction as a source must not exceed the source amount of {source}.{rest}",
        param="amount",
    )
