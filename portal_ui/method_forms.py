"""Decides what the fields of a payment method are called, how they are typed, and what is said of a wrong answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from emulator.kernel.errors import StripeError
from portal_ui import countries, declines
from portal_ui.i18n import Words
from portal_ui.views.methods import Ask, AskOption

# What suites on the real pages know the fields of a card by; other names are those of the operation.
SENT_AS = {"postal_code": "postalCode"}
# Codes that the API and the test banks have for what the words below say.
SAME = {"setup_intent_authentication_failure": "payment_intent_authentication_failure"}


class Manner(NamedTuple):
    """How a field is typed: keyboard, what browsers may fill in, an example, whether two stand beside each other."""

    keyboard: str = "text"
    autocomplete: str = "off"
    example: str = ""
    narrow: bool = False


MANNERS = {
    "number": Manner("numeric", "cc-number", "1234 1234 1234 1234"),
    "expiry": Manner("numeric", "cc-exp", "MM / YY", narrow=True),
    "cvc": Manner("numeric", "cc-csc", "CVC", narrow=True),
    "country": Manner(autocomplete="country", narrow=True),
    "postal_code": Manner(autocomplete="postal-code", narrow=True),
    "name": Manner(autocomplete="name"),
    "holder": Manner(autocomplete="cc-name"),
    "email": Manner("email", "email", "you@example.com"),
    "phone": Manner("tel", "tel"),
    "line1": Manner(autocomplete="address-line1"),
    "city": Manner(autocomplete="address-level2", narrow=True),
    "state": Manner(autocomplete="address-level1", narrow=True),
    "account_holder_type": Manner(narrow=True),
    "account_type": Manner(narrow=True),
    "routing_number": Manner("numeric", example="110000000", narrow=True),
    "account_number": Manner("numeric", example="000123456789", narrow=True),
    "iban": Manner(example="DE00 0000 0000 0000 0000 00"),
    "sort_code": Manner("numeric", example="10-80-00", narrow=True),
    "bsb": Manner("numeric", example="000-000", narrow=True),
    "nz_account": Manner("numeric", example="00-0000-0000000-000"),
    "institution_number": Manner("numeric", example="000", narrow=True),
    "transit_number": Manner("numeric", example="00000", narrow=True),
    "tax_id": Manner(example="000.000.000-00"),
    "passcode": Manner("numeric", "one-time-code", "000000"),
    "descriptor_code": Manner(example="SM1234"),
    "first_amount": Manner("decimal", example="0.00", narrow=True),
    "second_amount": Manner("decimal", example="0.00", narrow=True),
}


def labels(words: Words) -> dict[str, str]:
    """Return what each field is called."""
    return {
        "account_holder_type": words.gettext("Account holder"),
        "account_number": words.gettext("Account number"),
        "account_type": words.gettext("Account type"),
        "bsb": words.gettext("BSB"),
        "city": words.gettext("City"),
        "country": words.gettext("Country"),
        "cvc": words.gettext("Security code"),
        "descriptor_code": words.gettext("Code"),
        "email": words.gettext("Email"),
        "expiry": words.gettext("Expiration date"),
        "first_amount": words.gettext("First amount"),
        "holder": words.gettext("Cardholder name"),
        "iban": "IBAN",
        "institution_number": words.gettext("Institution number"),
        "line1": words.gettext("Address"),
        "name": words.gettext("Full name"),
        "number": words.gettext("Card number"),
        "nz_account": words.gettext("Account number"),
        "passcode": words.gettext("Code from Link"),
        "phone": words.gettext("Phone number"),
        "postal_code": words.gettext("ZIP or postal code"),
        "routing_number": words.gettext("Routing number"),
        "second_amount": words.gettext("Second amount"),
        "sort_code": words.gettext("Sort code"),
        "state": words.gettext("State"),
        "tax_id": words.gettext("CPF or CNPJ"),
        "transit_number": words.gettext("Transit number"),
    }


def _options(words: Words) -> dict[str, str]:
    return {
        "checking": words.gettext("Checking"),
        "company": words.gettext("Company"),
        "individual": words.gettext("Individual"),
        "savings": words.gettext("Savings"),
    }


def _flaws(words: Words) -> dict[str, str]:
    """Return what is said of an answer, by code."""
    return {**_of_cards(words), **_of_accounts(words), **_of_deposits(words)}


def _of_cards(words: Words) -> dict[str, str]:
    """English is what the real pages say."""
    return {
        "incomplete_cvc": words.gettext("Your card's security code is incomplete."),
        "incomplete_expiry": words.gettext("Your card's expiration date is incomplete."),
        "incomplete_number": words.gettext("Your card number is incomplete."),
        "invalid_cvc": words.gettext("Your card's security code is invalid."),
        "invalid_expiry_month": words.gettext("Your card's expiration month is invalid."),
        "invalid_expiry_month_past": words.gettext("Your card's expiration date is in the past."),
        "invalid_expiry_year": words.gettext("Your card's expiration year is invalid."),
        "invalid_expiry_year_past": words.gettext("Your card's expiration year is in the past."),
        "invalid_number": words.gettext("Your card number is invalid."),
        "test_mode_live_card": words.gettext(
            "Your card was declined. Your request was in test mode, but used a non test card."
        ),
    }


def _of_accounts(words: Words) -> dict[str, str]:
    return {
        "account_invalid": words.gettext("The account number is not valid."),
        "expired_passcode": words.gettext("This code has expired."),
        "incomplete_iban": words.gettext("Your IBAN is incomplete."),
        "invalid_email": words.gettext("Enter an address such as you@example.com."),
        "invalid_iban": words.gettext("Your IBAN is invalid."),
        "invalid_iban_country": words.gettext("Accounts of this country are not supported."),
        "invalid_passcode": words.gettext("This code is not right."),
        "invalid_routing_number": words.gettext("There is no bank with this routing number."),
        "invalid_tax_id": words.gettext("This is no CPF or CNPJ. Check the digits."),
        "passcode_attempts_exceeded": words.gettext("This code was wrong too often. Ask for a new one."),
    }


def _of_deposits(words: Words) -> dict[str, str]:
    return {
        "invalid_amount": words.gettext("Enter the amount as it stands on your statement, such as 0.32."),
        "payment_method_microdeposit_verification_amounts_mismatch": words.gettext(
            "These are not the amounts that were sent to your account."
        ),
        "payment_method_microdeposit_verification_attempts_exceeded": words.gettext(
            "You have tried too often. Add the bank account again."
        ),
        "payment_method_microdeposit_verification_descriptor_code_mismatch": words.gettext(
            "This is not the code that was sent to your account."
        ),
        "payment_method_microdeposit_verification_timeout": words.gettext(
            "It has been too long since the deposits were sent. Add the bank account again."
        ),
    }


def problem(words: Words, code: str, typed: str) -> str:
    """Return what is said at a field whose answer was refused with ``code``."""
    told = _flaws(words).get(code)
    if told is not None:
        return told
    if code.startswith("incomplete_"):
        return (
            words.gettext("This number is too short.") if typed.strip() else words.gettext("Please fill in this field.")
        )
    if code.startswith("invalid_"):
        return words.gettext("This is not right. Check what you typed.")
    code = SAME.get(code, code)
    return declines.told(words, {"code": code, "decline_code": code})


def asked(
    words: Words,
    fields: list[dict[str, Any]],
    values: Mapping[str, str],
    problems: Mapping[str, str],
    type: str,
    known_as: Mapping[str, str] | None = None,
) -> tuple[Ask, ...]:
    """Return the fields of a form; the first wrong one gets the focus.

    ``known_as`` are names (and ids) under which suites on the real pages know the fields.
    """
    first = next((field["name"] for field in fields if field["name"] in problems), None)
    called = labels(words)
    made = []
    for field in fields:
        name = field["name"]
        manner = MANNERS[name]
        value = values.get(name, "")
        choices = _choices(words, name, field["options"], value)
        sent_as = SENT_AS.get(name, name)
        made.append(
            Ask(
                id=(known_as or {}).get(name) or f"f-{sent_as}",
                name=(known_as or {}).get(name) or sent_as,
                label=called[name],
                value="" if field["secret"] and name in problems else value,
                kind="select" if choices else "email" if name == "email" else "text",
                keyboard=manner.keyboard,
                autocomplete=manner.autocomplete,
                example=manner.example if name != "account_number" else EXAMPLES.get(type, manner.example),
                narrow=manner.narrow,
                needed=not field["optional"],
                focused=name == first,
                choices=choices,
                problem=problem(words, problems[name], value) if name in problems else None,
            )
        )
    return tuple(made)


# The members that a refusal of the API names, and the fields at which it is shown; others belong to the number.
PARAMS = {"address_zip": "postal_code", "cvc": "cvc", "exp_month": "expiry", "exp_year": "expiry", "number": "number"}
NUMBERS = ("number", "iban", "account_number", "nz_account", "tax_id")


def placed(error: StripeError, fields: list[dict[str, Any]]) -> str | None:
    """Return the field of a form at which a refusal is shown, None for the whole."""
    names = [field["name"] for field in fields]
    own = PARAMS.get(error.param or "")
    return own if own in names else next((name for name in NUMBERS if name in names), None)


EXAMPLES = {"au_becs_debit": "000123456", "bacs_debit": "00012345"}


def _choices(words: Words, name: str, options: list[str], value: str) -> tuple[AskOption, ...]:
    if name == "country":
        return tuple(AskOption(code, label, code == value) for code, label in countries.named(words))
    called = _options(words)
    return tuple(AskOption(option, called[option], option == value) for option in options)
