"""The small pure parts of Checkout."""

from __future__ import annotations

import pytest

from emulator.checkout import checks, shapes
from emulator.kernel.errors import StripeError


def test_the_account_stands_in_a_sessions_id() -> None:
    assert shapes.account_of("cs_test_a11b6eICNbPzoYopYl" + "x" * 40) == "acct_1b6eICNbPzoYopYl"


@pytest.mark.parametrize(
    ("value", "good"),
    [
        ("https://example.com/?s={CHECKOUT_SESSION_ID}", True),
        ("http://localhost:3000", True),
        ("example.com", False),
        ("ftp://example.com", False),
        ("https://", False),
        ("https://a b", False),
        ("http://[", False),
    ],
)
def test_what_is_taken_for_an_address(value: str, good: bool) -> None:
    assert checks.is_url(value) is good


@pytest.mark.parametrize("at", [1799, 86_401])
def test_expiry_out_of_bounds(at: int) -> None:
    with pytest.raises(StripeError):
        checks.check_expiry(at, 0)


@pytest.mark.parametrize("at", [None, 1800, 86_400])
def test_expiry_within_bounds(at: int | None) -> None:
    checks.check_expiry(at, 0)


def test_custom_fields_have_a_place_for_the_answer() -> None:
    given = {"key": "size", "label": {"custom": "Size", "type": "custom"}, "type": "text"}
    assert shapes.custom_field(given) == {
        **given,
        "optional": False,
        "text": {"default_value": None, "maximum_length": None, "minimum_length": None, "value": None},
    }
    assert "value" not in shapes.custom_field(given, values=False)["text"]
