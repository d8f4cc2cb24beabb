"""Decides which events customers are mailed about, where the account's settings say so, and what these mails hold.

Source: docs.stripe.com/billing/revenue-recovery/customer-emails, docs.stripe.com/receipts; test mode mails nothing by
itself, so every switch is off in a new world. Who is told of what in which case is a choice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from emulator.billing import settlement
from emulator.kernel.documents import at
from emulator.portal.settings import brands, configurations
from emulator.resources import mailbox
from emulator.resources.mailbox import EMAILS, RECEIPTS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

CUSTOMER = "portal"  # the actor of an act that a customer sees the end of on a page


class Notice(NamedTuple):
    """What a mail holds: the customer, the ``address`` that goes before the customer's, and facts."""

    customer: str | None
    address: str | None
    facts: dict[str, Any]


async def post(ctx: Context, events: Iterable[Doc]) -> None:
    """Put mails about a unit of work's events into the mailbox, as the world's settings switch them on."""
    switched = ctx.settings.get(EMAILS) or {}
    for event in events:
        known = MAILS.get(event["type"])
        if known is None:
            continue
        about, switch, build = known
        if ctx.settings.get(RECEIPTS) if switch == RECEIPTS else switched.get(switch):
            await _post(ctx, about, await build(ctx, event["data"]["object"]))


async def _post(ctx: Context, about: str, notice: Notice | None) -> None:
    customer: Doc = (await ctx.find("customer", notice.customer or "") or {}) if notice else {}
    address = (notice.address if notice else None) or customer.get("email")
    if notice is None or not address:
        return
    account = await brands.account(ctx, notice.facts.pop("on_behalf_of", None))
    facts = {**notice.facts, **brands.letterhead(ctx, account)}
    mailbox.post(ctx, about, address, locales=customer.get("preferred_locales") or (), facts=facts)


async def _invoice_of(ctx: Context, charge: Doc) -> Doc | None:
    link = await ctx.find(settlement.LINK, charge["payment_intent"] or "")
    return await ctx.find("invoice", link["invoice"]) if link else None


def _mailed(url: str | None) -> str | None:
    """Return the address of an invoice's page as mails have it (facts portal 8)."""
    return f"{url.partition('?')[0]}?s=em" if url else None


async def _of_charge(ctx: Context, charge: Doc, amount: int, day: int) -> Notice:
    invoice: Doc = await _invoice_of(ctx, charge) or {}
    return Notice(
        charge["customer"],
        charge["receipt_email"] or invoice.get("customer_email") or at(charge, "billing_details.email"),
        {
            "amount": amount,
            "currency": charge["currency"],
            "day": day,
            "invoice": invoice.get("number"),
            "invoice_url": _mailed(invoice.get("hosted_invoice_url")),
            "method": charge["payment_method_details"],
            "on_behalf_of": charge["on_behalf_of"],
            "receipt": charge["receipt_number"] or invoice.get("receipt_number"),
            "url": charge["receipt_url"],
        },
    )


async def _receipt(ctx: Context, charge: Doc) -> Notice | None:
    return await _of_charge(ctx, charge, charge["amount_captured"], charge["created"]) if charge["captured"] else None


async def _refund(ctx: Context, charge: Doc) -> Notice | None:
    last = await ctx.select("refund", 1, charge=charge["id"])
    return await _of_charge(ctx, charge, last[0]["amount"], ctx.now) if last else None


async def _failure(ctx: Context, invoice: Doc) -> Notice | None:
    """A payment that nobody watched; what fails on a page is told there."""
    if ctx.request.actor == CUSTOMER:
        return None
    error: Doc = {}
    for payment in await ctx.select("invoice_payment", invoice=invoice["id"]):
        intent = await ctx.find("payment_intent", at(payment, "payment.payment_intent") or "")
        error = (intent or {}).get("last_payment_error") or error
    return Notice(
        invoice["customer"],
        invoice["customer_email"],
        {
            "amount": invoice["amount_remaining"],
            "currency": invoice["currency"],
            "error": {name: error.get(name) for name in ("code", "decline_code")},
            "invoice": invoice["number"],
            "next": invoice["next_payment_attempt"],
            "on_behalf_of": invoice["on_behalf_of"],
            "url": _mailed(invoice["hosted_invoice_url"]),
        },
    )


async def _trial(ctx: Context, subscription: Doc) -> Notice | None:
    facts = {"day": subscription["trial_end"], "on_behalf_of": subscription["on_behalf_of"]}
    return Notice(subscription["customer"], None, {**facts, "url": await _portal(ctx)})


async def _renewal(ctx: Context, invoice: Doc) -> Notice | None:
    facts = {
        "amount": invoice["amount_due"],
        "currency": invoice["currency"],
        "day": invoice["period_end"],
        "on_behalf_of": invoice["on_behalf_of"],
        "url": await _portal(ctx),
    }
    return Notice(invoice["customer"], invoice["customer_email"], facts)


async def _portal(ctx: Context) -> str | None:
    """Return where customers log in, which mails may say (facts portal 13); None where nobody can."""
    for found in await ctx.select(configurations.KIND, 1, is_default=True):
        url: str | None = at(found, "login_page.url")
        return url
    return None


# By the type of an event: what the mail is about, the switch that it depends on, and what it holds.
MAILS: dict[str, tuple[str, str, Callable[[Context, Doc], Awaitable[Notice | None]]]] = {
    "charge.captured": ("receipt", RECEIPTS, _receipt),
    "charge.refunded": ("refund", "refunds", _refund),
    "charge.succeeded": ("receipt", RECEIPTS, _receipt),
    "customer.subscription.trial_will_end": ("trial_ending", "trial_ending", _trial),
    "invoice.payment_failed": ("payment_failed", "failed_payments", _failure),
    "invoice.upcoming": ("upcoming_renewal", "upcoming_renewals", _renewal),
}
