"""Decides which test card a caller means: a typed number, a token, a magic id, or a card that is stored already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from emulator.kernel.errors import missing_param, not_emulated, resource_missing
from emulator.payments import errors, shapes
from emulator.payments.test_cards import MagicCard, book, by_raw_number

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

# Accounts refuse typed card numbers unless Stripe turned them on; a development tool is easier with them on (a choice).
RAW_NUMBERS_ACCEPTED = True


@dataclass(frozen=True, slots=True)
class Plastic:
    """A card that someone presents: which test card it is, its expiry, its owner, whether its code came along."""

    card: MagicCard
    exp_month: int
    exp_year: int
    cvc: bool = True
    billing: Doc | None = None


def expiry_of_magic(now: int) -> tuple[int, int]:
    """Return the expiry of cards that are named, not typed: this month next year (recorded 2025-11, 2026-08)."""
    today = datetime.fromtimestamp(now, UTC)
    return today.month, today.year + 1


def named(ctx: Context, id: str) -> Plastic | None:
    """Return the card behind a magic id of the documentation, None for any other id."""
    card = book().magic(id)
    return None if card is None else Plastic(card, *expiry_of_magic(ctx.now))


def typed(ctx: Context, given: Doc, param: str = "card") -> Plastic:
    """Return the card of typed numbers.

    Raises what Stripe answers to a missing number, a wrong one, a past expiry or a code of the wrong length.
    """
    if not RAW_NUMBERS_ACCEPTED:
        raise errors.raw_numbers_off()
    for name in ("number", "exp_month", "exp_year"):
        if given.get(name) is None:
            raise missing_param(f"{param}[{name}]")
    found = by_raw_number(book(), str(given["number"]))
    if not isinstance(found, MagicCard):
        raise errors.refused_at_creation(found)
    month, year = expiry(ctx, given["exp_month"], given["exp_year"])
    cvc = given.get("cvc")
    if cvc is not None and (not str(cvc).isdecimal() or len(str(cvc)) not in (3, 4)):
        raise errors.invalid_cvc()
    return Plastic(found, month, year, cvc is not None, _legacy_billing(given))


async def from_token(ctx: Context, id: str, *, inside_card: bool = False, param: str = "source") -> Plastic:
    """Return the card of a ``tok_`` and use the token up.

    ``inside_card`` is ``card[token]``, which has words of its own for an unknown token. Raises the refusals of
    tokens that are not there, of something else, or used.
    """
    plastic = named(ctx, id) if id.startswith("tok_") else None
    if plastic is not None:
        return plastic
    token = await ctx.find("token", id)
    if token is None:
        raise errors.unknown_token(id) if inside_card else resource_missing("token", id, param=param)
    if token["type"] != "card":
        raise not_emulated(f"A token of type {token['type']}")
    if token["used"]:
        raise errors.token_used(id)
    ctx.put("token", {**token, "used": True})
    return of_stored(token["card"])


def of_stored(source: Doc) -> Plastic:
    """Return the card of a stored ``card`` object."""
    card = book().of(source) or book().by_name["visa"]
    billing = {
        "address": {
            "city": source.get("address_city"),
            "country": source.get("address_country"),
            "line1": source.get("address_line1"),
            "line2": source.get("address_line2"),
            "postal_code": source.get("address_zip"),
            "state": source.get("address_state"),
        },
        "name": source.get("name"),
    }
    return Plastic(card, source["exp_month"], source["exp_year"], billing=billing)


def legacy(ctx: Context, plastic: Plastic, customer: str | None) -> Doc:
    """Return a new ``card_`` object of a card that was presented; it is not stored yet."""
    doc = shapes.legacy_card(ctx.new_id("card"), plastic.card, plastic.exp_month, plastic.exp_year, customer)
    if plastic.billing is None:
        return doc
    address = plastic.billing["address"]
    return {
        **doc,
        "address_city": address["city"],
        "address_country": address["country"],
        "address_line1": address["line1"],
        "address_line2": address["line2"],
        "address_state": address["state"],
        "address_zip": address["postal_code"],
        "address_line1_check": plastic.card.line1_check if address["line1"] else None,
        "address_zip_check": plastic.card.zip_check if address["postal_code"] else None,
        "name": plastic.billing["name"],
    }


def _legacy_billing(given: Doc) -> Doc | None:
    if not any(given.get(name) for name in ("name", "address_line1", "address_city", "address_zip", "address_country")):
        return None
    address = {
        "city": given.get("address_city"),
        "country": given.get("address_country"),
        "line1": given.get("address_line1"),
        "line2": given.get("address_line2"),
        "postal_code": given.get("address_zip"),
        "state": given.get("address_state"),
    }
    return {"address": address, "name": given.get("name")}


def expiry(ctx: Context, said_month: int | str, said_year: int | str) -> tuple[int, int]:
    """Return month and year of a card's expiry; raises the refusal of one that is none, is past or is far away."""
    today = datetime.fromtimestamp(ctx.now, UTC)
    month, year = _number(said_month), _number(said_year)
    year = year + 2000 if 0 <= year < 100 else year
    if not 1 <= month <= 12:
        raise errors.invalid_expiry("month")
    if year < today.year or year > today.year + 50:
        raise errors.invalid_expiry("year")
    if (year, month) < (today.year, today.month):
        raise errors.invalid_expiry("month")
    return month, year


def _number(said: int | str) -> int:
    """Return what was said as a number; legacy cards take text here, and what is no number is no date."""
    return int(said) if str(said).isdecimal() else -1
