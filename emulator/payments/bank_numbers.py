"""Decides which bank account numbers can exist at all: the check digits of IBANs and of American routing numbers.

Pure. Test numbers pass; what no bank could have given out is refused (docs.stripe.com/error-codes: account and routing numbers).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from emulator.payments import debit_errors

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc

IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
ROUTING = re.compile(r"\d{9}")
WEIGHTS = (3, 7, 1)  # of a routing number's digits


def is_iban(text: str) -> bool:
    """Say whether a text is an IBAN: its form and its check digits (ISO 13616, modulo 97)."""
    plain = re.sub(r"[\s-]", "", text).upper()
    if IBAN.fullmatch(plain) is None:
        return False
    return int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 == 1


def is_routing_number(text: str) -> bool:
    """Say whether a text is a routing number: nine digits, the last one follows from the others."""
    plain = re.sub(r"[\s-]", "", text)
    if ROUTING.fullmatch(plain) is None:
        return False
    return sum(int(digit) * WEIGHTS[place % 3] for place, digit in enumerate(plain)) % 10 == 0


def check(type: str, given: Doc) -> None:
    """Refuse the numbers of a new payment method that cannot be right."""
    if type == "sepa_debit" and given.get("iban") is not None and not is_iban(given["iban"]):
        raise debit_errors.iban_invalid()
    routing = given.get("routing_number")
    if type == "us_bank_account" and routing is not None and not is_routing_number(routing):
        raise debit_errors.routing_number_invalid()
