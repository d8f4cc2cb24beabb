"""Decides what the account of a world is: the object behind ``GET /v1/account``, and the account's other singletons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.kernel.documents import Doc, patched
from emulator.operations import connected
from emulator.payments import funds

if TYPE_CHECKING:
    from emulator.operations.engine import Engine
    from emulator.operations.space import Space
    from emulator.resources.context import Context

CAPABILITIES = ("card_payments", "link_payments", "transfers", "us_bank_account_ach_payments")


def own_account(engine: Engine, space: Space, overrides: dict[str, Any]) -> Doc:
    """Return the account object of a new world: a charges-enabled standard account of the settings' country."""
    name = overrides.get("business_profile", {}).get("name") or space.settings["business_name"]
    blank = engine.services.blanks.blank("account")
    doc = {
        **blank,
        "id": space.account,
        "object": "account",
        "business_profile": {**(blank.get("business_profile") or {}), "name": name, "url": None, "support_email": None},
        "business_type": "company",
        "capabilities": dict.fromkeys(CAPABILITIES, "active"),
        "charges_enabled": True,
        "payouts_enabled": True,
        "details_submitted": True,
        "country": space.settings["country"],
        "created": space.clock.now(),
        "default_currency": space.settings["default_currency"],
        "email": "owner@example.com",
        "type": "standard",
        "external_accounts": {
            "object": "list", "data": [], "has_more": False, "total_count": 0,
            "url": f"/v1/accounts/{space.account}/external_accounts",
        },
        "metadata": {},
        "settings": _settings(name, space.settings["branding"]),
    }  # fmt: skip
    return patched(doc, {key: value for key, value in overrides.items() if key != "id"})


def _settings(name: str, branding: dict[str, Any]) -> Doc:
    settings = connected.settings(name)
    payments = {**settings["payments"], "statement_descriptor": name.upper()[:22]}
    return {**settings, "branding": dict(branding), "payments": payments}


async def retrieve(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Return the account of the key."""
    del ids, params
    return await ctx.at_path("account", ctx.account)


async def balance(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Return the account's balance."""
    del ids, params
    return await funds.balance(ctx)
