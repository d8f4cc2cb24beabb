"""Decides what can be done with an invoice by hand: create, finalize, pay, void, write off, send, change, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import (
    amounts,
    automatic_tax,
    connect,
    delinquency,
    errors,
    invoice_revisions,
    invoice_shipping,
    lines,
    selection,
    settlement,
    shapes,
    subscription_settings,
    summing,
)
from emulator.billing.transitions import invoice_after
from emulator.catalog.values import within
from emulator.payments import sources
from emulator.payments.errors import amount_too_large
from emulator.resources import updates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

PLAIN = frozenset({
    "account_tax_ids", "auto_advance", "automatically_finalizes_at", "collection_method", "custom_fields",
    "default_payment_method", "default_source", "description", "due_date", "effective_at", "footer", "metadata",
    "number", "on_behalf_of", "payment_settings", "rendering", "shipping_details", "statement_descriptor",
})  # fmt: skip
WHEN_FINALIZED = frozenset({"metadata", "auto_advance", "expand", "default_payment_method", "default_source"})
REWORKED = frozenset({"discounts", "default_tax_rates", "automatic_tax", "shipping_cost"})
DAY = 86_400


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Create a draft by hand (``POST /v1/invoices``): empty unless pending items are asked for (facts billing 7.1).

    Raises the refusal of one for nobody.
    """
    await connect.check(ctx, params)
    if params.get("from_invoice") is not None:
        return await invoice_revisions.create(ctx, params)
    subscription = None
    if params.get("subscription") is not None:
        subscription = await subscription_settings.owned(ctx, params["subscription"], params.get("customer"))
    if params.get("customer") is None and subscription is None:
        raise errors.customer_or_account_missing()
    customer = await ctx.need("customer", params.get("customer") or (subscription or {})["customer"], "customer")
    _check_due(params.get("collection_method") or "charge_automatically", params, customer)
    await automatic_tax.check(ctx, customer, params.get("automatic_tax"))
    currency = params.get("currency") or customer["currency"] or default_currency(ctx)
    await subscription_settings.with_currency(ctx, customer, currency)
    identifier = ctx.new_id("invoice")
    draft = shapes.invoice(
        ctx, identifier, customer, currency, (), shapes.Period(ctx.now, ctx.now), "manual", amounts.plain(()).fields,
        subscription_id=subscription["id"] if subscription else None,
        subscription_metadata=subscription["metadata"] if subscription else None,
    )  # fmt: skip
    draft["auto_advance"] = False
    await connect.tell(ctx, identifier, params)
    draft["discounts"] = summing.discounts_of([], customer)
    swept = await _swept(ctx, params, customer, subscription, currency)
    draft = await _with_settings(ctx, draft, params, customer, sum(item["amount"] for item in swept))
    if customer["currency"] is None and swept:
        ctx.put("customer", {**customer, "currency": currency})
    made = [lines.of_pending(ctx, identifier, item) for item in swept]
    draft = ctx.put("invoice", await recomputed(ctx, _advancing(ctx, draft), made))
    lines.sweep(ctx, swept, identifier)
    return draft


def _advancing(ctx: Context, draft: Doc) -> Doc:
    """Return a new draft with when it is finalized and collected by itself."""
    if not draft["auto_advance"]:
        return draft
    charged = draft["collection_method"] == "charge_automatically"
    return {
        **draft, "automatically_finalizes_at": draft["automatically_finalizes_at"] or ctx.now + 3601,
        "next_payment_attempt": ctx.now + 3600 if charged else None,
    }  # fmt: skip


async def _swept(ctx: Context, params: Doc, customer: Doc, subscription: Doc | None, currency: str) -> list[Doc]:
    include = params.get("pending_invoice_items_behavior") == "include"
    if subscription is None and not include:
        return []
    found = await _pending(ctx, customer, subscription, currency)
    if not found and include:
        raise errors.nothing_to_invoice("subscription" if subscription else "customer")
    return found


async def _pending(ctx: Context, customer: Doc, subscription: Doc | None, currency: str) -> list[Doc]:
    identifier = subscription["id"] if subscription else None
    found = await lines.pending(ctx, customer["id"], currency, identifier)
    if identifier is None:
        return found
    return [one for one in found if one["parent"]]


def default_currency(ctx: Context) -> str:
    """Return the currency of an account's country; only the common ones are told apart."""
    wish = ctx.settings.get("default_currency")
    return str(wish) if wish else "usd"


def _check_due(method: str, params: Doc, customer: Doc) -> None:
    given = params.get("due_date") is not None or params.get("days_until_due") is not None
    if method != "send_invoice":
        if given:
            raise errors.due_date_without_sending()
        return
    if not given:
        raise errors.due_date_missing()
    within(params, "days_until_due", 0, subscription_settings.MOST_DAYS_UNTIL_DUE)
    if not customer["email"]:
        raise errors.email_missing()


