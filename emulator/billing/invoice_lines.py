"""Decides how the lines of a draft are added, changed and taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import amounts, errors, invoice_items, pricing, selection, summing, taxes
from emulator.catalog import held, products, tax_rates
from emulator.resources import updates

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

# What of a line's parameters an invoice item has too.
OF_ITEM = frozenset({
    "amount", "description", "discountable", "discounts", "metadata", "period", "price_data", "pricing", "quantity",
    "quantity_decimal", "tax_rates", "unit_amount_decimal",
})  # fmt: skip
PLAIN = frozenset({"amount", "description", "discountable", "metadata", "period"})


async def add(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Add lines (``POST .../add_lines``): each is an invoice item, a pending one or a new one.

    Raises the refusals of an item that is not pending or another customer's, and of a price without a product.
    """
    invoice = await _draft(ctx, ids["invoice"])
    for index, entry in enumerate(params["lines"]):
        place = f"lines[{index}]"
        if entry.get("invoice_item") is not None:
            item = await ctx.need("invoiceitem", entry["invoice_item"], f"{place}[invoice_item]")
            if item["invoice"] is not None or item["customer"] != invoice["customer"]:
                raise errors.item_not_pending(f"{place}[invoice_item]")
            item = ctx.put("invoiceitem", {**item, "invoice": invoice["id"]})
            await invoice_items.on_draft(ctx, await _draft(ctx, invoice["id"]), item)
        else:
            given = await _as_item(ctx, entry)
            if given.get("price_data") and given["price_data"].get("product") is None:
                raise errors.missing_param(f"{place}[price_data][product]")
            given |= {"customer": invoice["customer"], "currency": invoice["currency"], "invoice": invoice["id"]}
            item = await invoice_items.create(ctx, {}, given)
        if entry.get("tax_amounts"):
            await _tell_taxes(ctx, await _draft(ctx, invoice["id"]), item["id"], entry)
    return await _with_metadata(ctx, invoice["id"], params)


