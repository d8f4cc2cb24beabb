"""Decides what line items are offered and what they come to: of sessions, payment links and quotes alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emulator.billing import amounts, automatic_tax, pricing, selection
from emulator.billing.discounting import reduction
from emulator.billing.subscription_reads import embedded_page
from emulator.catalog import currencies, discounts, price_terms, prices, products
from emulator.checkout import errors
from emulator.kernel.documents import changed
from emulator.kernel.errors import one_of
from emulator.resources.updates import merge_map

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context, Page

KIND = "item"
HIDDEN = frozenset({"tiers", "currency_options"})  # of a price, unless expanded
# Beside what was said of a line item: what the customer pays for one of it (minor units), where they choose that.
CHOSEN = "_chosen_amount"
MOST = 99_999_999  # minor units, where a price has no maximum (docs.stripe.com/currencies, largest charge)


class Pick(NamedTuple):
    """One thing that is offered: its price in the basket's currency, how many, and what else was said of it.

    ``free`` says that nothing of it is due now (a trial).
    """

    id: str
    price: Doc
    quantity: int | None
    params: Doc
    rates: list[Doc]
    free: bool = False


class Basket(NamedTuple):
    """Line items as objects, and the sums that sessions and quotes show."""

    items: list[Doc]
    figures: Doc


async def picked(
    ctx: Context, given: Sequence[Doc], currency: str | None = None, *, archived: bool = False
) -> list[Pick]:
    """Return what ``line_items`` asks for, in one currency; prices and products described in it are made.

    ``archived``: those prices may not be used again. They stay active where a subscription will need them (choice).

    Raises the refusals of facts billing 11.2.
    """
    result: list[Pick] = []
    for index, entry in enumerate(given):
        place = f"line_items[{index}]"
        price = await _price(ctx, entry, place, archived=archived)
        wanted = currency or (result[0].price["currency"] if result else price["currency"])
        if wanted != price["currency"] and wanted not in (price.get("currency_options") or {}):
            raise errors.currencies_differ(wanted, price["currency"], place)
        rates = await selection.tax_rates(ctx, entry, f"{place}[tax_rates]")
        price = dict(pricing.in_currency(price, wanted))
        result.append(Pick(ctx.new_id(KIND), price, _quantity(entry, price, place), entry, rates))
    return result


async def _price(ctx: Context, entry: Doc, place: str, *, archived: bool) -> Doc:
    if entry.get("price") is not None and entry.get("price_data") is not None:
        raise one_of("price", "price_data", param=place)
    if entry.get("price") is not None:
        return await prices.sellable(ctx, entry["price"], f"{place}[price]")
    data = entry.get("price_data")
    if data is None:
        raise errors.price_missing()
    if data.get("product") is not None:
        await ctx.need("product", data["product"], f"{place}[price_data][product]")
        price = await price_terms.make(ctx, data, data["product"])
    elif data.get("product_data") is not None:
        product = await products.new(ctx, data["product_data"])
        price = await price_terms.make(ctx, data, product["id"])
        ctx.put("product", changed(product, active=not archived))
    else:
        raise one_of("product", "product_data", param=f"{place}[price_data]")
    return ctx.put("price", changed(price, active=not archived))


def _quantity(entry: Doc, price: Doc, place: str) -> int | None:
    quantity: int | None = entry.get("quantity")
    if price["recurring"] and price["recurring"]["usage_type"] == "metered":
        return None
    if quantity is None:
        raise errors.quantity_missing(place)
    if quantity < 1:
        raise errors.quantity_too_small(place)
    return quantity


def metered(price: Doc) -> bool:
    """Say whether a price counts use, so that nothing is due in advance."""
    return bool(price["recurring"]) and price["recurring"]["usage_type"] == "metered"


async def redeemed(
    ctx: Context, given: Sequence[Doc] | None, currency: str, customer: str | None, amount: int | None = None
) -> list[tuple[Doc, Doc]]:
    """Return the discounts that a basket would get, each with its coupon; nothing is redeemed yet.

    Raises the refusals of coupons and promotion codes (facts billing 3.3, 3.5).
    """
    result = []
    for index, entry in enumerate(given or ()):
        place = f"discounts[{index}]"
        code = entry.get("promotion_code")
        if code is not None:
            found = await discounts.redeemable(
                ctx, code, customer=customer, param=f"{place}[promotion_code]", amount=amount, currency=currency
            )
            coupon = await ctx.need("coupon", found["promotion"]["coupon"], f"{place}[promotion_code]")
        else:
            coupon = await ctx.need("coupon", entry.get("coupon") or "", f"{place}[coupon]")
        discounts.applicable(coupon, ctx.now, f"{place}[coupon]")
        result.append((_discount(ctx, coupon, code, customer), coupon))
    return result


def _discount(ctx: Context, coupon: Doc, code: str | None, customer: str | None) -> Doc:
    return {
        "id": ctx.new_id("discount"), "object": "discount", "checkout_session": None, "customer": customer,
        "customer_account": None, "end": None, "invoice": None, "invoice_item": None, "promotion_code": code,
        "source": {"coupon": coupon["id"], "type": "coupon"}, "start": ctx.now, "subscription": None,
        "subscription_item": None,
    }  # fmt: skip


async def summed(
    ctx: Context,
    picks: Sequence[Pick],
    found: Sequence[tuple[Doc, Doc]] = (),
    *,
    own: Mapping[str, Sequence[tuple[Doc, Doc]]] | None = None,
    customer: Doc | None = None,
    taxed: bool = False,
    rates: Sequence[Doc] = (),
    shipping: int | None = None,
) -> Basket:
    """Return the line items and sums of a basket.

    ``found`` are discounts of the whole, ``own`` those of single picks; ``rates`` apply where a pick has none of its
    own; ``taxed``: taxes follow from the place of ``customer``. ``shipping`` is added to the total, untaxed (choice).
    """
    currency = picks[0].price["currency"] if picks else "usd"
    made = [_line(pick) for pick in picks]
    status = customer["tax_exempt"] if customer is not None else None
    by_line: dict[str, Sequence[Doc]] = {
        pick.id: automatic_tax.exempted(status, pick.rates or list(rates)) for pick in picks
    }
    if taxed and customer is not None:
        by_line = {line["id"]: await automatic_tax.rates(ctx, customer, line) for line in made}
    singles = {
        id: [reduction(doc["id"], coupon, currency) for doc, coupon in pairs] for id, pairs in (own or {}).items()
    }
    sums = amounts.summed(made, [reduction(doc["id"], coupon, currency) for doc, coupon in found], singles, by_line)
    known = {doc["id"]: doc for pairs in (found, *(own or {}).values()) for doc, _ in pairs}
    known_rates = {rate["id"]: rate for group in by_line.values() for rate in group}
    items = [await _item(ctx, pick, line, known, known_rates) for pick, line in zip(picks, sums.lines, strict=True)]
    return Basket(items, _figures(items, sums.fields, known, known_rates, shipping))


def _line(pick: Pick) -> Doc:
    """Return a pick as the money core's line."""
    due = 0 if pick.free or pick.quantity is None else pricing.amount(_priced(pick), pick.quantity)
    return {
        "id": pick.id, "amount": due, "discountable": True, "discount_amounts": [], "taxes": [], "subtotal": due,
        "pricing": {"price_details": {"price": pick.price["id"], "product": pick.price["product"]}},
    }  # fmt: skip


