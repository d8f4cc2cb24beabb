"""When a failed payment is tried again, and when not."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.billing import backdating, dunning
from tests.unit.billing.desk import MONTH_END, START

DAY = 86_400
MONTHLY = {"interval": "month", "interval_count": 1}


@pytest.mark.parametrize(
    ("attempts", "settings", "wanted"),
    [
        (1, None, 3 * DAY), (3, None, 7 * DAY), (4, None, None), (0, None, None),
        (1, {"retry_days": [2]}, 2 * DAY), (2, {"retry_days": [2]}, None), (1, {"retry_days": []}, None),
    ],
)  # fmt: skip
def test_the_next_attempt(attempts: int, settings: dict[str, Any] | None, wanted: int | None) -> None:
    assert dunning.next_attempt(0, attempts, settings) == wanted


@pytest.mark.parametrize(
    ("error", "hard"),
    [
        (None, False),
        ({"code": "card_declined", "decline_code": "generic_decline"}, False),
        ({"code": "card_declined", "decline_code": "stolen_card"}, True),
        ({"code": "authentication_required", "decline_code": "authentication_required"}, True),
        ({"code": "incorrect_number"}, True),
    ],
)
def test_hard_declines(error: dict[str, Any] | None, hard: bool) -> None:
    assert dunning.is_hard(error) is hard


def test_what_happens_at_the_end() -> None:
    assert dunning.final_act() == "cancel"
    assert dunning.final_act({"then": "unpaid"}) == "unpaid"
    assert dunning.pauses_first({"pause_after_first": True})
    assert not dunning.pauses_first()


def test_past_time_is_cut_at_the_boundaries() -> None:
    start = START - 40 * DAY
    parts = backdating.parts(START, MONTHLY, start, START)
    assert [part.end - part.start for part in parts] == [9 * DAY, 31 * DAY]
    assert (parts[0].start, parts[-1].end, parts[0].whole) == (start, START, 31 * DAY)
    price = {"currency": "usd", "unit_amount": 3100, "unit_amount_decimal": "3100", "billing_scheme": "per_unit"}
    assert backdating.cost(price, 2, parts) == 2 * (900 + 3100)
    assert backdating.parts(START, MONTHLY, START, MONTH_END) == [backdating.Part(START, MONTH_END, MONTH_END - START)]
