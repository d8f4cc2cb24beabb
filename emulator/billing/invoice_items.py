"""Decides what pending invoice items are: amounts by hand or of one-time prices, waiting for the next invoice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import (
    errors,
    invoices,
    lines,
    pricing,
    selection,
    shapes,
    subscription_errors,
    subscription_settings,
    summing,
)
from emulator.catalog import price_terms, prices
from emulator.kernel.errors import StripeError
from emulator.resources import updates
from emulator.resources.listing import listed

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context, Page

AMOUNTS = frozenset({"amount", "pricing", "price_data", "unit_amount_decimal", "quantity"})


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Create an item (``POST /v1/invoiceitems``): pending, or at once on the draft that ``invoice`` names.

    Raises the refusals of an invoice that is no draft, and of neither invoice nor customer.
    """
    invoice = None
    if params.get("invoice") is not None:
        invoice = await ctx.need("invoice", params["invoice"], "invoice")
        if invoice["status"] != "draft":
            raise errors.not_editable()
    if params.get("customer") is None and invoice is None:
        raise errors.customer_or_account_missing()
    customer = await ctx.need("customer", params.get("customer") or (invoice or {})["customer"], "customer")
    if invoice is not None and invoice["customer"] != customer["id"]:
        raise subscription_errors.foreign_invoice(invoice["id"], customer["id"])
    price, amount, quantity = await _priced(ctx, params, customer)
    before = customer
    customer = await subscription_settings.with_currency(ctx, customer, price["currency"])
    if customer != before:
        ctx.put("customer", customer)
    item = await _made(ctx, customer, params, price, amount, quantity)
    if invoice is not None:
        item["invoice"] = invoice["id"]
    ctx.put("invoiceitem", item)
    if invoice is not None:
        await on_draft(ctx, invoice, item)
    return item


async def _made(ctx: Context, customer: Doc, params: Doc, price: Doc, amount: int, quantity: int) -> Doc:
    period = _checked_period(params) or {"start": ctx.now, "end": ctx.now}
    text = params.get("description")
    if text is None:
        product = await ctx.find("product", price["product"])
        text = product["name"] if product and params.get("amount") is None else None
    parent = None
    if params.get("subscription") is not None:
        owner = await subscription_settings.owned(ctx, params["subscription"], customer["id"])
        parent = {"subscription_details": {"subscription": owner["id"]}, "type": "subscription_details"}
    item = shapes.invoice_item(
        ctx, customer, amount, price["currency"], text, shapes.Period(period["start"], period["end"]), price=price,
        quantity=quantity, unit_amount=price["unit_amount_decimal"], parent=parent,
    )  # fmt: skip
    item["metadata"] = updates.merge_map(None, params.get("metadata"))
    item["discountable"] = amount >= 0 if params.get("discountable") is None else params["discountable"]
    item["tax_rates"] = await selection.tax_rates(ctx, params, "tax_rates")
    if params.get("discounts"):
        found = await selection.redeemed(
            ctx, params["discounts"], customer["id"], currency=price["currency"], invoice_item=item["id"]
        )
        item["discounts"] = [one["id"] for one in found]
    return item


def _checked_period(params: Doc) -> Doc | None:
    """Return the period that an item is given; one that ends before it starts is refused (docs.stripe.com/api/invoiceitems)."""
    period: Doc | None = params.get("period")
    if period and period["end"] < period["start"]:
        raise subscription_errors.ends_before_it_starts()
    return period


async def _priced(ctx: Context, params: Doc, customer: Doc) -> tuple[Doc, int, int]:
    """Return (price, amount, quantity); an amount by hand makes a hidden product and price (facts billing 7.2)."""
    quantity = 1 if params.get("quantity") is None else params["quantity"]
    named = (params.get("pricing") or {}).get("price")
    if named is not None:
        price = await prices.active(ctx, named, "pricing[price]")
        if price["type"] != "one_time":
            raise errors.recurring_price("pricing[price]")
    elif params.get("price_data") is not None:
        price = await selection.described(ctx, params["price_data"], "price_data")
    else:
        price = await _by_hand(ctx, params, customer)
    return price, pricing.amount(price, quantity), quantity


async def _by_hand(ctx: Context, params: Doc, customer: Doc) -> Doc:
    amount, unit = params.get("amount"), params.get("unit_amount_decimal")
    if amount is None and unit is None:
        raise errors.item_without_amount()
    currency = params.get("currency") or customer["currency"] or invoices.default_currency(ctx)
    # The hidden product and price exist by id only: they are never announced nor listed.
    price = {
        "id": ctx.new_id("price"), "product": ctx.new_id("product"), "currency": currency, "type": "one_time",
        "billing_scheme": "per_unit", "transform_quantity": None, "recurring": None,
    }  # fmt: skip
    terms = price_terms.decimal_text(str(unit), "unit_amount_decimal") if unit is not None else (amount, str(amount))
    price["unit_amount"], price["unit_amount_decimal"] = terms
    return price


