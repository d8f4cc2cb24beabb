"""Decides how a customer's permission to debit looks, when it is given, and when it is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.kernel.documents import changed
from emulator.kernel.ids import UPPER

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
REUSABLE = "multi_use"
ONCE = "single_use"


async def of_payment(ctx: Context, intent: Doc, method: Doc) -> str:
    """Return the id of the mandate under which a debit is taken: the one there is, or one for this payment."""
    for mandate in await ctx.select(KIND, payment_method=method["id"]):
        if mandate["type"] == REUSABLE and mandate["status"] == "active":
            return str(mandate["id"])
    reusable = intent["setup_future_usage"] is not None or method["customer"] is not None
    limits = None if reusable else {"amount": intent["amount"], "currency": intent["currency"]}
    return str(given(ctx, method, {}, limits)["id"])


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
