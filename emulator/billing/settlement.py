"""Decides how an invoice is finalized and settled: number, balance, payment, and what that means for its subscription.

The order of writes is the order of events. It follows the recorded deliveries of facts billing 9.2 as far as cause and
effect allow; the whole order of a paid first invoice is: customer (currency, next number), PaymentIntent and charge,
subscription, invoice as draft, open and paid, invoice payment.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, NamedTuple

from emulator.billing import connect, delinquency, dunning, errors, finalization, shapes, totals, unset
from emulator.billing.transitions import after_payment, subscription_after
from emulator.payments import collect
from emulator.payments.amounts import LARGEST
from emulator.payments.errors import amount_too_large

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.payments.collect import Outcome
    from emulator.resources.context import Context

# PaymentIntent -> invoice, kept apart because newer PaymentIntents do not name their invoice.
ASKING = frozenset({"redirect_to_url", "use_stripe_sdk"})  # what a customer has to do to prove who they are
LINK = "_invoice_payment_intent"
LETTER_COUNTRIES = frozenset({"US", "CA", "MX", "PH", "CL", "CO", "VE"})
# What the PaymentIntent of an invoice says (facts billing 2); cycles are a choice.
DESCRIPTIONS = {"subscription_create": "Subscription creation", "manual": "Payment for Invoice"}
OTHER_DESCRIPTION = "Subscription update"
RETRYABLE = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})


class Opened(NamedTuple):
    """A finalized invoice that is not stored yet, and its customer after numbering and balance."""

    invoice: Doc
    customer: Doc
    moved: totals.Moved


def opened(ctx: Context, draft: Doc, customer: Doc) -> Opened:
    """Return ``draft`` finalized: number, addresses of its pages, balance used (facts billing 7.1). Stores nothing."""
    chargeable = draft["collection_method"] == "charge_automatically"
    due = totals.due(draft["total"], customer["balance"], draft["currency"], chargeable=chargeable)
    number, changes = draft["number"], {}
    if number is None:
        sequence = customer["next_invoice_sequence"]
        number = f"{customer['invoice_prefix']}-{sequence:04d}"
        changes["next_invoice_sequence"] = sequence + 1
    if due.ending_balance != customer["balance"]:
        changes["balance"] = due.ending_balance
    secret = f"{ctx.linked},_{ctx.token(32)},{number}"
    token = base64.urlsafe_b64encode(secret.encode()).decode().rstrip("=") + "0200" + ctx.text(8)
    mode = "live" if ctx.livemode else "test"
    page = "letter" if draft["account_country"] in LETTER_COUNTRIES else "a4"
    invoice = draft.copy()
    invoice["amount_due"] = invoice["amount_remaining"] = due.amount_due
    invoice["automatically_finalizes_at"] = None
    shapes.address(invoice, customer)
    invoice["effective_at"] = draft["effective_at"] or ctx.now
    invoice["ending_balance"] = due.ending_balance
    invoice["hosted_invoice_url"] = f"{ctx.base_url}/i/{ctx.account}/{mode}_{token}?s=ap"
    invoice["invoice_pdf"] = f"{ctx.base_url}/invoice/{ctx.account}/{mode}_{token}/pdf?s=ap"
    invoice["number"] = number
    invoice["rendering"] = {**draft["rendering"], "pdf": unset.PAGES[page]}
    invoice["starting_balance"] = customer["balance"]
    invoice["status"] = "open"
    invoice["status_transitions"] = {**draft["status_transitions"], "finalized_at": ctx.now}
    finalization.watch(ctx, invoice)
    return Opened(invoice, {**customer, **changes}, due.moved)


def record_balance(ctx: Context, before: Doc, result: Opened) -> None:
    """Store the balance transaction of a finalized invoice, if the balance moved."""
    amount = result.customer["balance"] - before["balance"]
    if amount:
        kind = result.moved or "applied_to_invoice"
        invoice = result.invoice
        ctx.put("customer_balance_transaction", shapes.balance_transaction(
            ctx, before, amount, result.customer["balance"], kind, invoice["currency"], invoice["id"]))  # fmt: skip


async def customer_tax_ids(ctx: Context, customer: str) -> list[Doc]:
    """Return the customer's tax ids as an invoice freezes them."""
    found = await ctx.select("tax_id", customer=customer)
    return [{"type": one["type"], "value": one["value"]} for one in found] or unset.NONE_YET


