"""Every flow with every ending: it opens straight in, hides the rest, and ends where the merchant said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.plans import CONFIGURATIONS, SESSIONS, Shop

if TYPE_CHECKING:
    from tests.support.client import Api

ELSEWHERE = "https://app.example/done?a=1&b=2"
ENDINGS: dict[str, Any] = {
    "portal_homepage": {"type": "portal_homepage"},
    "hosted_confirmation": {
        "type": "hosted_confirmation",
        "hosted_confirmation": {"custom_message": "Until <i>soon</i>"},
    },
    "redirect": {"type": "redirect", "redirect": {"return_url": ELSEWHERE}},
}
CARD = {"type": "card", "number": "5555 5555 5555 4444", "expiry": "12 / 34", "cvc": "123", "country": "US",
        "postalCode": "94105"}  # fmt: skip
# The flow: the page that it opens, where its form goes, and what is sent.
HERE = "/subscriptions/{subscription}"
CHANGE = HERE + "/preview/{price}"
FLOWS = {
    "customer_update": ("/customer/update", "/customer/update", {"name": "Ada", "email": "ada@example.com"}),
    "payment_method_update": ("/payment-methods/add", "/payment-methods/add", CARD),
    "subscription_cancel": (HERE + "/cancel", HERE + "/cancel", {}),
    "subscription_pause": (HERE + "/pause", HERE + "/pause", {}),
    "subscription_update": (HERE + "/update", CHANGE, {"quantity": "1"}),
    "subscription_update_confirm": (HERE + "/update/confirm", CHANGE, {"quantity": "1"}),
}


async def everything(shop: Shop) -> str:
    """Return a configuration that allows what all flows are about, and asks for no reasons."""
    products = [{"product": shop.products["Pro"], "prices": [shop.prices["pro"]]}]
    made = await shop.api.ok("POST", CONFIGURATIONS, {"features": {
        "customer_update": {"enabled": True, "allowed_updates": ["name", "email"]},
        "invoice_history": {"enabled": True}, "payment_method_update": {"enabled": True},
        "subscription_cancel": {"enabled": True}, "subscription_pause": {"enabled": True},
        "subscription_update": {"enabled": True, "default_allowed_updates": ["price"], "products": products},
    }})  # fmt: skip
    return str(made["id"])


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("kind", FLOWS)
async def test_a_flow_ends_where_the_merchant_said(api: Api, kind: str, ending: str) -> None:
    shop = await Shop(api).open()
    flow: dict[str, Any] = {"type": kind, "after_completion": ENDINGS[ending]}
    if kind.startswith("subscription_"):
        flow[kind] = {"subscription": shop.subscription}
    if kind == "subscription_update_confirm":
        flow[kind]["items"] = [{"id": shop.item, "price": shop.prices["pro"], "quantity": 1}]
    params = {"customer": shop.customer, "configuration": await everything(shop), "flow_data": flow}
    base = "/p/session/" + (await api.ok("POST", SESSIONS, params))["url"].rsplit("/", 1)[1]
    page, act, fields = FLOWS[kind]
    place = [part.format(subscription=shop.subscription, price=shop.prices["pro"]) for part in (page, act)]
    assert (await shop.see(base)).location == base + place[0]
    shown = await shop.see(base + place[0])
    if shown.status == 303:  # the confirm page stands at the change that it is about
        shown = await shop.see(shown.location)
    assert shown.status == 200
    assert f'href="{base}"' not in shown.text, "the rest of the portal is hidden"
    sent = await shop.send(base + place[1], **fields)
    assert sent.status == 303, sent.text
    if ending == "portal_homepage":
        assert sent.location.partition("?")[0] == base
        home = await shop.see(base)
        assert (home.status, "Invoice history" in home.text) == (200, True), "the whole portal is open then"
        return
    assert sent.location == f"{base}/completed"
    done = await shop.see(sent.location)
    assert done.status == 200
    if ending == "hosted_confirmation":
        assert "Until &lt;i&gt;soon&lt;/i&gt;" in done.text
    else:
        assert 'href="https://app.example/done?a=1&amp;b=2"' in done.text
    assert (await shop.see(base)).status == 410, "the link opens nothing more"