def _priced(pick: Pick) -> Doc:
    """Return the price of a pick; where the customer chooses the amount it is theirs, else the preset, else nothing yet."""
    asked = pick.price.get("custom_unit_amount")
    if asked is None:
        return pick.price
    return changed(pick.price, unit_amount=pick.params.get(CHOSEN) or asked["preset"] or 0, unit_amount_decimal=None)


def bounds(price: Doc) -> tuple[int, int] | None:
    """Return the least and the most (minor units) that a customer may choose to pay, None for a price that is fixed.

    Source: docs.stripe.com/payments/checkout/pay-what-you-want; never less than can be charged.
    """
    asked = price.get("custom_unit_amount")
    if asked is None:
        return None
    return max(asked["minimum"] or 0, currencies.minimum(price["currency"])), asked["maximum"] or MOST


def unchosen(items: Sequence[Doc]) -> list[str]:
    """Return the line items whose amount the customer has still to choose."""
    return [one["id"] for one in items if one["price"].get("custom_unit_amount") and not one["amount_subtotal"]]


async def _item(ctx: Context, pick: Pick, line: Doc, known: Doc, rates: Doc) -> Doc:
    off = sum(one["amount"] for one in line["discount_amounts"])
    added = sum(one["amount"] for one in line["taxes"] if one["tax_behavior"] == "exclusive")
    product = await ctx.find("product", pick.price["product"])
    price = await ctx.need("price", pick.price["id"], "price")
    return {
        "id": pick.id,
        "object": KIND,
        "adjustable_quantity": adjustable(pick.params.get("adjustable_quantity")),
        "amount_discount": off,
        "amount_subtotal": line["amount"],
        "amount_tax": sum(one["amount"] for one in line["taxes"]),
        "amount_total": line["amount"] - off + added - amounts.waived(line, line["amount"] - off),
        "currency": pick.price["currency"],
        "description": product["name"] if product else None,
        "discounts": [
            {"amount": one["amount"], "discount": known[one["discount"]]} for one in line["discount_amounts"]
        ],
        "metadata": merge_map(None, pick.params.get("metadata")),
        "price": {name: value for name, value in price.items() if name not in HIDDEN},
        "quantity": pick.quantity,
        "taxes": [_tax(one, rates) for one in line["taxes"]],
    }


def adjustable(given: Doc | None) -> Doc | None:
    """Return the bounds within which the customer may choose a quantity, None where it is fixed."""
    if not given or not given["enabled"]:
        return None
    return {"enabled": True, "maximum": given.get("maximum") or 99, "minimum": given.get("minimum") or 0}


def _tax(one: Doc, rates: Doc) -> Doc:
    rate = rates[one["tax_rate_details"]["tax_rate"]]
    return {
        "amount": one["amount"],
        "rate": {name: value for name, value in rate.items() if not name.startswith("_")},
        "taxability_reason": one["taxability_reason"],
        "taxable_amount": one["taxable_amount"],
    }


def _figures(items: Sequence[Doc], fields: Doc, known: Doc, rates: Doc, shipping: int | None) -> Doc:
    return {
        "amount_subtotal": sum(one["amount_subtotal"] for one in items),
        "amount_total": sum(one["amount_total"] for one in items) + (shipping or 0),
        "total_details": {
            "amount_discount": sum(one["amount_discount"] for one in items),
            "amount_shipping": shipping or 0,
            "amount_tax": sum(one["amount_tax"] for one in items),
            "breakdown": {
                "discounts": [
                    {"amount": one["amount"], "discount": known[one["discount"]]}
                    for one in fields["total_discount_amounts"]
                ],
                "taxes": [_tax(one, rates) for one in fields["total_taxes"]],
            },
        },
    }


def listed(items: Sequence[Doc], url: str) -> Doc:
    """Return line items as a list inside their object."""
    return {"object": "list", "data": list(items), "has_more": False, "url": url}


def page(items: Sequence[Doc], params: Doc, url: str) -> Page:
    """Return a page of line items in their own order."""
    return embedded_page(items, params, url, "line item")
