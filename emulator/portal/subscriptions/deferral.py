"""Decides whether a change waits for the end of the period (PURE).

The conditions of ``schedule_at_period_end`` are alternatives: one that holds is enough (docs.stripe.com/api/
customer_portal/configurations; facts portal 5.4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emulator.billing import pricing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from emulator.kernel.documents import Doc

# Lengths of intervals against each other, in twelfths of a day: a month is a twelfth of a year (a choice).
LENGTHS = {"day": 12, "week": 12 * 7, "month": 365, "year": 12 * 365}


class Terms(NamedTuple):
    """What an item is billed by: a price with its amounts in the subscription's currency, and how many of it."""

    price: Doc
    quantity: int

    @property
    def length(self) -> int:
        """How long one period is."""
        recurring = self.price["recurring"]
        return LENGTHS[recurring["interval"]] * int(recurring["interval_count"])

    @property
    def amount(self) -> int:
        """What one period costs, scaled."""
        return pricing.exact(self.price, self.quantity)

    @property
    def charged(self) -> int:
        """What one period costs before discounts and taxes, in minor units."""
        return pricing.amount(self.price, self.quantity)


def decreasing(before: Terms, after: Terms) -> bool:
    """Say whether less is paid for the same time: measured across products, a cheaper year counts too.

    That fewer units count is a choice.
    """
    return after.amount * before.length < before.amount * after.length


def shortening(before: Terms, after: Terms) -> bool:
    """Say whether the new period is the shorter one; a longer one starts at once (facts portal 5.4)."""
    return after.length < before.length


CONDITIONS: Mapping[str, Callable[[Terms, Terms], bool]] = {
    "decreasing_item_amount": decreasing,
    "shortening_interval": shortening,
}


def waits(conditions: Iterable[Doc], before: Terms, after: Terms) -> bool:
    """Say whether a change from ``before`` to ``after`` is put off to the end of the period."""
    return any(CONDITIONS[one["type"]](before, after) for one in conditions)
