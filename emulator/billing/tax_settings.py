"""Decides what an account says of tax in general: where it is, how prices are meant, what its products are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.resources import updates

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

KIND = "tax.settings"
DEFAULT_CODE = "txcd_10000000"  # electronically supplied services (docs.stripe.com/tax/tax-codes)
# "inferred_by_currency" takes these as exclusive and all others as inclusive (docs.stripe.com/tax/set-up).
EXCLUSIVE_CURRENCIES = frozenset({"cad", "usd"})


async def of(ctx: Context) -> Doc:
    """Return the account's tax settings; an account is where it is registered until it says otherwise (a choice)."""
    found = await ctx.find(KIND, KIND)
    if found is not None:
        return found
    nowhere = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
    return {
        "id": KIND,  # there is one: it is kept under its name, which answers leave out
        "object": KIND,
        "defaults": {"provider": "stripe", "tax_behavior": None, "tax_code": DEFAULT_CODE},
        "head_office": {"address": {**nowhere, "country": ctx.settings["country"]}},
        "livemode": ctx.livemode,
        "status": "active",
        "status_details": {"active": {}},
    }


async def retrieve(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Return the account's tax settings (``GET /v1/tax/settings``)."""
    del ids, params
    return await of(ctx)


async def update(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Change the account's tax settings (``POST /v1/tax/settings``)."""
    del ids
    before = ctx.put(KIND, await of(ctx))  # there always were settings: what they were is announced with the change
    return ctx.put(KIND, updates.apply(before, params))


async def behavior(ctx: Context, currency: str) -> str | None:
    """Return what a price without tax behavior means by these settings, None where they say nothing."""
    found = await ctx.find(KIND, KIND)
    wanted: str | None = found["defaults"]["tax_behavior"] if found is not None else None
    if wanted == "inferred_by_currency":
        return "exclusive" if currency in EXCLUSIVE_CURRENCIES else "inclusive"
    return wanted
