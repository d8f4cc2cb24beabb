"""When a change waits for the end of the period (facts portal 5.4)."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.portal.subscriptions import deferral
from emulator.portal.subscriptions.deferral import Terms

CONDITIONS = ["decreasing_item_amount", "shortening_interval"]


def terms(amount: int | str, interval: str = "month", count: int = 1, quantity: int = 1) -> Terms:
    price: dict[str, Any] = {"recurring": {"interval": interval, "interval_count": count}, "unit_amount": None}
    return Terms({**price, "unit_amount_decimal": str(amount)}, quantity)


@pytest.mark.parametrize(
    "before,after,less,shorter",
    [
        (terms(1000), terms(1000), False, False),
        (terms(1000), terms(999), True, False),
        (terms(1000), terms("999.999999999999"), True, False),
        (terms(1000), terms(1001), False, False),
        (terms(1000), terms(12000, "year"), False, False),  # the same for the same time
        (terms(1000), terms(11999, "year"), True, False),
        (terms(12000, "year"), terms(1000), False, True),
        (terms(12000, "year"), terms(1001), False, True),
        (terms(12000, "year"), terms(999), True, True),
        (terms(3000, "month", 3), terms(1000), False, True),
        (terms(1000, "month", 12), terms(1000, "year"), False, False),
        (terms(700, "week"), terms(100, "day"), False, True),
        (terms(700, "week"), terms(99, "day"), True, True),
        (terms(500, quantity=2), terms(500), True, False),
        (terms(500, quantity=2), terms(400, quantity=3), False, False),
        (terms(0), terms(0, "year"), False, False),
    ],
)
def test_less_for_the_same_time_and_shorter_periods(before: Terms, after: Terms, less: bool, shorter: bool) -> None:
    found = [deferral.waits([{"type": one}], before, after) for one in CONDITIONS]
    assert found == [less, shorter]
    assert deferral.waits([{"type": one} for one in CONDITIONS], before, after) is (less or shorter)
    assert deferral.waits([], before, after) is False


def test_every_condition_of_the_api_is_known() -> None:
    assert sorted(deferral.CONDITIONS) == CONDITIONS


def test_amounts_are_minor_units_rounded_once() -> None:
    assert terms("0.5", quantity=3).charged == 2
