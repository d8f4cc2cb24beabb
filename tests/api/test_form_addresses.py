"""Addresses of forms: a refused form shows its page there, so opening one (another language, a reload) shows that page too."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from portal_ui import addresses
from tests.support.portal import link, subscribed
from tests.support.reader import Visitor

if TYPE_CHECKING:
    from tests.support.client import Api


async def test_forms_in_a_session_have_a_page_where_they_are_sent(api: Api) -> None:
    customer, subscription = await subscribed(api)
    method = (await api.ok("GET", f"/v1/customers/{customer}/payment_methods"))["data"][0]["id"]
    token = await link(api, customer)
    visitor = Visitor(api)
    for path, heading in (
        ("/customer/update/tax-ids", "Billing information"),
        ("/customer/update/tax-ids/txi_x/remove", "Billing information"),
        (f"/payment-methods/{method}/default", "Manage your payment methods"),
    ):
        assert heading in await visitor.see(f"/p/session/{token}{path}"), path
        assert visitor.status == 200
    # Plans cannot be changed in this portal: the page says so, and not that there is none.
    await visitor.see(f"/p/session/{token}/subscriptions/{subscription}/update/undo")
    assert visitor.status == 403


async def test_a_wrong_promotion_code_in_checkout_can_be_read_in_another_language(api: Api) -> None:
    item = {"price_data": {"currency": "usd", "unit_amount": 500, "product_data": {"name": "Cup"}}, "quantity": 1}
    made = await api.ok("POST", "/v1/checkout/sessions", {
        "mode": "payment", "success_url": "https://shop.example/", "allow_promotion_codes": True, "line_items": [item],
    })  # fmt: skip
    visitor = Visitor(api)
    await visitor.see(urlsplit(made["url"]).path)
    await visitor.send('name="promotion_code"', promotion_code="NOPE")
    assert (visitor.status, visitor.alerts()) == (400, ["This code is invalid."])
    assert await visitor.ask("GET", f"{visitor.at}?lang=de") == visitor.at.partition("?")[0]
    assert "Cup" in await visitor.see(visitor.at.partition("?")[0])
    assert (visitor.status, '<html lang="de"' in visitor.html) == (200, True)


async def test_forms_of_the_dashboard_have_a_page_where_they_are_sent(api: Api) -> None:
    await api.ok("POST", "/v1/customers", {"name": "Ada"})
    visitor = Visitor(api)
    for path in (addresses.SETTINGS + "/preview", addresses.CUSTOMERS + "/cus_x/portal"):
        await visitor.see(f"{path}?key={api.key}")
        assert visitor.status == 200, path


def test_every_address_of_a_form_can_be_opened() -> None:
    rows = [*addresses.OF_SESSION, *addresses.HOSTED]
    opened = {path for method, path, _ in rows if method == "GET"}
    # The Dashboard's switch answers by a redirect only.
    assert {path for method, path, _ in rows if method == "POST"} - opened == {addresses.SETTINGS + "/link"}
