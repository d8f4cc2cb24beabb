"""Decides what an accepted quote becomes: a subscription, a schedule that starts one later, or an invoice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import invoice_items, invoices, schedules, subscriptions
from emulator.billing.selection import KNOWN_RATES
from emulator.checkout import errors, quotes
from emulator.kernel.documents import changed
from emulator.payments import collect

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

SENT_WITHIN = 30  # days until an invoice is due when the quote does not say (docs.stripe.com/quotes)


async def accept(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/quotes/{quote}/accept: only an open one whose time is not over; raises the refusals of others."""
    quote = await ctx.at_path(quotes.KIND, ids["quote"], name="quote")
    if quote["status"] != "open":
        raise errors.quote_not_in(quote, "accepted", "open")
    if quote["expires_at"] <= ctx.now:
        raise errors.quote_expired()
    behind = await ctx.need(quotes.BEHIND, quote["id"], "quote")
    prices = {one["id"]: one["price"] for one in quote["line_items"]["data"]}
    recurring = [row for row in behind["picks"] if prices[row["id"]]["recurring"]]
    others = [row for row in behind["picks"] if not prices[row["id"]]["recurring"]]
    if not recurring:
        made = {"invoice": await _invoice(ctx, quote, behind)}
    elif quote["subscription_data"]["effective_date"] is not None:
        made = {"subscription_schedule": await _schedule(ctx, quote, behind, recurring, others)}
    else:
        subscription = await _subscription(ctx, quote, behind, recurring, others)
        made = {"subscription": subscription["id"], "invoice": subscription["latest_invoice"]}
    steps = {**quote["status_transitions"], "accepted_at": ctx.now}
    return ctx.put(quotes.KIND, changed(quote, status="accepted", status_transitions=steps, **made))


def _entry(row: Doc, behind: Doc) -> Doc:
    entry: Doc = {"price": row["price"]}
    if row["quantity"] is not None:
        entry["quantity"] = row["quantity"]
    if row["rates"]:
        entry |= {"tax_rates": [rate["id"] for rate in row["rates"]], KNOWN_RATES: True}
    if behind["own"].get(row["id"]):
        entry["discounts"] = behind["own"][row["id"]]
    return entry


async def _subscription(ctx: Context, quote: Doc, behind: Doc, recurring: list[Doc], others: list[Doc]) -> Doc:
    data = quote["subscription_data"]
    owner = await ctx.need("customer", quote["customer"], "customer")
    wish: Doc = {
        "customer": owner["id"], "currency": quote["currency"], "items": [_entry(row, behind) for row in recurring],
        "collection_method": quote["collection_method"], "billing_mode": data["billing_mode"], KNOWN_RATES: True,
    }  # fmt: skip
    if others:
        wish["add_invoice_items"] = [_entry(row, behind) for row in others]
    if quote["collection_method"] == "send_invoice":
        wish["days_until_due"] = quote["invoice_settings"]["days_until_due"] or SENT_WITHIN
    elif await collect.default_method(ctx, owner, None) is None:
        wish["payment_behavior"] = "default_incomplete"  # the customer pays the first invoice later (choice)
    for name, value in (
        ("discounts", behind["discounts"]), ("default_tax_rates", quote["default_tax_rates"]),
        ("description", data["description"]), ("metadata", data["metadata"]),
        ("trial_period_days", data["trial_period_days"]), ("on_behalf_of", quote["on_behalf_of"]),
        ("application_fee_percent", quote["application_fee_percent"]), ("transfer_data", _shared(quote)),
    ):  # fmt: skip
        if value:
            wish[name] = value
    if quote["automatic_tax"]["enabled"]:
        wish["automatic_tax"] = {"enabled": True}
    return await subscriptions.create(ctx, {}, wish)


def _shared(quote: Doc) -> Doc | None:
    """Return what a subscription sends to another account; amounts are for quotes without one."""
    data: Doc = quote["transfer_data"] or {}
    return {name: data[name] for name in ("amount_percent", "destination") if data.get(name) is not None}


async def _schedule(ctx: Context, quote: Doc, behind: Doc, recurring: list[Doc], others: list[Doc]) -> str:
    """Store the schedule that starts the subscription on its day and return its id."""
    data = quote["subscription_data"]
    phase: Doc = {
        "items": [_entry(row, behind) for row in recurring], "collection_method": quote["collection_method"],
        KNOWN_RATES: True,
    }  # fmt: skip
    if others:
        phase["add_invoice_items"] = [_entry(row, behind) for row in others]
    for name, value in (("discounts", behind["discounts"]), ("metadata", data["metadata"]),
                        ("default_tax_rates", quote["default_tax_rates"]), ("description", data["description"])):  # fmt: skip
        if value:
            phase[name] = value
    if quote["collection_method"] == "send_invoice":
        phase["invoice_settings"] = {"days_until_due": quote["invoice_settings"]["days_until_due"] or SENT_WITHIN}
    made = await schedules.create(ctx, {}, {
        "customer": quote["customer"], "start_date": data["effective_date"], "end_behavior": "release", "phases": [phase],
    })  # fmt: skip
    return str(made["id"])


async def _invoice(ctx: Context, quote: Doc, behind: Doc) -> str:
    """Store the draft of a quote without anything that recurs and return its id (docs.stripe.com/quotes)."""
    settings = quote["invoice_settings"]
    wish: Doc = {
        "customer": quote["customer"], "currency": quote["currency"], "collection_method": quote["collection_method"],
        KNOWN_RATES: True,
    }  # fmt: skip
    if quote["collection_method"] == "send_invoice":
        wish["days_until_due"] = settings["days_until_due"] or SENT_WITHIN
    for name, value in (("discounts", behind["discounts"]), ("default_tax_rates", quote["default_tax_rates"]),
                        ("description", settings["description"]), ("footer", settings["footer"]),
                        ("custom_fields", settings["custom_fields"])):  # fmt: skip
        if value:
            wish[name] = value
    if quote["automatic_tax"]["enabled"]:
        wish["automatic_tax"] = {"enabled": True}
    draft = await invoices.create(ctx, {}, wish)
    for row in behind["picks"]:
        entry = _entry(row, behind)
        item: Doc = {name: entry[name] for name in ("quantity", "tax_rates", "discounts", KNOWN_RATES) if name in entry}
        item |= {"customer": quote["customer"], "invoice": draft["id"], "pricing": {"price": row["price"]}}
        await invoice_items.create(ctx, {}, item)
    done = await ctx.need("invoice", draft["id"], "invoice")
    parent = {"quote_details": {"quote": quote["id"]}, "subscription_details": None, "type": "quote_details"}
    ctx.put("invoice", changed(done, parent=parent))
    return str(draft["id"])
