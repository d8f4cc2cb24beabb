"""Copies, snapshots and resets of a platform's world take its connected accounts along."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.portal import SESSIONS
from tests.unit.billing.desk import Desk

if TYPE_CHECKING:
    from tests.support.client import Api

COPY = "sk_test_connected_copy"


async def control(api: Api, path: str, **body: Any) -> Any:
    answer = await api.call("POST", f"/_emulator{path}", body)
    assert answer.status == 200, answer.text
    return answer.json


async def bakery(api: Api) -> tuple[dict[str, str], str]:
    """Make a connected account with a customer; returns the header that acts on it, and the customer."""
    made = await api.ok("POST", "/v1/accounts", {"type": "standard", "business_profile": {"name": "Bakery"}})
    headers = {"Stripe-Account": made["id"]}
    customer = await api.ok("POST", "/v1/customers", {"name": "Ada"}, headers=headers)
    return headers, customer["id"]


async def name(api: Api, customer: str, headers: dict[str, str], key: str | None = None) -> str:
    found: str = (await api.ok("GET", f"/v1/customers/{customer}", headers=headers, key=key))["name"]
    return found


async def test_a_copy_has_its_own_connected_accounts(api: Api) -> None:
    headers, ada = await bakery(api)
    await control(api, f"/worlds/{api.key}/fork", to=COPY)
    assert await name(api, ada, headers, COPY) == "Ada"
    await api.ok("POST", f"/v1/customers/{ada}", {"name": "Copied"}, headers=headers, key=COPY)
    assert (await name(api, ada, headers), await name(api, ada, headers, COPY)) == ("Ada", "Copied")
    await api.ok("POST", f"/v1/customers/{ada}", {"name": "First"}, headers=headers)
    assert (await name(api, ada, headers), await name(api, ada, headers, COPY)) == ("First", "Copied")
    await api.ok("POST", f"/v1/accounts/{headers['Stripe-Account']}", {"business_profile": {"name": "Café"}}, key=COPY)
    for key, business in ((api.key, "Bakery"), (COPY, "Café")):
        session = await api.ok("POST", SESSIONS, {"customer": ada}, headers=headers, key=key)
        async with api.client.get("/p/" + session["url"].partition("/p/")[2]) as page:
            assert page.status == 200
            assert business in await page.text(), key
    answer = await api.call("DELETE", f"/_emulator/worlds/{COPY}")
    assert answer.status == 200
    assert await name(api, ada, headers) == "First"
    assert all(one.store_name.startswith(one.account) or one.platform for one in api.engine.by_store.values())
    assert len(api.engine.by_store) == 2


async def test_each_copy_opens_its_own_invoices(api: Api) -> None:
    headers, ada = await bakery(api)
    await control(api, f"/worlds/{api.key}/fork", to=COPY)
    for key in (COPY, api.key):
        more: Any = {"headers": headers, "key": key}
        await api.ok("POST", "/v1/invoiceitems", {"customer": ada, "amount": 900, "currency": "usd"}, **more)
        made = {"customer": ada, "pending_invoice_items_behavior": "include"}
        draft = await api.ok("POST", "/v1/invoices", made, **more)
        done = await api.ok("POST", f"/v1/invoices/{draft['id']}/finalize", **more)
        async with api.client.get(
            done["hosted_invoice_url"].partition("/i/")[1] + done["hosted_invoice_url"].partition("/i/")[2]
        ) as page:
            assert page.status == 200, key


async def test_snapshots_and_resets(api: Api) -> None:
    headers, ada = await bakery(api)
    kept = (await control(api, f"/worlds/{api.key}/snapshot"))["snapshot"]
    await api.ok("POST", f"/v1/customers/{ada}", {"name": "Later"}, headers=headers)
    await control(api, f"/worlds/{api.key}/restore", snapshot=kept)
    assert await name(api, ada, headers) == "Ada"
    await control(api, f"/worlds/{api.key}/reset")
    gone = await api.call("GET", f"/v1/customers/{ada}", headers=headers)
    assert (gone.status, gone.error["code"]) == (403, "account_invalid")
    assert len(api.engine.by_store) == 1


async def test_a_copy_knows_of_its_test_clocks(api: Api) -> None:
    """An object on a test clock lives by that clock in a copied world too."""
    made = await api.ok("POST", "/v1/test_helpers/test_clocks", {"frozen_time": 1_700_000_000})
    desk = await Desk(api).open(test_clock=made["id"])
    await control(api, f"/worlds/{api.key}/fork", to=COPY)
    wish = {"customer": desk.customer, "items": [{"price": desk.price}]}
    assert (await api.ok("POST", "/v1/subscriptions", wish, key=COPY))["start_date"] == 1_700_000_000
