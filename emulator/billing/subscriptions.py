"""Decides how a subscription begins: what is refused, its first invoice, its first payment, its first status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from emulator.billing import (
    backdating,
    cancellations,
    drafts,
    errors,
    extra_items,
    finalization,
    lines,
    prebilling,
    selection,
    settlement,
    shapes,
    shortening,
    timing,
    trial_notices,
    used_discounts,
)
from emulator.billing.subscription_settings import (
    check_collection,
    check_items,
    check_limits,
    with_currency,
    with_settings,
)
from emulator.payments import collect
from emulator.resources import generic
from emulator.resources.updates import merge_map

if TYPE_CHECKING:
    from emulator.billing.selection import Choice
    from emulator.billing.timing import Terms
    from emulator.kernel.documents import Doc
    from emulator.payments.collect import Outcome
    from emulator.resources.context import Context


class First(NamedTuple):
    """The first invoice: its draft, and the discounts that it uses up."""

    draft: Doc
    swept: list[Doc]


class Start(NamedTuple):
    """Everything that was decided before anything is paid."""

    customer: Doc
    items: list[Choice]
    terms: Terms
    subscription: Doc
    once: set[str]
    extra: list[Doc] = []  # noqa: RUF012 - add_invoice_items, never changed in place
    unprorated: bool = False


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Create a subscription, its first invoice and payment (``POST /v1/subscriptions``, facts billing 6.2 to 6.7).

    Raises the refusals of 6.2; with ``error_if_incomplete`` a declined payment raises and leaves nothing.
    """
    start = await decided(ctx, params)
    await check_limits(ctx, start.customer)
    invoice_id = ctx.new_id("invoice")
    free_until_anchor = start.terms.shortened(ctx.now) and start.unprorated
    if free_until_anchor:
        return await _without_invoice(ctx, start)
    first = await first_invoice(ctx, start, invoice_id)
    subscription = {**start.subscription, "latest_invoice": invoice_id}
    if subscription["collection_method"] == "send_invoice":
        return _sent(ctx, start, subscription, first)
    behavior = params.get("payment_behavior") or "allow_incomplete"
    return await _charged(ctx, start, subscription, first, behavior, off_session=bool(params.get("off_session")))


async def decided(ctx: Context, params: Doc) -> Start:
    """Return what the parameters of ``POST /v1/subscriptions`` come to; raises the refusals of facts billing 6.2.

    Nothing is stored or paid yet but discounts, which are minted (a schedule begins its subscription here as well).
    """
    if params.get("customer") is None:
        raise errors.customer_or_account_missing()
    customer = await ctx.need("customer", params["customer"], "customer", status=404)
    if params.get("payment_behavior") == "pending_if_incomplete":
        raise errors.pending_if_incomplete_at_create()
    items = await selection.choices(ctx, params)
    check_collection(params.get("collection_method") or "charge_automatically", params.get("days_until_due"), customer)
    mode = _mode(ctx, params["billing_mode"]) if params.get("billing_mode") else shapes.default_mode(ctx)
    terms = timing.terms(params, items, ctx.now, flexible=mode["type"] == "flexible")
    currency = items[0].price["currency"]
    customer = await with_currency(ctx, customer, currency)
    identifier = ctx.new_id("subscription")
    rows = [await _item(ctx, identifier, customer, one, terms, f"items[{place}]") for place, one in enumerate(items)]
    subscription = shapes.subscription(ctx, identifier, customer, currency, rows, mode)
    check_items(ctx, subscription)
    selection.check_intervals([one.price for one in items], mode["type"])
    subscription = await with_settings(ctx, subscription, params, customer)
    subscription["billing_cycle_anchor"] = terms.anchor
    subscription["billing_cycle_anchor_config"] = terms.config
    subscription["start_date"] = terms.backdate or ctx.now
    if terms.trial_end is not None:
        subscription |= {"status": "trialing", "trial_start": ctx.now, "trial_end": terms.trial_end}
    if params.get("discounts"):
        found = await selection.redeemed(
            ctx, params["discounts"], customer["id"], currency=currency, subscription=identifier,
            amount=None if params.get("add_invoice_items") else selection.worth(items),
        )  # fmt: skip
        subscription["discounts"] = [one["id"] for one in found]
    once = {one["id"] for one in await used_discounts.over(ctx, subscription, rows)}
    if params.get("cancel_at_period_end") or params.get("cancel_at") is not None:
        subscription = shortening.cut(ctx, {**subscription, **cancellations.planned(ctx, subscription, params)})
    if params.get("billing_schedules"):
        subscription = await prebilling.planned(ctx, subscription, params)
    extra = await extra_items.made(ctx, params.get("add_invoice_items"), customer, subscription)
    unprorated = params.get("proration_behavior") == "none"
    return Start(customer, items, terms, subscription, once, extra, unprorated=unprorated)


