"""Decides what every test card is and does: a table of numbers, read once from a data file.

Pure: nothing here reads a world or writes one.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from emulator.kernel.data import data_path
from emulator.kernel.ids import base62

if TYPE_CHECKING:
    from pathlib import Path

# How the same brand is written on the legacy card object (recorded 2026-02).
LEGACY_BRANDS = {
    "amex": "American Express",
    "diners": "Diners Club",
    "discover": "Discover",
    "jcb": "JCB",
    "mastercard": "MasterCard",
    "unionpay": "UnionPay",
    "visa": "Visa",
}
MAGIC_PREFIXES = ("pm_card_", "tok_")
NEVER = "never"
ALWAYS = "always"
ON_SESSION = "on_session"
UNLESS_SET_UP = "unless_set_up"


@dataclass(frozen=True, slots=True)
class Decline:
    """One way a bank says no: the members of the error, and whether the payment was blocked before the bank saw it."""

    code: str
    decline_code: str
    message: str
    param: str | None = None
    advice_code: str | None = None
    network_advice_code: str | None = None
    network_decline_code: str | None = None
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class MagicCard:
    """One test number. ``attach``, ``charge``, ``setup`` and ``create`` hold the refusal at that moment, if any."""

    number: str
    brand: str
    funding: str
    country: str
    last4: str
    fingerprint: str
    network_transaction_id: str
    networks: tuple[str, ...]
    names: tuple[str, ...] = ()
    create: Decline | None = None
    attach: Decline | None = None
    charge: Decline | None = None
    setup: Decline | None = None
    challenge: str = NEVER
    three_d_secure_supported: bool = True
    cvc_check: str = "pass"
    zip_check: str = "pass"
    line1_check: str = "pass"
    risk: str = "normal"
    dispute: str | None = None
    fraud_warning: bool = False
    refund: str | None = None
    available: bool = False  # whether its money is there at once


@dataclass(frozen=True, slots=True)
class CardBook:
    """All test cards by number, by the ending of their magic ids, by fingerprint and by last four digits."""

    declines: dict[str, Decline]
    by_number: dict[str, MagicCard]
    by_name: dict[str, MagicCard]
    by_fingerprint: dict[str, MagicCard]
    by_last4: dict[tuple[str, str], MagicCard]

    def magic(self, id: str) -> MagicCard | None:
        """Return the card behind a ``pm_card_...`` or ``tok_...`` id of the documentation, None for any other id."""
        for prefix in MAGIC_PREFIXES:
            if id.startswith(prefix):
                return self.by_name.get(id[len(prefix) :])
        return None

    def of(self, card: dict[str, Any]) -> MagicCard | None:
        """Return the test card of a stored card; a hand-written one is known by brand and last four digits."""
        known = self.by_fingerprint.get(card.get("fingerprint") or "")
        if known is not None:
            return known
        return self.by_last4.get((str(card.get("brand", "")).lower(), str(card.get("last4", ""))))


def load(path: Path) -> CardBook:
    """Read the table of test cards from a file; raises what reading and decoding it raises."""
    table = json.loads(path.read_text(encoding="utf-8"))
    declines = {name: _decline(name, row) for name, row in table["declines"].items()}
    cards = [_card(row, declines) for row in table["cards"]]
    return CardBook(
        declines=declines,
        by_number={card.number: card for card in cards},
        by_name={name: card for card in cards for name in card.names},
        by_fingerprint={card.fingerprint: card for card in cards},
        # The first of a brand and ending wins, so that the plain card is found before its special namesakes.
        by_last4={(card.brand, card.last4): card for card in reversed(cards)},
    )


@cache
def book() -> CardBook:
    """Return the table that ships with the emulator, read on first use."""
    return load(data_path("fixtures", "test_cards.json"))


def passes_luhn(number: str) -> bool:
    """Tell whether the check digit of a card number is right."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def by_raw_number(cards: CardBook, raw: str) -> MagicCard | Decline:
    """Return the test card of a typed number, or why there is none (docs.stripe.com/testing)."""
    number = raw.replace(" ", "").replace("-", "")
    if not number.isdecimal() or not 12 <= len(number) <= 19:
        return cards.declines["incorrect_number"]
    card = cards.by_number.get(number)
    if card is not None:
        return card.create or card
    return cards.declines["test_mode_live_card" if passes_luhn(number) else "incorrect_number"]


def must_authenticate(card: MagicCard, *, off_session: bool, set_up: bool) -> bool:
    """Tell whether a payment with this card asks for 3D Secure (docs.stripe.com/testing, facts billing 5.1)."""
    if card.challenge == UNLESS_SET_UP:
        return not (off_session and set_up)
    if card.challenge == ON_SESSION:
        return not off_session
    return card.challenge == ALWAYS


def must_authenticate_setup(card: MagicCard) -> bool:
    """Tell whether saving this card for later asks for 3D Secure."""
    return card.challenge in (ALWAYS, UNLESS_SET_UP)


def fingerprint(number: str) -> str:
    """Return 16 characters that are the same for the same number.

    The real ones differ per account; here they do not, so that a world can be copied to another key and its
    cards keep what they do (a choice).
    """
    return base62(_digest(number), 16)


def _decline(name: str, row: dict[str, Any]) -> Decline:
    fields = {key: value for key, value in row.items() if key != "choice"}
    return Decline(**{"decline_code": name, **fields})


def _card(row: dict[str, Any], declines: dict[str, Decline]) -> MagicCard:
    number = row["number"]
    moments: dict[str, Any] = {key: declines[row[key]] for key in ("create", "attach", "charge", "setup") if key in row}
    fields: dict[str, Any] = {
        **row,
        **moments,
        "names": tuple(row["names"]),
        "networks": tuple(row.get("networks", (row["brand"],))),
        "fingerprint": fingerprint(number),
        "network_transaction_id": str(_digest("network " + number) % 10**15).zfill(15),
    }
    return MagicCard(**fields)


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big")
