"""Decides the words in which tax calculations, transactions and settings are refused: one constructor per answer.

No refusal of these calls is recorded: every wording here is a choice; the rules behind them are those of the API
description and of docs.stripe.com/tax/custom.
"""

from __future__ import annotations

from emulator.kernel.errors import StripeError, invalid_request


def no_customer() -> StripeError:
    """Build the refusal of a calculation for nobody."""
    return invalid_request("You must provide one of `customer` or `customer_details`.", param="customer_details")


def location_unknown(param: str) -> StripeError:
    """Build the refusal of a place that is not known well enough (docs.stripe.com/error-codes)."""
    return invalid_request(
        "We could not determine the customer's tax location based on the provided customer address.",
        param=param, code="customer_tax_location_invalid",
    )  # fmt: skip


def no_line_items() -> StripeError:
    """Build the refusal of a calculation of nothing."""
    return invalid_request("You must provide at least one line item.", param="line_items")


def reference_taken_in_call(reference: str, param: str) -> StripeError:
    """Build the refusal of two lines under one reference."""
    return invalid_request(f"Line item references must be unique, `{reference}` is used more than once.", param=param)


def at_least(least: int, param: str) -> StripeError:
    """Build the refusal of a number that is too small (the wording of all integer ranges, facts billing 1.5)."""
    return invalid_request(
        f"This value must be greater than or equal to {least}.", param=param, code="parameter_invalid_integer"
    )


def shipping_rate_or_amount() -> StripeError:
    """Build the refusal of a shipping cost that is told twice, or not at all."""
    return invalid_request(
        "You must provide exactly one of `shipping_cost[amount]` or `shipping_cost[shipping_rate]`.",
        param="shipping_cost",
    )


def shipping_rate_currency(currency: str) -> StripeError:
    """Build the refusal of a shipping rate in another currency."""
    return invalid_request(
        f"The shipping rate has no amount in the currency of the calculation: `{currency}`.",
        param="shipping_cost[shipping_rate]",
    )


def tax_date_too_far(param: str = "tax_date") -> StripeError:
    """Build the refusal of a date that is more than 48 hours away (the API description)."""
    return invalid_request("The tax date must be within 48 hours of the current time.", param=param)


def expired(calculation: str) -> StripeError:
    """Build the refusal of a calculation that is too old to be recorded."""
    return invalid_request(f"The tax calculation has expired: '{calculation}'", param="calculation")


def reference_taken(reference: str, transaction: str) -> StripeError:
    """Build the refusal of a reference that another transaction has: they are unique (the API description)."""
    return invalid_request(
        f"A tax transaction with the reference `{reference}` already exists: {transaction}.",
        param="reference", code="resource_already_exists",
    )  # fmt: skip


def posted_outside() -> StripeError:
    """Build the refusal of ``posted_at`` that is not between the tax date and now (the API description)."""
    return invalid_request("`posted_at` must be between the tax date and the current time.", param="posted_at")


def of_reversal(transaction: str) -> StripeError:
    """Build the refusal of a reversal of a reversal."""
    return invalid_request(f"A reversal can't be reversed: '{transaction}'", param="original_transaction")


def nothing_left(transaction: str) -> StripeError:
    """Build the refusal of a transaction that is reversed wholly already."""
    return invalid_request(f"The transaction is already fully reversed: '{transaction}'", param="original_transaction")


def only_partial(name: str) -> StripeError:
    """Build the refusal of amounts in a full reversal."""
    return invalid_request(f"You can only specify '{name}' if mode is 'partial'.", param=name)


def partial_of_what() -> StripeError:
    """Build the refusal of a partial reversal of nothing, or of a flat amount beside others."""
    return invalid_request(
        "When mode is 'partial', you must specify either 'flat_amount', or 'line_items' and 'shipping_cost'.",
        param="mode",
    )


def not_negative(param: str) -> StripeError:
    """Build the refusal of a reversal that would add (the API description: "in negative")."""
    return invalid_request("The amount to reverse must be negative.", param=param)


def too_much(param: str) -> StripeError:
    """Build the refusal of reversing more than is left."""
    return invalid_request("The amount to reverse is greater than what is left of the transaction.", param=param)


def no_shipping() -> StripeError:
    """Build the refusal of reversing shipping that the transaction does not have."""
    return invalid_request("The transaction has no shipping cost to reverse.", param="shipping_cost")
