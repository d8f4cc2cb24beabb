"""What happens when something that happens by itself fails: the others go on, it is told, it is not tried for ever."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from tests.journeys.traveller import DAY, HOUR, START, Traveller

if TYPE_CHECKING:
    import pytest

    from tests.support.client import Api

MONTH = 31 * DAY


async def lost(api: Api, price: str) -> None:
    """Take a price out of the store: what needs it is refused as a missing object."""
    space = await api.space()
    async with api.engine.store.begin(space.store_name) as uow:
        uow.remove("price", price)
        await uow.commit()


async def advanced(api: Api, clock: str, to: int) -> Any:
    await api.ok("POST", f"/v1/test_helpers/test_clocks/{clock}/advance", {"frozen_time": to})
    for _ in range(1000):
        found = await api.ok("GET", f"/v1/test_helpers/test_clocks/{clock}")
        if found["status"] != "advancing":
            return found
    raise AssertionError(clock)


async def test_a_test_clock_says_so_and_the_other_subscription_renews(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    ada = await Traveller(api).begin()
    broken, fine = await ada.price(2500), await ada.price(900)
    first, second = await ada.subscribe(broken), await ada.subscribe(fine)
    await lost(api, broken)
    with caplog.at_level(logging.ERROR):
        clock = await advanced(api, ada.clock, START + MONTH)
    assert (clock["status"], clock["frozen_time"]) == ("internal_failure", START + MONTH)
    assert f"subscription {first['id']} failed" in caplog.text
    assert caplog.text.count("No such price") == 1, "it is tried once"
    paid = [one["status"] for one in (await ada.get("/v1/invoices", {"subscription": second["id"]}))["data"]]
    assert paid == ["paid", "paid"], "the other one was renewed and paid"
    kept = await api.engine.store.due((await api.space()).store_name, 100, ada.clock)
    assert (await ada.get("/v1/invoices", {"subscription": first["id"]}))["data"][0]["billing_reason"] == (
        "subscription_create"
    ), "nothing of the failed one is kept"
    assert first["id"] not in {one.id for one in kept}
    assert "test_helpers.test_clock.internal_failure" in await api.events()
    again = await ada.refused(f"/v1/test_helpers/test_clocks/{ada.clock}/advance", {"frozen_time": START + 2 * MONTH})
    assert again.status == 400
    assert ada.clock in again.error["message"]
    assert (await api.delete(f"/v1/test_helpers/test_clocks/{ada.clock}")).status == 200


async def test_the_servers_clock_goes_on(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    await api.freeze(START)
    ada = Traveller(api)
    ada.product = (await ada.post("/v1/products", {"name": "Gold"}))["id"]
    ada.customer = (await ada.post("/v1/customers", {"email": "ada@example.com"}))["id"]
    await ada.card("pm_card_visa")
    broken, fine = await ada.price(2500), await ada.price(900)
    first, second = await ada.subscribe(broken), await ada.subscribe(fine)
    await lost(api, broken)
    with caplog.at_level(logging.ERROR):
        await api.advance(MONTH)
        await api.advance(MONTH)
    assert caplog.text.count(f"subscription {first['id']} failed") == 1, "what is set aside is not tried again"
    assert len((await ada.get("/v1/invoices", {"subscription": second["id"]}))["data"]) == 3
    # what changes is due again: here the price is back, and the month that was missed is billed
    space = await api.space()
    async with api.engine.store.begin(space.store_name) as uow:
        doc = await uow.get("price", fine)
        assert doc is not None
        uow.put("price", {**doc, "id": broken})
        await uow.commit()
    await ada.change(first["id"], metadata={"price": "back"})
    await api.advance(2 * HOUR)
    assert len((await ada.get("/v1/invoices", {"subscription": first["id"]}))["data"]) == 3
