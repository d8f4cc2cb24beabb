"""Decides what the refusals of credit notes say. Nobody recorded most of them: where no source is told, it is a choice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.errors import bad_param, invalid_request, one_of
from emulator.payments.amounts import spoken

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


def post_payment_mismatch(wanted: int, given: int, currency: str) -> StripeError:
    """What was paid must go somewhere, all of it (seen by clients of the real API at 2025-01-27.acacia)."""
    return invalid_request(
        f"The sum of refunds, credit amount, and out of band amount ({spoken(given, currency)}) must equal the credit "
        f"note post_payment_amount ({spoken(wanted, currency)})."
    )


def foreign_refund(refund: str, place: str) -> StripeError:
    """A refund of something else, or one whose money did not go back (choice)."""
    return bad_param(f"The refund `{refund}` is not a refund of a payment of this invoice.", param=place)


def refund_too_much(amount: int, left: int, currency: str, place: str) -> StripeError:
    """More of a refund than it gave back and no other credit note tells of (choice)."""
    return bad_param(
        f"The amount ({spoken(amount, currency)}) is greater than what is left of the refund ({spoken(left, currency)}).",
        param=place,
    )


def taxed_twice(index: int) -> StripeError:
    """Tax rates and tax amounts for one line (choice of words; the rule is docs.stripe.com/api/credit_notes/create)."""
    return one_of("tax_amounts", "tax_rates", param=f"lines[{index}][tax_amounts]")


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
