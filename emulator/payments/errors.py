"""Decides the words of every refusal of this package: one named constructor per known answer.

Sources: facts billing 1.5, 4, 5 and recorded answers of 2020-2026; where the wording changed the newest is
used. What has no recording says so in its docstring.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.kernel.errors import DOC_URL, StripeError, bad_param, card_error, invalid_request, missing_param
from emulator.payments.amounts import LARGEST, smallest, spoken
from emulator.payments.transitions import AMOUNT_EDITABLE, CAPTURABLE, CONFIRMABLE

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.payments.test_cards import Decline

PAYMENT_STATE = "payment_intent_unexpected_state"
SETUP_STATE = "setup_intent_unexpected_state"
# The list names two states that the description does not have (recorded 2026-09).
PAYMENT_CANCELABLE_WORDS = (
    "requires_payment_method, requires_capture, requires_reauthorization, requires_confirmation, "
    "requires_action, expired, processing"
)
SETUP_CANCELABLE_WORDS = "`requires_payment_method`, `requires_confirmation`, or `requires_action`"
AUTHENTICATION_FAILED = (
    "We are unable to authenticate your payment method. Please choose a different payment method and try again."
)


# ---- declines


def decline_members(decline: Decline) -> dict[str, str]:
    """Return what a decline says, as the members of ``error`` and of ``last_payment_error`` (facts billing 5.2)."""
    members = {
        "advice_code": decline.advice_code,
        "code": decline.code,
        "decline_code": decline.decline_code,
        "doc_url": DOC_URL + decline.code.replace("_", "-"),
        "message": decline.message,
        "network_advice_code": decline.network_advice_code,
        "network_decline_code": decline.network_decline_code,
        "param": decline.param,
        "type": "card_error",
    }
    return {key: value for key, value in members.items() if value is not None}


def declined(decline: Decline, *, param: str | None = None, keep: bool = False, **documents: Any) -> StripeError:
    """Build a 402 for a decline; ``documents`` are the objects that the error carries (facts billing 5.2)."""
    return card_error(
        decline.message,
        code=decline.code,
        decline_code=decline.decline_code,
        param=param if param is not None else decline.param,
        keep=keep,
        advice_code=decline.advice_code,
        network_advice_code=decline.network_advice_code,
        network_decline_code=decline.network_decline_code,
        **documents,
    )


def declined_at_attach(decline: Decline) -> StripeError:
    """Build the refusal to attach a declining card: an empty ``param`` and no charge (recorded 2025-10)."""
    return declined(decline, param=decline.param or "")


def refused_at_creation(decline: Decline) -> StripeError:
    """Build the refusal of a card number (recorded 2023-10)."""
    if decline.param == "number":
        return card_error(decline.message, code=decline.code, param=decline.param)
    return declined(decline)


def invalid_expiry(part: str) -> StripeError:
    """Build the refusal of an expiry ``month`` or ``year`` that cannot be (docs.stripe.com/error-codes)."""
    return card_error(f"Your card's expiration {part} is invalid.", code=f"invalid_expiry_{part}", param=f"exp_{part}")


def invalid_cvc() -> StripeError:
    """Build the refusal of a security code of the wrong length (docs.stripe.com/error-codes)."""
    return card_error("Your card's security code is invalid.", code="invalid_cvc", param="cvc")


def raw_numbers_off() -> StripeError:
    """Build the refusal of typed card numbers, for worlds that want it (facts billing 5.1)."""
    return invalid_request(
        "Sending credit card numbers directly to the Stripe API is generally unsafe. We suggest you use test tokens "
        "that map to the test card you are using, see https://stripe.com/docs/testing. To enable testing raw card "
        "data APIs, see https://support.stripe.com/questions/enabling-access-to-raw-card-data-apis."
    )


# ---- payment methods


def customer_at_creation() -> StripeError:
    """Build the refusal of ``customer`` when a payment method is created."""
    return invalid_request(
        "You cannot attach a PaymentMethod to a Customer during PaymentMethod creation. Please instead create the "
        "PaymentMethod and then attach it using the attachment method of the PaymentMethods API."
    )


def customer_missing() -> StripeError:
    """Build the refusal to attach without a customer (2025-12 and later)."""
    return bad_param("Must provide customer or customer_account.", code="parameter_missing")


def attached_elsewhere() -> StripeError:
    """Build the refusal to attach what another customer has (recorded 2026-08)."""
    return invalid_request("The payment method you provided has already been attached to a customer.")


def not_attached() -> StripeError:
    """Build the refusal to detach what no customer has."""
    return invalid_request("The payment method you provided is not attached to a customer so detachment is impossible.")


def save_before_update() -> StripeError:
    """Build the refusal to update a payment method that no customer has."""
    return invalid_request("You must save this PaymentMethod to a customer before you can update it.")


def spent() -> StripeError:
    """Build the refusal to use again what was used without a customer, or detached (recorded 2023-10)."""
    return invalid_request(
        "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared "
        "with a connected account without Customer attachment, or was detached from a Customer. It may not be used "
        "again. To use a PaymentMethod multiple times, you must attach it to a Customer first."
    )


def foreign_child() -> StripeError:
    """Build the 404 of a payment method under a customer who does not own it."""
    return invalid_request("Invalid request", param="customer", status=404)


def unknown_token(id: str) -> StripeError:
    """Build the refusal of a token inside ``card[token]``."""
    return invalid_request(f"Invalid token id: {id}", param="token")


def token_used(id: str) -> StripeError:
    """Build the refusal of a token that was used before."""
    return invalid_request(f"You cannot use a Stripe token more than once: {id}.", code="token_already_used")


def type_missing() -> StripeError:
    """Build the refusal to create a payment method of no type."""
    return missing_param("type")


# ---- payment intents


def amount_not_positive() -> StripeError:
    """Build the refusal of an amount of nothing (recorded 2026-03; two blanks after the first sentence)."""
    return bad_param(
        "The amount must be greater than or equal to the minimum charge amount allowed for your account and the "
        "currency set (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts).  If you want to save "
        "a Payment Method for future use without an immediate payment, use a Setup Intent instead: "
        "https://docs.stripe.com/payments/setup-intents",
        code="parameter_invalid_integer",
        param="amount",
    )


def amount_too_small(currency: str) -> StripeError:
    """Build the refusal of an amount under the smallest of its currency."""
    return invalid_request(
        f"Amount must be at least {spoken(smallest(currency), currency)} {currency}",
        code="amount_too_small",
        param="amount",
    )


def amount_too_large(currency: str) -> StripeError:
    """Build the refusal of an amount over eight digits (recorded 2024-04, without param)."""
    return invalid_request(f"Amount must be no more than {spoken(LARGEST, currency)}", code="amount_too_large")


def amount_below_one(**documents: Any) -> StripeError:
    """Build the refusal of a capture or refund of nothing."""
    return invalid_request(
        "This value must be greater than or equal to 1.",
        code="parameter_invalid_integer",
        param="amount",
        **documents,
    )


def payment_method_missing(intent: Doc) -> StripeError:
    """Build the refusal to confirm without a payment method (recorded 2026-09)."""
    if intent["customer"] is not None:
        way = (
            f"To confirm the PaymentIntent with {intent['customer']}, specify a payment method attached to this "
            "customer along with the customer ID."
        )
    else:
        way = (
            "You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it "
            "again directly with a payment method or ConfirmationToken."
        )
    message = f"You cannot confirm this PaymentIntent because it's missing a payment method. {way}"
    return invalid_request(message, code=PAYMENT_STATE, payment_intent=intent)


def cannot_confirm(intent: Doc) -> StripeError:
    """Build the refusal to confirm in the wrong state; only the wording for succeeded is recorded."""
    status = intent["status"]
    if status == "succeeded":
        message = (
            "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed."
        )
    else:
        message = (
            f"You cannot confirm this PaymentIntent because it has a status of {status}. Only a PaymentIntent with "
            f"one of the following statuses may be confirmed: {', '.join(CONFIRMABLE)}."
        )
    return invalid_request(message, code=PAYMENT_STATE, payment_intent=intent)


def cannot_capture(intent: Doc) -> StripeError:
    """Build the refusal to capture in the wrong state (recorded 2026-09)."""
    if intent["status"] == "succeeded":
        message = (
            "The remaining amount on this PaymentIntent could not be captured because the remainder of the "
            "authorized amount has been released."
        )
    else:
        message = (
            f"This PaymentIntent could not be captured because it has a status of {intent['status']}. Only a "
            f"PaymentIntent with one of the following statuses may be captured: {', '.join(CAPTURABLE)}."
        )
    return invalid_request(message, code=PAYMENT_STATE, payment_intent=intent)


def capture_too_large(intent: Doc) -> StripeError:
    """Build the refusal to capture more than was authorized (recorded 2026-09)."""
    return invalid_request(
        "The payment could not be captured because the requested capture amount is greater than the amount you can "
        "capture for this charge. Contact us via https://support.stripe.com/contact/ for help.",
        code="amount_too_large",
        payment_intent=intent,
    )


def capture_negative(intent: Doc) -> StripeError:
    """Build the refusal of a negative capture (recorded 2026-09)."""
    return invalid_request("Invalid non-negative integer", param="amount_to_capture", payment_intent=intent)


def cannot_cancel(intent: Doc) -> StripeError:
    """Build the refusal to cancel in the wrong state (recorded 2026-09)."""
    return invalid_request(
        f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}. Only a PaymentIntent "
        f"with one of the following statuses may be canceled: {PAYMENT_CANCELABLE_WORDS}.",
        code=PAYMENT_STATE,
        payment_intent=intent,
    )


def cannot_update(intent: Doc, what: str) -> StripeError:
    """Build the refusal to change ``amount`` or the payment method in the wrong state (amount: recorded 2026-09)."""
    return invalid_request(
        f"This PaymentIntent's {what} could not be updated because it has a status of {intent['status']}. You may "
        f"only update the {what} of a PaymentIntent with one of the following statuses: {', '.join(AMOUNT_EDITABLE)}.",
        code=PAYMENT_STATE,
        param=what if what == "amount" else None,
        payment_intent=intent,
    )


def cancel_of_invoice(intent: Doc) -> StripeError:
    """Build the refusal to cancel what an invoice is paid with (facts billing 5.5; words recorded by users)."""
    return invalid_request(
        "You cannot cancel PaymentIntents created by invoices. Try voiding the invoice instead.",
        code=PAYMENT_STATE,
        payment_intent=intent,
    )


def edit_of_invoice(intent: Doc) -> StripeError:
    """Build the refusal of another amount than the invoice's (facts billing 5.5; choice of words)."""
    return invalid_request(
        "The amount of a PaymentIntent created by an invoice cannot be updated. Change the invoice instead.",
        code=PAYMENT_STATE,
        param="amount",
        payment_intent=intent,
    )


