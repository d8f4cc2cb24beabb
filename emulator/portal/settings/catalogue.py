"""Decides which products, prices and pauses a configuration may offer, and in what shape they are stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.kernel.errors import missing_param
from emulator.portal import errors

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

MOST_PRODUCTS = 10  # docs.stripe.com/customer-management/configure-portal
LONGEST_PAUSE = {"day": 1095, "week": 156, "month": 36, "year": 3}  # three years, in each interval
# Recorded: an entry without adjustable_quantity comes back enabled. Choice: the bounds.
ADJUSTABLE: Doc = {"enabled": True, "maximum": None, "minimum": 1}
PRODUCTS = errors.UPDATE_PRODUCTS
INTERVALS = "features[subscription_pause][duration][interval_options]"


async def products(ctx: Context, entries: list[Doc]) -> list[Doc]:
    """Check the listed products and prices against the catalogue and return them in their stored shape.

    Raises E10, E11, the limit of ten products, or ``No such product/price`` (facts portal 1.3, 1.8).
    """
    if len(entries) > MOST_PRODUCTS:
        raise errors.too_many(PRODUCTS, MOST_PRODUCTS)
    seen: set[tuple[str, str, int]] = set()
    stored = []
    for index, entry in enumerate(entries):
        param = f"{PRODUCTS}[{index}]"
        product = await ctx.need("product", entry["product"], f"{param}[product]")
        for place, price_id in enumerate(entry["prices"]):
            price = await _price(ctx, price_id, product["id"], f"{param}[prices][{place}]")
            recurring = price["recurring"]
            interval = (product["id"], recurring["interval"], recurring["interval_count"])
            if interval in seen:
                raise errors.interval_repeated()
            seen.add(interval)
        stored.append(
            {
                "adjustable_quantity": _adjustable(entry.get("adjustable_quantity"), f"{param}[adjustable_quantity]"),
                "prices": list(entry["prices"]),
                "product": product["id"],
            }
        )
    return stored


def pause_duration(duration: Doc) -> Doc:
    """Return how long a pause may last in its stored shape; the longest is three years (docs .../pause).

    Raises the refusals of no options and of one that is too long.
    """
    if duration["type"] == "indefinite":
        return {"interval_options": [], "type": "indefinite"}
    if not duration["interval_options"]:
        raise missing_param(INTERVALS)
    options = []
    for index, option in enumerate(duration["interval_options"]):
        count = option.get("interval_count") or 1
        if not 1 <= count <= LONGEST_PAUSE[option["interval"]]:
            raise errors.pause_too_long(f"{INTERVALS}[{index}][interval_count]")
        options.append({"interval": option["interval"], "interval_count": count})
    return {"interval_options": options, "type": "interval_options"}


async def feedback_options(ctx: Context, wanted: list[str], already: list[str]) -> list[str]:
    """Check the named feedback options: they exist, and those not listed before are active (choice).

    Raises the refusals of others.
    """
    for index, id_ in enumerate(wanted):
        param = f"features[subscription_cancel][cancellation_reason][feedback_options][{index}]"
        option = await ctx.need("billing.feedback_option", id_, param)
        if option["status"] != "active" and id_ not in already:
            raise errors.feedback_option_inactive(id_, param)
    return list(wanted)


def offerable(price: Doc) -> bool:
    """Say whether a price may be listed: active, per unit and licensed (E11)."""
    recurring: dict[str, Any] | None = price["recurring"]
    licensed = recurring is not None and recurring["usage_type"] == "licensed"
    return bool(price["active"] and price["billing_scheme"] == "per_unit" and licensed)


async def _price(ctx: Context, id_: str, product: str, param: str) -> Doc:
    price = await ctx.need("price", id_, param)
    if not offerable(price):
        raise errors.price_not_supported()
    if price["product"] != product:
        raise errors.price_of_other_product(id_, product, param)
    return price


def _adjustable(given: Doc | None, param: str) -> Doc:
    stored = {**ADJUSTABLE, **{key: value for key, value in (given or {}).items() if value is not None}}
    maximum = stored["maximum"]
    if stored["minimum"] < 0 or (maximum is not None and maximum < stored["minimum"]):
        raise errors.quantity_bounds(f"{param}[maximum]")
    return stored
