"""Tax rates, and how currencies are known, shown and refused."""

from __future__ import annotations

import pytest

from emulator.catalog import currencies
from emulator.kernel.errors import StripeError
from emulator.kernel.money import THREE_DECIMAL, ZERO_DECIMAL
from tests.unit.catalog.desk import Desk


@pytest.mark.parametrize("percentage", ["-1", "100.5", "1.23456"])
async def test_refused_percentages(desk: Desk, percentage: str) -> None:
    with pytest.raises(StripeError) as refused:
        await desk.post("/v1/tax_rates", display_name="VAT", inclusive="true", percentage=percentage)
    assert refused.value.param == "percentage"


async def test_tax_rate_is_archived(desk: Desk) -> None:
    rate = await desk.post("/v1/tax_rates", display_name="VAT", inclusive="true", percentage="8.1234")
    assert rate["percentage"] == 8.1234
    after = await desk.post(f"/v1/tax_rates/{rate['id']}", active="false", description="old")
    assert (after["active"], after["description"]) == (False, "old")
    with pytest.raises(StripeError, match="empty string for 'display_name'"):
        await desk.post(f"/v1/tax_rates/{rate['id']}", display_name="")
    assert (await desk.fetch("/v1/tax_rates", active="true"))["data"] == []


@pytest.mark.parametrize(
    "amount, currency, shown",
    [
        (50, "usd", "$0.50"),
        (99_999_999, "usd", "$999,999.99"),
        (50, "jpy", "¥50"),
        (-1250, "eur", "-€12.50"),
        (12_000, "bhd", "12.000 bhd"),
    ],
)
def test_display(amount: int, currency: str, shown: str) -> None:
    assert currencies.display(amount, currency) == shown


def test_known_currencies() -> None:
    assert currencies.check("USD") == "usd"
    assert currencies.minimum("jpy") == 50
    assert currencies.minimum("xof") == 0
    assert ZERO_DECIMAL | THREE_DECIMAL | set(currencies.MINIMUM_CHARGE) <= currencies.SUPPORTED
    currencies.check_map({"eurc": 1})
    with pytest.raises(StripeError):
        currencies.check("eurc")