def wrong_customer(method: str, customer: str, **documents: Any) -> StripeError:
    """Build the refusal of a payment method that belongs to someone else than the customer given (recorded 2026-09)."""
    return invalid_request(
        f"The PaymentMethod {method} does not belong to the Customer you supplied {customer}. Please use this "
        "PaymentMethod with the Customer that it belongs to instead.",
        param="payment_method",
        **documents,
    )


def customer_left_out(method: str, customer: str, **documents: Any) -> StripeError:
    """Build the refusal of a customer's payment method on a payment without the customer (recorded 2026-09)."""
    return invalid_request(
        f"The `payment_method` parameter supplied {method} belongs to the Customer {customer}. Please include the "
        "Customer in the `customer` parameter on the PaymentIntent.",
        code="parameter_missing",
        param="source",
        **documents,
    )


def not_awaiting(noun: str, intent: Doc) -> StripeError:
    """Build the refusal to act on an intent that waits for nothing (recorded 2026-09)."""
    carried: dict[str, Any] = {intent["object"]: intent}
    return invalid_request(
        f"This {noun} cannot be actioned on because it has a status of {intent['status']}. Only a {noun} with one of "
        'the following statuses may be actioned on: ["requires_action"].',
        code="intent_invalid_state",
        **carried,
    )


