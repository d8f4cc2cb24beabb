"""Decides which kinds of payment an account offers: its configurations, the default one, and what currencies allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.documents import changed
from emulator.payments import debit_errors
from emulator.resources.listing import listed

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context, Page

KIND = "payment_method_configuration"
# Members of a configuration that are no kind of payment.
OWN = frozenset({"id", "object", "active", "application", "is_default", "livemode", "name", "parent"})
# What a test account has switched on without further setup (a choice).
ON_BY_DEFAULT = ("card", "link", "apple_pay", "google_pay", "cartes_bancaires", "jcb")
# Ways to present a card, which no intent names as a type of its own.
ONLY_CARDS = frozenset({"apple_pay", "cartes_bancaires", "google_pay", "jcb", "kr_card", "samsung_pay"})
OFFERED_BY_DEFAULT = ("card", "link")
# Kinds that exist in some currencies only (facts portal 6.1, docs.stripe.com/payments/payment-methods).
CURRENCIES: dict[str, frozenset[str]] = {
    "acss_debit": frozenset({"cad", "usd"}),
    "affirm": frozenset({"cad", "usd"}),
    "amazon_pay": frozenset({"usd"}),
    "au_becs_debit": frozenset({"aud"}),
    "bacs_debit": frozenset({"gbp"}),
    "bancontact": frozenset({"eur"}),
    "blik": frozenset({"pln"}),
    "boleto": frozenset({"brl"}),
    "cashapp": frozenset({"usd"}),
    "eps": frozenset({"eur"}),
    "fpx": frozenset({"myr"}),
    "giropay": frozenset({"eur"}),
    "grabpay": frozenset({"myr", "sgd"}),
    "ideal": frozenset({"eur"}),
    "konbini": frozenset({"jpy"}),
    "multibanco": frozenset({"eur"}),
    "nz_bank_account": frozenset({"nzd"}),
    "oxxo": frozenset({"mxn"}),
    "p24": frozenset({"eur", "pln"}),
    "paynow": frozenset({"sgd"}),
    "payto": frozenset({"aud"}),
    "pix": frozenset({"brl"}),
    "promptpay": frozenset({"thb"}),
    "sepa_debit": frozenset({"eur"}),
    "sofort": frozenset({"eur"}),
    "swish": frozenset({"sek"}),
    "twint": frozenset({"chf"}),
    "upi": frozenset({"inr"}),
    "us_bank_account": frozenset({"usd"}),
    "zip": frozenset({"aud", "usd"}),
}


def fits(type: str, currency: str | None) -> bool:
    """Tell whether a kind of payment exists in a currency; any does where no currency is known."""
    return currency is None or type not in CURRENCIES or currency in CURRENCIES[type]


def offered(configuration: Doc | None, currency: str | None) -> list[str]:
    """Return the types that a configuration offers in a currency, cards first; None stands for one never changed."""
    if configuration is None:
        return list(OFFERED_BY_DEFAULT)
    on = [
        name
        for name in sorted(configuration)
        if name not in OWN
        and name not in ONLY_CARDS
        and configuration[name]["display_preference"]["value"] == "on"
        and fits(name, currency)
    ]
    return sorted(on, key=lambda name: name != "card")


def property_of(preference: str, *, on_by_default: bool) -> Doc:
    """Return what a configuration says of one type; what is switched on is available (a choice)."""
    on = preference == "on" or (preference == "none" and on_by_default)
    shown = {"overridable": None, "preference": preference, "value": "on" if on else "off"}
    return {"available": on, "display_preference": shown}


async def default(ctx: Context) -> Doc | None:
    """Return the account's default configuration, None while nobody has looked at it."""
    for one in await ctx.select(KIND):
        if one["is_default"]:
            return one
    return None


async def need_default(ctx: Context) -> Doc:
    """Return the account's default configuration; the first look at it makes it."""
    found = await default(ctx)
    return found if found is not None else _made(ctx, {}, name="Default", is_default=True)


async def named(ctx: Context, id: str | None) -> Doc | None:
    """Return the configuration that a call names, else the default one if there is one."""
    if id is None:
        return await default(ctx)
    return await ctx.need(KIND, id, KIND)


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/payment_method_configurations."""
    await need_default(ctx)
    if params.get("parent") is not None:
        await ctx.need(KIND, params["parent"], "parent")
    return _made(ctx, params, name=params.get("name") or "Custom", is_default=False)


async def retrieve(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """GET /v1/payment_method_configurations/{configuration}."""
    return await ctx.at_path(KIND, ids["configuration"])


async def update(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/payment_method_configurations/{configuration}: the default one stays active.

    Raises the refusal of switching it off.
    """
    before = await ctx.at_path(KIND, ids["configuration"])
    if before["is_default"] and params.get("active") is False:
        raise debit_errors.default_stays_active()
    changes: Doc = {name: params[name] for name in ("active", "name") if params.get(name) is not None}
    for type, given in params.items():
        preference = _preference(given)
        if preference is not None:
            changes[type] = property_of(preference, on_by_default=type in ON_BY_DEFAULT)
    return ctx.put(KIND, changed(before, **changes))


async def index(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """GET /v1/payment_method_configurations: the default one is there without being made."""
    await need_default(ctx)
    return await listed(ctx, KIND, params, "/v1/payment_method_configurations")


def _made(ctx: Context, params: Doc, *, name: str, is_default: bool) -> Doc:
    doc: Doc = {
        "id": ctx.new_id(KIND),
        "object": KIND,
        "active": True,
        "application": None,
        "is_default": is_default,
        "livemode": ctx.livemode,
        "name": name,
        "parent": params.get("parent"),
    }
    for type in ctx.catalogue.fields(KIND):
        if type not in OWN:
            preference = _preference(params.get(type)) or "none"
            doc[type] = property_of(preference, on_by_default=type in ON_BY_DEFAULT)
    return ctx.put(KIND, doc)


def _preference(given: object) -> str | None:
    if not isinstance(given, dict):
        return None
    preference = (given.get("display_preference") or {}).get("preference")
    return None if preference is None else str(preference)
