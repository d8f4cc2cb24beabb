"""Decides what the refusals of credit notes say. Nobody recorded them: every wording here is a choice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.errors import bad_param, invalid_request

if TYPE_CHECKING:
    from emulator.kernel.errors import StripeError


def not_finalized() -> StripeError:
    """A draft has nothing to credit, a voided invoice nothing left (choice)."""
    return invalid_request(
        "You can only create credit notes for open, paid or uncollectible invoices.", param="invoice"
    )


def nothing_named() -> StripeError:
    """None of the three ways to say how much (choice; the rule is docs.stripe.com/api/credit_notes/create)."""
    return bad_param("You must provide one of `amount`, `lines`, or `shipping_cost`.", param="amount")


def amounts_differ(amount: int, lines: int) -> StripeError:
    """``amount`` and ``lines`` that do not agree (choice)."""
    return invalid_request(
        f"The amount of the credit note ({amount}) must equal the total of its lines ({lines}).", param="amount"
    )


def too_much(amount: int, left: int) -> StripeError:
    """More than what is left of the invoice (choice)."""
    return invalid_request(
        f"The credit note amount ({amount}) cannot be greater than the amount that can still be credited ({left}).",
        param="amount",
    )


def not_positive() -> StripeError:
    """A credit of nothing (choice)."""
    return invalid_request("The credit note amount must be greater than 0.", param="amount")


def post_payment_mismatch(wanted: int, given: int) -> StripeError:
    """What was paid must go somewhere, all of it (choice; the rule is docs.stripe.com/api/credit_notes/create)."""
    return invalid_request(
        "The sum of `refund_amount`, `refunds`, `credit_amount` and `out_of_band_amount` must equal the post-payment "
        f"amount of the credit note: expected {wanted}, got {given}."
    )


def no_charge() -> StripeError:
    """A refund of what was not paid by a charge (choice)."""
    return invalid_request("This invoice has no payment that can be refunded.", param="refund_amount")


def unknown_line(index: int, line: str | None) -> StripeError:
    """A line of another invoice (choice)."""
    return invalid_request(
        f"No such invoice line item: '{line}'", param=f"lines[{index}][invoice_line_item]", code="resource_missing"
    )


def line_too_much(index: int) -> StripeError:
    """More than the line was billed for (choice)."""
    return invalid_request("The credited amount is greater than the line's.", param=f"lines[{index}][amount]")


def already_void() -> StripeError:
    """Voided twice (choice)."""
    return invalid_request("This credit note has already been voided.")


def not_voidable() -> StripeError:
    """Only what reduced an open invoice can be taken back (choice; docs.stripe.com/invoicing/integration/credit-notes)."""
    return invalid_request("You can only void credit notes that were issued on an open invoice that is still open.")
