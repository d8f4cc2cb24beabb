"""A small world for the portal's unit tests."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.billing import cancellations
from emulator.kernel.documents import Doc
from emulator.payments import collect
from emulator.portal.settings import configurations
from tests.unit.portal.fakes import NOW, Billing, FakeContext, price, subscription


@pytest.fixture
def ctx() -> Any:
    """Return an account with a default configuration, a customer, two products and three prices, one subscription."""
    world = FakeContext()
    world.put("account", {"business_profile": {"name": "Acme"}, "id": world.account, "object": "account"})
    world.put(
        "customer",
        {"currency": None, "id": "cus_1", "invoice_settings": {"default_payment_method": "pm_1"}, "object": "customer"},
    )
    world.put(
        "customer",
        {"currency": None, "id": "cus_2", "invoice_settings": {"default_payment_method": None}, "object": "customer"},
    )
    world.put("payment_method", {"customer": "cus_1", "id": "pm_1", "type": "card"})
    for id_ in ("prod_1", "prod_2"):
        world.put("product", {"id": id_, "name": id_, "object": "product"})
    world.put("price", price("price_month"))
    world.put("price", price("price_year", interval="year"))
    world.put("price", price("price_other", product="prod_2"))
    world.put("subscription", subscription())
    world.put(configurations.KIND, configurations.seed_default("bpc_default", NOW))
    world.puts.clear()
    return world


@pytest.fixture(autouse=True)
def billing(monkeypatch: pytest.MonkeyPatch) -> Billing:
    """Put a recorder in the place of billing and of the choice of payment method."""
    recorder = Billing()
    for name in ("cancel_now", "cancel_at_period_end", "undo_cancel"):
        monkeypatch.setattr(cancellations, name, getattr(recorder, name))

    async def default_method(ctx: Any, customer: Doc, doc: Doc | None) -> str | None:
        own = (doc or {}).get("default_payment_method") or customer["invoice_settings"]["default_payment_method"]
        return str(own) if own else None

    monkeypatch.setattr(collect, "default_method", default_method)
    return recorder
