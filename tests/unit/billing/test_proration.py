"""Prorations to the second, with the rounding that was recorded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.billing import proration
from emulator.billing.pricing import SCALE

MONTH = 2_678_400


@pytest.mark.parametrize(
    ("full", "whole", "seconds", "wanted"),
    [
        (-1000, 3, 2, -667),  # docs.stripe.com prorations
        (500, 3, 2, 333),
        (-1000, 400, 1, -3),  # exact halves, recorded 2026-09
        (1800, 400, 1, 4),
        (3000, 400, 1, 7),
        (-2500, MONTH, MONTH - 4, -2500),  # four seconds into a period, recorded 2025-11
        (25_000, 31_536_000, 31_536_000 - 4, 25_000),
        (3252, MONTH, 445_540, 541),  # sample of docs.stripe.com prorations
        (2000, MONTH, MONTH - 71, 2000),
        (0, 10, 5, 0),
        (700, 0, 0, 700),
    ],
)
def test_recorded_amounts(full: int, whole: int, seconds: int, wanted: int) -> None:
    assert proration.part(full * SCALE, whole, seconds) == wanted


def test_credit_and_debit() -> None:
    assert proration.credit(1000 * SCALE, 0, 30, 10) == -667
    assert proration.share(500 * SCALE, 0, 30, 10) == 333
    assert proration.credit_of_billed(1000, 0, 30, 10) == -667


amounts = st.integers(min_value=0, max_value=10_000_000)
lengths = st.integers(min_value=1, max_value=31_622_400)


@given(full=amounts, whole=lengths, data=st.data())
def test_splitting_a_period_conserves_the_whole_to_a_unit(full: int, whole: int, data: st.DataObject) -> None:
    cut = data.draw(st.integers(min_value=0, max_value=whole))
    parts = proration.part(full * SCALE, whole, cut) + proration.part(full * SCALE, whole, whole - cut)
    assert abs(parts - full) <= 1


@given(full=amounts, start=st.integers(0, 10**9), whole=lengths, data=st.data())
def test_a_change_and_its_inverse_at_once_cancel_out_to_a_unit(
    full: int, start: int, whole: int, data: st.DataObject
) -> None:
    at = data.draw(st.integers(min_value=start, max_value=start + whole))
    debit = proration.share(full * SCALE, start, start + whole, at)
    credit = proration.credit(full * SCALE, start, start + whole, at)
    assert debit + credit in (0, -1)  # both round exact halves down
    assert 0 <= debit <= full


@given(numerator=st.integers(-(10**9), 10**9), denominator=st.integers(1, 10**6))
def test_rounding_is_to_the_nearest_with_halves_down(numerator: int, denominator: int) -> None:
    result = proration.rounded(numerator, denominator)
    assert -denominator <= 2 * (result * denominator - numerator) < denominator
