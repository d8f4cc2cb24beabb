"""Decides how a customer's permission to debit looks, when it is given, and when it is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.kernel.documents import changed
from emulator.kernel.ids import UPPER
from emulator.payments import debit_errors

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

KIND = "mandate"
# Kinds of payment that need one (docs.stripe.com/payments/payment-methods, reusable methods other than cards).
MANDATED = frozenset(
    {
        "acss_debit",
        "amazon_pay",
        "au_becs_debit",
        "bacs_debit",
        "cashapp",
        "link",
        "nz_bank_account",
        "paypal",
        "sepa_debit",
        "us_bank_account",
    }
)
# Those of them that nobody may be debited by without having said so (docs.stripe.com/payments/bank-debits).
AGREED = frozenset({"acss_debit", "au_becs_debit", "bacs_debit", "sepa_debit", "us_bank_account"})
# Intent -> what its confirmation said of the customer's agreement, until the mandate is made.
TOLD = "_mandate_data"
AGREED_ELSEWHERE = ("client_secret", "confirmation_token", "mandate")  # parameters that say so
API = "api"  # who confirms by a call; on a page of ours the customer agrees with the button
UNASKED = frozenset({API, "clock"})  # where nobody is there who could agree to the debit of an invoice
REUSABLE = "multi_use"
ONCE = "single_use"


async def agree(ctx: Context, intent: Doc, method: Doc, params: Doc, *, by_call: bool) -> None:
    """Keep what a confirmation says of the customer's agreement; raises when nobody ever agreed to a debit.

    Whoever does not confirm ``by_call`` does so on a page, where they agree with the button; with a client secret it is the
    customer too (the official browser libraries collect the agreement).
    """
    if method["type"] not in MANDATED:
        return
    if params.get("mandate_data"):
        ctx.put(TOLD, {"id": intent["id"], "mandate_data": params["mandate_data"]})
        return
    asked = by_call and ctx.request.actor == API and all(params.get(name) is None for name in AGREED_ELSEWHERE)
    if asked and await lacking(ctx, method):
        waiting = {**intent, "payment_method": method["id"], "status": "requires_confirmation"}
        raise debit_errors.mandate_missing(waiting, method)


async def lacking(ctx: Context, method: Doc) -> bool:
    """Say whether a method may not be debited because its owner never agreed, or does no more."""
    legacy = method["id"].startswith("ba_")  # a verified bank account of the older API, whose owner agreed on paper
    return method["type"] in AGREED and not legacy and await _standing(ctx, method) is None


async def said(ctx: Context, intent: Doc, params: Doc) -> Doc:
    """Return what was said of the agreement, now or when the intent was confirmed."""
    if params.get("mandate_data"):
        return params
    return await ctx.find(TOLD, intent["id"]) or {}


async def _standing(ctx: Context, method: Doc) -> str | None:
    """Return the id of the mandate that goes on holding for a method."""
    for mandate in await ctx.select(KIND, payment_method=method["id"]):
        if mandate["type"] == REUSABLE and mandate["status"] == "active":
            return str(mandate["id"])
    return None


async def of_payment(ctx: Context, intent: Doc, method: Doc) -> str:
    """Return the id of the mandate under which a debit is taken: the one there is, or one for this payment."""
    standing = await _standing(ctx, method)
    if standing is not None:
        return standing
    reusable = intent["setup_future_usage"] is not None or method["customer"] is not None
    limits = None if reusable else {"amount": intent["amount"], "currency": intent["currency"]}
    return str(given(ctx, method, await said(ctx, intent, {}), limits)["id"])


def given(ctx: Context, method: Doc, params: Doc, limits: Doc | None = None) -> Doc:
    """Store and return a mandate; ``params`` may hold ``mandate_data``, ``limits`` is the one payment it is for."""
    type = method["type"]
    id = ctx.new_id(KIND)
    kind = REUSABLE if limits is None else ONCE
    doc: dict[str, Any] = {
        "id": id,
        "object": KIND,
        "customer_acceptance": acceptance(params, ctx.now),
        "livemode": ctx.livemode,
        kind: limits or {},
        "payment_method": method["id"],
        "payment_method_details": {type: details(ctx, id, type), "type": type},
        "status": "active",
        "type": kind,
    }
    return ctx.put(KIND, doc)


async def revoke(ctx: Context, method: Doc, status: str) -> None:
    """Store that the bank refused a mandate, or that the customer took it back (docs.stripe.com, Bacs testing)."""
    for mandate in await ctx.select(KIND, payment_method=method["id"]):
        shown = mandate["payment_method_details"]
        own = shown[method["type"]]
        if "network_status" in own:
            refused = status == "refused"
            own = {
                **own,
                "network_status": "refused" if refused else "revoked",
                "revocation_reason": None if refused else "debit_not_authorized",
            }
        ctx.put(KIND, changed(mandate, payment_method_details={**shown, method["type"]: own}, status="inactive"))


def acceptance(params: Doc, now: int) -> Doc:
    """Return how the customer agreed; without a word about it, on paper (a choice)."""
    said = (params.get("mandate_data") or {}).get("customer_acceptance") or {"type": "offline"}
    kind = said["type"]
    return {"accepted_at": said.get("accepted_at") or now, kind: said.get(kind) or {}, "type": kind}


def details(ctx: Context, id: str, type: str) -> Doc:
    """Return what a mandate says of its kind of payment."""
    url = f"{ctx.base_url}/mandates/{id}"
    if type == "sepa_debit":
        return {"reference": ctx.text(16, UPPER), "url": url}
    if type == "bacs_debit":
        return {
            "display_name": None,
            "network_status": "accepted",
            "reference": ctx.text(16, UPPER),
            "revocation_reason": None,
            "service_user_number": None,
            "url": url,
        }
    if type == "acss_debit":
        return {"interval_description": None, "payment_schedule": "sporadic", "transaction_type": "personal"}
    if type == "paypal":
        return {"billing_agreement_id": None, "payer_id": None}
    return {"url": url} if type == "au_becs_debit" else {}
