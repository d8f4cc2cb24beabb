"""Decides what Issuing's test helpers do: cards with numbers, purchases that are authorized or captured without asking.

No merchant and no webhook is asked: a purchase on an active card is approved (choice). Money of the issuing balance is not moved.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from emulator.kernel.documents import changed
from emulator.resources import generic

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

CARD, TRANSACTION, AUTHORIZATION = "issuing.card", "issuing.transaction", "issuing.authorization"
VALID_YEARS: Final = 3  # how long a new card is good for (choice)
DIGITS: Final = "0123456789"
# The merchant of a purchase that names none (choice).
MERCHANT: Final[Doc] = {
    "category": "ac_refrigeration_repair", "category_code": "7623", "city": None, "country": None, "name": None,
    "network_id": "1234567890", "postal_code": None, "state": None, "tax_id": None, "terminal_id": None, "url": None,
}  # fmt: skip
CHECKS: Final = ("address_line1_check", "address_postal_code_check", "cvc_check", "expiry_check")


async def create_card(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Issue a card; it is inactive unless asked otherwise (docs.stripe.com/api/issuing/cards/create)."""
    del ids
    year = datetime.fromtimestamp(ctx.now, UTC).year + VALID_YEARS
    return await generic.create(
        ctx, CARD, params,
        brand="Visa",
        exp_month=params.get("exp_month") or 12,
        exp_year=params.get("exp_year") or year,
        last4=ctx.text(4, DIGITS),
        status=params.get("status") or "inactive",
    )  # fmt: skip


async def force_capture(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Let a merchant take money without asking first (docs.stripe.com/api/issuing/transactions/test_mode_create_force_capture)."""
    del ids
    card = await ctx.need(CARD, params["card"], "card")
    amount = -params["amount"]
    made = await generic.create(
        ctx, TRANSACTION, {"purchase_details": params.get("purchase_details")},
        **_purchase(card, params, amount), amount=amount, card=card["id"], type="capture",
    )  # fmt: skip
    if (params.get("purchase_details") or {}).get("receipt"):
        ctx.note("issuing_transaction.purchase_details_receipt_updated", made)
    return made


def _purchase(card: Doc, params: Doc, amount: int) -> Doc:
    currency = params.get("currency") or card["currency"]
    given = params.get("merchant_data") or {}
    return {
        "cardholder": (card["cardholder"] or {}).get("id"),
        "currency": currency,
        "merchant_amount": amount,
        "merchant_currency": currency,
        "merchant_data": {**MERCHANT, **{name: value for name, value in given.items() if name in MERCHANT}},
    }


async def authorize(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Let a merchant ask for money (docs.stripe.com/api/issuing/authorizations/test_mode_create)."""
    del ids
    return await _authorize(ctx, await ctx.need(CARD, params["card"], "card"), params)


async def authorize_on_card(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Answer the older form of the same, under the card (emulator/spec/unlisted.py)."""
    card = await ctx.at_path(CARD, ids["card"])
    asked = {**params, "amount": params.get("held_amount"), "currency": params.get("held_currency")}
    return await _authorize(ctx, card, asked)


async def _authorize(ctx: Context, card: Doc, params: Doc) -> Doc:
    amount = params.get("amount") or 0
    facts = _purchase(card, params, amount)
    asked = {name: facts[name] for name in ("currency", "merchant_amount", "merchant_currency")}
    asked["amount"] = amount
    pending: Doc = {
        **ctx.blank(AUTHORIZATION),
        **facts,
        "id": ctx.new_id(AUTHORIZATION),
        "amount": 0,
        "approved": False,
        "authorization_method": params.get("authorization_method") or "online",
        "balance_transactions": [],
        "card": card,
        "metadata": {},
        "pending_request": {
            **asked, "amount_details": None, "is_amount_controllable": bool(params.get("is_amount_controllable")),
            "network_risk_score": None,
        },
        "request_history": [],
        "status": "pending",
        "transactions": [],
        "verification_data": {**(ctx.nested_blank(AUTHORIZATION, "verification_data") or {}), **dict.fromkeys(CHECKS, "not_provided")},
    }  # fmt: skip
    active = card["status"] == "active"
    if active:
        ctx.note("issuing_authorization.request", pending)
    answer = {
        **asked, "amount_details": None, "approved": active, "authorization_code": None, "created": ctx.now,
        "network_risk_score": None, "reason": "webhook_timeout" if active else "card_inactive", "reason_message": None,
        "requested_at": ctx.now,
    }  # fmt: skip
    return ctx.put(
        AUTHORIZATION,
        changed(
            pending, amount=amount if active else 0, approved=active, pending_request=None, request_history=[answer],
            status="pending" if active else "closed",
        ),
    )  # fmt: skip
