"""What tests of the portal begin with: a subscriber, a link, the acts of pages, what was announced, what was refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from emulator.kernel.errors import StripeError

if TYPE_CHECKING:
    from tests.support.client import Api

SESSIONS = "/v1/billing_portal/sessions"


async def subscribed(api: Api, **more: Any) -> tuple[str, str]:
    """Return the ids of a customer who pays by card and of a monthly subscription."""
    customer = await api.ok(
        "POST",
        "/v1/customers",
        {
            "email": "jenny@example.com",
            "invoice_settings": {"default_payment_method": "pm_card_visa"},
            "payment_method": "pm_card_visa",
        },
    )
    product = await api.ok("POST", "/v1/products", {"name": "Basic"})
    price = await api.ok(
        "POST",
        "/v1/prices",
        {"currency": "usd", "product": product["id"], "recurring": {"interval": "month"}, "unit_amount": 2000},
    )
    params = {"customer": customer["id"], "items": [{"price": price["id"]}], **more}
    subscription = await api.ok("POST", "/v1/subscriptions", params)
    return customer["id"], subscription["id"]


async def link(api: Api, customer: str, **more: Any) -> str:
    """Return the token of a new session, as it stands in the address."""
    made = await api.ok("POST", SESSIONS, {"customer": customer, **more})
    return str(made["url"].rsplit("/", 1)[1])


async def page(api: Api, act: str, token: str, **params: Any) -> Any:
    """Do what a page does."""
    space = api.engine.space_of_token(token)
    assert space is not None
    return await api.engine.run(space, f"portal:{act}", {"token": token, **params}, actor="portal")


async def since(api: Api, before: list[str]) -> list[str]:
    """Return what was announced since ``before``, which is what ``api.events()`` said then."""
    return (await api.events())[len(before) :]


async def refused(api: Api, act: str, token: str, **params: Any) -> StripeError:
    """Return the refusal of an act; nothing is announced."""
    before = await api.events()
    with pytest.raises(StripeError) as caught:
        await page(api, act, token, **params)
    assert await since(api, before) == []
    return caught.value