async def _item(ctx: Context, subscription: str, customer: Doc, one: Choice, terms: Terms, place: str) -> Doc:
    if terms.trial_end is not None:
        period = shapes.Period(ctx.now, terms.trial_end)
    else:
        period, natural = selection.period_of(one, terms.anchor, ctx.now)
        if terms.backdate is not None:
            period = shapes.Period(max(terms.backdate, period.end - natural), period.end)
    row = shapes.item(ctx, subscription, one.price["id"], one.quantity, period)
    params = one.params
    if params.get("metadata"):
        row["metadata"] = merge_map(None, params["metadata"])
    if params.get("tax_rates"):
        row["tax_rates"] = await selection.tax_rates(ctx, params, f"{place}[tax_rates]")
    if params.get("discounts"):
        found = await selection.redeemed(
            ctx, params["discounts"], customer["id"], place=f"{place}[discounts]", currency=one.price["currency"],
            subscription=subscription, subscription_item=row["id"],
        )  # fmt: skip
        row["discounts"] = [found_one["id"] for found_one in found]
    return row


def _mode(ctx: Context, given: Doc) -> Doc:
    if given["type"] == "classic":
        return {"type": "classic"}
    wish = (given.get("flexible") or {}).get("proration_discounts") or "included"
    return shapes.flexible_mode(ctx.now, wish)


async def first_invoice(ctx: Context, start: Start, invoice_id: str) -> First:
    """Return the draft of a subscription's first invoice and the pending items that it takes along; stores neither."""
    subscription, flexible = start.subscription, start.subscription["billing_mode"]["type"] == "flexible"
    rows = subscription["items"]["data"]
    made: list[Doc] = []
    for one, row in zip(start.items, rows, strict=True):
        if one.quantity is not None or not flexible:
            made += await _first_lines(ctx, start, one, row, invoice_id)
    found = await lines.pending(ctx, start.customer["id"], subscription["currency"], subscription["id"])
    swept = [*start.extra, *found]
    made = [lines.of_pending(ctx, invoice_id, item) for item in swept] + made
    sums = await drafts.summed(ctx, subscription, rows, made)
    period = shapes.Period(ctx.now, ctx.now)
    draft = await drafts.of_subscription(
        ctx, invoice_id, start.customer, subscription, sums, "subscription_create", period
    )
    return First(draft, swept)


async def _first_lines(ctx: Context, start: Start, one: Choice, row: Doc, invoice_id: str) -> list[Doc]:
    """Return an item's lines: for time before this instant, for its first period or its trial, for what is billed ahead."""
    flexible, terms = start.subscription["billing_mode"]["type"] == "flexible", start.terms
    product = await ctx.need("product", one.price["product"], "product")
    period = shapes.Period(row["current_period_start"], row["current_period_end"])
    past: list[Doc] = []
    if terms.backdate is not None and not start.unprorated:
        past = backdating.past_lines(
            ctx, invoice_id, row, one.price, product, terms.anchor, terms.backdate, flexible=flexible
        )
    ahead: list[Doc] = []
    if row.get("billed_until"):
        ahead = prebilling.ahead(
            ctx, start.subscription, invoice_id, row, one.price, product, period.end, row["billed_until"]
        )
    if terms.trial_end is not None:
        free = lines.of_trial(ctx, invoice_id, row, one.price, product, period, flexible=flexible)
        return [*past, free, *ahead]
    natural: int | None = selection.period_of(one, terms.anchor, ctx.now)[1]
    if start.unprorated and flexible:
        natural = None  # a first period cut by a planned end is billed whole (facts billing 6.16)
    return [*past, lines.of_period(ctx, invoice_id, row, one.price, product, period, natural), *ahead]


async def _without_invoice(ctx: Context, start: Start) -> Doc:
    ctx.put("customer", start.customer)
    return ctx.put("subscription", start.subscription)


def _sent(ctx: Context, start: Start, subscription: Doc, first: First) -> Doc:
    """Store a subscription whose invoices are sent: active at once, the invoice waits an hour as a draft."""
    subscription = _without_used_up(subscription, start)
    ctx.put("customer", start.customer)
    ctx.put("subscription", subscription)
    lines.sweep(ctx, first.swept, first.draft["id"])
    draft = first.draft
    if draft["total"] <= 0:
        result = settlement.opened(ctx, draft, start.customer)
        _store_invoice(ctx, start, draft, result)
        ctx.put("invoice", settlement.as_paid(ctx, result.invoice, 0, 0))
    else:
        ctx.put("invoice", {**draft, "automatically_finalizes_at": ctx.now + 3601})
    return subscription


