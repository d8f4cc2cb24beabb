"""Decides the words of the refusals around payment methods in the portal: one constructor per known answer.

All words are a choice: what the real pages say when an address is typed by hand is not recorded. What a bank or the API
itself refuses keeps its own words (``payments.errors``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.errors import StripeError, bad_param, card_error, invalid_request, resource_missing

if TYPE_CHECKING:
    from collections.abc import Mapping

NOT_PERMITTED = "portal_not_permitted"
# What is wrong with an answer, by the code of ``checks``; other codes name their field.
FLAWS = {
    "expired_passcode": "This code has expired.",
    "incomplete_cvc": "Your card's security code is incomplete.",
    "incomplete_expiry": "Your card's expiration date is incomplete.",
    "incomplete_iban": "Your IBAN is incomplete.",
    "incomplete_number": "Your card number is incomplete.",
    "incomplete_zip": "Your postal code is incomplete.",
    "invalid_cvc": "Your card's security code is invalid.",
    "invalid_expiry_month": "Your card's expiration month is invalid.",
    "invalid_expiry_month_past": "Your card's expiration date is in the past.",
    "invalid_expiry_year": "Your card's expiration year is invalid.",
    "invalid_expiry_year_past": "Your card's expiration year is in the past.",
    "invalid_iban": "Your IBAN is invalid.",
    "invalid_iban_country": "Your IBAN is of a country that is not supported.",
    "invalid_number": "Your card number is invalid.",
    "invalid_passcode": "This code is not right.",
    "passcode_attempts_exceeded": "This code was wrong too often.",
}
# The members of a refusal of the API, and the field of the form that each is shown at.
PARAMS = {"address_zip": "postal_code", "cvc": "cvc", "exp_month": "expiry", "exp_year": "expiry", "number": "number"}


def not_managed() -> StripeError:
    """A portal whose customers may not manage payment methods."""
    return _forbidden(
        "Payment methods cannot be managed because the payment method update feature in the portal configuration is "
        "disabled.",
        "feature_disabled",
    )


def type_not_offered(type: str) -> StripeError:
    """A type that is not switched on, not supported, or not of this place."""
    return _forbidden(f"The payment method type `{type}` is not offered here.", "type_not_offered", param="type")


def unknown_method(id: str) -> StripeError:
    """A payment method that is not there, or another customer's: the answer does not tell which."""
    return resource_missing("PaymentMethod", id, param="payment_method", status=404)


def unknown_setup(id: str) -> StripeError:
    """A setup that the portal did not begin for this customer."""
    return resource_missing("SetupIntent", id, param="setup_intent", status=404)


def not_text(param: str) -> StripeError:
    """A parameter that is no text."""
    return bad_param(f"Invalid string: {param}", param=param)


def flawed(flaws: Mapping[str, str]) -> StripeError:
    """Answers that cannot be right, by field; ``fields`` of the error holds the code of each."""
    field, code = next(iter(flaws.items()))
    message = FLAWS.get(code) or f"This {field.replace('_', ' ')} is {code.partition('_')[0]}."
    return StripeError(message, code=code, param=field, fields=dict(flaws))


def shown_at(refusal: StripeError, first: str | None) -> StripeError:
    """Return a refusal of a bank or the API with the field of the form that it is shown at, ``first`` for the rest.

    Status, message and code stay; what the bank's refusal keeps is kept.
    """
    field = PARAMS.get(refusal.param or "", first)
    code = str(refusal.extra.get("decline_code") or refusal.code or "")
    refusal.extra["fields"] = {field: code} if field else {}
    return refusal


def authentication_failed() -> StripeError:
    """The customer did not pass the bank's question (docs.stripe.com/error-codes)."""
    return card_error(
        "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
        code="setup_intent_authentication_failure",
    )


def is_default() -> StripeError:
    """The default payment method has no way to be deleted (facts portal 6.2)."""
    return _forbidden("The default payment method cannot be deleted.", "default")


def is_needed() -> StripeError:
    """With an active subscription one payment method stays (facts portal 6.2)."""
    return _forbidden("A subscription needs this payment method. Add another one first.", "needed")


def type_not_supported(type: str) -> StripeError:
    """A saved payment method of a type that the portal does not support cannot become the default here."""
    return _forbidden(f"A payment method of type `{type}` cannot be made the default here.", "type_not_supported")


def managed_elsewhere() -> StripeError:
    """The payment method of a subscription with Managed Payments cannot be changed (facts portal 6.2)."""
    return _forbidden("The payment method of this subscription cannot be changed.", "managed_payments")


def no_default_to_use() -> StripeError:
    """Without a default there is nothing that a subscription could fall back to."""
    return invalid_request("This customer has no default payment method.", code=NOT_PERMITTED, status=403)


def _forbidden(message: str, reason: str, *, param: str | None = None) -> StripeError:
    return invalid_request(message, status=403, code=NOT_PERMITTED, param=param, reason=reason)