async def finalize(ctx: Context, draft: Doc, *, collecting: bool) -> Doc:
    """Store ``draft`` as finalized; nothing due is paid at once, ``collecting`` charges what is due.

    Raises nothing for a declined charge: the invoice stays open (see ``attempt``). What cannot be finalized stays a draft
    that says why.
    """
    customer = await ctx.need("customer", draft["customer"], "customer")
    if draft["automatic_tax"]["enabled"] or draft["customer_tax_exempt"] != customer["tax_exempt"]:
        draft = await finalization.taxed(ctx, draft)
        if draft["automatic_tax"]["enabled"] and draft["automatic_tax"]["status"] != "complete":
            return finalization.refused(ctx, draft, errors.tax_location_invalid())
    if draft["collection_method"] == "send_invoice" and draft["total"] + customer["balance"] > LARGEST:
        return finalization.refused(ctx, draft, amount_too_large(draft["currency"]))
    result = opened(ctx, {**draft, "customer_tax_ids": await customer_tax_ids(ctx, customer["id"])}, customer)
    result = result._replace(customer=await finalization.without_used_up(ctx, result.customer, result.invoice))
    if result.customer != customer:
        ctx.put("customer", result.customer)
    record_balance(ctx, customer, result)
    invoice = ctx.put("invoice", result.invoice)
    if invoice["amount_due"] == 0:
        return await paid(ctx, invoice, amount=0)
    if invoice["collection_method"] == "send_invoice":
        await awaited(ctx, invoice)
    elif collecting:
        return (await attempt(ctx, invoice, automatic=True))[0]
    return invoice


async def awaited(ctx: Context, invoice: Doc) -> None:
    """Make the PaymentIntent that an open invoice waits for its customer with (facts billing 7.1)."""
    intent = (await charge(ctx, invoice, None, confirm=False)).payment_intent["id"]
    ctx.put(LINK, {"id": intent, "invoice": invoice["id"]})
    ctx.put("invoice_payment", shapes.invoice_payment(ctx, invoice, intent, invoice["amount_due"]))


async def attempt(
    ctx: Context, invoice: Doc, *, payment_method: str | None = None, off_session: bool = True, automatic: bool = False
) -> tuple[Doc, Outcome | None]:
    """Try to pay an open invoice and store the result; the outcome is None when nothing could pay."""
    method = payment_method or await method_of(ctx, invoice)
    if method is None:
        return await failed(ctx, invoice, automatic=automatic), None
    intent = await _waiting(ctx, invoice["id"])
    if intent is None:
        outcome = await charge(ctx, invoice, method, off_session=off_session)
    else:
        outcome = await collect.retry(ctx, intent, method, off_session=off_session)
    return await settle(ctx, invoice, outcome, automatic=automatic), outcome


async def method_of(ctx: Context, invoice: Doc) -> str | None:
    """Return what an invoice is charged to when nothing else is named, None where there is nothing."""
    own: str | None = invoice["default_payment_method"] or invoice["default_source"]
    if own is not None:
        return own
    customer = await ctx.need("customer", invoice["customer"], "customer")
    return await collect.default_method(ctx, customer, await subscription_of(ctx, invoice))


