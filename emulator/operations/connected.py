"""Decides what a connected account is when it is created: nothing submitted, nothing enabled (recorded 2026-08)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.kernel.documents import Doc, patched
from emulator.kernel.ids import application_of
from emulator.resources import generic

if TYPE_CHECKING:
    from emulator.resources.context import Context

# What a new account is asked for first (recorded for a non-profit in Australia; other lists by country are not told apart).
FIRST_REQUIREMENTS = (
    "business_profile.product_description",
    "business_profile.support_phone",
    "business_profile.url",
    "external_account",
    "tos_acceptance.date",
    "tos_acceptance.ip",
)
CURRENCIES = {
    "AU": "aud",
    "CA": "cad",
    "GB": "gbp",
    "JP": "jpy",
    "NZ": "nzd",
    "US": "usd",
    "CH": "chf",
    "SE": "sek",
    "BR": "brl",
}
PROFILE = (
    "annual_revenue", "estimated_worker_count", "mcc", "minority_owned_business_designation", "name", "product_description",
    "specified_commercial_transactions_act_url", "support_address", "support_email", "support_phone", "support_url", "url",
)  # fmt: skip
DASHBOARDS = {"standard": "full", "express": "express"}  # docs.stripe.com/connect/migrate-to-controller-properties
FEWEST_DAYS = 2  # before money is paid out, the least there is (a choice: it depends on the country)
UNVERIFIED = {"status": "unverified"}  # docs.stripe.com/api/persons/object
NO_STATEMENT = {"statement_descriptor": None, "statement_descriptor_kana": None, "statement_descriptor_kanji": None}


def requirements(due: list[str]) -> Doc:
    """Return what is still asked of an account."""
    return {
        "alternatives": [],
        "current_deadline": None,
        "currently_due": due,
        "disabled_reason": "requirements.past_due" if due else None,
        "errors": [],
        "eventually_due": due,
        "past_due": due,
        "pending_verification": [],
    }


def settings(name: str | None) -> Doc:
    """Return the settings of a new account."""
    prefix = {f"statement_descriptor_prefix{end}": None for end in ("", "_kana", "_kanji")}
    return {
        "bacs_debit_payments": {"display_name": None, "service_user_number": None},
        "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
        "card_issuing": {"tos_acceptance": {"date": None, "ip": None}},
        "card_payments": {"decline_on": {"avs_failure": False, "cvc_failure": False}, **prefix},
        "dashboard": {"display_name": name, "timezone": "Etc/UTC"},
        "invoices": {"default_account_tax_ids": None, "hosted_payment_method_save": "offer"},
        "payments": dict(NO_STATEMENT),
        "payouts": {
            "debit_negative_balances": True,
            "schedule": {"delay_days": FEWEST_DAYS, "interval": "daily"},
            "statement_descriptor": None,
        },
        "sepa_debit_payments": {},
    }


def company(country: str) -> Doc:
    """Return what is known of a company before anything is said."""
    address = {"city": None, "country": country, "line1": None, "line2": None, "postal_code": None, "state": None}
    document = {"back": None, "details": None, "details_code": None, "front": None}
    return {
        "address": address,
        "directors_provided": False,
        "executives_provided": False,
        "name": None,
        "owners_provided": False,
        "tax_id_provided": False,
        "verification": {"document": document},
    }


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Create a connected account (``POST /v1/accounts``)."""
    del ids
    country = params.get("country") or ctx.settings["country"]
    id = ctx.new_id("account")
    kind = params.get("type") or "none"
    standard = kind == "standard"
    doc: Doc = {
        "id": id,
        "object": "account",
        "business_profile": dict.fromkeys(PROFILE),
        "business_type": params.get("business_type"),
        "capabilities": {
            name: "inactive" for name, wish in (params.get("capabilities") or {}).items() if (wish or {}).get("requested")
        },
        "charges_enabled": False,
        "controller": {
            "fees": {"payer": "account" if standard else "application"},
            "is_controller": True,
            "losses": {"payments": "stripe" if standard else "application"},
            "requirement_collection": "stripe",
            "stripe_dashboard": {"type": DASHBOARDS.get(kind, "none")},
            "type": "application",
        },
        "country": country,
        "created": ctx.now,
        "default_currency": params.get("default_currency") or CURRENCIES.get(country, "eur"),
        "details_submitted": False,
        "email": params.get("email"),
        "external_accounts": {
            "object": "list", "data": [], "has_more": False, "total_count": 0, "url": f"/v1/accounts/{id}/external_accounts",
        },
        "future_requirements": requirements([]),
        "metadata": {},
        "payouts_enabled": False,
        "requirements": requirements(list(FIRST_REQUIREMENTS)),
        "settings": settings(None),
        "tos_acceptance": {"date": None, "ip": None, "user_agent": None},
        "type": kind,
    }  # fmt: skip
    if params.get("business_type") in ("company", "non_profit"):
        doc["company"] = company(country)
    return ctx.put("account", _given(ctx, doc, params))


def _given(ctx: Context, doc: Doc, params: Doc) -> Doc:
    """Put what was said into the new account."""
    changes: dict[str, Any] = {}
    for name in ("business_profile", "company", "settings", "tos_acceptance"):
        given = params.get(name)
        if isinstance(given, dict) and isinstance(doc.get(name), dict):
            known = doc[name]
            changes[name] = {key: value for key, value in given.items() if key in known}
    if params.get("metadata"):
        changes["metadata"] = {key: value for key, value in params["metadata"].items() if value is not None}
    after = patched(doc, changes)
    schedule = after["settings"]["payouts"]["schedule"]
    if schedule["delay_days"] == "minimum":
        schedule["delay_days"] = FEWEST_DAYS
    result: Doc = generic.without_nulls(ctx, ctx.catalogue.schema("account"), after)
    return result


async def update(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Change an account (``POST /v1/accounts/{account}``); capabilities that are asked for are noted as inactive."""
    doc = await ctx.at_path("account", ids["account"])
    rest = {name: value for name, value in params.items() if name != "capabilities"}
    wishes = params.get("capabilities") or {}
    if wishes:
        asked = {
            name: doc["capabilities"].get(name, "inactive")
            for name, wish in wishes.items()
            if (wish or {}).get("requested")
        }
        doc = {**doc, "capabilities": {**doc["capabilities"], **asked}}
    if rest.get("individual") and not doc.get("individual"):
        person = {"id": ctx.new_id("person"), **ctx.blank("person"), "account": doc["id"], "verification": UNVERIFIED}
        doc = {**doc, "individual": person}
    return await generic.update(ctx, "account", doc, rest)


async def delete(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Delete a connected account; the platform hears that it is no longer its own (the official command line's trigger does so)."""
    del params
    stub = await generic.delete(ctx, "account", ids["account"])
    application = {
        "id": application_of(ctx.account),
        "object": "application",
        "name": ctx.settings["business_name"],
    }
    ctx.note("account.application.deauthorized", application)
    return stub
