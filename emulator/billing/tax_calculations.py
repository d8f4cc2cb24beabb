"""Decides what tax a sale would bear that is not an invoice: lines and shipping by the simple table of rates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from emulator.billing import automatic_tax, tax_errors, tax_settings, taxes
from emulator.billing.discounting import percent_text
from emulator.billing.pricing import scaled
from emulator.billing.subscription_reads import embedded_page
from emulator.customers import tax

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context, Page

KIND, LINE = "tax.calculation", "tax.calculation_line_item"
DAY = 86_400
VALID = 90 * DAY  # how long a transaction can be made of a calculation (docs.stripe.com/tax/custom)
TAX_DATE_WITHIN = 2 * DAY  # of now (the API description)
SHIPPING_CODE = "txcd_92010001"  # docs.stripe.com/tax/tax-codes
NONTAXABLE = "txcd_00000000"
# What is meant by an amount that does not say whether it holds its tax (the API description).
DEFAULT_BEHAVIOR = "exclusive"
ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")
OVERRIDES = {"none": "none", "exempt": "customer_exempt", "reverse": "reverse_charge"}


class Place(NamedTuple):
    """Where a sale is taxed, and why it may bear none: ``override`` is none, customer_exempt or reverse_charge."""

    country: str
    state: str | None
    override: str


class Taxed(NamedTuple):
    """The tax of one amount, and its breakdown as lines show it."""

    amount: int
    breakdown: list[Doc]


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Work out the tax of a sale (``POST /v1/tax/calculations``); nobody is told of it.

    The rates are those of automatic tax on invoices: a simple table, no tax advice. Raises the refusals of a sale
    to nobody and of a tax date that is too far away.
    """
    del ids
    customer = None if params.get("customer") is None else await ctx.need("customer", params["customer"], "customer")
    if customer is None and params.get("customer_details") is None:
        raise tax_errors.no_customer()
    details = await _details(ctx, customer, params.get("customer_details"))
    place = _place(details, "customer_details[address]" if params.get("customer_details") else "customer")
    tax_date = params.get("tax_date") or ctx.now
    if abs(tax_date - ctx.now) > TAX_DATE_WITHIN:
        raise tax_errors.tax_date_too_far()
    lines = await _lines(ctx, params["line_items"], place)
    shipping = await _shipping(ctx, params.get("shipping_cost"), params["currency"], place)
    every = [*lines, shipping] if shipping else lines
    exclusive, inclusive = (
        sum(one["amount_tax"] for one in every if one["tax_behavior"] == behavior)
        for behavior in ("exclusive", "inclusive")
    )
    identifier = ctx.new_id(KIND)
    return ctx.put(KIND, {
        **ctx.blank(KIND),
        "id": identifier,
        "amount_total": sum(one["amount"] for one in every) + exclusive,
        "currency": params["currency"],
        "customer": params.get("customer"),
        "customer_details": details,
        "expires_at": ctx.now + VALID,
        "line_items": embedded(lines, f"/v1/tax/calculations/{identifier}/line_items"),
        "ship_from_details": _ship_from(params.get("ship_from_details")),
        "shipping_cost": shipping,
        "tax_amount_exclusive": exclusive,
        "tax_amount_inclusive": inclusive,
        "tax_breakdown": _summary(every),
        "tax_date": tax_date,
    })  # fmt: skip


async def _details(ctx: Context, customer: Doc | None, given: Doc | None) -> Doc:
    """Return who is sold to: as told, or what is known of the customer."""
    if given is not None:
        address = given.get("address")
        return {
            "address": None if address is None else {name: address.get(name) for name in ADDRESS},
            "address_source": given.get("address_source") or (None if address is None else "billing"),
            "ip_address": given.get("ip_address"),
            "tax_ids": given.get("tax_ids") or [],
            "taxability_override": given.get("taxability_override") or "none",
        }
    owner: Doc = customer or {}
    shipping: Doc | None = (owner["shipping"] or {}).get("address")
    address = shipping if shipping and shipping.get("country") else owner["address"]
    found = await ctx.select("tax_id", customer=owner["id"])
    known = await tax.of(ctx, owner)
    return {
        "address": address,
        "address_source": None if address is None else "shipping" if address is shipping else "billing",
        "ip_address": known["ip_address"],
        "tax_ids": [{"type": one["type"], "value": one["value"]} for one in found],
        "taxability_override": OVERRIDES[owner["tax_exempt"]],
    }


def _place(details: Doc, param: str) -> Place:
    owner = {"shipping": None, "address": details["address"]}
    found = tax.summary(owner, details["ip_address"])["location"]
    if found is None:
        raise tax_errors.location_unknown(param)
    return Place(found["country"], found["state"], details["taxability_override"])


def _ship_from(given: Doc | None) -> Doc | None:
    return None if given is None else {"address": {name: given["address"].get(name) for name in ADDRESS}}