async def charge(
    ctx: Context, invoice: Doc, method: str | None, *, off_session: bool = True, confirm: bool = True,
    subscription: Doc | None = None,
) -> Outcome:  # fmt: skip
    """Make the PaymentIntent of an invoice and confirm it; ``subscription`` is its own where that is not stored yet."""
    return await collect.collect(
        ctx,
        amount=invoice["amount_remaining"],
        currency=invoice["currency"],
        customer=invoice["customer"],
        payment_method=method,
        description=DESCRIPTIONS.get(invoice["billing_reason"], OTHER_DESCRIPTION),
        invoice=invoice["id"],
        off_session=off_session,
        confirm=confirm,
        more=await connect.of_payment(ctx, invoice, subscription or await subscription_of(ctx, invoice)),
    )


async def settle(ctx: Context, invoice: Doc, outcome: Outcome, *, automatic: bool = False) -> Doc:
    """Store what a payment's outcome makes of an open invoice."""
    intent = outcome.payment_intent
    link: Doc = {"id": intent["id"], "invoice": invoice["id"]}
    if outcome.status == "processing":  # how the attempt counts once the bank has answered
        link |= {"automatic": automatic, "counts": automatic or not invoice["attempted"]}
    ctx.put(LINK, link)
    if outcome.status == "succeeded":
        return await paid(ctx, invoice, amount=invoice["amount_remaining"], payment_intent=intent, attempts=1)
    if await open_payment(ctx, invoice["id"]) is None:
        ctx.put("invoice_payment", shapes.invoice_payment(ctx, invoice, intent["id"], invoice["amount_remaining"]))
    if outcome.status == "processing":
        return ctx.put("invoice", {**invoice, "attempted": True, "next_payment_attempt": None})
    if outcome.status == "requires_action":
        return await failed(ctx, invoice, automatic=automatic, needs_action=True)
    return await failed(ctx, invoice, automatic=automatic)


async def failed(
    ctx: Context, invoice: Doc, *, automatic: bool, needs_action: bool = False, counts: bool = False
) -> Doc:
    """Store a failed attempt: counters, the next one, and the subscription's status (facts billing 6.11).

    ``counts``: it is counted though the invoice was attempted before, for this is the answer to that attempt.
    """
    first = invoice["billing_reason"] == "subscription_create"
    count = invoice["attempt_count"] + (1 if counts or automatic or not invoice["attempted"] else 0)
    retry = automatic and not first
    counted = count > invoice["attempt_count"]
    invoice = ctx.put("invoice", {
        **invoice,
        "attempted": True,
        "attempt_count": count,
        "auto_advance": invoice["auto_advance"] and not first,
        "next_payment_attempt": dunning.next_attempt(ctx.now, count, ctx.settings.get("dunning")) if retry else None,
    })  # fmt: skip
    if not counted:
        ctx.note("invoice.payment_failed", invoice)  # the failure leaves no trace: only the first manual one counts
    if needs_action:
        ctx.note("invoice.payment_action_required", invoice)
    subscription = await subscription_of(ctx, invoice)
    # A pending update that is not paid changes nothing (docs.stripe.com pending updates).
    if (
        subscription is not None
        and subscription["latest_invoice"] == invoice["id"]
        and not subscription["pending_update"]
    ):
        _move(ctx, subscription, "payment_failed")
    if automatic and not needs_action:
        await delinquency.tell(ctx, invoice, owes=True)
    return invoice


async def paid(
    ctx: Context, invoice: Doc, *, amount: int, payment_intent: Doc | None = None, attempts: int = 0,
    attempted: bool = True,
) -> Doc:  # fmt: skip
    """Store an invoice as paid, with its payment, and bring its subscription to life."""
    link = await open_payment(ctx, invoice["id"])
    done = ctx.put("invoice", as_paid(ctx, invoice, amount, attempts, attempted=attempted))
    if payment_intent is not None:
        record_payment(ctx, invoice, payment_intent["id"], amount, link)
    elif link is not None:  # paid elsewhere: nobody shall pay it again (a choice)
        await release_payment(ctx, invoice["id"], "automatic")
    subscription = await subscription_of(ctx, done)
    if subscription is not None and subscription["latest_invoice"] == done["id"]:
        _revive(ctx, subscription, done, payment_intent)
    await delinquency.tell(ctx, done, owes=False)
    return done


