"""Portals of connected accounts: each with its own customers and configurations, in the brand that the platform set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.api.test_brands import uploaded
from tests.support.portal import SESSIONS, link, page

if TYPE_CHECKING:
    from tests.support.client import Api

CONFIGURATIONS = "/v1/billing_portal/configurations"


async def bakery(api: Api, **more: Any) -> dict[str, str]:
    """Make a connected account; returns the header that acts on it."""
    profile = {"business_profile": {"name": "Bakery"}, "settings": {"branding": {"primary_color": "#a0522d"}}}
    made = await api.ok("POST", "/v1/accounts", {"type": "standard", **profile, **more})
    return {"Stripe-Account": made["id"]}


async def opened(api: Api, headers: dict[str, str]) -> str:
    """Return the home page of a new customer of a connected account."""
    customer = await api.ok("POST", "/v1/customers", {"name": "Ada"}, headers=headers)
    params = {"customer": customer["id"], "return_url": "https://a.example/"}
    session = await api.ok("POST", SESSIONS, params, headers=headers)
    return await shown(api, session["url"])


async def shown(api: Api, url: str) -> str:
    async with api.client.get("/p/" + url.partition("/p/")[2]) as answer:
        assert answer.status == 200
        return await answer.text()


async def test_a_connected_account_wears_what_its_platform_set(api: Api) -> None:
    headers = await bakery(api)
    first = await opened(api, headers)
    assert "Return to Bakery" in first
    assert "brand-a0522d-" in first
    # What the platform changes later is worn at once, pictures of the platform's own upload too.
    icon = await uploaded(api, "business_icon")
    await api.ok("POST", f"/v1/accounts/{headers['Stripe-Account']}", {
        "business_profile": {"name": "Patisserie", "support_email": "hi@bakery.example"},
        "settings": {"branding": {"icon": icon["id"], "primary_color": "#0a5c36"}},
    })  # fmt: skip
    after = await opened(api, headers)
    assert "Return to Patisserie" in after
    assert "brand-0a5c36-" in after
    assert f'src="/portal-files/{icon["id"]}"' in after
    async with api.client.get(f"/portal-files/{icon['id']}") as answer:
        assert answer.status == 200
    # The platform itself looks as before.
    own = await api.ok("POST", "/v1/customers", {"name": "Grace"})
    assert "Patisserie" not in await shown(api, (await api.ok("POST", SESSIONS, {"customer": own["id"]}))["url"])


async def test_what_the_platform_leaves_out_is_the_accounts_own(api: Api) -> None:
    headers = await bakery(api, settings={"branding": {"secondary_color": "#112233"}})
    look = {"settings": {"branding": {"primary_color": "#445566"}}}
    await api.ok("POST", f"/v1/accounts/{headers['Stripe-Account']}", look, headers=headers)
    assert "brand-445566-112233-" in await opened(api, headers)


async def test_hosted_invoices_of_a_connected_account_wear_its_brand(api: Api) -> None:
    headers = await bakery(api)
    customer = await api.ok("POST", "/v1/customers", {"name": "Ada"}, headers=headers)
    item = {"customer": customer["id"], "amount": 500, "currency": "usd"}
    await api.ok("POST", "/v1/invoiceitems", item, headers=headers)
    params = {"customer": customer["id"], "pending_invoice_items_behavior": "include", "auto_advance": False}
    draft = await api.ok("POST", "/v1/invoices", params, headers=headers)
    invoice = await api.ok("POST", f"/v1/invoices/{draft['id']}/finalize", {}, headers=headers)
    async with api.client.get("/i/" + invoice["hosted_invoice_url"].partition("/i/")[2]) as answer:
        text = await answer.text()
    assert "brand-a0522d-" in text
    assert "Invoice from Bakery" in text
    assert "$5.00" in text


async def test_checkout_of_a_connected_account_wears_its_brand(api: Api) -> None:
    headers = await bakery(api)
    price = {"currency": "usd", "unit_amount": 500, "product_data": {"name": "Bread"}}
    params = {
        "mode": "payment",
        "line_items": [{"price_data": price, "quantity": 1}],
        "success_url": "https://a.example",
    }
    made = await api.ok("POST", "/v1/checkout/sessions", params, headers=headers)
    async with api.client.get("/c/" + made["url"].partition("/c/")[2].partition("#")[0]) as answer:
        text = await answer.text()
    assert "brand-a0522d-" in text
    assert "Bakery" in text


async def test_each_account_has_its_own_configurations(api: Api) -> None:
    headers = await bakery(api)
    features = {"invoice_history": {"enabled": True}}
    made = await api.ok("POST", CONFIGURATIONS, {"features": features}, headers=headers)
    assert made["application"].startswith("ca_")
    own = await api.ok("POST", CONFIGURATIONS, {"features": features})
    assert own["application"] is None
    # Neither sees the other's.
    assert (await api.get(f"{CONFIGURATIONS}/{made['id']}")).status == 404
    assert (await api.get(f"{CONFIGURATIONS}/{own['id']}", headers=headers)).status == 404
    # The default of the account, not of the platform, decides what its customers may do.
    found = (await api.ok("GET", CONFIGURATIONS, {"is_default": True}, headers=headers))["data"][0]["id"]
    off = {"features": {"invoice_history": {"enabled": False}}}
    await api.ok("POST", f"{CONFIGURATIONS}/{found}", off, headers=headers)
    assert "Invoice history" not in await opened(api, headers)
    assert "Invoice history" in await opened(api, {})


async def test_customers_and_sessions_are_the_accounts_alone(api: Api) -> None:
    headers = await bakery(api)
    customer = await api.ok("POST", "/v1/customers", {"name": "Ada"}, headers=headers)
    before = await api.events()
    refused = await api.post(SESSIONS, {"customer": customer["id"]})
    assert (refused.status, refused.error["code"]) == (400, "resource_missing")
    session = await api.ok("POST", SESSIONS, {"customer": customer["id"]}, headers=headers)
    heard = await api.ok("GET", "/v1/events", {"type": "billing_portal.session.created"}, headers=headers)
    assert heard["data"][0]["data"]["object"]["id"] == session["id"]
    assert await api.events() == before  # the platform's own list does not know of it
    stranger = {"Stripe-Account": "acct_1Stranger00000000"}
    assert (await api.post(SESSIONS, {"customer": customer["id"]}, headers=stranger)).status == 403


async def test_on_behalf_of_shows_that_accounts_subscriptions_and_invoices_only(api: Api) -> None:
    seller = (await bakery(api))["Stripe-Account"]
    customer = await api.ok("POST", "/v1/customers", {
        "payment_method": "pm_card_visa", "invoice_settings": {"default_payment_method": "pm_card_visa"},
    })  # fmt: skip
    product = await api.ok("POST", "/v1/products", {"name": "Bread"})
    price = await api.ok("POST", "/v1/prices", {
        "currency": "usd", "product": product["id"], "recurring": {"interval": "month"}, "unit_amount": 900,
    })  # fmt: skip
    wish = {"customer": customer["id"], "items": [{"price": price["id"]}]}
    theirs = await api.ok("POST", "/v1/subscriptions", {**wish, "on_behalf_of": seller})
    ours = await api.ok("POST", "/v1/subscriptions", wish)
    token = await link(api, customer["id"], on_behalf_of=seller)
    home = await page(api, "home", token)
    assert [one["subscription"]["id"] for one in home["subscriptions"]] == [theirs["id"]]
    assert [one["id"] for one in home["invoices"]["data"]] == [theirs["latest_invoice"]]
    assert home["account"]["business_profile"]["name"] == "Bakery"
    async with api.client.get(f"/p/session/{token}/subscriptions/{ours['id']}/cancel") as answer:
        assert answer.status == 404
    both = await page(api, "home", await link(api, customer["id"]))
    assert len(both["subscriptions"]) == len(both["invoices"]["data"]) == 2
    assert both["account"]["business_profile"]["name"] != "Bakery"
