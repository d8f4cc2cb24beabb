"""Decides how a charge is contested, how that is answered, and where the money is meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from emulator.kernel.documents import changed
from emulator.payments import attempts, charge_errors, charge_shapes, fraud_warnings
from emulator.resources import updates

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

KIND = "dispute"
INQUIRY = "inquiry"
# An account in the United States pays 15.00 for each dispute (docs.stripe.com/disputes).
FEE = 1500
# Days to answer, to the end of the last one (a choice: it depends on the network).
DAYS = 9
OPEN = ("needs_response", "warning_needs_response")
# What the evidence's text makes of a dispute in a test account (docs.stripe.com/testing).
WINNING = "winning_evidence"
LOSING = "losing_evidence"
ESCALATING = "escalate_inquiry_evidence"
FILES = (
    "cancellation_policy",
    "customer_communication",
    "customer_signature",
    "duplicate_charge_documentation",
    "receipt",
    "refund_policy",
    "service_documentation",
    "shipping_documentation",
    "uncategorized_file",
)
TEXTS = (
    "access_activity_log",
    "billing_address",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_tracking_number",
    "uncategorized_text",
)
# The networks' own codes of these reasons (docs.stripe.com/disputes/categories); None for what has none there.
NETWORK_CODES = {
    ("visa", "fraudulent"): "10.4",
    ("visa", "duplicate"): "12.6.1",
    ("visa", "product_not_received"): "13.1",
    ("visa", "subscription_canceled"): "13.2",
    ("visa", "product_unacceptable"): "13.3",
    ("visa", "credit_not_processed"): "13.6",
    ("mastercard", "fraudulent"): "4837",
    ("mastercard", "duplicate"): "4834",
    ("mastercard", "product_not_received"): "4853",
    ("mastercard", "subscription_canceled"): "4853",
    ("mastercard", "product_unacceptable"): "4853",
    ("mastercard", "credit_not_processed"): "4853",
}
NO_EVIDENCE: Doc = {**dict.fromkeys(sorted(FILES + TEXTS)), "enhanced_evidence": {}}


# Disputes that the networks let a merchant answer in a form of their own: what the card is called for -> (reason, type).
ENHANCED = {
    "visa_compelling_evidence_3": ("fraudulent", "visa_compelling_evidence_3"),
    "visa_compliance": ("noncompliant", "visa_compliance"),
    "mastercard_compliance": ("noncompliant", "mastercard_compliance"),
}
# What such an answer still lacks (the API description: dispute_enhanced_eligibility...).
LACKING: dict[str, Doc] = {
    "visa_compelling_evidence_3": {
        "required_actions": ["missing_customer_identifiers", "missing_prior_undisputed_transactions"],
        "status": "requires_action",
    },
    "visa_compliance": {"status": "requires_fee_acknowledgement"},
    "mastercard_compliance": {"status": "requires_fee_acknowledgement"},
}


async def start(ctx: Context, charge: Doc, reason: str, *, amount: int | None = None) -> Doc:
    """Store a dispute of a charge (or of a part) for ``reason`` ("inquiry": a question first), take its money, mark the charge."""
    inquiry = reason == INQUIRY
    reason, enhanced = ENHANCED.get(reason, (reason, None))
    card = charge["payment_method_details"].get("card")
    doc: Doc = {
        "id": ctx.new_id(KIND),
        "object": KIND,
        "amount": charge["amount"] if amount is None else amount,
        "balance_transaction": None,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": ctx.now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [] if enhanced is None else [enhanced],
        "evidence": NO_EVIDENCE,
        "evidence_details": {
            "due_by": answer_by(ctx.now),
            "enhanced_eligibility": {} if enhanced is None else {enhanced: LACKING[enhanced]},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "intended_submission_method": None,
        "is_charge_refundable": inquiry,
        "livemode": ctx.livemode,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": "fraudulent" if inquiry else reason,
        # A bank gives back a debit without asking (docs.stripe.com/payments/sepa-debit, disputes are final).
        "status": "warning_needs_response" if inquiry else "needs_response" if card else "lost",
    }
    if card is not None:
        doc["payment_method_details"] = {"card": _of_card(card, inquiry, reason), "type": "card"}
    if not inquiry:
        doc = _with_transaction(ctx, doc, -doc["amount"], FEE)
    ctx.put(KIND, doc)
    if not inquiry:
        ctx.note("charge.dispute.funds_withdrawn", doc)
    # An inquiry is no dispute yet: the charge can be refunded.
    charge = ctx.put("charge", changed(charge, dispute=doc["id"], disputed=not inquiry))
    await fraud_warnings.settle(ctx, charge)
    return doc


async def refunded(ctx: Context, charge: Doc) -> None:
    """Store that an inquired charge, wholly refunded, can be refunded no more (docs.stripe.com/api/disputes/object)."""
    dispute = await ctx.find(KIND, charge["dispute"] or "") if charge["refunded"] else None
    if dispute is not None and dispute["is_charge_refundable"]:
        ctx.put(KIND, changed(dispute, is_charge_refundable=False))


def answer_by(now: int) -> int:
    """Return the last second of the last day on which evidence counts (unix seconds)."""
    day = datetime.fromtimestamp(now, UTC) + timedelta(days=DAYS)
    return int(day.replace(hour=23, minute=59, second=59, microsecond=0).timestamp())


def verdict(status: str, text: str | None) -> str:
    """Return what evidence that was sent in makes of an open dispute; only test words decide at once."""
    inquiry = status.startswith("warning")
    if text in (WINNING, LOSING) and inquiry:
        return "warning_closed"  # closed without escalation, whichever way
    if text in (WINNING, LOSING):
        return "won" if text == WINNING else "lost"
    if text == ESCALATING and inquiry:
        return "needs_response"
    return "warning_under_review" if inquiry else "under_review"


async def update(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/disputes/{dispute}: evidence is sent in at once unless ``submit`` says no.

    Raises the refusal of one that is closed.
    """
    dispute = await _at_path(ctx, ids)
    changes: Doc = {}
    if "metadata" in params:
        changes["metadata"] = updates.merge_map(dispute["metadata"], params["metadata"])
    if params.get("intended_submission_method") is not None:
        changes["intended_submission_method"] = params["intended_submission_method"]
    given = params.get("evidence")
    sending = params.get("submit") is not False and (given is not None or params.get("submit"))
    if given is None and not sending:
        return ctx.put(KIND, {**dispute, **changes})
    if dispute["status"] not in OPEN:
        raise charge_errors.dispute_closed()
    evidence = {**dispute["evidence"], **(given or {})}
    details = {**dispute["evidence_details"], "has_evidence": any(evidence[name] for name in FILES + TEXTS)}
    if not sending:
        return ctx.put(KIND, {**dispute, **changes, "evidence": evidence, "evidence_details": details})
    late = ctx.now > details["due_by"]  # docs.stripe.com/api/disputes/object, ``past_due``
    details |= {
        "past_due": late, "submission_count": details["submission_count"] + 1, "submission_method": "manual",
    }  # fmt: skip
    status = verdict(dispute["status"], evidence["uncategorized_text"])
    after = {**dispute, **changes, "evidence": evidence, "evidence_details": details, "status": status}
    return await _decided(ctx, dispute, after)