def as_paid(ctx: Context, invoice: Doc, amount: int, attempts: int, *, attempted: bool = True) -> Doc:
    """Return an open invoice as paid; ``attempts`` counts the charge that paid it."""
    return {
        **invoice,
        "amount_paid": invoice["amount_paid"] + amount,
        "amount_remaining": 0,
        "attempt_count": invoice["attempt_count"] + attempts,
        "attempted": invoice["attempted"] or attempted,
        "auto_advance": False,
        "next_payment_attempt": None,
        "receipt_number": invoice["receipt_number"] or finalization.receipt(ctx, amount),
        "status": "paid",
        "status_transitions": {**invoice["status_transitions"], "paid_at": ctx.now},
    }


def record_payment(ctx: Context, invoice: Doc, payment_intent: str, amount: int, link: Doc | None = None) -> Doc:
    """Store the payment of an invoice: the open one completed, or a new one."""
    if link is None or link["payment"].get("payment_intent") != payment_intent:
        if link is not None:
            ctx.put("invoice_payment", {
                **link, "status": "canceled", "status_transitions": {"canceled_at": ctx.now, "paid_at": None},
            })  # fmt: skip
        link = shapes.invoice_payment(ctx, invoice, payment_intent, amount)
    return ctx.put("invoice_payment", {
        **link, "amount_paid": amount, "status": "paid",
        "status_transitions": {"canceled_at": None, "paid_at": ctx.now},
    })  # fmt: skip


async def open_payment(ctx: Context, invoice: str) -> Doc | None:
    """Return the invoice's own payment that is still open; attached ones are not asked for."""
    for one in await ctx.select("invoice_payment", invoice=invoice):
        if one["status"] == "open" and one["is_default"]:
            return one
    return None


async def _waiting(ctx: Context, invoice: str) -> Doc | None:
    """Return the PaymentIntent of an earlier attempt that can be tried again."""
    link = await open_payment(ctx, invoice)
    intent = await ctx.find("payment_intent", link["payment"]["payment_intent"]) if link else None
    return intent if intent is not None and intent["status"] in RETRYABLE else None


async def ask_for(ctx: Context, invoice: str, amount: int) -> None:
    """Let the open payment of an invoice ask for ``amount``: what is owed has changed since."""
    link = await open_payment(ctx, invoice)
    if link is None:
        return
    intent = await ctx.find("payment_intent", link["payment"]["payment_intent"])
    if intent is not None and intent["status"] in RETRYABLE and intent["amount"] != amount:
        ctx.put("payment_intent", {**intent, "amount": amount})
    ctx.put("invoice_payment", {**link, "amount_requested": amount})


async def release_payment(ctx: Context, invoice: str, reason: str = "void_invoice") -> None:
    """Cancel the open payment of an invoice and its PaymentIntent (the invoice was voided, or settled otherwise)."""
    link = await open_payment(ctx, invoice)
    if link is None:
        return
    intent = await ctx.find("payment_intent", link["payment"]["payment_intent"])
    if intent is not None and intent["status"] not in {"succeeded", "canceled", "processing"}:
        ctx.put("payment_intent", {
            **intent, "status": "canceled", "canceled_at": ctx.now, "cancellation_reason": reason,
            "next_action": None,
        })  # fmt: skip
    ctx.put("invoice_payment", {
        **link, "status": "canceled", "status_transitions": {"canceled_at": ctx.now, "paid_at": None},
    })  # fmt: skip