# ---- setup intents


def setup_method_missing(intent: Doc) -> StripeError:
    """Build the refusal to confirm a setup without a payment method."""
    return invalid_request(
        "You cannot confirm this SetupIntent because it's missing a payment method. You can either update the "
        "SetupIntent with a payment method and then confirm it again, or confirm it again directly with a payment "
        "method or ConfirmationToken.",
        code=SETUP_STATE,
        setup_intent=intent,
    )


def setup_closed(verb: str, intent: Doc) -> StripeError:
    """Build the refusal to ``confirm`` or ``update`` a setup that has ended (recorded 2026-09)."""
    end = "has already succeeded" if intent["status"] == "succeeded" else "has been canceled"
    return invalid_request(
        f"You cannot {verb} this SetupIntent because it {end}.", code=SETUP_STATE, setup_intent=intent
    )


def cannot_cancel_setup(intent: Doc) -> StripeError:
    """Build the refusal to cancel a setup that has ended (recorded 2023-10 and 2026-09)."""
    if intent["status"] == "canceled":
        message = "You cannot cancel this SetupIntent because it is already canceled."
    else:
        message = (
            f"You cannot cancel this SetupIntent because it has a status of {intent['status']}. Only a SetupIntent "
            f"with one of the following statuses may be canceled: {SETUP_CANCELABLE_WORDS}."
        )
    return invalid_request(message, code=SETUP_STATE, setup_intent=intent)


def setup_customer_left_out(method: str, customer: str, **documents: Any) -> StripeError:
    """Build the refusal of a customer's payment method on a setup without the customer."""
    return invalid_request(
        f"The payment method supplied ({method}) belongs to the Customer {customer}. Please include the Customer in "
        "the `customer` parameter on the SetupIntent.",
        param="payment_method",
        **documents,
    )
