"""A merchant with plans to choose from, and a customer on one of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from tests.support.client import Api

DAY = 86_400
START = 1_775_001_600  # 1 April 2026: a month of thirty days
HALF = 15 * DAY
SESSIONS = "/v1/billing_portal/sessions"
CONFIGURATIONS = "/v1/billing_portal/configurations"


class Seen(NamedTuple):
    """A page as it came: its text, and where a redirect leads."""

    status: int
    text: str
    location: str


class Shop:
    """Basic at $10.00 a month or $96.00 a year, Pro at $20.00 a month or $240.00 a year; Basic is what is had."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.prices: dict[str, str] = {}
        self.products: dict[str, str] = {}
        self.customer = ""
        self.subscription = ""
        self.item = ""

    async def price(self, name: str, product: str, amount: int, interval: str = "month", **more: Any) -> str:
        """Make a price of a product and remember it by name."""
        if product not in self.products:
            self.products[product] = (await self.api.ok("POST", "/v1/products", {"name": product}))["id"]
        given = {"currency": "usd", "product": self.products[product], "recurring": {"interval": interval},
                 "tax_behavior": "exclusive", "unit_amount": amount}  # fmt: skip
        made = await self.api.ok("POST", "/v1/prices", {**given, **more})
        self.prices[name] = made["id"]
        return str(made["id"])

    async def open(self, *, card: str = "pm_card_visa", price: str = "basic", **subscription: Any) -> Shop:
        """Make everything at a known instant and subscribe the customer."""
        await self.api.freeze(START)
        for name, product, amount, interval in (
            ("basic", "Basic", 1000, "month"), ("basic_year", "Basic", 9600, "year"),
            ("pro", "Pro", 2000, "month"), ("pro_year", "Pro", 24000, "year"),
        ):  # fmt: skip
            await self.price(name, product, amount, interval)
        made = await self.api.ok("POST", "/v1/customers", {
            "email": "jenny@example.com", "name": "Jenny Rosen", "payment_method": card,
            "invoice_settings": {"default_payment_method": card},
        })  # fmt: skip
        self.customer = made["id"]
        await self.subscribe(price, **subscription)
        return self

    async def subscribe(self, price: str = "basic", **more: Any) -> Any:
        """Subscribe the customer to a price."""
        quantity = more.pop("quantity", 1)
        items = [{"price": self.prices[price], "quantity": quantity}]
        made = await self.api.ok("POST", "/v1/subscriptions", {"customer": self.customer, "items": items, **more})
        self.subscription, self.item = made["id"], made["items"]["data"][0]["id"]
        return made

    async def configuration(self, **feature: Any) -> str:
        """Make a configuration that offers all plans; ``feature`` are settings of its subscription update."""
        products = [
            {
                "product": self.products[name],
                "prices": [self.prices[one] for one in (name.lower(), f"{name.lower()}_year")],
            }
            for name in ("Basic", "Pro")
        ]
        update = {"default_allowed_updates": ["price", "quantity", "promotion_code"], "enabled": True,
                  "products": products, "proration_behavior": "always_invoice", **feature}  # fmt: skip
        made = await self.api.ok("POST", CONFIGURATIONS, {"features": {
            "invoice_history": {"enabled": True}, "payment_method_update": {"enabled": True},
            "subscription_cancel": {"enabled": True}, "subscription_update": update,
        }})  # fmt: skip
        return str(made["id"])

    async def link(self, configuration: str | None = None, **more: Any) -> str:
        """Return the token of a new session."""
        wanted = configuration or await self.configuration()
        made = await self.api.ok("POST", SESSIONS, {"customer": self.customer, "configuration": wanted, **more})
        return str(made["url"].rsplit("/", 1)[1])

    async def act(self, act: str, token: str, **params: Any) -> Any:
        """Do what a page does."""
        space = self.api.engine.space_of_token(token)
        assert space is not None
        params = {"subscription": self.subscription, **params}
        if isinstance(params.get("price"), str):
            params["price"] = self.prices.get(params["price"], params["price"])
        return await self.api.engine.run(space, f"portal:{act}", {"token": token, **params}, actor="portal")

    async def state(self) -> Any:
        """Return the subscription as the API shows it."""
        return await self.api.ok("GET", f"/v1/subscriptions/{self.subscription}")

    async def has(self) -> tuple[str, int]:
        """Return the name of the price and the quantity that the subscription has."""
        item = (await self.state())["items"]["data"][0]
        assert item["id"] == self.item, "the item stays"
        return next(name for name, id_ in self.prices.items() if id_ == item["price"]["id"]), item["quantity"]

    async def invoices(self) -> list[Any]:
        """Return the invoices, newest first."""
        found = await self.api.ok("GET", "/v1/invoices", {"customer": self.customer, "limit": 20})
        return list(found["data"])

    async def attach(self, card: str) -> str:
        """Save another card of the customer and return it."""
        made = await self.api.ok("POST", f"/v1/payment_methods/{card}/attach", {"customer": self.customer})
        return str(made["id"])

    async def see(self, path: str) -> Seen:
        """Open an address as a browser does, without following redirects."""
        from yarl import URL

        async with self.api.client.get(URL(path, encoded=True), allow_redirects=False) as answer:
            return Seen(answer.status, await answer.text(), answer.headers.get("Location", ""))

    async def send(self, path: str, **fields: str) -> Seen:
        """Send a form with the code that the session's pages carry, unless another is given."""
        from portal_ui import csrf
        from portal_ui.server import PAGES

        app: Any = self.api.client.server.app  # type: ignore[attr-defined]
        found = re.match(r"/p/session/([^/?]+)", path)
        own = {csrf.FIELD: csrf.code(app[PAGES].secret, found[1])} if found else {}
        given = {**own, **fields}
        async with self.api.client.post(path, data=given, allow_redirects=False) as answer:
            return Seen(answer.status, await answer.text(), answer.headers.get("Location", ""))
