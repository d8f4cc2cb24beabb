"""Decides what the page of plans is told: the prices to choose from by product, and the bounds of quantities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import selection
from emulator.kernel.documents import changed
from emulator.portal import permissions
from emulator.portal.changes import wishes

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.portal.permissions import Subject
    from emulator.resources.context import Context


async def of(ctx: Context, subject: Subject, feature: Doc) -> Doc:
    """Return ``offers`` (product, prices, quantity) in the order of the configuration, and what may be done.

    The present price is among them when the configuration lists it, and prices have their amounts in the
    subscription's currency. ``quantity`` is minimum and maximum or None; ``current`` is what the subscription has.
    """
    item = subject.items[0]
    allowed = {item["price"], *permissions.offered_prices(subject, feature)}
    offers = []
    for entry in feature["products"] or []:
        prices = [await _price(ctx, subject, id_) for id_ in entry["prices"] if id_ in allowed]
        product = await ctx.find("product", entry["product"])
        if prices and product is not None:
            offers.append(
                {"prices": prices, "product": product, "quantity": _bounds(subject, feature, prices[0]["id"])}
            )
    return {
        "current": {"price": item["price"], "quantity": item["quantity"]},
        "offers": offers,
        "promotion_codes": wishes.takes_codes(feature),
    }


async def _price(ctx: Context, subject: Subject, id_: str) -> Doc:
    price = await selection.currency_option(ctx, id_, subject.subscription["currency"])
    return changed(price, product=subject.prices[id_]["product"])


def _bounds(subject: Subject, feature: Doc, price: str) -> Doc | None:
    bounds = permissions.quantity_bounds(subject, feature, price)
    return None if bounds is None else {"maximum": bounds[1], "minimum": bounds[0]}