async def _lines(ctx: Context, given: Sequence[Doc], place: Place) -> list[Doc]:
    if not given:
        raise tax_errors.no_line_items()
    settings = await tax_settings.of(ctx)
    result: list[Doc] = []
    for index, entry in enumerate(given):
        where = f"line_items[{index}]"
        reference = entry.get("reference") or f"L{index + 1}"  # what an unnamed line is called: a choice
        if any(one["reference"] == reference for one in result):
            raise tax_errors.reference_taken_in_call(reference, f"{where}[reference]")
        quantity = 1 if entry.get("quantity") is None else entry["quantity"]
        if quantity < 1:
            raise tax_errors.at_least(1, f"{where}[quantity]")
        if entry["amount"] < 0:
            raise tax_errors.at_least(0, f"{where}[amount]")
        product = None
        if entry.get("product") is not None:
            product = await ctx.need("product", entry["product"], f"{where}[product]")
        code = entry.get("tax_code") or (product or {}).get("tax_code") or settings["defaults"]["tax_code"]
        behavior = entry.get("tax_behavior") or DEFAULT_BEHAVIOR
        taxed = of_amount(entry["amount"], behavior, code, place)
        result.append({
            "id": ctx.new_id(LINE),
            "object": LINE,
            "amount": entry["amount"],
            "amount_tax": taxed.amount,
            "livemode": ctx.livemode,
            "metadata": entry.get("metadata"),
            "performance_location": entry.get("performance_location"),
            "product": entry.get("product"),
            "quantity": quantity,
            "reference": reference,
            "tax_behavior": behavior,
            "tax_breakdown": taxed.breakdown,
            "tax_code": code,
        })  # fmt: skip
    return result


async def _shipping(ctx: Context, given: Doc | None, currency: str, place: Place) -> Doc | None:
    if given is None:
        return None
    amount, rate = given.get("amount"), None
    if (amount is None) == (given.get("shipping_rate") is None):
        raise tax_errors.shipping_rate_or_amount()
    if given.get("shipping_rate") is not None:
        rate = await ctx.need("shipping_rate", given["shipping_rate"], "shipping_cost[shipping_rate]")
        fixed = rate["fixed_amount"]
        option = fixed if fixed["currency"] == currency else (fixed.get("currency_options") or {}).get(currency)
        if option is None:
            raise tax_errors.shipping_rate_currency(currency)
        amount = option["amount"]
    told = (rate or {}).get("tax_behavior")
    behavior = given.get("tax_behavior") or (told if told in {"exclusive", "inclusive"} else DEFAULT_BEHAVIOR)
    code = given.get("tax_code") or (rate or {}).get("tax_code") or SHIPPING_CODE
    if amount is None or amount < 0:
        raise tax_errors.at_least(0, "shipping_cost[amount]")
    taxed = of_amount(amount, behavior, code, place)
    shown = {} if rate is None else {"shipping_rate": rate["id"]}
    return {
        "amount": amount, "amount_tax": taxed.amount, **shown, "tax_behavior": behavior,
        "tax_breakdown": taxed.breakdown, "tax_code": code,
    }  # fmt: skip


def of_amount(amount: int, behavior: str, code: str, place: Place) -> Taxed:
    """Return the tax of one amount in minor units: one rate, rounded once per line (halves away from zero)."""
    found = automatic_tax.entry(place.country, place.state)
    reason = _reason(place, code, found)
    percent = str(found["percentage"]) if found and reason == "standard_rated" else "0"
    rate = taxes.Rate("", scaled(percent), behavior == "inclusive", reason)
    one = taxes.of_line(amount, [rate])[0]
    details = None
    if found is not None and reason == "standard_rated":
        details = {
            "display_name": found["display_name"], "percentage_decimal": percent_text(scaled(percent)),
            "tax_type": found["tax_type"],
        }  # fmt: skip
    return Taxed(one.amount, [{
        "amount": one.amount,
        "jurisdiction": {
            "country": place.country,
            "display_name": place.state or place.country,  # a choice: names of places are not kept
            "level": "state" if place.state else "country",
            "state": place.state,
        },
        "sourcing": "destination",
        "tax_rate_details": details,
        "taxability_reason": reason,
        "taxable_amount": one.taxable if details else 0,
    }])  # fmt: skip


def _reason(place: Place, code: str, found: Mapping[str, Any] | None) -> str:
    if place.override != "none":
        return place.override
    if found is None:
        return "not_collecting"
    return "product_exempt" if code == NONTAXABLE else "standard_rated"


def _summary(every: Sequence[Doc]) -> list[Doc]:
    """Return the taxes of all lines put together by rate and reason, in the order in which they first come."""
    result: dict[tuple[Any, ...], Doc] = {}
    for line in every:
        for one in line["tax_breakdown"]:
            details, inclusive = one["tax_rate_details"], line["tax_behavior"] == "inclusive"
            percent = details["percentage_decimal"] if details else "0.0"
            key = (percent, one["taxability_reason"], inclusive)
            shown = result.setdefault(key, {
                "amount": 0,
                "inclusive": inclusive,
                "tax_rate_details": {
                    "country": one["jurisdiction"]["country"], "flat_amount": None, "percentage_decimal": percent,
                    "rate_type": "percentage" if details else None, "state": one["jurisdiction"]["state"],
                    "tax_type": details["tax_type"] if details else None,
                },
                "taxability_reason": one["taxability_reason"],
                "taxable_amount": 0,
            })  # fmt: skip
            shown["amount"] += one["amount"]
            shown["taxable_amount"] += one["taxable_amount"]
    return list(result.values())


def embedded(lines: Sequence[Doc], url: str) -> Doc:
    """Return lines as they are embedded, all of them."""
    return {"object": "list", "data": list(lines), "has_more": False, "url": url}


async def list_lines(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """List a calculation's lines in their order (``GET /v1/tax/calculations/{calculation}/line_items``)."""
    found = await ctx.at_path(KIND, ids["calculation"], "calculation")
    return embedded_page(found["line_items"]["data"], params, found["line_items"]["url"], "tax calculation line item")
