"""Decides whether what a customer typed can be a number of an account, a card or a tax payer at all (PURE).

A check takes a text and returns it in the form in which it is kept, or raises Flaw with the code of what is wrong.
Codes for cards are those of docs.stripe.com/error-codes; where no source names one, codes and forms are a choice.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Check = Callable[[str], str]

LONGEST = 200  # characters of any one field
_EMAIL = re.compile(r"[^\s@]+@[^\s@.]+(\.[^\s@.]+)+")
_EXPIRY = re.compile(r"(\d{1,2})\s*/\s*(\d{2}|\d{4})|(\d{2})(\d{2}|\d{4})")
# Lengths of the account numbers of the countries that take part in SEPA (the register of ISO 13616).
IBAN_LENGTHS = {
    "AD": 24, "AL": 28, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24,
    "FI": 18, "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26, "IT": 27, "LI": 21, "LT": 20,
    "LU": 20, "LV": 21, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24,
    "RS": 22, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "VA": 22,
}  # fmt: skip
# The digits of a New Zealand account: bank, branch, account, and a suffix of two digits or three.
NZ_PARTS = (2, 4, 7)
NZ_LENGTHS = (15, 16)
AMEX = ("34", "37")


class Flaw(ValueError):  # noqa: N818 - a finding, not a failure of the program
    """What is wrong with a text; ``code`` says what."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def digits(text: str) -> str:
    """Return a number without the signs that people group it with."""
    return re.sub(r"[\s.\-/]", "", text)


def number(field: str, *lengths: int) -> Check:
    """Return a check for a number of one of ``lengths`` digits; ``field`` ends the codes of what is wrong."""

    def check(text: str) -> str:
        plain = digits(text)
        if not plain.isascii() or not plain.isdecimal():
            raise Flaw(f"invalid_{field}")
        if len(plain) not in lengths:
            raise Flaw(f"incomplete_{field}" if len(plain) < max(lengths) else f"invalid_{field}")
        return plain

    return check


def text_of(field: str) -> Check:
    """Return a check for any text."""

    def check(text: str) -> str:
        if len(text) > LONGEST:
            raise Flaw(f"invalid_{field}")
        return text

    return check


def email(text: str) -> str:
    """Check an e-mail address."""
    if len(text) > LONGEST or not _EMAIL.fullmatch(text):
        raise Flaw("invalid_email")
    return text


def card_number(text: str) -> str:
    """Check that a card number is whole; whether it is right its bank says (``payments.test_cards``)."""
    plain = digits(text)
    if not plain.isascii() or not plain.isdecimal():
        raise Flaw("invalid_number")
    if len(plain) < (15 if plain.startswith(AMEX) else 14):
        raise Flaw("incomplete_number")
    return plain


def expiry(text: str) -> str:
    """Check an expiry as people write it, ``MM / YY``; returned as ``YYYY-MM``."""
    found = _EXPIRY.fullmatch(text.strip())
    if found is None:
        raise Flaw("incomplete_expiry")
    month, year = found[1] or found[3], found[2] or found[4]
    if not 1 <= int(month) <= 12:
        raise Flaw("invalid_expiry_month")
    return f"{int(year) + (2000 if len(year) == 2 else 0)}-{int(month):02}"


def in_time(expires: str, today: tuple[int, int]) -> None:
    """Raise when a card (``YYYY-MM``) is over in the month ``today`` (year, month)."""
    year, month = (int(part) for part in expires.split("-"))
    if year < today[0]:
        raise Flaw("invalid_expiry_year_past")
    if (year, month) < today:
        raise Flaw("invalid_expiry_month_past")
    if year > today[0] + 50:
        raise Flaw("invalid_expiry_year")


def cvc_length(card: str) -> int:
    """Return how long the security code of a card number is: four digits on American Express."""
    return 4 if card.startswith(AMEX) else 3


def cvc(text: str, length: int) -> str:
    """Check a security code of ``length`` digits."""
    plain = text.strip()
    if not plain.isascii() or not plain.isdecimal() or len(plain) > length:
        raise Flaw("invalid_cvc")
    if len(plain) < length:
        raise Flaw("incomplete_cvc")
    return plain


def iban(text: str) -> str:
    """Check an IBAN: its country, its length, its check digits (ISO 13616, modulo 97)."""
    plain = re.sub(r"[\s-]", "", text).upper()
    if not plain.isascii() or not plain.isalnum():
        raise Flaw("invalid_iban")
    length = IBAN_LENGTHS.get(plain[:2])
    if length is None:
        raise Flaw("invalid_iban_country" if plain[:2].isalpha() and len(plain) > 1 else "invalid_iban")
    if len(plain) != length or not plain[2:4].isdecimal():
        raise Flaw("incomplete_iban" if len(plain) < length else "invalid_iban")
    if int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 != 1:
        raise Flaw("invalid_iban")
    return plain


def routing_number(text: str) -> str:
    """Check the routing number of a bank in the United States: nine digits, the last one follows from the others."""
    plain = number("routing_number", 9)(text)
    if sum(int(digit) * (3, 7, 1)[place % 3] for place, digit in enumerate(plain)) % 10:
        raise Flaw("invalid_routing_number")
    return plain


def nz_account(text: str) -> str:
    """Check an account of New Zealand; returned as ``bank-branch-account-suffix`` with a suffix of three digits."""
    plain = number("nz_account", *NZ_LENGTHS)(text)
    bank, branch, account = plain[:2], plain[2:6], plain[6:13]
    return f"{bank}-{branch}-{account}-{plain[sum(NZ_PARTS) :].zfill(3)}"


def brazilian_tax_id(text: str) -> str:
    """Check a CPF (11 digits) or CNPJ (14 digits) with its two check digits."""
    plain = number("tax_id", 11, 14)(text)
    base = 11 if len(plain) == 14 else 99  # the weights of a company's number start again after nine
    for known in (len(plain) - 2, len(plain) - 1):
        weights = [2 + place % (base - 3) for place in range(known)]
        total = sum(int(digit) * weight for digit, weight in zip(reversed(plain[:known]), weights, strict=True))
        if int(plain[known]) != (total * 10 % 11) % 10:
            raise Flaw("invalid_tax_id")
    return plain


def one_of(field: str, options: tuple[str, ...]) -> Check:
    """Return a check for a choice."""

    def check(text: str) -> str:
        if text not in options:
            raise Flaw(f"invalid_{field}")
        return text

    return check


def country(text: str) -> str:
    """Check a country of two capital letters."""
    if len(text) != 2 or not text.isascii() or not text.isalpha() or not text.isupper():
        raise Flaw("invalid_country")
    return text


# Answers of the test mode to codes that Link sends (docs.stripe.com/payments/link, test): any other six digits pass.
LINK_CODES = {"000001": "invalid_passcode", "000002": "expired_passcode", "000003": "passcode_attempts_exceeded"}


def passcode(text: str) -> str:
    """Check the code that Link sent."""
    plain = number("passcode", 6)(text)
    if plain in LINK_CODES:
        raise Flaw(LINK_CODES[plain])
    return plain
