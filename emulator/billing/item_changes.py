"""Decides what items a subscription has after a change, and which of them were changed how."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emulator.billing import errors, periods, pricing, selection, shapes
from emulator.resources import updates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context


class Edit(NamedTuple):
    """One item before and after: None for "was not there" and "is gone"; prices in the subscription's currency."""

    before: Doc | None
    before_price: Doc | None
    after: Doc | None
    after_price: Doc | None

    @property
    def priced(self) -> bool:
        """Say whether price or quantity changed: only that prorates (facts billing 6.10)."""
        if self.before is None or self.after is None:
            return True
        return (self.before["price"], self.before.get("quantity")) != (self.after["price"], self.after.get("quantity"))

    @property
    def interval_changed(self) -> bool:
        """Say whether the item is billed in another rhythm now."""
        if self.before_price is None or self.after_price is None:
            return False
        one, two = self.before_price["recurring"], self.after_price["recurring"]
        return (one["interval"], one["interval_count"]) != (two["interval"], two["interval_count"])

    @property
    def became_paid(self) -> bool:
        """Say whether a free item costs something now."""
        if self.before is None or self.after is None or self.before_price is None or self.after_price is None:
            return False
        return pricing.is_free(self.before_price, self.before.get("quantity")) and not pricing.is_free(
            self.after_price, self.after.get("quantity")
        )


async def edited(ctx: Context, subscription: Doc, given: Sequence[Doc]) -> tuple[list[Doc], list[Edit]]:
    """Return the items after ``items`` of an update, and the edits in the order given (facts billing 6.9).

    Raises the refusals of an item that is not there and of the last one's removal.
    """
    rows: list[Doc] = list(subscription["items"]["data"])
    edits: list[Edit] = []
    for index, entry in enumerate(given):
        place = f"items[{index}]"
        if entry.get("id"):
            position = next((at for at, row in enumerate(rows) if row["id"] == entry["id"]), None)
            if position is None:
                raise errors.unknown_item(entry["id"], status=400)
            edit = await _changed(ctx, subscription, rows[position], entry, place)
            if edit.after is None:
                del rows[position]
            else:
                rows[position] = edit.after
        else:
            edit = await _added(ctx, subscription, rows, entry, place)
            rows.append(edit.after or {})
        edits.append(edit)
    if not rows:
        raise errors.last_item()
    return rows, edits


async def _changed(ctx: Context, subscription: Doc, row: Doc, entry: Doc, place: str) -> Edit:
    currency = subscription["currency"]
    before = await selection.currency_option(ctx, row["price"], currency)
    if entry.get("deleted"):
        return Edit(row, before, None, None)
    after, price = dict(row), before
    wanted = entry.get("price") is not None or entry.get("price_data") is not None
    if wanted and entry.get("price") != row["price"]:
        price = await _price(ctx, entry, place, currency)
        after["price"] = price["id"]
        quantity = selection.quantity_of(price, entry, place=place)  # a new price starts again at one
    else:
        quantity = selection.quantity_of(price, entry, row.get("quantity") or 0, place=place)
    after.pop("quantity", None)
    if quantity is not None:
        after["quantity"] = quantity
    after = await _settings(ctx, subscription, after, entry, place)
    edit = Edit(row, before, after, price)
    if edit.interval_changed:
        recurring = price["recurring"]
        start, end = periods.period_at(
            subscription["billing_cycle_anchor"], recurring["interval"], recurring["interval_count"], ctx.now
        )
        after["current_period_start"], after["current_period_end"] = start, end
    return edit


async def _added(ctx: Context, subscription: Doc, rows: Sequence[Doc], entry: Doc, place: str) -> Edit:
    price = await _price(ctx, entry, place, subscription["currency"])
    for row in rows:
        if row["price"] == price["id"]:
            raise errors.price_taken(price["id"], row["id"])
    recurring = price["recurring"]
    if subscription["status"] == "trialing":
        end = subscription["trial_end"]
    else:
        end = periods.next_boundary(
            subscription["billing_cycle_anchor"], recurring["interval"], recurring["interval_count"], ctx.now
        )
    quantity = selection.quantity_of(price, entry, place=place)
    row = shapes.item(ctx, subscription["id"], price["id"], quantity, shapes.Period(ctx.now, end))
    return Edit(None, None, await _settings(ctx, subscription, row, entry, place), price)


async def _price(ctx: Context, entry: Doc, place: str, currency: str) -> Doc:
    price = await selection.chosen(ctx, entry, place)
    if price["currency"] == currency:
        return price
    if currency not in (price.get("currency_options") or {}):
        raise errors.wrong_currency(price["currency"], currency, selection.named("price", place))
    return dict(pricing.in_currency(price, currency))


async def _settings(ctx: Context, subscription: Doc, row: Doc, entry: Doc, place: str) -> Doc:
    given: Doc = {}
    if "metadata" in entry:
        given["metadata"] = entry["metadata"]
    if "tax_rates" in entry:
        name = selection.named("tax_rates", place)
        given["tax_rates"] = await selection.tax_rates(ctx, entry, name, row["tax_rates"])
    if "discounts" in entry:
        before = [one for one in [await ctx.find("discount", one) for one in row["discounts"]] if one is not None]
        found = await selection.redeemed(
            ctx, entry["discounts"], subscription["customer"], before, place=selection.named("discounts", place),
            currency=subscription["currency"], on_update=True, subscription=subscription["id"],
            subscription_item=row["id"],
        )  # fmt: skip
        given["discounts"] = [one["id"] for one in found]
    return updates.apply(row, given) if given else row
