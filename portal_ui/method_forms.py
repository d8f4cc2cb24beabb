"""Decides what the fields of a payment method are called, how they are typed, and what is said of a wrong answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from emulator.kernel.errors import StripeError
from portal_ui import countries, declines, method_kinds
from portal_ui.i18n import N_, Words
from portal_ui.views.methods import Ask, AskOption

# What suites on the real pages know the fields of a card by; other names are those of the operation.
SENT_AS = {"postal_code": "postalCode"}
# Codes that the API and the test banks have for what the words below say.
SAME = {"setup_intent_authentication_failure": "payment_intent_authentication_failure"}


class Field(NamedTuple):
    """What a field is called and how it is typed: keyboard, what browsers may fill in, an example, two beside each other."""

    label: str
    keyboard: str = "text"
    autocomplete: str = "off"
    example: str = ""
    narrow: bool = False


FIELDS = {
    "number": Field(N_("Card number"), "numeric", "cc-number", "1234 1234 1234 1234"),
    "expiry": Field(N_("Expiration date"), "numeric", "cc-exp", "MM / YY", narrow=True),
    "cvc": Field(N_("Security code"), "numeric", "cc-csc", "CVC", narrow=True),
    "country": Field(N_("Country"), autocomplete="country", narrow=True),
    "postal_code": Field(N_("ZIP or postal code"), autocomplete="postal-code", narrow=True),
    "name": Field(N_("Full name"), autocomplete="name"),
    "holder": Field(N_("Cardholder name"), autocomplete="cc-name"),
    "email": Field(N_("Email"), "email", "email", "you@example.com"),
    "phone": Field(N_("Phone number"), "tel", "tel"),
    "line1": Field(N_("Address"), autocomplete="address-line1"),
    "city": Field(N_("City"), autocomplete="address-level2", narrow=True),
    "state": Field(N_("State"), autocomplete="address-level1", narrow=True),
    "account_holder_type": Field(N_("Account holder"), narrow=True),
    "account_type": Field(N_("Account type"), narrow=True),
    "routing_number": Field(N_("Routing number"), "numeric", example="110000000", narrow=True),
    "account_number": Field(N_("Account number"), "numeric", example="000123456789", narrow=True),
    "iban": Field("IBAN", example="DE00 0000 0000 0000 0000 00"),
    "sort_code": Field(N_("Sort code"), "numeric", example="10-80-00", narrow=True),
    "bsb": Field(N_("BSB"), "numeric", example="000-000", narrow=True),
    "nz_account": Field(N_("Account number"), "numeric", example="00-0000-0000000-000"),
    "institution_number": Field(N_("Institution number"), "numeric", example="000", narrow=True),
    "transit_number": Field(N_("Transit number"), "numeric", example="00000", narrow=True),
    "tax_id": Field(N_("CPF or CNPJ"), example="000.000.000-00"),
    "passcode": Field(N_("Code from Link"), "numeric", "one-time-code", "000000"),
    "descriptor_code": Field(N_("Code"), example="SM1234"),
    "first_amount": Field(N_("First amount"), "decimal", example="0.00", narrow=True),
    "second_amount": Field(N_("Second amount"), "decimal", example="0.00", narrow=True),
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
    made, own = [], method_kinds.of(type).example
    for field in fields:
        name = field["name"]
        manner = FIELDS[name]
        value = values.get(name, "")
        choices = _choices(words, name, field["options"], value)
        sent_as = SENT_AS.get(name, name)
        made.append(
            Ask(
                id=(known_as or {}).get(name) or f"f-{sent_as}",
                name=(known_as or {}).get(name) or sent_as,
                label=words.gettext(manner.label),
                value="" if field["secret"] and name in problems else value,
                kind="select" if choices else "email" if name == "email" else "text",
                keyboard=manner.keyboard,
                autocomplete=manner.autocomplete,
                example=(own if name == "account_number" else None) or manner.example,
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


def _choices(words: Words, name: str, options: list[str], value: str) -> tuple[AskOption, ...]:
    if name == "country":
        return tuple(AskOption(code, label, code == value) for code, label in countries.named(words))
    called = _options(words)
    return tuple(AskOption(option, called[option], option == value) for option in options)
