"""Pages of live mode: no test numbers, no badge of test mode, also where a page can only say that it is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.reader import Visitor

if TYPE_CHECKING:
    from tests.support.client import Api

TEST, LIVE = "sk_test_tests", "sk_live_tests"
BADGE, DRAWER = "TEST MODE", 'data-test="test-numbers"'
INCLUDE = {"pending_invoice_items_behavior": "include", "auto_advance": False}
KEYS = pytest.mark.parametrize("key", [TEST, LIVE])


async def customer(api: Api, key: str) -> str:
    return str((await api.ok("POST", "/v1/customers", {"name": "Ada", "email": "ada@example.com"}, key=key))["id"])


async def billed(api: Api, key: str) -> Any:
    """Return an open invoice."""
    whose = await customer(api, key)
    item = {"customer": whose, "amount": 900, "currency": "usd"}
    await api.ok("POST", "/v1/invoiceitems", item, key=key)
    draft = await api.ok("POST", "/v1/invoices", {"customer": whose, **INCLUDE}, key=key)
    return await api.ok("POST", f"/v1/invoices/{draft['id']}/finalize", {}, key=key)


async def pages(api: Api, key: str) -> dict[str, str]:
    """Return the addresses of pages with a form for a new payment method, by name."""
    whose = await customer(api, key)
    session = await api.ok("POST", "/v1/billing_portal/sessions", {"customer": whose}, key=key)
    price = {"currency": "usd", "unit_amount": 500, "product_data": {"name": "Tea"}}
    params = {
        "mode": "payment",
        "line_items": [{"price_data": price, "quantity": 1}],
        "success_url": "https://a.example",
    }
    checkout = await api.ok("POST", "/v1/checkout/sessions", params, key=key)
    return {
        "method": f"{session['url']}/payment-methods/add",
        "invoice": (await billed(api, key))["hosted_invoice_url"],
        "checkout": checkout["url"],
    }


@KEYS
@pytest.mark.parametrize("name", ["method", "invoice", "checkout"])
async def test_forms_offer_test_numbers_in_test_mode_only(api: Api, key: str, name: str) -> None:
    url, visitor = (await pages(api, key))[name], Visitor(api)
    await visitor.see(url)
    assert visitor.status == 200
    assert (BADGE in visitor.html) is (key == TEST)
    assert (DRAWER in visitor.html) is (key == TEST)
    # A place in the drawer that is typed into the address fills nothing either.
    await visitor.see(f"{url.partition('?')[0]}?test=0")
    assert ("4242" in visitor.html) is (key == TEST)


@KEYS
async def test_pages_that_only_say_something(api: Api, key: str) -> None:
    visitor = Visitor(api)
    urls = await pages(api, key)
    session = urls["method"].removesuffix("/payment-methods/add")
    invoice = urls["invoice"].partition("?")[0]
    for url, status in ((session[:-3] + "xyz", 410), (f"{session}/subscriptions/sub_none/cancel", 404),
                        (invoice[:-3] + "xyz", 404), (session.replace("/p/session/", "/p/login/"), 404)):  # fmt: skip
        await visitor.ask("GET", url)
        assert (visitor.status, BADGE in visitor.html) == (status, key == TEST), url
