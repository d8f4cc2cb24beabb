"""What quantities cost: decimals, tiers, packages, exactly."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.billing import pricing

TIERS = [
    {"up_to": 10, "unit_amount": 500, "unit_amount_decimal": "500", "flat_amount": 100, "flat_amount_decimal": "100"},
    {"up_to": None, "unit_amount": 300, "unit_amount_decimal": "300", "flat_amount": None, "flat_amount_decimal": None},
]


def flat(amount: str) -> dict[str, Any]:
    """Return a per-unit price."""
    whole = int(amount) if "." not in amount else None
    return {
        "id": "price_1", "billing_scheme": "per_unit", "currency": "usd", "unit_amount": whole,
        "unit_amount_decimal": amount, "transform_quantity": None,
    }  # fmt: skip


def tiered(mode: str) -> dict[str, Any]:
    """Return a tiered price."""
    return {"id": "price_2", "billing_scheme": "tiered", "currency": "usd", "tiers_mode": mode, "tiers": TIERS}


@pytest.mark.parametrize(
    ("price", "quantity", "wanted"),
    [
        (flat("1000"), 3, 3000),
        (flat("0.5"), 1, 1),
        (flat("0.4"), 1, 0),
        (flat("33.333333333333"), 3, 100),
        (flat("0.000000000001"), 10**12, 1),
        ({**flat("700"), "transform_quantity": {"divide_by": 5, "round": "up"}}, 11, 2100),
        ({**flat("700"), "transform_quantity": {"divide_by": 5, "round": "down"}}, 11, 1400),
        ({**flat("700"), "transform_quantity": {"divide_by": 5, "round": "up"}}, 10, 1400),
        (tiered("graduated"), 0, 100),
        (tiered("graduated"), 10, 5100),
        (tiered("graduated"), 12, 5700),
        (tiered("volume"), 0, 100),
        (tiered("volume"), 10, 5100),
        (tiered("volume"), 12, 3600),
    ],
)
def test_amounts(price: dict[str, Any], quantity: int, wanted: int) -> None:
    assert pricing.amount(price, quantity) == wanted


def test_an_amount_without_a_decimal_text_is_used() -> None:
    price = {
        **flat("1"),
        "unit_amount_decimal": None,
        "unit_amount": 250,
        "transform_quantity": {"divide_by": 2, "round": "up"},
    }
    assert pricing.amount(price, 4) == 500
    assert pricing.exact({**price, "unit_amount": None}, 4) == 0


@given(st.decimals(min_value=-10_000, max_value=10_000, places=12, allow_nan=False))
def test_scaling_is_exact_and_reversible(number: Decimal) -> None:
    text = f"{number:f}"
    assert pricing.scaled(text) == int(number * pricing.SCALE)
    assert pricing.scaled(pricing.unscaled(pricing.scaled(text))) == pricing.scaled(text)


@pytest.mark.parametrize(("value", "text"), [(0, "0"), (-pricing.SCALE // 2, "-0.5"), (12 * pricing.SCALE, "12")])
def test_scaled_numbers_are_printed_short(value: int, text: str) -> None:
    assert pricing.unscaled(value) == text


@given(st.integers(min_value=0, max_value=1000))
def test_graduated_tiers_never_get_cheaper_by_buying_more(quantity: int) -> None:
    price = tiered("graduated")
    assert pricing.exact(price, quantity + 1) >= pricing.exact(price, quantity)


def test_the_reached_tier() -> None:
    assert pricing.tier_reached(tiered("graduated"), 10) == 1
    assert pricing.tier_reached(tiered("graduated"), 11) == 2
    assert pricing.tier_reached({"tiers": TIERS[:1]}, 50) == 1


def test_graduated_tiers_without_an_open_end_stop() -> None:
    assert pricing.exact({**tiered("graduated"), "tiers": TIERS[:1]}, 50) == 5100 * pricing.SCALE


def test_other_currencies() -> None:
    price = {**flat("1000"), "currency_options": {"eur": {"unit_amount": 900, "unit_amount_decimal": "900"}}}
    assert pricing.amount(pricing.in_currency(price, "eur"), 2) == 1800
    assert pricing.in_currency(price, "usd") is price
    with pytest.raises(LookupError):
        pricing.in_currency(price, "jpy")


def test_free_prices() -> None:
    assert pricing.is_free(flat("1000"), None)
    assert pricing.is_free(flat("0"), 3)
    assert not pricing.is_free(flat("0.1"), 1)