async def _check_method(ctx: Context, params: Doc, customer: str) -> None:
    """Refuse to collect from a payment method or source that is not the customer's."""
    await sources.check_default(ctx, params, customer)
    if params.get("default_payment_method") is not None:
        method = await ctx.need("payment_method", params["default_payment_method"], "default_payment_method")
        if method["customer"] != customer:
            raise errors.foreign_payment_method(method["id"], "default_payment_method")


async def _with_settings(ctx: Context, draft: Doc, params: Doc, customer: Doc, amount: int) -> Doc:
    """Return a draft with its parameters; ``amount`` is what promotion codes hold against their minimum."""
    given = {name: value for name, value in params.items() if name in PLAIN}
    if params.get("days_until_due") is not None:
        given["due_date"] = ctx.now + params["days_until_due"] * DAY
    await _check_method(ctx, params, customer["id"])
    if "default_tax_rates" in params:
        given["default_tax_rates"] = await selection.tax_rates(
            ctx, params, "default_tax_rates", draft["default_tax_rates"], name="default_tax_rates"
        )
    if "discounts" in params:
        before = [one for one in [await ctx.find("discount", one) for one in draft["discounts"]] if one is not None]
        found = await selection.redeemed(
            ctx, params["discounts"], customer["id"], before, currency=draft["currency"], invoice=draft["id"],
            amount=amount,
        )  # fmt: skip
        given["discounts"] = [one["id"] for one in found]
    result = updates.apply(draft, given)
    if "shipping_cost" in params:
        result["shipping_cost"] = await invoice_shipping.cost(ctx, params["shipping_cost"], draft["currency"])
    if params.get("automatic_tax") is not None:
        result["automatic_tax"] = automatic_tax.of_invoice(params["automatic_tax"])
    return result


async def recomputed(ctx: Context, draft: Doc, made: Sequence[Doc]) -> Doc:
    """Return a draft with these lines and the sums they make."""
    return await summing.of_draft(ctx, draft, made)


