"""The arithmetic of meters: numbers of payloads, formulas."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from emulator.billing.meter_usage import aggregated, number


@pytest.mark.parametrize(
    ("text", "value"),
    [("5", Fraction(5)), ("-2.5", Fraction(-5, 2)), ("0.1", Fraction(1, 10)), ("x", None), ("NaN", None), ("1e400", None),
     ("Infinity", None), ("", None), ("9" * 41, None)],
)  # fmt: skip
def test_numbers(text: str, value: Fraction | None) -> None:
    assert number(text) == value


def test_nothing_was_used() -> None:
    assert [aggregated(formula, []) for formula in ("sum", "count", "last")] == [0, 0, 0]


@given(some.lists(some.decimals(-1000, 1000, places=3), max_size=20))
def test_formulas_are_exact(values: list[object]) -> None:
    rows = [{"value": str(Fraction(str(one)))} for one in values]
    exact = [Fraction(str(one)) for one in values]
    assert aggregated("sum", rows) == sum(exact, Fraction(0))
    assert aggregated("count", rows) == len(exact)
    assert aggregated("last", rows) == (exact[-1] if exact else 0)
