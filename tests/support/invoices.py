"""Open invoices for the pages that they are paid on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.support.client import Api


async def switch_on(api: Api, *types: str, country: str = "US", currency: str = "usd") -> None:
    await api.ok("POST", "/_emulator/settings", {"country": country, "default_currency": currency})
    [offer] = (await api.ok("GET", "/v1/payment_method_configurations"))["data"]
    on = {type: {"display_preference": {"preference": "on"}} for type in types}
    await api.ok("POST", f"/v1/payment_method_configurations/{offer['id']}", on)


async def billed(api: Api, *saved: str, currency: str = "usd", **more: Any) -> Any:
    """Return an open invoice of 30.00 for a customer who has saved these methods."""
    customer = await api.ok("POST", "/v1/customers", {"email": "ada@example.com", "name": "Ada Rivera"})
    for method in saved:
        await api.ok("POST", f"/v1/payment_methods/{method}/attach", {"customer": customer["id"]})
    given = {"customer": customer["id"], "auto_advance": False, "currency": currency, **more}
    draft = await api.ok("POST", "/v1/invoices", given)
    item = {"customer": customer["id"], "invoice": draft["id"], "amount": 3000, "currency": currency}
    await api.ok("POST", "/v1/invoiceitems", item)
    return await api.ok("POST", f"/v1/invoices/{draft['id']}/finalize")


async def now(api: Api, invoice: Any) -> Any:
    return await api.ok("GET", f"/v1/invoices/{invoice['id']}")
