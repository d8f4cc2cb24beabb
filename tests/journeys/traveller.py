"""A customer on a test clock whose journey is told act by act, the events of each act named before it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.client import Answer, Api

START = 1_790_000_000  # 2026-09-21T14:13:20Z
HOUR, DAY = 3600, 86_400
MONTH_END = START + 30 * DAY
NEXT_END = MONTH_END + 31 * DAY
DECLINES, NEEDS_3DS = "pm_card_chargeCustomerFail", "pm_card_authenticationRequired"
CLASSIC = {"Stripe-Version": "2025-03-31.basil"}

PAYMENT = ("payment_intent.created", "charge.succeeded", "payment_intent.succeeded")
SETTLED = ("invoice.paid", "invoice.payment_succeeded", "invoice_payment.paid")
FIRST_PAID = (
    "customer.updated", *PAYMENT, "customer.subscription.created", "invoice.created", "invoice.finalized", *SETTLED,
)  # fmt: skip
RENEWED = ("customer.subscription.updated", "invoice.created")
RENEWAL_PAID = ("customer.updated", "invoice.updated", "invoice.finalized", *PAYMENT, *SETTLED)
DECLINED = ("charge.failed", "payment_intent.payment_failed", "invoice.payment_failed")
RENEWAL_DECLINED = (
    "customer.updated", "invoice.updated", "invoice.finalized", "payment_intent.created", *DECLINED, "customer.subscription.updated",
)  # fmt: skip
SENT = ("payment_intent.created", "charge.pending", "payment_intent.processing")  # a debit that is under way
BEGUN_BY_DEBIT = (
    "customer.updated", *SENT, "customer.subscription.created", "invoice.created", "invoice.finalized",
    "invoice.updated",
)  # fmt: skip
FREE = ("invoice.created", "invoice.finalized", "invoice.paid", "invoice.payment_succeeded")


class Traveller:
    """One customer on one test clock, with a product."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.clock = self.customer = self.product = ""
        self.now = START

    async def begin(self, card: str | None = "pm_card_visa") -> Traveller:
        """Make the clock, the customer with a card, and the product."""
        made = await self.post("/v1/test_helpers/test_clocks", {"frozen_time": START})
        self.clock = made["id"]
        wish: dict[str, Any] = {"test_clock": self.clock, "email": "ada@example.com"}
        self.customer = (await self.post("/v1/customers", wish))["id"]
        if card is not None:
            await self.card(card)
        self.product = (await self.post("/v1/products", {"name": "Gold"}))["id"]
        return self

    async def post(self, path: str, params: Any = None, **more: Any) -> Any:
        """POST something that must succeed."""
        return await self.api.ok("POST", path, params, **more)

    async def refused(self, path: str, params: Any = None) -> Answer:
        """POST something that must be refused."""
        answer = await self.api.post(path, params)
        assert answer.status >= 400, answer.text
        return answer

    async def get(self, path: str, params: Any = None) -> Any:
        """GET something that is there."""
        return await self.api.ok("GET", path, params)

    async def card(self, card: str) -> str:
        """Attach a test card, or an account that may be debited, as the customer's default."""
        method = await self.post(f"/v1/payment_methods/{card}/attach", {"customer": self.customer})
        if method["type"] != "card":
            await self.api.may_debit(self.customer, method)
        settings = {"invoice_settings": {"default_payment_method": method["id"]}}
        await self.post(f"/v1/customers/{self.customer}", settings)
        return str(method["id"])

    async def price(self, amount: int, interval: str = "month", **more: Any) -> str:
        """Make a recurring price."""
        wish = {"product": self.product, "currency": "usd", "unit_amount": amount, "recurring": {"interval": interval}}
        return str((await self.post("/v1/prices", {**wish, **more}))["id"])

    async def subscribe(self, price: str, *, headers: dict[str, str] | None = None, **more: Any) -> Any:
        """Create a subscription, its invoice expanded."""
        wish = {"customer": self.customer, "items": [{"price": price}], "expand": ["latest_invoice"], **more}
        return await self.post("/v1/subscriptions", wish, **({"headers": headers} if headers else {}))

    async def change(self, subscription: str, **more: Any) -> Any:
        """Update a subscription, its invoice expanded."""
        return await self.post(f"/v1/subscriptions/{subscription}", {"expand": ["latest_invoice"], **more})

    async def look(self, subscription: str) -> Any:
        """Read a subscription, its invoice expanded."""
        return await self.get(f"/v1/subscriptions/{subscription}", {"expand": ["latest_invoice"]})

    async def first_month(self, then: str | None = None) -> Any:
        """Subscribe and pay for the first month, change the card to ``then``, and let the second one begin."""
        price = await self.price(2500)
        async with self.expecting(*FIRST_PAID):
            made = await self.subscribe(price)
        if then is not None:
            await self.card(then)
        async with self.expecting(*RENEWED):
            await self.until(MONTH_END)
        return made

    async def debited(self, account: str) -> Any:
        """Begin with a bank account in euros and subscribe; return the subscription, its debit under way."""
        await self.begin(account)
        price = await self.price(2500, currency="eur")
        async with self.expecting(*BEGUN_BY_DEBIT):
            made = await self.subscribe(price)
        assert (made["status"], made["latest_invoice"]["status"]) == ("active", "open")
        return made

    async def until(self, at: int) -> None:
        """Advance the clock and wait until it is there."""
        await self.post(f"/v1/test_helpers/test_clocks/{self.clock}/advance", {"frozen_time": at})
        self.now = at
        for _ in range(1000):
            clock = await self.get(f"/v1/test_helpers/test_clocks/{self.clock}")
            if clock["status"] != "advancing":
                assert clock["status"] == "ready", clock
                return
            await asyncio.sleep(0.002)
        raise AssertionError(self.clock)

    async def after(self, seconds: int) -> None:
        """Advance the clock by seconds."""
        await self.until(self.now + seconds)

    @asynccontextmanager
    async def expecting(self, *types: str) -> AsyncIterator[None]:
        """Hold what the act announces against ``types``: in order, none missing, none more; clocks' own are left out.

        What each event says was there before is held against what it says is there now.
        """
        before = len(await self.api.events())
        yield
        news = [one for one in (await self.api.happened())[before:] if not one["type"].startswith("test_helpers.")]
        happened = [one["type"] for one in news]
        assert happened == list(types), "\n".join(happened)
        for one in news:
            tells_what_changed(one)


def tells_what_changed(event: Any) -> None:
    """Hold an event against facts billing 9.1: updates, and only they, say what they changed, and nothing else."""
    previous, now = event["data"].get("previous_attributes"), event["data"]["object"]
    if not event["type"].endswith(".updated") and event["type"] != "payment_method.detached":
        assert previous is None, event["type"]
        return
    assert previous, event["type"]
    for name, value in previous.items():
        found = now.get(name)
        if not isinstance(value, dict) or not isinstance(found, dict) or "object" in value:
            assert found != value or name not in now, (event["type"], name)
            continue
        for key, old in value.items():  # of what is nested only what changed
            assert found.get(key) != old or key not in found, (event["type"], name, key)
