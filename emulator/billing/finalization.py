"""Decides an invoice's taxes as it is finalized, and what that leaves: what is watched, what is used up, why it cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import automatic_tax, summing
from emulator.catalog import discounts

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.kernel.errors import StripeError
    from emulator.resources.context import Context

DUE = "_invoice_due"  # a sent invoice -> when something happens because it is not paid (see invoice_due)
UPCOMING = "_upcoming_invoice"  # a subscription -> when its next invoice is announced (see upcoming)
DAY = 86_400


def watch(ctx: Context, invoice: Doc) -> None:
    """Note when something will happen to a finalized invoice, or be said about the one after it."""
    watched = {"id": invoice["id"], "at": ctx.now, "since": ctx.now, "test_clock": invoice["test_clock"]}
    if invoice["due_date"] is not None and invoice["amount_due"]:
        ctx.put(DUE, watched)
    days = ctx.settings.get("upcoming_invoice_days")
    if days and invoice["billing_reason"] == "subscription_create":
        end = min((line["period"]["end"] for line in invoice["lines"]["data"]), default=ctx.now)
        at = max(ctx.now, end - int(days) * DAY)
        ctx.put(
            UPCOMING, {**watched, "id": invoice["parent"]["subscription_details"]["subscription"], "at": at, "told": 0}
        )


async def taxed(ctx: Context, draft: Doc) -> Doc:
    """Return a draft with its taxes fixed at this instant: by the customer's place and exemption as they are now.

    Where the place got lost the draft of a subscription is stored without automatic tax, which is turned off for the
    subscription too; any other says that it waits for a place (docs.stripe.com/tax/customer-locations).
    """
    bare = [summing.bare(line) for line in draft["lines"]["data"]]
    draft = await summing.of_draft(ctx, draft, bare)
    details = (draft["parent"] or {}).get("subscription_details")
    if not details or draft["automatic_tax"]["status"] != automatic_tax.LOST:
        return draft
    await automatic_tax.give_up(ctx, details["subscription"])
    draft = await summing.of_draft(ctx, {**draft, "automatic_tax": automatic_tax.lost_by_invoice()}, bare)
    return ctx.put("invoice", draft)


def refused(ctx: Context, draft: Doc, refusal: StripeError) -> Doc:
    """Store a draft that cannot be finalized by itself: the customer's place is lost, or nobody can charge so much.

    Facts billing 14; that it is not tried again is a choice.
    """
    draft = ctx.put("invoice", {
        **draft, "automatically_finalizes_at": None, "next_payment_attempt": None,
        "last_finalization_error": {"code": refusal.code, "message": refusal.message, "type": refusal.type},
    })  # fmt: skip
    ctx.note("invoice.finalization_failed", draft)
    return draft


async def without_used_up(ctx: Context, customer: Doc, invoice: Doc) -> Doc:
    """Return the customer without a discount for once that this invoice uses up (facts billing 3.4)."""
    kept = customer["discount"]
    if not kept or invoice["discounts"] != [kept["id"]]:
        return customer
    coupon = await discounts.coupon_of(ctx, kept)
    return {**customer, "discount": None} if coupon is not None and coupon["duration"] == "once" else customer


def receipt(ctx: Context, amount: int) -> str | None:
    """Return a receipt's number: only accounts that mail receipts (setting ``email_receipts``) have them."""
    if not amount or not ctx.settings.get("email_receipts"):
        return None
    return f"{ctx.text(4, '123456789')}-{ctx.text(4, '0123456789')}"