async def update(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Change an invoice: drafts freely, finalized ones hardly (``POST /v1/invoices/{id}``).

    Raises the refusal of the first parameter that is too late.
    """
    invoice = await ctx.at_path("invoice", ids["invoice"], "id")
    if invoice["status"] != "draft":
        refused = sorted(set(params) - WHEN_FINALIZED)
        if refused:
            raise errors.not_updatable(refused[0])
        await _check_method(ctx, params, invoice["customer"])
        return ctx.put("invoice", updates.apply(invoice, params))
    await connect.check(ctx, params)
    customer = await ctx.need("customer", invoice["customer"], "customer")
    if "collection_method" in params or "due_date" in params or "days_until_due" in params:
        merged = {"due_date": invoice["due_date"], **params}
        _check_due(params.get("collection_method") or invoice["collection_method"], merged, customer)
    await automatic_tax.check(ctx, customer, params.get("automatic_tax"))
    draft = await _with_settings(ctx, invoice, params, customer, invoice["subtotal"])
    if params.get("auto_advance") is not None:
        draft["automatically_finalizes_at"] = ctx.now + 3601 if params["auto_advance"] else None
    await connect.tell(ctx, invoice["id"], params)
    if REWORKED & set(params):
        draft = await recomputed(ctx, draft, [summing.bare(line) for line in draft["lines"]["data"]])
    return ctx.put("invoice", draft)


async def delete(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Delete a draft; its items go with it (facts billing 7.1). Drafts of subscriptions must be voided instead.

    Raises the refusals of these and of what is no draft.
    """
    invoice = await ctx.at_path("invoice", ids["invoice"], "invoice")
    if invoice_after(invoice["status"], "delete") is None:
        raise errors.only_drafts_deleted()
    if invoice["billing_reason"].startswith("subscription"):
        raise errors.subscription_draft_deleted()
    return ctx.remove("invoice", invoice["id"])


async def finalize(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Finalize a draft (``POST .../finalize``): nothing due is paid at once, the rest waits for its payment.

    Raises the refusal of one that is no draft.
    """
    invoice = await ctx.at_path("invoice", ids["invoice"], "id")
    if invoice_after(invoice["status"], "finalize") is None:
        raise errors.already_finalized()
    if params.get("auto_advance") is not None:
        invoice = {**invoice, "auto_advance": params["auto_advance"]}
    done = await finalized(ctx, invoice)
    if done["status"] == "open" and done["collection_method"] == "charge_automatically":
        await settlement.awaited(ctx, done)
        if done["auto_advance"]:
            done = ctx.put("invoice", {**done, "next_payment_attempt": ctx.now + 3600})
    return done


async def finalized(ctx: Context, draft: Doc) -> Doc:
    """Return a draft finalized by hand; a revision takes the place of what it revises, which is voided.

    Raises the refusal of automatic tax whose place got lost since, and of more than can be charged.
    """
    if draft["automatic_tax"]["enabled"]:
        customer = await ctx.need("customer", draft["customer"], "customer")
        await automatic_tax.check(ctx, customer, draft["automatic_tax"])
    done = await settlement.finalize(ctx, draft, collecting=False)
    if done["status"] == "draft":
        raise amount_too_large(done["currency"])
    revised = await ctx.find("invoice", done["from_invoice"]["invoice"]) if done["from_invoice"] else None
    if revised is not None:
        revised = ctx.put("invoice", {**revised, "latest_revision": done["id"]})
        if invoice_after(revised["status"], "void") is not None:
            await voided(ctx, revised)
    return done


async def pay(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Pay an invoice (``POST .../pay``): a draft is finalized first, and stays so when nothing can pay it.

    Raises the card error of a decline (what was tried stays), and the refusals of facts billing 7.1.
    """
    invoice = await ctx.at_path("invoice", ids["invoice"], "id")
    finalized_now = invoice["status"] == "draft"
    if invoice["status"] == "paid":
        raise errors.already_paid()
    if finalized_now:
        invoice = await finalized(ctx, invoice)
        if invoice["status"] == "paid":
            return invoice
    if invoice_after(invoice["status"], "pay") is None:
        raise errors.isnt_open()
    if params.get("paid_out_of_band"):
        # recorded 2026-09: nothing was attempted, nothing was paid through the account
        return await settlement.paid(ctx, invoice, amount=invoice["amount_remaining"], attempted=False)
    method = params.get("payment_method") or params.get("source")
    if method is not None and str(method).startswith("pm_"):
        found = await ctx.need("payment_method", method, "payment_method")
        if found["customer"] not in {None, invoice["customer"]}:
            raise errors.foreign_payment_method(method, "payment_method")
    if method is None and await settlement.method_of(ctx, invoice) is None:
        if finalized_now and invoice["collection_method"] == "charge_automatically":
            await settlement.awaited(ctx, invoice)
        raise errors.kept(errors.no_payment_method(), keep=finalized_now)
    invoice, outcome = await settlement.attempt(
        ctx, invoice, payment_method=method, off_session=params.get("off_session") is not False
    )
    if outcome is None:
        raise errors.no_payment_method()
    if outcome.status == "requires_action":
        raise errors.invoice_needs_action(invoice["id"], outcome.payment_intent)
    if outcome.error is not None:
        raise errors.kept(outcome.error, keep=True)
    return invoice


async def void(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Void an open or uncollectible invoice: its payment is canceled, the balance it used comes back.

    Raises the refusals of a paid one and of any other.
    """
    invoice = await ctx.at_path("invoice", ids["invoice"], "id")
    if invoice["status"] == "paid":
        raise errors.paid_cannot_be_voided()
    if invoice_after(invoice["status"], "void") is None:
        raise errors.isnt_open()
    return await voided(ctx, invoice)


async def voided(ctx: Context, invoice: Doc) -> Doc:
    """Return an invoice voided and stored."""
    await settlement.release_payment(ctx, invoice["id"])
    used = (invoice["ending_balance"] or 0) - invoice["starting_balance"]
    if used:
        customer = await ctx.need("customer", invoice["customer"], "customer")
        balance = customer["balance"] - used
        ctx.put("customer", {**customer, "balance": balance})
        ctx.put("customer_balance_transaction", shapes.balance_transaction(
            ctx, customer, -used, balance, "unapplied_from_invoice", invoice["currency"], invoice["id"]))  # fmt: skip
    return ctx.put("invoice", {
        **invoice, "auto_advance": False, "next_payment_attempt": None, "status": "void",
        "status_transitions": {**invoice["status_transitions"], "voided_at": ctx.now},
    })  # fmt: skip


async def mark_uncollectible(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Write an open invoice off (``POST .../mark_uncollectible``).

    Raises the refusals of one that is written off and of any that is not open.
    """
    invoice = await ctx.at_path("invoice", ids["invoice"], "id")
    if invoice["status"] == "uncollectible":
        raise errors.already_uncollectible()
    if invoice_after(invoice["status"], "mark_uncollectible") is None:
        raise errors.isnt_open()
    await delinquency.tell(ctx, invoice, owes=False)
    return ctx.put("invoice", {
        **invoice, "auto_advance": False, "next_payment_attempt": None, "status": "uncollectible",
        "status_transitions": {**invoice["status_transitions"], "marked_uncollectible_at": ctx.now},
    })  # fmt: skip


async def send(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Send an invoice (``POST .../send``): a draft is finalized first; no mail leaves, the event does.

    Raises the refusal of one that is charged automatically or done.
    """
    invoice = await ctx.at_path("invoice", ids["invoice"], "invoice")
    if invoice["collection_method"] != "send_invoice" or invoice["status"] not in {"draft", "open"}:
        raise errors.cannot_be_sent()
    if invoice["status"] == "draft":
        invoice = await finalized(ctx, invoice)
    ctx.note("invoice.sent", invoice)
    return invoice
