"""Decides which prices and quantities a subscription is asked to have, and refuses what does not go together."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emulator.billing import errors, periods, pricing, subscription_errors
from emulator.billing.shapes import Period
from emulator.catalog import discount_errors, discounts, held, price_terms, prices
from emulator.catalog import errors as catalog_errors
from emulator.catalog.values import at_least
from emulator.kernel.documents import changed
from emulator.kernel.errors import resource_missing

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context


# In an item that a schedule made long ago, whose price may be archived since; callers cannot say it.
KNOWN = "_known"
# In an item, phase or subscription whose tax rates were taken before, and may be archived since; callers cannot say it.
KNOWN_RATES = "_known_rates"
# Of a line, and of an invoice or subscription as a whole (docs.stripe.com/invoicing/taxes/tax-rates of 2026; older copies
# said five of a line as well, facts billing 3.6).
MOST_RATES = {"tax_rates": 10, "default_tax_rates": 5}
MOST_DISCOUNTS = 20  # of one object (facts billing 3.4)


class Choice(NamedTuple):
    """One item as asked for: ``quantity`` is None for metered prices; ``price`` is in the subscription's currency."""

    price: Doc
    quantity: int | None
    params: Doc

    @property
    def recurring(self) -> Doc:
        """How often the price is billed."""
        return self.price["recurring"]  # type: ignore[no-any-return]


def named(field: str, place: str) -> str:
    """Return the name of an item's field in refusals; ``place`` is the item's, "" where the call is about one item."""
    return f"{place}[{field}]" if place else field


async def chosen(ctx: Context, params: Doc, place: str, *, used: bool = False) -> Doc:
    """Return the price that ``params`` (an item) names or describes.

    ``place`` is the item's name in refusals ("items[0]" or ""). ``used``: the item has it already, archived is fine.
    """
    name = named("price", place)
    used = used or bool(params.get(KNOWN))
    if params.get("price") is not None:
        price = await (
            ctx.need("price", params["price"], name) if used else prices.sellable(ctx, params["price"], name)
        )
    elif params.get("price_data") is not None:
        price = await described(ctx, params["price_data"], named("price_data", place))
    else:
        raise errors.missing_param(name)
    if price["type"] != "recurring":
        raise errors.one_time_price(name)
    return price


async def described(ctx: Context, data: Doc, place: str) -> Doc:
    """Store the price that ``price_data`` describes; it is archived at once, nobody else can use it.

    Raises the refusals of a product that is not named (lines may describe one instead) or unknown.
    """
    if data.get("product") is None:
        raise errors.missing_param(f"{place}[product]")
    await ctx.need("product", data["product"], f"{place}[product]")
    price = await price_terms.make(ctx, data, data["product"])
    return ctx.put("price", changed(price, active=False))


def quantity_of(price: Doc, params: Doc, fallback: int = 1, *, place: str = "") -> int | None:
    """Return the quantity of an item, which ``place`` names in refusals: metered prices have none."""
    at_least(params, "quantity", 0, place)
    if price["recurring"]["usage_type"] == "metered":
        return None
    quantity = params.get("quantity")
    return fallback if quantity is None else quantity


async def choices(
    ctx: Context, params: Doc, place: str = "items", used: Collection[str] = frozenset()
) -> list[Choice]:  # fmt: skip
    """Return the items of a new subscription, or of a phase, (facts billing 6.2): same currency, no price twice.

    ``place`` is their name in refusals; ``used`` are prices that are had already, archived is fine for them. Raises the
    refusals of no items and of what breaks these rules.
    """
    given = params.get("items")
    if not given:
        raise errors.missing_param(place)
    result: list[Choice] = []
    seen: set[str] = set()
    for index, item in enumerate(given):
        name = f"{place}[{index}]"
        price = await chosen(ctx, item, name, used=item.get("price") in used)
        if price["id"] in seen:
            raise errors.duplicate_price(price["id"])
        seen.add(price["id"])
        result.append(Choice(price, quantity_of(price, item, place=name), item))
    return in_one_currency(result, params.get("currency"), place)


def in_one_currency(items: Sequence[Choice], wanted: str | None, place: str = "items") -> list[Choice]:
    """Return the items with their amounts in one currency: ``wanted``, or the first price's own.

    ``place`` is their name in refusals. Raises the refusal of a price without amounts in it.
    """
    currency = wanted or items[0].price["currency"]
    result = []
    for index, choice in enumerate(items):
        own = choice.price["currency"]
        if own == currency:
            result.append(choice)
            continue
        if currency not in (choice.price.get("currency_options") or {}):
            if wanted:
                raise errors.wrong_currency(own, currency, f"{place}[{index}][price]")
            raise errors.mixed_currencies(own, currency, 0)
        result.append(choice._replace(price=dict(pricing.in_currency(choice.price, currency))))
    return result


def worth(items: Sequence[Choice]) -> int:
    """Return what the items come to in a whole period (minor units): codes hold it against their minimum."""
    return sum(pricing.amount(one.price, one.quantity) for one in items if one.quantity is not None)