async def update_many(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Change several lines (``POST .../update_lines``)."""
    await _draft(ctx, ids["invoice"])
    for index, entry in enumerate(params["lines"]):
        await _change(ctx, ids["invoice"], entry["id"], entry, f"lines[{index}][id]")
    return await _with_metadata(ctx, ids["invoice"], params)


async def update_one(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Change one line (``POST /v1/invoices/{invoice}/lines/{line_item_id}``) and return it."""
    await _draft(ctx, ids["invoice"])
    return await _change(ctx, ids["invoice"], ids["line_item_id"], params, "line_item_id", status=404)


async def remove(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Take lines away (``POST .../remove_lines``): their items are deleted, or pending again."""
    invoice = await _draft(ctx, ids["invoice"])
    gone = set()
    for index, entry in enumerate(params["lines"]):
        line = _line(invoice, entry["id"], f"lines[{index}][id]")
        gone.add(line["id"])
        item = await _item_of(ctx, line)
        if item is not None and entry["behavior"] == "unassign":
            ctx.put("invoiceitem", {**item, "invoice": None})
        elif item is not None:
            ctx.remove("invoiceitem", item["id"])
    rest = [summing.bare(line) for line in invoice["lines"]["data"] if line["id"] not in gone]
    ctx.put("invoice", await summing.of_draft(ctx, invoice, rest))
    return await _with_metadata(ctx, invoice["id"], params)


async def _draft(ctx: Context, invoice_id: str) -> Doc:
    invoice = await ctx.at_path("invoice", invoice_id, "invoice")
    if invoice["status"] != "draft":
        raise errors.not_editable()
    return invoice


def _line(invoice: Doc, identifier: str, place: str, status: int = 400) -> Doc:
    for line in invoice["lines"]["data"]:
        if line["id"] == identifier:
            return dict(line)
    raise errors.unknown_line(identifier, place, status)


async def _with_metadata(ctx: Context, invoice_id: str, params: Doc) -> Doc:
    invoice = await ctx.need("invoice", invoice_id, "invoice")
    if "invoice_metadata" not in params:
        return invoice
    return ctx.put("invoice", updates.apply(invoice, {"metadata": params["invoice_metadata"]}))


async def _as_item(ctx: Context, entry: Doc) -> Doc:
    """Return the parameters of an invoice item that a line's parameters mean."""
    given = {name: value for name, value in entry.items() if name in OF_ITEM}
    data = given.get("price_data")
    if data and data.get("product_data") is not None:
        product = await products.create(ctx, {}, data["product_data"])
        given["price_data"] = {
            **{name: value for name, value in data.items() if name != "product_data"}, "product": product["id"],
        }  # fmt: skip
    return given


async def _change(ctx: Context, invoice_id: str, line_id: str, entry: Doc, place: str, *, status: int = 400) -> Doc:
    line = _line(await _draft(ctx, invoice_id), line_id, place, status)
    item = await _item_of(ctx, line)
    if item is not None:
        await invoice_items.update(ctx, {"invoiceitem": item["id"]}, await _as_item(ctx, entry))
    else:
        await _change_bare(ctx, invoice_id, line, entry)
    if "tax_amounts" in entry:
        await _tell_taxes(ctx, await _draft(ctx, invoice_id), line_id, entry)
    return _line(await _draft(ctx, invoice_id), line_id, place)


async def _change_bare(ctx: Context, invoice_id: str, line: Doc, entry: Doc) -> None:
    """Change a line that no invoice item stands behind: that of a subscription item."""
    invoice = await _draft(ctx, invoice_id)
    changed = updates.apply(summing.bare(line), {name: value for name, value in entry.items() if name in PLAIN})
    if entry.get("quantity") is not None:
        price = await held.find(ctx, line["pricing"]["price_details"]["price"]) if line["pricing"] else None
        changed |= {"quantity": entry["quantity"], "quantity_decimal": str(entry["quantity"])}
        if price is not None and entry.get("amount") is None:
            price = dict(pricing.in_currency(price, line["currency"]))
            changed["amount"] = pricing.amount(price, entry["quantity"])
    if "discounts" in entry:
        found = await selection.redeemed(
            ctx, entry["discounts"], invoice["customer"], currency=line["currency"], invoice=invoice_id
        )
        changed["discounts"] = [one["id"] for one in found]
    if "tax_rates" in entry:
        had = [{"id": one["tax_rate_details"]["tax_rate"]} for one in line["taxes"]]
        rates = await selection.tax_rates(ctx, entry, "tax_rates", had)
        ctx.put(summing.LINE_TAXES, {"id": line["id"], "tax_rates": rates, "taxes": None})
    changed["subtotal"] = changed["amount"]
    made = [changed if one["id"] == line["id"] else summing.bare(one) for one in invoice["lines"]["data"]]
    ctx.put("invoice", await summing.of_draft(ctx, invoice, made))


async def _tell_taxes(ctx: Context, invoice: Doc, named: str, entry: Doc) -> None:
    """Store taxes that are told as amounts; ``named`` is the line or the item behind it."""
    line = next(one for one in invoice["lines"]["data"] if named in {one["id"], invoice_items.item_of(one)})
    told = [await _told(ctx, one) for one in entry.get("tax_amounts") or ()]
    ctx.put(summing.LINE_TAXES, {"id": line["id"], "tax_rates": None, "taxes": told or None})
    made = [summing.bare(one) for one in invoice["lines"]["data"]]
    ctx.put("invoice", await summing.of_draft(ctx, invoice, made))


async def _told(ctx: Context, entry: Doc) -> Doc:
    data = entry["tax_rate_data"]
    rate = await tax_rates.create(ctx, {}, {**data, "active": False})
    shown = amounts.tax_shown(taxes.Tax(taxes.rate_of(rate), entry["amount"], entry["taxable_amount"]))
    return {**shown, "taxability_reason": entry.get("taxability_reason") or shown["taxability_reason"]}


async def _item_of(ctx: Context, line: Doc) -> Doc | None:
    identifier = invoice_items.item_of(line)
    return await ctx.find("invoiceitem", identifier) if identifier else None
