"""Decides the words of Checkout's refusals: one named constructor per known answer.

What is marked "choice" was not recorded: only the fact that such a call is refused is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.errors import StripeError, bad_param, invalid_request
from emulator.payments.amounts import smallest, spoken

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc

SESSION_RULE = "Only Checkout Sessions with a status in"


def recurring_in_payment() -> StripeError:
    """Build the refusal of a recurring price in payment mode (facts billing 11.2)."""
    return invalid_request(
        "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only "
        "one-time prices."
    )


def nothing_recurring() -> StripeError:
    """Build the refusal of subscription mode without anything recurring (facts billing 11.2)."""
    return invalid_request("You must provide at least one recurring price in `subscription` mode when using prices.")


def too_small(currency: str) -> StripeError:
    """Build the refusal of a total under the smallest amount of its currency (facts billing 11.2)."""
    least = f"{spoken(smallest(currency), currency)} {currency}"
    return invalid_request(
        f"The Checkout Session's total amount due must add up to at least {least}", code="amount_too_small"
    )


def trial_end_too_soon() -> StripeError:
    """Build the refusal of a trial that ends within two days (facts billing 11.2)."""
    return invalid_request(
        "The `trial_end` date has to be at least 2 days in the future.", param="subscription_data[trial_end]"
    )


def trial_too_short() -> StripeError:
    """Build the refusal of a trial of no days (the wording of numbers below their least, facts billing 1.5)."""
    return bad_param("This value must be greater than or equal to 1.", param="subscription_data[trial_period_days]",
                     code="parameter_invalid_integer")  # fmt: skip


def too_many_discounts() -> StripeError:
    """Build the refusal of a second discount (facts billing 11.2)."""
    return bad_param("Array discounts exceeded maximum 1 allowed elements.", param="discounts")


def items_in_setup() -> StripeError:
    """Build the refusal of line items in setup mode (facts billing 11.2)."""
    return invalid_request("You cannot pass `line_items` in `setup` mode", param="line_items")


def not_in_mode(name: str, mode: str) -> StripeError:
    """Build the refusal of data that belongs to another mode (facts billing 11.2; the instances are a choice)."""
    return invalid_request(f"You can not pass `{name}` in `{mode}` mode.", param=name)


def quantity_missing(place: str) -> StripeError:
    """Build the refusal of a line item without a quantity (stripe/openapi issue 93, 2022-08)."""
    return invalid_request(f"Quantity is required. Add `quantity` to `{place}`", param=place)


def quantity_too_small(place: str) -> StripeError:
    """Build the refusal of a quantity under one (stripe/openapi issue 93, 2022-08)."""
    return bad_param("This value must be greater than or equal to 1.", param=f"{place}[quantity]",
                     code="parameter_invalid_integer")  # fmt: skip


def price_missing() -> StripeError:
    """Build the refusal of a line item without a price (exercism/website issue 7149, 2024-11)."""
    return invalid_request("You must provide either price or price_data for each line item when using prices.")


def expires_too_soon() -> StripeError:
    """Build the refusal of an expiry within thirty minutes (seen 2026-08, without param)."""
    return invalid_request("The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.")


def expires_too_late() -> StripeError:
    """Build the refusal of an expiry after a day (seen 2026-07, without param)."""
    return invalid_request("The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.")


def not_a_url(param: str) -> StripeError:
    """Build the refusal of an address that is none (facts billing 11.2)."""
    return bad_param("Not a valid URL", code="url_invalid", param=param)


def cannot_expire(session: Doc) -> StripeError:
    """Build the refusal to expire a session that is over (seen 2026-08)."""
    return invalid_request(
        f'{SESSION_RULE} ["open"] can be expired. This Checkout Session has a status of `{session["status"]}`.'
    )


def not_open(session: Doc, verb: str) -> StripeError:
    """Build the refusal to do something else to a session that is over (choice, after the one of expiring)."""
    return invalid_request(
        f'{SESSION_RULE} ["open"] can be {verb}. This Checkout Session has a status of `{session["status"]}`.'
    )


def other_amount(expected: int, session: Doc) -> StripeError:
    """Build the refusal of a page that shows another amount than is due (choice; the code is the real one's)."""
    return invalid_request(
        f"The amount shown ({expected}) is not the amount of this Checkout Session ({session['amount_total']}).",
        code="checkout_amount_mismatch",
        param="expected_amount",
    )


def method_missing() -> StripeError:
    """Build the refusal to complete a session without anything to pay with (choice)."""
    return invalid_request("A payment method is needed to complete this Checkout Session.", param="payment_method")


def tax_needs_address() -> StripeError:
    """Build the refusal of automatic tax for a known customer without an address (facts billing 11.2)."""
    return invalid_request(
        "Automatic tax calculation in Checkout requires a valid address on the Customer. Add a valid address to the "
        "Customer or set either `customer_update[address]` to 'auto' or `customer_update[shipping]` to 'auto' to save "
        "the address entered in Checkout to the Customer.",
        code="customer_tax_location_invalid",
    )


def currencies_differ(first: str, second: str, place: str) -> StripeError:
    """Build the refusal of prices in two currencies (choice)."""
    return invalid_request(
        f"All line items must use one currency: `{place}` is in {second}, the ones before it are in {first}.",
        param=f"{place}[price]",
    )


def too_many_items(limit: int) -> StripeError:
    """Build the refusal of more line items than there may be (the wording of too long lists, facts billing 11.2)."""
    return bad_param(f"Array line_items exceeded maximum {limit} allowed elements.", param="line_items")


def no_such_line_item(id: str, param: str) -> StripeError:
    """Build the refusal of a line item that is not there (choice)."""
    return invalid_request(f"No such line item: '{id}'", code="resource_missing", param=param)


def no_codes_here() -> StripeError:
    """Build the refusal of a promotion code where none may be entered (choice)."""
    return invalid_request("This Checkout Session does not allow promotion codes.", param="promotion_code")


def unknown_code(text: str) -> StripeError:
    """Build the refusal of a promotion code that is not there (choice)."""
    return invalid_request(f"No such promotion code: '{text}'", code="resource_missing", param="promotion_code")


def quantity_fixed(id: str) -> StripeError:
    """Build the refusal of a quantity that the session does not allow (choice)."""
    return invalid_request(f"The quantity of line item '{id}' cannot be set to this value.", param="line_items")


def amount_outside(item: str) -> StripeError:
    """Build the refusal of an amount that a price does not let the customer choose (choice)."""
    return invalid_request(f"The amount of {item} cannot be changed to this.", param="amount")


def amount_unchosen(item: str) -> StripeError:
    """Build the refusal to complete a session whose customer has still to choose an amount (choice)."""
    return invalid_request(f"Choose the amount of {item} first.", code="checkout_amount_missing", param="amount")


def shipping_not_offered(id: str) -> StripeError:
    """Build the refusal of a way of shipping that the session does not offer (choice)."""
    return invalid_request(f"No such shipping rate: '{id}'", code="resource_missing", param="shipping_rate")


def not_recoverable(id: str) -> StripeError:
    """Build the answer to an address that brings no session back (choice)."""
    return invalid_request(f"No such recovery: '{id}'", status=404, code="resource_missing")


# ---- payment links


def link_inactive(link: Doc) -> StripeError:
    """Build the answer of a link that was switched off or used up (choice: the real one answers a page)."""
    text = link["inactive_message"] or "This link is no longer active."
    return invalid_request(text, code="payment_link_inactive")


# ---- quotes


def quote_not_in(quote: Doc, verb: str, *wanted: str) -> StripeError:
    """Build the refusal of a step that a quote's status does not allow (choice)."""
    names = " or ".join(f"`{one}`" for one in wanted)
    return invalid_request(
        f"This quote cannot be {verb} because its status is `{quote['status']}`. Only quotes with a status of {names} "
        f"can be {verb}."
    )


def quote_without_customer() -> StripeError:
    """Build the refusal to finalize a quote for nobody (choice; docs.stripe.com/quotes: a customer is required)."""
    return invalid_request("A customer must be set on a quote before it can be finalized.", param="customer")


def quote_without_items() -> StripeError:
    """Build the refusal to finalize an empty quote (choice)."""
    return invalid_request("A quote must have line items before it can be finalized.", param="line_items")


def quote_expired() -> StripeError:
    """Build the refusal to accept a quote whose time is over (choice)."""
    return invalid_request("This quote has expired and cannot be accepted.")


def mixed_intervals() -> StripeError:
    """Build the refusal of a quote whose prices recur differently (choice)."""
    return invalid_request("All recurring prices of a quote must have the same billing interval.", param="line_items")


def quote_expires_in_past() -> StripeError:
    """Build the refusal of an expiry in the past (choice)."""
    return invalid_request("`expires_at` must be in the future.", param="expires_at")
