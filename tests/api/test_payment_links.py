"""Payment links: what they offer, and the sessions that opening them makes."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.kernel.errors import StripeError
from tests.support.client import Api


async def price(api: Api, amount: int = 1500, *, monthly: bool = False) -> str:
    product = await api.post("/v1/products", {"name": "Plan"})
    params: dict[str, Any] = {"product": product.id, "currency": "usd", "unit_amount": amount}
    if monthly:
        params["recurring"] = {"interval": "month"}
    return (await api.post("/v1/prices", params)).id


async def link(api: Api, *, monthly: bool = False, **more: Any) -> Any:
    rows = [{"price": await price(api, monthly=monthly), "quantity": 2, "adjustable_quantity": {"enabled": True}}]
    answer = await api.post("/v1/payment_links", {"line_items": rows, **more})
    assert answer.status == 200, answer.text
    return answer.json


async def opened(api: Api, id: str, **more: Any) -> Any:
    return await api.engine.run(await api.space(), "checkout:open_link", {"payment_link": id, **more})


async def test_a_new_link(api: Api) -> None:
    made = await link(api, metadata={"a": "1"})
    assert made["active"] is True
    assert made["url"].endswith(f"/b/{made['id']}")
    assert made["customer_creation"] == "if_required"
    assert made["after_completion"]["type"] == "hosted_confirmation"
    items = (await api.get(f"/v1/payment_links/{made['id']}/line_items")).json["data"]
    assert (items[0]["quantity"], items[0]["amount_total"]) == (2, 3000)
    shown = (await api.get(f"/v1/payment_links/{made['id']}", {"expand": ["line_items"]})).json
    assert shown["line_items"]["data"][0]["id"] == items[0]["id"]
    assert (await api.events())[-1] == "payment_link.created"


async def test_links_change_and_are_listed(api: Api) -> None:
    made = await link(api)
    item = (await api.get(f"/v1/payment_links/{made['id']}/line_items")).json["data"][0]["id"]
    wish = {
        "active": False, "allow_promotion_codes": True, "line_items": [{"id": item, "quantity": 5}],
        "after_completion": {"type": "redirect", "redirect": {"url": "https://example.com/thanks"}},
    }  # fmt: skip
    changed = await api.post(f"/v1/payment_links/{made['id']}", wish)
    assert changed["active"] is False
    assert changed["after_completion"] == {"redirect": {"url": "https://example.com/thanks"}, "type": "redirect"}
    assert (await api.get(f"/v1/payment_links/{made['id']}/line_items")).json["data"][0]["quantity"] == 5
    assert (await api.events())[-1] == "payment_link.updated"
    assert [one["id"] for one in (await api.get("/v1/payment_links", {"active": False})).json["data"]] == [made["id"]]
    assert (await api.get("/v1/payment_links", {"active": True})).json["data"] == []
    wrong = await api.post(f"/v1/payment_links/{made['id']}", {"line_items": [{"id": "li_unknown", "quantity": 5}]})
    assert wrong.error["param"] == "line_items[0][id]"


async def test_opening_makes_a_new_session_each_time(api: Api) -> None:
    made = await link(api, monthly=True, subscription_data={"trial_period_days": 7}, metadata={"a": "1"})
    first = await opened(api, made["id"], prefilled_email="ada@example.com", client_reference_id="7")
    second = await opened(api, made["id"])
    assert first["id"] != second["id"]
    shown = (await api.get(f"/v1/checkout/sessions/{first['id']}")).json
    assert (shown["payment_link"], shown["mode"], shown["amount_total"]) == (made["id"], "subscription", 0)
    assert (shown["customer_email"], shown["client_reference_id"]) == ("ada@example.com", "7")
    assert shown["metadata"] == {"a": "1"}
    found = (await api.get("/v1/checkout/sessions", {"payment_link": made["id"]})).json["data"]
    assert len(found) == 2


async def test_a_link_that_is_used_up(api: Api) -> None:
    made = await link(api, restrictions={"completed_sessions": {"limit": 1}}, inactive_message="Sold out")
    assert made["restrictions"] == {"completed_sessions": {"count": 0, "limit": 1}}
    space = await api.space()
    one = await opened(api, made["id"])
    await api.engine.run(space, "checkout:complete", {"session": one["id"], "payment_method": "pm_card_visa"})
    after = (await api.get(f"/v1/payment_links/{made['id']}")).json
    assert (after["active"], after["restrictions"]["completed_sessions"]["count"]) == (False, 1)
    with pytest.raises(StripeError, match="Sold out"):
        await opened(api, made["id"])
