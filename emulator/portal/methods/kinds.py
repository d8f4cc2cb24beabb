"""Decides which payment methods may be added where, what each asks for, and how the answers are kept (PURE).

Sources: docs.stripe.com/customer-management, table of supported methods (facts portal 6.1); what a bank account asks for
is in the description of ``POST /v1/payment_methods``. Which texts may stay empty is a choice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.portal.methods import checks
from emulator.portal.methods.checks import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from emulator.portal.methods.checks import Check

EEA = frozenset(
    {
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT",
        "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
    }
)  # fmt: skip
EUROPE = EEA | {"CH", "GB", "GI"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a type may be used: currencies of the customer, countries of the merchant; None for most of them."""

    currencies: frozenset[str] | None = None
    countries: frozenset[str] | None = None


# In the order in which they are offered.
PLACES: dict[str, Place] = {
    "card": Place(),
    "us_bank_account": Place(frozenset({"usd"}), frozenset({"US"})),
    "sepa_debit": Place(frozenset({"eur"}), EUROPE | {"AU", "CA", "HK", "JP", "MX", "NZ", "SG", "US"}),
    "bacs_debit": Place(frozenset({"gbp"}), frozenset({"GB"})),
    "au_becs_debit": Place(frozenset({"aud"}), frozenset({"AU"})),
    "nz_bank_account": Place(frozenset({"nzd"}), frozenset({"NZ"})),
    "acss_debit": Place(frozenset({"cad", "usd"}), frozenset({"CA", "US"})),
    "boleto": Place(frozenset({"brl"}), frozenset({"BR"})),
    "link": Place(),
    "paypal": Place(None, EUROPE),
    "cashapp": Place(frozenset({"usd"}), frozenset({"US"})),
    "amazon_pay": Place(frozenset({"usd"}), frozenset({"US"})),
    "custom": Place(),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that a type asks for; ``options`` when it is a choice, ``secret`` when it is not shown again."""

    name: str
    check: Check
    optional: bool = False
    options: tuple[str, ...] = ()
    secret: bool = False

    @property
    def missing(self) -> str:
        """The code of an answer that is not there."""
        return "incomplete_zip" if self.name == "postal_code" else f"incomplete_{self.name}"


def _choice(name: str, *options: str) -> Field:
    return Field(name, checks.one_of(name, options), options=options)


def _number(name: str, *lengths: int) -> Field:
    return Field(name, checks.number(name, *lengths))


NAME = Field("name", checks.text_of("name"))
EMAIL = Field("email", checks.email)
ADDRESS = tuple(Field(name, checks.text_of(name)) for name in ("line1", "city", "postal_code"))
FIELDS: dict[str, tuple[Field, ...]] = {
    "card": (
        Field("number", checks.card_number),
        Field("expiry", checks.expiry),
        Field("cvc", checks.text_of("cvc"), secret=True),
        Field("country", checks.country, optional=True),
        Field("postal_code", checks.text_of("postal_code"), optional=True),
    ),
    "us_bank_account": (
        NAME,
        _choice("account_holder_type", "individual", "company"),
        _choice("account_type", "checking", "savings"),
        Field("routing_number", checks.routing_number),
        _number("account_number", *range(4, 18)),
    ),
    "sepa_debit": (NAME, EMAIL, Field("iban", checks.iban)),
    "bacs_debit": (NAME, EMAIL, _number("sort_code", 6), _number("account_number", 8), *ADDRESS),
    "au_becs_debit": (NAME, EMAIL, _number("bsb", 6), _number("account_number", *range(4, 10))),
    "nz_bank_account": (NAME, EMAIL, Field("nz_account", checks.nz_account)),
    "acss_debit": (
        NAME,
        EMAIL,
        _number("institution_number", 3),
        _number("transit_number", 5),
        _number("account_number", *range(7, 13)),
    ),
    "boleto": (
        NAME,
        EMAIL,
        Field("tax_id", checks.brazilian_tax_id),
        *ADDRESS[:2],
        Field("state", checks.text_of("state")),
        ADDRESS[2],
    ),
    "link": (EMAIL, Field("passcode", checks.passcode, secret=True)),
    "paypal": (),
    "cashapp": (),
    "amazon_pay": (),
    "custom": (),
}
# Countries of the addresses that a type asks for without asking for the country.
HOMES = {"bacs_debit": "GB", "boleto": "BR"}
BILLING = ("name", "email")
ADDRESS_NAMES = ("line1", "city", "state", "postal_code", "country")


def allowed(switched_on: Iterable[str], currency: str, country: str) -> list[str]:
    """Return the types of ``switched_on`` that a merchant of ``country`` may offer a customer who pays in ``currency``."""
    on = frozenset(switched_on)
    return [
        type
        for type, place in PLACES.items()
        if type in on
        and (place.currencies is None or currency in place.currencies)
        and (place.countries is None or country in place.countries)
    ]


def checked(type: str, given: Mapping[str, str], today: tuple[int, int]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the answers as they are kept, and the codes of what is wrong, both by field.

    ``today`` is the year and month in which a card must still be good.
    """
    kept: dict[str, str] = {}
    flaws: dict[str, str] = {}
    for field in FIELDS[type]:
        text = given.get(field.name, "").strip()
        if not text:
            if not field.optional:
                flaws[field.name] = field.missing
            continue
        try:
            kept[field.name] = field.check(text)
            if field.name == "expiry":
                checks.in_time(kept["expiry"], today)
            if field.name == "cvc":
                kept["cvc"] = checks.cvc(text, checks.cvc_length(kept.get("number", "")))
        except Flaw as flaw:
            flaws[field.name] = flaw.code
    return kept, flaws


def parameters(type: str, kept: Mapping[str, str]) -> dict[str, Any]:
    """Return the parameters with which a payment method is made from checked answers."""
    given: dict[str, Any] = {"type": type, type: _details(type, kept)}
    billing: dict[str, Any] = {name: kept[name] for name in BILLING if name in kept}
    address = {name: kept[name] for name in ADDRESS_NAMES if name in kept}
    if type in HOMES:
        address["country"] = HOMES[type]
    if address:
        billing["address"] = address
    return {**given, "billing_details": billing} if billing else given


def _details(type: str, kept: Mapping[str, str]) -> dict[str, Any]:
    if type == "card":
        year, month = kept["expiry"].split("-")
        return {"cvc": kept["cvc"], "exp_month": int(month), "exp_year": int(year), "number": kept["number"]}
    if type == "au_becs_debit":
        return {"account_number": kept["account_number"], "bsb_number": kept["bsb"]}
    if type == "nz_bank_account":
        bank, branch, account, suffix = kept["nz_account"].split("-")
        holder = {"account_holder_name": kept["name"]}
        return {**holder, "account_number": account, "bank_code": bank, "branch_code": branch, "suffix": suffix}
    if type == "link":
        return {"email": kept["email"]}
    own = ("account_holder_type", "account_type", "routing_number", "account_number", "iban", "sort_code", "tax_id")
    return {name: kept[name] for name in (*own, "institution_number", "transit_number") if name in kept}
