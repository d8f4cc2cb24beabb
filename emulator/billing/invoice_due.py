"""Decides what happens to sent invoices by themselves: reminders, overdue, and what that means for a subscription.

How many days before and after, and what is done in the end, are account settings (Automations in the Dashboard):
``will_be_due_days`` (none by default), ``overdue_days`` (0), ``overdue_then`` (``{"days": 30, "act": "cancel"}``, none).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import delinquency, finalization, settlement
from emulator.billing.transitions import ENDED, subscription_after

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

KIND = finalization.DUE
DAY = 86_400


def steps(due_date: int, settings: Mapping[str, Any]) -> list[tuple[int, str]]:
    """Return (instant, what) of everything that an unpaid invoice makes happen, in order of time."""
    found = [(due_date + int(settings.get("overdue_days") or 0) * DAY, "overdue"), (due_date, "past_due")]
    before = settings.get("will_be_due_days")
    if before:
        found.append((due_date - int(before) * DAY, "will_be_due"))
    then = settings.get("overdue_then")
    if then:
        found.append((due_date + int(then["days"]) * DAY, str(then["act"])))
    return sorted(found, key=lambda one: one[0])


def next_instant(notice: Doc) -> int:
    """Return when the next step of an invoice is due."""
    return int(notice["at"])


async def wake(ctx: Context, notice: Doc) -> None:
    """Do what is due for a sent invoice, as long as something is owed."""
    invoice = await ctx.find("invoice", notice["id"])
    if invoice is None or invoice["status"] != "open" or invoice["due_date"] is None:
        ctx.remove(KIND, notice["id"])
        return
    later = [one for one in steps(invoice["due_date"], ctx.settings) if one[0] > ctx.now]
    if later:
        ctx.put(KIND, {**notice, "at": later[0][0], "since": ctx.now})
    else:
        ctx.remove(KIND, notice["id"])
    for at, what in steps(invoice["due_date"], ctx.settings):
        # A reminder whose time was over before the invoice was finalized is not made up for.
        if at <= ctx.now and (at > notice["since"] or (at == notice["since"] and what != "will_be_due")):
            await _step(ctx, invoice, what)


async def _step(ctx: Context, invoice: Doc, what: str) -> None:
    if what in {"will_be_due", "overdue"}:
        ctx.note(f"invoice.{what}", invoice)
        if what == "overdue":
            await delinquency.tell(ctx, invoice, owes=True)
        return
    subscription = await settlement.subscription_of(ctx, invoice)
    if subscription is None or subscription["status"] in ENDED or subscription["latest_invoice"] != invoice["id"]:
        return
    if what == "cancel":
        from emulator.billing.cancellations import cancel_now

        await cancel_now(ctx, subscription, prorate=False, invoice_now=False, reason="payment_failed")
        return
    act = "exhausted" if what == "unpaid" else "payment_failed"
    status = subscription_after(subscription["status"], act)
    if status != subscription["status"]:
        ctx.put("subscription", {**subscription, "status": status})