def check_intervals(prices: Sequence[Doc], mode: str, place: str = "items") -> None:
    """Refuse different intervals in classic mode, and such as do not go into each other in flexible (facts billing 6.1).

    ``place`` is the name of the items in refusals.
    """
    if len(prices) == 1:
        return
    recurrings = [one["recurring"] for one in prices]
    if len({(one["interval"], one["interval_count"]) for one in recurrings}) <= 1:
        return
    if mode == "classic":
        raise errors.mixed_intervals(place)
    if not periods.multiples(recurrings):
        raise subscription_errors.intervals_not_multiples(place)


def first_end(items: Sequence[Choice], start: int) -> int:
    """Return when the first natural period of the shortest interval ends."""
    interval, count = periods.shortest([one.recurring for one in items])
    return periods.plus(start, interval, count)


async def currency_option(ctx: Context, price_id: str, currency: str) -> Doc:
    """Return a stored price with its amounts in ``currency``."""
    price = await held.need(ctx, price_id)
    return price if price["currency"] == currency else dict(pricing.in_currency(price, currency))


async def tax_rates(
    ctx: Context, entry: Doc, place: str, had: Sequence[Doc] = (), *, name: str = "tax_rates"
) -> list[Doc]:
    """Return the tax rates that ``entry`` names under ``name``, as objects embed them; ``place`` is that in refusals.

    Raises for more than there may be, for one that is named twice, and for an archived one: it works on only where
    it is ``had`` already (docs.stripe.com/api/tax_rates/object).
    """
    ids: Sequence[str] = entry.get(name) or ()
    if len(ids) > MOST_RATES[name]:
        raise subscription_errors.too_many_rates(place, MOST_RATES[name])
    kept = {one["id"] for one in had}
    taken = bool(entry.get(KNOWN) or entry.get(KNOWN_RATES))
    result = []
    for index, one in enumerate(ids):
        rate = await ctx.need("tax_rate", one, f"{place}[{index}]")
        if one in ids[:index]:
            raise subscription_errors.rate_twice(one, f"{place}[{index}]")
        if not (rate["active"] or taken or one in kept):
            raise subscription_errors.archived_rate(one, f"{place}[{index}]")
        result.append(rate)
    return result


async def redeemed(
    ctx: Context, entries: Sequence[Doc] | None, customer: str, before: Sequence[Doc] = (), *, place: str = "discounts",
    currency: str | None = None, amount: int | None = None, on_update: bool = False, **holder: str | int | None,
) -> list[Doc]:  # fmt: skip
    """Return the discounts that ``discounts`` asks for, minted where they are new.

    A coupon that is already there keeps its discount and is not counted again (facts billing 3.3); no coupon is had
    twice, and only one's own discounts are (facts billing 3.4). ``amount`` is what the first payment comes to: promotion
    codes may ask for a minimum. Raises the refusals of too many, and of a coupon that is asked for twice.
    """
    if len(entries or ()) > MOST_DISCOUNTS:
        raise catalog_errors.too_many(place, MOST_DISCOUNTS)
    result: list[Doc] = []
    by_coupon = {one["source"]["coupon"]: one for one in before}
    for index, entry in enumerate(entries or ()):
        if entry.get("discount"):
            result.append(await _own(ctx, entry["discount"], customer, before, f"{place}[{index}][discount]", holder))
        elif entry.get("coupon") in by_coupon:
            result.append(by_coupon[entry["coupon"]])
        else:
            result.append(await discounts.mint(
                ctx, coupon=entry.get("coupon"), promotion_code=entry.get("promotion_code"), customer=customer,
                param=f"{place}[{index}]", currency=currency, amount=amount, on_update=on_update, **holder,  # type: ignore[arg-type]
            ))  # fmt: skip
        coupon = result[-1]["source"]["coupon"]
        if any(one["source"]["coupon"] == coupon for one in result[:-1]):
            raise discount_errors.discount_twice(coupon, f"{place}[{index}]")
    return result


async def _own(
    ctx: Context, id: str, customer: str, before: Sequence[Doc], param: str, holder: Mapping[str, object]
) -> Doc:
    """Return a redeemed discount that the customer, and the subscription where there is one, already has."""
    found = await ctx.need("discount", id, param)
    if any(one["id"] == id for one in before):
        return found
    elsewhere = "subscription" in holder and found["subscription"] not in {None, holder["subscription"]}
    if found["customer"] not in {None, customer} or elsewhere:
        raise resource_missing("discount", id, param=param)
    return found


def period_of(choice: Choice, anchor: int, start: int) -> tuple[Period, int]:
    """Return an item's first period [start, boundary) and the length of the natural period around it."""
    recurring = choice.recurring
    natural = periods.period_at(anchor, recurring["interval"], recurring["interval_count"], start)
    return Period(start, natural[1]), natural[1] - natural[0]
