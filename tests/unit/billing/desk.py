"""Makes what billing tests begin with: customers with cards, prices, subscriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.support.client import Answer, Api

START = 1_790_000_000  # 2026-09-21T14:13:20Z
MONTH_END = 1_792_592_000  # a month later
VISA, DECLINES, NEEDS_3DS = "pm_card_visa", "pm_card_chargeCustomerFail", "pm_card_authenticationRequired"
CLASSIC = {"Stripe-Version": "2025-03-31.basil"}


class Desk:
    """Calls the API for one customer, product and price."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.customer = ""
        self.product = ""
        self.price = ""
        self.seen = 0

    async def open(self, card: str | None = VISA, *, amount: int = 2500, **customer: Any) -> Desk:
        """Make a customer with a default card, a product and a monthly price; time stands still."""
        await self.api.freeze(START)
        made = await self.ok("/v1/customers", {"email": "ada@example.com", "name": "Ada", **customer})
        self.customer = made["id"]
        if card is not None:
            await self.card(card)
        self.product = (await self.ok("/v1/products", {"name": "Gold"}))["id"]
        self.price = await self.new_price(amount)
        await self.news()
        return self

    async def card(self, card: str) -> str:
        """Attach a test card as the customer's default."""
        method = await self.ok(f"/v1/payment_methods/{card}/attach", {"customer": self.customer})
        settings = {"invoice_settings": {"default_payment_method": method["id"]}}
        await self.ok(f"/v1/customers/{self.customer}", settings)
        return str(method["id"])

    async def new_price(self, amount: int, interval: str = "month", **more: Any) -> str:
        """Make a recurring price and return its id."""
        params = {
            "product": self.product,
            "currency": "usd",
            "unit_amount": amount,
            "recurring": {"interval": interval},
        }
        return str((await self.ok("/v1/prices", {**params, **more}))["id"])

    async def ok(self, path: str, params: Any = None, **more: Any) -> Any:
        """POST something that must succeed."""
        return await self.api.ok("POST", path, params, **more)

    async def get(self, path: str, params: Any = None) -> Any:
        """GET something that is there."""
        return await self.api.ok("GET", path, params)

    async def refused(self, path: str, params: Any = None, method: str = "POST") -> Answer:
        """Send something that must be refused."""
        answer = await self.api.call(method, path, params)
        assert answer.status >= 400, answer.text
        return answer

    async def subscribe(self, *, headers: dict[str, str] | None = None, **params: Any) -> Any:
        """Create a subscription to the price, its invoice expanded."""
        wish = {"customer": self.customer, "items": [{"price": self.price}], "expand": ["latest_invoice"], **params}
        return await self.ok("/v1/subscriptions", wish, **({"headers": headers} if headers else {}))

    async def change(self, subscription: str, **params: Any) -> Any:
        """Update a subscription, its invoice expanded."""
        return await self.ok(f"/v1/subscriptions/{subscription}", {"expand": ["latest_invoice"], **params})

    async def subscription(self, subscription: str) -> Any:
        """Read a subscription, its invoice expanded."""
        return await self.get(f"/v1/subscriptions/{subscription}", {"expand": ["latest_invoice"]})

    async def news(self) -> list[str]:
        """Return the types of the events since the last look."""
        events = await self.api.events()
        fresh, self.seen = events[self.seen :], len(events)
        return fresh


async def billed(desk: Desk, amount: int = 1000, **params: Any) -> Any:
    """Make an item and a draft of an invoice that takes it."""
    await desk.ok("/v1/invoiceitems", {"customer": desk.customer, "amount": amount, "currency": "usd"})
    wish = {"customer": desk.customer, "pending_invoice_items_behavior": "include", **params}
    return await desk.ok("/v1/invoices", wish)