async def received(ctx: Context, invoice: Doc, intent: Doc, link: Doc) -> Doc:
    """Return an invoice after a payment that was attached to it arrived: partly or wholly paid, or overpaid."""
    got, left = int(intent["amount_received"]), invoice["amount_remaining"]
    counted = min(got, left)
    ctx.put("invoice_payment", {
        **link, "amount_paid": counted, "status": "paid", "status_transitions": {"canceled_at": None, "paid_at": ctx.now},
    })  # fmt: skip
    over = invoice["amount_overpaid"] + got - counted
    if counted < left:
        part = {**invoice, "amount_paid": invoice["amount_paid"] + counted, "amount_remaining": left - counted}
        after = ctx.put("invoice", part)
        await ask_for(ctx, invoice["id"], left - counted)
        return after
    await release_payment(ctx, invoice["id"])
    done = await paid(ctx, {**invoice, "amount_overpaid": over}, amount=counted, attempted=False)
    if over:
        ctx.note("invoice.overpaid", done)
    return done


async def after_payment_intent(ctx: Context, intent: Doc) -> None:
    """Let a PaymentIntent that changed outside of billing settle its invoice; others are left alone."""
    link = await ctx.find(LINK, intent["id"])
    invoice = await ctx.find("invoice", link["invoice"]) if link else None
    if invoice is None or invoice["status"] not in {"open", "uncollectible"}:
        return
    answered: Doc = link or {}
    if "counts" in answered:  # an attempt is counted once
        ctx.put(LINK, {"id": answered["id"], "invoice": answered["invoice"]})
    attached = await _attached(ctx, invoice["id"], intent["id"])
    if attached is not None:
        if intent["status"] == "succeeded":
            await received(ctx, invoice, intent, attached)
    elif intent["status"] == "succeeded":
        counts = answered.get("counts") or not invoice["attempted"]
        await paid(ctx, invoice, amount=intent["amount"], payment_intent=intent, attempts=1 if counts else 0)
    elif intent["status"] == "requires_payment_method" and intent.get("last_payment_error"):
        await failed(ctx, invoice, automatic=bool(answered.get("automatic")), counts=bool(answered.get("counts")))
    elif intent["status"] == "requires_action" and intent["next_action"]["type"] in ASKING:
        ctx.note("invoice.payment_action_required", invoice)  # facts billing 9.2: also when the customer confirms


async def _attached(ctx: Context, invoice: str, payment_intent: str) -> Doc | None:
    """Return the open payment that ties an attached PaymentIntent to an invoice."""
    for one in await ctx.select("invoice_payment", invoice=invoice):
        ours = one["payment"].get("payment_intent") == payment_intent
        if ours and not one["is_default"] and one["status"] == "open":
            return one
    return None


async def subscription_of(ctx: Context, invoice: Doc) -> Doc | None:
    """Return the subscription that an invoice bills."""
    identifier = subscription_id_of(invoice)
    return await ctx.find("subscription", identifier) if identifier else None


def subscription_id_of(invoice: Doc) -> str | None:
    """Return the id of the subscription that an invoice bills."""
    parent = invoice["parent"]
    details = parent["subscription_details"] if parent else None
    return details["subscription"] if details else None


def _move(ctx: Context, subscription: Doc, what: str) -> Doc:
    status = subscription_after(subscription["status"], what)
    if status == subscription["status"]:
        return subscription
    return ctx.put("subscription", {**subscription, "status": status})


def _revive(ctx: Context, subscription: Doc, invoice: Doc, payment_intent: Doc | None) -> None:
    changes: Doc = {}
    status = after_payment(subscription["status"], invoice["due_date"], ctx.now)
    if status != subscription["status"]:
        changes["status"] = status
    settings = subscription["payment_settings"] or {}
    if payment_intent is not None and settings.get("save_default_payment_method") == "on_subscription":
        method = payment_intent["payment_method"]
        if method != subscription["default_payment_method"]:
            changes["default_payment_method"] = method
    if changes:
        ctx.put("subscription", {**subscription, **changes})