def _store_invoice(ctx: Context, start: Start, draft: Doc, result: settlement.Opened) -> Doc:
    if result.customer != start.customer:
        ctx.put("customer", result.customer)
    settlement.record_balance(ctx, start.customer, result)
    ctx.put("invoice", draft)
    return ctx.put("invoice", result.invoice)


async def _charged(
    ctx: Context, start: Start, subscription: Doc, first: First, behavior: str, *, off_session: bool
) -> Doc:
    """Store a subscription that is charged, and its first invoice, after trying to pay it."""
    result = settlement.opened(ctx, first.draft, start.customer)
    if start.terms.trial_end is None and result.customer["discount"]:
        result = result._replace(customer=await finalization.without_used_up(ctx, result.customer, result.invoice))
    method = await collect.default_method(ctx, start.customer, subscription)
    outcome: Outcome | None = None
    if behavior == "default_incomplete":
        result.invoice["auto_advance"] = False  # nobody but the customer pays it
    if result.invoice["amount_due"]:
        if method is None and behavior != "default_incomplete":
            raise errors.no_payment_method()
        ctx.put("customer", result.customer)
        outcome = await settlement.charge(
            ctx, result.invoice, method, off_session=off_session, confirm=behavior != "default_incomplete",
            subscription=subscription,
        )  # fmt: skip
        refuse_incomplete(outcome, behavior)
        if outcome.status not in {"succeeded", "processing"}:
            subscription["status"] = "incomplete"
    else:
        ctx.put("customer", result.customer)
        if method is None and subscription["status"] == "trialing":
            subscription["pending_setup_intent"] = (await asked_for_method(ctx, start.customer))["id"]
    subscription = _settled(subscription, start, outcome)
    settlement.record_balance(ctx, start.customer, result)
    lines.sweep(ctx, first.swept, first.draft["id"])
    ctx.put("subscription", subscription)
    if subscription["trial_end"] is not None:
        trial_notices.announce(ctx, subscription, subscription["trial_end"])
    ctx.put("invoice", first.draft)
    invoice = ctx.put("invoice", result.invoice)
    await _first_payment(ctx, invoice, outcome, behavior)
    return subscription


def refuse_incomplete(outcome: Outcome, behavior: str) -> None:
    """Raise the decline of a payment that must not leave anything incomplete."""
    if behavior != "error_if_incomplete" or outcome.status in {"succeeded", "processing"}:
        return
    if outcome.error is None or outcome.status == "requires_action":
        raise errors.payment_needs_action()
    raise errors.kept(outcome.error, keep=False)


def _settled(subscription: Doc, start: Start, outcome: Outcome | None) -> Doc:
    """Return the subscription after its first invoice: discounts for once are used up, the card that paid is saved.

    A discount for once waits for the invoice after a trial (facts billing 3.4).
    """
    subscription = _without_used_up(subscription, start)
    settings: dict[str, Any] = subscription["payment_settings"]
    saves = settings.get("save_default_payment_method") == "on_subscription"
    if saves and outcome is not None and outcome.status == "succeeded":
        subscription["default_payment_method"] = outcome.payment_intent["payment_method"]
    return subscription


def _without_used_up(subscription: Doc, start: Start) -> Doc:
    return subscription if start.terms.trial_end is not None else used_discounts.without(subscription, start.once)


async def _first_payment(ctx: Context, invoice: Doc, outcome: Outcome | None, behavior: str) -> None:
    if outcome is None:
        ctx.put("invoice", settlement.as_paid(ctx, invoice, 0, 0))
        return
    intent = outcome.payment_intent
    if outcome.status == "succeeded":
        due = invoice["amount_due"]
        ctx.put(settlement.LINK, {"id": intent["id"], "invoice": invoice["id"]})
        ctx.put("invoice", settlement.as_paid(ctx, invoice, due, 1))
        settlement.record_payment(ctx, invoice, intent["id"], due)
        return
    if behavior == "default_incomplete":
        ctx.put(settlement.LINK, {"id": intent["id"], "invoice": invoice["id"]})
        ctx.put("invoice_payment", shapes.invoice_payment(ctx, invoice, intent["id"], invoice["amount_due"]))
        return
    await settlement.settle(ctx, invoice, outcome)


async def asked_for_method(ctx: Context, customer: Doc) -> Doc:
    """Store the SetupIntent that asks a customer who has none for a payment method (facts billing 6.6, 6.8)."""
    identifier = ctx.new_id("setup_intent")
    return await generic.create(
        ctx, "setup_intent", {}, id=identifier, customer=customer["id"], usage="off_session",
        status="requires_payment_method", payment_method_types=["card"],
        client_secret=f"{identifier}_secret_{ctx.token(31)}",
    )  # fmt: skip
