"""Decides the words of the refusals around bank accounts, their small deposits, and which types an intent takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.kernel.errors import DOC_URL, StripeError, bad_param, card_error, invalid_request

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc

NOUNS = {"payment_intent": "PaymentIntent", "setup_intent": "SetupIntent"}


def method_types_retired() -> StripeError:
    """Build the refusal of ``payment_method_types`` on intents since 2026-09-30.endive.

    The code is documented (docs.stripe.com/changelog/endive/2026-09-30); the sentence is a choice.
    """
    return bad_param(
        "The parameter `payment_method_types` is no longer supported on this API version. Use dynamic payment methods, "
        "`allowed_payment_method_types` or `excluded_payment_method_types` instead.",
        code="payment_method_types_no_longer_supported",
        param="payment_method_types",
    )


def type_not_allowed(method: Doc, intent: Doc) -> StripeError:
    """Build the refusal of a payment method of a type that the intent was told not to take (known from clients)."""
    noun = NOUNS[intent["object"]]
    types = ", ".join(intent["payment_method_types"])
    return invalid_request(
        f"The PaymentMethod provided ({method['type']}) is not allowed for this {noun}. Please attach a PaymentMethod "
        f"of one of the following types: {types}.",
        code="payment_intent_incompatible_payment_method" if noun == "PaymentIntent" else None,
        param="payment_method",
    )


def return_url_missing(intent: Doc) -> StripeError:
    """Build the refusal of a confirmation that does not say where the customer comes back to (known from clients)."""
    noun = NOUNS[intent["object"]]
    return invalid_request(
        f"This {noun} is configured to accept payment methods enabled in your Dashboard. Because some of these payment "
        "methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to "
        "accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and "
        "`automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents."
    )


def not_incrementable(intent: Doc) -> StripeError:
    """Build the refusal to hold more when the payment did not ask for that (a choice: not recorded)."""
    return invalid_request(
        "This PaymentIntent does not support incremental authorization. Confirm it with "
        "`payment_method_options[card][request_incremental_authorization]` set to `if_available`.",
        payment_intent=intent,
    )


def increment_too_small(intent: Doc) -> StripeError:
    """Build the refusal to hold less than is held already (a choice: not recorded)."""
    return invalid_request(
        "The amount to increment to must be greater than the currently authorized amount.",
        code="amount_too_small",
        param="amount",
        payment_intent=intent,
    )


def only_with_types(other: str) -> StripeError:
    """Build the refusal of ``allowed_payment_method_types`` beside what excludes it (a choice: not recorded)."""
    return bad_param(f"You may only specify one of these parameters: allowed_payment_method_types, {other}.")


def failure(code: str, message: str, **more: Any) -> Doc:
    """Return ``last_payment_error`` for money that a bank did not send (docs.stripe.com/error-codes)."""
    members = {
        "code": code,
        "doc_url": DOC_URL + code.replace("_", "-"),
        "message": message,
        "type": "card_error" if code == "payment_method_provider_decline" else "invalid_request_error",
        **more,
    }
    return {key: members[key] for key in sorted(members)}


# ---- small deposits


def amounts_invalid() -> StripeError:
    """Build the refusal of anything but two amounts (docs.stripe.com/error-codes)."""
    return invalid_request(
        "You must provide exactly two microdeposit amounts.",
        code="payment_method_microdeposit_verification_amounts_invalid",
        param="amounts",
    )


def nothing_to_verify_with() -> StripeError:
    """Build the refusal to verify with neither amounts nor a code (a choice: not recorded)."""
    return bad_param("You must provide either amounts or descriptor_code.", code="parameter_missing")


def amounts_mismatch(intent: Doc, left: int) -> StripeError:
    """Build the refusal of wrong amounts; the first sentence is documented (docs.stripe.com/error-codes)."""
    return _mismatch(
        "The amounts provided do not match the amounts that were sent to the bank account.",
        "payment_method_microdeposit_verification_amounts_mismatch",
        intent,
        left,
    )


def code_mismatch(intent: Doc, left: int) -> StripeError:
    """Build the refusal of a wrong code; the first sentence is documented (docs.stripe.com/error-codes)."""
    return _mismatch(
        "The verification code provided does not match the one sent to the bank account.",
        "payment_method_microdeposit_verification_descriptor_code_mismatch",
        intent,
        left,
    )


def attempts_exceeded(intent: Doc) -> StripeError:
    """Build the refusal after too many tries (docs.stripe.com/error-codes)."""
    return _deposits(
        "You have exceeded the number of allowed verification attempts.",
        "payment_method_microdeposit_verification_attempts_exceeded",
        intent,
    )


def verification_timeout(intent: Doc) -> StripeError:
    """Build the refusal after the ten days (docs.stripe.com/error-codes)."""
    return _deposits(
        "Microdeposit verification timed out. Customer did not verify their bank account within the required 10 day "
        "period.",
        "payment_method_microdeposit_verification_timeout",
        intent,
    )


DEPOSITS_FAILED = "Microdeposit transfers failed. Please check the account, institution and transit numbers provided"
DEPOSITS_FAILED_CODE = "payment_method_microdeposit_failed"


def bank_amounts_wrong() -> StripeError:
    """Build the refusal of wrong amounts for a bank account that is a source (known from clients)."""
    return card_error(
        "The amounts provided do not match the amounts that were sent to the bank account.",
        code="bank_account_verification_failed",
    )


def bank_account_verified() -> StripeError:
    """Build the refusal to verify a bank account twice (known from clients)."""
    return invalid_request("This bank account has already been verified.")


def account_unusable(code: str, intent: Doc) -> StripeError:
    """Build the refusal to save an account that does not exist (a choice: not recorded)."""
    return invalid_request("The account number is not valid.", code=code, keep=True, setup_intent=intent)


def _mismatch(message: str, code: str, intent: Doc, left: int) -> StripeError:
    return _deposits(f"{message} You have {left} verification attempt{'' if left == 1 else 's'} left.", code, intent)


def _deposits(message: str, code: str, intent: Doc) -> StripeError:
    carried: dict[str, Any] = {intent["object"]: intent}
    # What was tried counts although it is refused.
    return invalid_request(message, code=code, keep=True, **carried)


def default_stays_active() -> StripeError:
    """Build the refusal to switch off the default configuration (a choice: not recorded)."""
    return bad_param("You cannot deactivate the default payment method configuration.", param="active")


def confirmation_token_used(id: str) -> StripeError:
    """Build the refusal of a confirmation token that an intent has used (a choice: not recorded)."""
    return invalid_request(
        f"The ConfirmationToken {id} has already been used and cannot be used again.", param="confirmation_token"
    )


def confirmation_token_expired(id: str) -> StripeError:
    """Build the refusal of a confirmation token after its twelve hours (a choice: not recorded)."""
    return invalid_request(f"The ConfirmationToken {id} has expired.", param="confirmation_token")


def iban_invalid() -> StripeError:
    """Build the refusal of an IBAN that none is (the code is that of the official mobile libraries, words are a choice)."""
    return invalid_request(
        "The IBAN you provided is invalid.", code="invalid_bank_account_iban", param="sepa_debit[iban]"
    )


def routing_number_invalid() -> StripeError:
    """Build the refusal of a routing number that none is (docs.stripe.com/error-codes; words are a choice)."""
    return invalid_request(
        "The bank routing number provided is invalid.",
        code="routing_number_invalid",
        param="us_bank_account[routing_number]",
    )


def mandate_missing(intent: Doc, method: Doc) -> StripeError:
    """Build the refusal of a debit that nobody agreed to.

    Words of real answers (docs.stripe.com/payments/ach-direct-debit, and clients with SEPA debits); those of setups are a choice.
    """
    type = method["type"]
    if intent["object"] == "setup_intent":
        return invalid_request(
            f"When confirming a SetupIntent with a `{type}` PaymentMethod, `mandate_data` is required.",
            code="parameter_missing",
            param="mandate_data",
            setup_intent=intent,
        )
    usage = intent["setup_future_usage"]
    if usage is not None:
        return invalid_request(
            f"When confirming a PaymentIntent with a `{type}` PaymentMethod and `setup_future_usage` value of {usage}, "
            "`mandate_data` is required.",
            code="parameter_missing",
            param="mandate_data",
            payment_intent=intent,
        )
    return invalid_request(
        "This PaymentIntent requires a mandate, but no existing mandate was found. Collect mandate acceptance from the "
        "customer and try again, providing acceptance data in the mandate_data parameter.",
        payment_intent=intent,
    )


def billed_without_mandate(intent: Doc) -> StripeError:
    """Build the refusal to debit an invoice from an account whose owner never agreed (docs.stripe.com/error-codes; words: choice)."""
    return invalid_request(
        "This payment method has no active mandate. To pay invoices with it, confirm it first with a PaymentIntent or a "
        "SetupIntent while the customer is there.",
        code="billing_invalid_mandate",
        payment_intent=intent,
    )
