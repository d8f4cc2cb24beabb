"""Decides the words of every refusal about customers: one constructor per known answer.

Messages marked *choice* have no recording behind them; they stand here alone so that one line corrects them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.errors import invalid_request, resource_missing

if TYPE_CHECKING:
    from emulator.kernel.errors import StripeError


def email_invalid(email: str) -> StripeError:
    """Build the refusal of something that is no e-mail address (facts billing 4)."""
    return invalid_request(f"Invalid email address: {email}", param="email", code="email_invalid")


def customer_exists() -> StripeError:
    """Build the refusal of an id that is taken, as every chosen id is refused (facts billing 1.5; github.com/stripe/stripe-node 125)."""
    return invalid_request("Customer already exists.", code="resource_already_exists")


def invoice_prefix_characters() -> StripeError:
    """Build the refusal of a prefix (facts billing 2): an en dash, neither code nor param."""
    return invalid_request("Invoice number prefix must be 1–12 uppercase letters or numbers.")  # noqa: RUF001 - Stripe's dash


def invoice_prefix_taken(customer: str) -> StripeError:
    """Build the refusal of somebody else's prefix (facts billing 2)."""
    return invalid_request(
        f"This invoice number prefix is taken by customer: {customer}. Please enter a different prefix.",
        param="invoice_prefix",
    )


def sequence_too_small() -> StripeError:
    """Build the refusal of an invoice sequence below 1 (facts billing 1.5)."""
    return invalid_request(
        "This value must be greater than or equal to 1.",
        param="next_invoice_sequence",
        code="parameter_invalid_integer",
    )


def not_this_customers_method(method: str) -> StripeError:
    """Build the refusal of a default payment method that is not attached here (facts billing 4, widely seen)."""
    return invalid_request(
        f"The customer does not have a payment method with the ID {method}. "
        "The payment method must be attached to the customer.",
        param="invoice_settings[default_payment_method]",
        code="resource_missing",
    )


def no_such_source(source: str, param: str = "default_source") -> StripeError:
    """Build the refusal of a source that the customer does not have (choice, by the rule of all ids)."""
    return resource_missing("source", source, param=param)


def source_empty() -> StripeError:
    """Build the refusal of an empty source (recorded 2018; the stray apostrophe is Stripe's)."""
    return invalid_request(
        "Invalid source object: must be a dictionary or a non-empty string. See API docs at https://stripe.com/docs'",
        param="source",
    )


def currency_conflict(has: str, wants: str) -> StripeError:
    """Build the refusal of a second currency on one customer (facts billing 4): neither code nor param."""
    return invalid_request(
        "You cannot combine currencies on a single customer. This customer has had a subscription or payment in "
        f"{has}, but you are trying to pay in {wants}."
    )


def location_unknown() -> StripeError:
    """Build the refusal of a customer whose place is not known well enough for tax (widely seen; choice)."""
    return invalid_request(
        "The customer's location isn't recognized. Set a valid customer address in order to automatically calculate "
        "tax.",
        param="tax[validate_location]",
        code="customer_tax_location_invalid",
    )


def no_discount(customer: str) -> StripeError:
    """Build the answer when there is no discount to read or delete (choice)."""
    return invalid_request(f"No active discount for customer: {customer}", code="resource_missing", status=404)


def no_such_balance_transaction(transaction: str) -> StripeError:
    """Build the 404 of a balance transaction (choice, by the rule of all ids)."""
    return resource_missing("customer_balance_transaction", transaction, param="transaction", status=404)


# --------------------------------------------------------------------------------------------------- tax ids
def tax_id_invalid(type: str, param: str) -> StripeError:
    """Build the refusal of a tax id in a wrong format (facts billing 3.7; wording: choice)."""
    return invalid_request(f"Invalid value for {type}.", param=param, code="tax_id_invalid")


def too_many_tax_ids(most: int) -> StripeError:
    """Build the refusal of one tax id too many (choice)."""
    return invalid_request(f"A customer can have at most {most} tax IDs.", param="type")


def too_many_tax_id_data(most: int) -> StripeError:
    """Build the refusal of too many tax ids in one call (wording recorded for ``discounts``)."""
    return invalid_request(f"Array tax_id_data exceeded maximum {most} allowed elements.", param="tax_id_data")


def no_such_tax_id(id: str) -> StripeError:
    """Build the 404 of a tax id."""
    return resource_missing("tax_id", id, param="id", status=404)
