"""Decides what a price says: amounts, tiers, recurrence, currencies; and which combinations are refused."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from emulator.catalog import currencies, errors
from emulator.catalog.values import member, metadata
from emulator.kernel.errors import missing_param

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

MAX_DECIMALS: Final = 12  # docs.stripe.com/api/prices/create: unit_amount_decimal
MAX_AMOUNT: Final = 999_999_999_999  # twelve digits (choice)
MAX_INTERVALS: Final = {"day": 1095, "week": 156, "month": 36, "year": 3}  # three years (facts billing 3.2)


def decimal_text(value: str, param: str) -> tuple[int | None, str]:
    """Return (whole minor units or None when fractional, the plain decimal text) of a decimal parameter.

    ``"10.50"`` gives ``(None, "10.5")``, ``"7.0"`` gives ``(7, "7")``; at most twelve decimals (facts billing 3.2).
    Raises the refusals of more of them, of less than nothing and of too much.
    """
    _, _, fraction = value.partition(".")
    if len(fraction.rstrip("0")) > MAX_DECIMALS:
        raise errors.too_many_decimals(value, param)
    number = Decimal(value)
    if number < 0:
        raise errors.too_small("0", value, param=param)
    if number > MAX_AMOUNT:
        raise errors.too_large(str(MAX_AMOUNT), value, param=param)
    whole = int(number)
    if number == whole:
        return whole, str(whole)
    return None, f"{whole}.{fraction.rstrip('0')}"


def amounts(params: Doc, name: str, prefix: str = "") -> tuple[int | None, str | None]:
    """Return the pair (``name``, ``name_decimal``) from whichever of the two was given; (None, None) for neither.

    Raises the refusals of both at once, of less than nothing and of too much (minor units).
    """
    whole, text = params.get(name), params.get(f"{name}_decimal")
    if whole is not None and text is not None:
        raise errors.two_amounts(member(prefix, name), member(prefix, f"{name}_decimal"))
    if text is not None:
        return decimal_text(text, member(prefix, f"{name}_decimal"))
    if whole is None:
        return None, None
    if whole < 0:
        raise errors.too_small("0", param=member(prefix, name))
    if whole > MAX_AMOUNT:
        raise errors.too_large(str(MAX_AMOUNT), whole, param=member(prefix, name))
    return whole, str(whole)


def tiers(given: list[Doc], prefix: str = "tiers") -> list[Doc]:
    """Return the stored tiers; ``up_to`` ascends and the last one is open (None, given as ``inf``).

    Raises the refusals of tiers that are not such, and of one without an amount.
    """
    stored: list[Doc] = []
    reached = 0
    for position, tier in enumerate(given):
        name = f"{prefix}[{position}]"
        unit, unit_decimal = amounts(tier, "unit_amount", name)
        flat, flat_decimal = amounts(tier, "flat_amount", name)
        if unit_decimal is None and flat_decimal is None:
            raise errors.tier_without_amount(name)
        up_to = None if tier["up_to"] == "inf" else int(tier["up_to"])
        if (up_to is None) != (position == len(given) - 1):
            raise errors.last_tier_not_open()
        if up_to is not None and up_to <= reached:
            raise errors.tiers_not_ascending(f"{name}[up_to]")
        reached = up_to or reached
        stored.append(
            {
                "flat_amount": flat,
                "flat_amount_decimal": flat_decimal,
                "unit_amount": unit,
                "unit_amount_decimal": unit_decimal,
                "up_to": up_to,
            }
        )
    return stored


def custom_unit_amount(given: Doc | None) -> Doc | None:
    """Return the bounds of an amount that the customer sets; the answer does not repeat ``enabled`` (recorded)."""
    if given is None or not given["enabled"]:
        return None
    return {name: given.get(name) for name in ("maximum", "minimum", "preset")}


def recurring(given: Doc | None, prefix: str = "recurring") -> Doc | None:
    """Return the stored recurrence with its defaults, or None for a one-time price.

    Raises the refusals of intervals that are too short or long, and of meters without metered usage or the reverse.
    """
    if given is None:
        return None
    count = given.get("interval_count")
    if count is None:
        count = 1
    if count < 1:
        raise errors.too_small("1", param=member(prefix, "interval_count"))
    if count > MAX_INTERVALS[given["interval"]]:
        raise errors.interval_too_long(member(prefix, "interval_count"))
    usage, meter = given.get("usage_type") or "licensed", given.get("meter")
    if usage == "metered" and meter is None:
        raise errors.metered_needs_meter()
    if usage != "metered" and meter is not None:
        raise errors.meter_needs_metered()
    return {
        "interval": given["interval"],
        "interval_count": count,
        "meter": meter,
        "trial_period_days": given.get("trial_period_days"),
        "usage_type": usage,
    }


def option(given: Doc, prefix: str, tax_behavior: str = "unspecified") -> Doc:
    """Return one stored entry of ``currency_options``."""
    unit, unit_decimal = amounts(given, "unit_amount", prefix)
    entry: Doc = {
        "custom_unit_amount": custom_unit_amount(given.get("custom_unit_amount")),
        "tax_behavior": given.get("tax_behavior") or tax_behavior,
        "unit_amount": unit,
        "unit_amount_decimal": unit_decimal,
    }
    if given.get("tiers"):
        entry["tiers"] = tiers(given["tiers"], member(prefix, "tiers"))
    return entry


def options(given: Doc | None, prefix: str = "currency_options") -> Doc:
    """Return the stored ``currency_options`` of the currencies that were given."""
    if not given:
        return {}
    currencies.check_map(given, prefix)
    return {code: option(entry, member(prefix, code)) for code, entry in given.items()}


def _transform(params: Doc) -> Doc | None:
    given = params.get("transform_quantity")
    if given is None:
        return None
    if params.get("billing_scheme") == "tiered":
        raise errors.transform_with_tiers()
    if given["divide_by"] < 1:
        raise errors.too_small("1", param="transform_quantity[divide_by]")
    return {"divide_by": given["divide_by"], "round": given["round"]}


def _tiered(params: Doc, prefix: str, recurs: Doc | None) -> Doc:
    """Return the amount fields of a tiered price."""
    if recurs is None:
        raise errors.tiers_need_recurring()
    for name in ("tiers", "tiers_mode"):
        if not params.get(name):
            raise missing_param(member(prefix, name))
    if params.get("unit_amount") is not None or params.get("unit_amount_decimal") is not None:
        raise errors.tiers_with_amount()
    return {
        "billing_scheme": "tiered",
        "custom_unit_amount": None,
        "tiers": tiers(params["tiers"], member(prefix, "tiers")),
        "tiers_mode": params["tiers_mode"],
        "unit_amount": None,
        "unit_amount_decimal": None,
    }


def _per_unit(params: Doc, prefix: str, recurs: Doc | None) -> Doc:
    """Return the amount fields of a price with one amount per unit, or one that the customer sets."""
    if params.get("tiers") or params.get("tiers_mode"):
        raise errors.tiers_without_scheme()
    custom = custom_unit_amount(params.get("custom_unit_amount"))
    if custom is not None and recurs is not None:
        raise errors.custom_amount_recurring()
    unit, unit_decimal = amounts(params, "unit_amount", prefix)
    if custom is None and unit_decimal is None:
        raise errors.price_needs_amount()
    return {
        "billing_scheme": "per_unit",
        "custom_unit_amount": custom,
        "tiers_mode": None,
        "unit_amount": unit,
        "unit_amount_decimal": unit_decimal,
    }


def terms(params: Doc, prefix: str = "") -> Doc:
    """Return every field of a price that its parameters decide; raises the refusals of facts billing 3.2."""
    currency = currencies.check(params["currency"], member(prefix, "currency"))
    recurs = recurring(params.get("recurring"), member(prefix, "recurring"))
    tiered = params.get("billing_scheme") == "tiered"
    amount = _tiered(params, prefix, recurs) if tiered else _per_unit(params, prefix, recurs)
    tax_behavior = params.get("tax_behavior") or "unspecified"
    fields: Doc = {
        "currency": currency,
        "metadata": metadata(params),
        "recurring": recurs,
        "tax_behavior": tax_behavior,
        "transform_quantity": _transform(params),
        "type": "one_time" if recurs is None else "recurring",
        **amount,
    }
    others = options(params.get("currency_options"), member(prefix, "currency_options"))
    fields["currency_options"] = {**others, currency: own_option(fields)}
    return fields


def own_option(price: Doc) -> Doc:
    """Return the entry that a price's own currency has among its ``currency_options``."""
    entry: Doc = {
        name: price[name] for name in ("custom_unit_amount", "tax_behavior", "unit_amount", "unit_amount_decimal")
    }
    if price.get("tiers"):
        entry["tiers"] = price["tiers"]
    return entry


async def make(ctx: Context, params: Doc, product: str, *, prefix: str = "", id: str | None = None) -> Doc:
    """Return a whole new price of ``product``, checked but not stored yet."""
    fields = terms(params, prefix)
    meter: Any = fields["recurring"] and fields["recurring"]["meter"]
    if meter:
        await ctx.need("billing.meter", meter, member(prefix, "recurring[meter]"))
    active = params.get("active")
    return {
        "id": id or ctx.new_id("price"),
        "object": "price",
        "active": True if active is None else active,
        "created": ctx.now,
        "livemode": ctx.livemode,
        "lookup_key": params.get("lookup_key"),
        "nickname": params.get("nickname"),
        "product": product,
        **fields,
    }