async def close(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/disputes/{dispute}/close: give up; a dispute is lost, a question is closed.

    Raises the refusal of one that is closed.
    """
    dispute = await _at_path(ctx, ids)
    if dispute["status"] not in OPEN:
        raise charge_errors.dispute_closed()
    status = "warning_closed" if dispute["status"].startswith("warning") else "lost"
    return await _decided(ctx, dispute, changed(dispute, status=status))


async def decide(ctx: Context, dispute: Doc, status: str) -> Doc:
    """Store how the bank of an undecided dispute decides: "won", "lost", or "warning_closed" for an inquiry."""
    return await _decided(ctx, dispute, changed(dispute, status=status))


async def of_charge(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """GET /v1/charges/{charge}/dispute; raises the 404 of a charge that is not disputed."""
    charge = await ctx.at_path("charge", ids["charge"])
    if charge["dispute"] is None:
        raise charge_errors.no_dispute(charge["id"])
    return await ctx.at_path(KIND, charge["dispute"])


async def update_of_charge(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/charges/{charge}/dispute."""
    dispute = await of_charge(ctx, ids, params)
    return await update(ctx, {"dispute": dispute["id"]}, params)


async def close_of_charge(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/charges/{charge}/dispute/close."""
    dispute = await of_charge(ctx, ids, params)
    return await close(ctx, {"dispute": dispute["id"]}, params)


async def _at_path(ctx: Context, ids: dict[str, str]) -> Doc:
    return await ctx.at_path(KIND, ids["dispute"])


async def _decided(ctx: Context, before: Doc, after: Doc) -> Doc:
    """Store a dispute with a new status and move the money that goes with it."""
    status = after["status"]
    won = status == "won"
    # A question that becomes a dispute, or is lost, takes the money now.
    taken = status in ("needs_response", "lost") and not before["balance_transactions"]
    if won:
        after = _with_transaction(ctx, after, after["amount"], -FEE)
    elif taken:
        after = _with_transaction(ctx, after, -after["amount"], FEE)
    if status == "needs_response":
        after = changed(after, is_charge_refundable=False)
        card = {**after["payment_method_details"]["card"], "case_type": "chargeback"}
        after["payment_method_details"] = {"card": card, "type": "card"}
    ctx.put(KIND, after)
    if won:
        ctx.note("charge.dispute.funds_reinstated", after)
    elif taken:
        ctx.note("charge.dispute.funds_withdrawn", after)
        charge = await ctx.need("charge", after["charge"], "charge")
        ctx.put("charge", changed(charge, disputed=True))
    return after


def _with_transaction(ctx: Context, dispute: Doc, amount: int, fee: int) -> Doc:
    id = attempts.related_id(dispute["charge"], "txn", ctx)
    words = f"Chargeback {'withdrawal' if amount < 0 else 'reversal'} for {dispute['charge']}"
    entry = charge_shapes.dispute_transaction(id, dispute, amount=amount, fee=fee, now=ctx.now, description=words)
    ctx.put("balance_transaction", entry)
    return changed(dispute, balance_transaction=id, balance_transactions=[*dispute["balance_transactions"], entry])


def _of_card(card: Doc, inquiry: bool, reason: str) -> Doc:
    kind = "inquiry" if inquiry else "compliance" if reason == "noncompliant" else "chargeback"
    return {
        "brand": card["brand"],
        "case_type": kind,
        "network": card["brand"],
        "network_reason_code": NETWORK_CODES.get((card["brand"], reason)),
    }