async def update(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Change an item while its invoice is still a draft (``POST /v1/invoiceitems/{id}``)."""
    item = await ctx.at_path("invoiceitem", ids["invoiceitem"])
    invoice = await _editable(ctx, item)
    _checked_period(params)
    given = {
        name: value for name, value in params.items() if name in {"description", "metadata", "period", "discountable"}
    }
    changed = updates.apply(item, given)
    if AMOUNTS & set(params):
        changed |= await _repriced(ctx, item, params)
    if "tax_rates" in params:
        changed["tax_rates"] = await selection.tax_rates(ctx, params, "tax_rates", item["tax_rates"])
    if "discounts" in params:
        before = [one for one in [await ctx.find("discount", one) for one in item["discounts"]] if one is not None]
        found = await selection.redeemed(
            ctx, params["discounts"], item["customer"], before, currency=item["currency"], invoice_item=item["id"]
        )
        changed["discounts"] = [one["id"] for one in found]
    ctx.put("invoiceitem", changed)
    if invoice is not None:
        await _replace_line(ctx, invoice, changed)
    return changed


async def _repriced(ctx: Context, item: Doc, params: Doc) -> Doc:
    customer = await ctx.need("customer", item["customer"], "customer")
    wish = {"quantity": item["quantity"], "currency": item["currency"], **params}
    if not {"amount", "pricing", "price_data", "unit_amount_decimal"} & set(params):
        wish["unit_amount_decimal"] = item["pricing"]["unit_amount_decimal"]
    price, amount, quantity = await _priced(ctx, wish, customer)
    return {
        "amount": amount, "quantity": quantity, "quantity_decimal": str(quantity),
        "pricing": {
            "price_details": {"price": price["id"], "product": price["product"]}, "type": "price_details",
            "unit_amount_decimal": price["unit_amount_decimal"],
        },
    }  # fmt: skip


async def delete(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Delete an item that no finalized invoice holds."""
    item = await ctx.at_path("invoiceitem", ids["invoiceitem"])
    invoice = await _editable(ctx, item)
    gone = ctx.remove("invoiceitem", item["id"])
    if invoice is not None:
        rest = [line for line in invoice["lines"]["data"] if item_of(line) != item["id"]]
        ctx.put("invoice", await invoices.recomputed(ctx, invoice, [summing.bare(line) for line in rest]))
    return gone


async def retrieve(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Return an item; one whose draft was deleted reads as deleted (facts billing 7.1).

    Raises the 404 that says so.
    """
    item = await ctx.at_path("invoiceitem", ids["invoiceitem"])
    if item["invoice"] is not None and await ctx.find("invoice", item["invoice"]) is None:
        raise StripeError("This invoice item has been deleted.", status=404)
    return item


async def list_all(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """List items (``GET /v1/invoiceitems``), ``pending`` ones or those of an invoice."""
    pending = params.get("pending")
    rest = {name: value for name, value in params.items() if name != "pending"}
    if rest.get("customer") is not None:
        await ctx.need("customer", rest["customer"], "customer")
    if pending is None:
        return await listed(ctx, "invoiceitem", rest, "/v1/invoiceitems")
    return await listed(
        ctx, "invoiceitem", rest, "/v1/invoiceitems", keep=lambda one: (one["invoice"] is None) == pending
    )


async def _editable(ctx: Context, item: Doc) -> Doc | None:
    if item["invoice"] is None:
        return None
    invoice = await ctx.find("invoice", item["invoice"])
    if invoice is None or invoice["status"] != "draft":
        raise errors.not_editable()
    return invoice


async def on_draft(ctx: Context, invoice: Doc, item: Doc) -> None:
    """Put an item that names a draft on it as its first line."""
    made = [lines.of_pending(ctx, invoice["id"], item), *(summing.bare(line) for line in invoice["lines"]["data"])]
    ctx.put("invoice", await invoices.recomputed(ctx, invoice, made))


async def _replace_line(ctx: Context, invoice: Doc, item: Doc) -> None:
    made = []
    for line in invoice["lines"]["data"]:
        if item_of(line) == item["id"]:
            made.append({**lines.of_pending(ctx, invoice["id"], item), "id": line["id"]})
        else:
            made.append(summing.bare(line))
    ctx.put("invoice", await invoices.recomputed(ctx, invoice, made))


def item_of(line: Doc) -> str | None:
    """Return the id of the invoice item behind a line, None for the line of a subscription item."""
    parent = line["parent"]
    for name in ("invoice_item_details", "subscription_item_details"):
        if parent[name] and parent[name]["invoice_item"]:
            return str(parent[name]["invoice_item"])
    return None
