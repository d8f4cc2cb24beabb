"""Acts that end or begin something, one after the other: what facts billing 9.2 lists for each is named before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.journeys.traveller import (
    DAY,
    FIRST_PAID,
    HOUR,
    MONTH_END,
    PAYMENT,
    RENEWAL_PAID,
    RENEWED,
    SETTLED,
    Traveller,
)

if TYPE_CHECKING:
    from tests.support.client import Api

OPENED = ("customer.updated", "invoice.finalized")


async def billed(ada: Traveller, amount: int) -> str:
    """Make an item, where there is an amount, and a draft that takes it; return the draft's id."""
    wish = {"customer": ada.customer}
    if amount:
        await ada.post("/v1/invoiceitems", {**wish, "amount": amount, "currency": "usd"})
        wish["pending_invoice_items_behavior"] = "include"
    return str((await ada.post("/v1/invoices", wish))["id"])


async def test_invoices_by_hand(api: Api) -> None:
    ada = await Traveller(api).begin()
    async with ada.expecting("customer.updated", "invoiceitem.created", "invoice.created"):
        first = await billed(ada, 1000)
    async with ada.expecting(*OPENED, "payment_intent.created"):
        await ada.post(f"/v1/invoices/{first}/finalize")
    async with ada.expecting("charge.succeeded", "payment_intent.succeeded", *SETTLED):
        await ada.post(f"/v1/invoices/{first}/pay")
    async with ada.expecting("invoiceitem.created", "invoice.created"):
        second = await billed(ada, 1000)
    async with ada.expecting(*OPENED, *PAYMENT, *SETTLED):
        await ada.post(f"/v1/invoices/{second}/pay")
    async with ada.expecting("invoice.created"):
        empty = await billed(ada, 0)
    async with ada.expecting(*OPENED, "invoice.paid", "invoice.payment_succeeded"):
        await ada.post(f"/v1/invoices/{empty}/finalize")
    async with ada.expecting("invoice.created", "invoice.deleted"):
        await api.ok("DELETE", f"/v1/invoices/{await billed(ada, 0)}")


async def test_invoices_that_nobody_pays(api: Api) -> None:
    ada = await Traveller(api).begin()
    one, two = await billed(ada, 1000), await billed(ada, 2000)
    for each in (one, two):
        async with ada.expecting(*OPENED, "payment_intent.created"):
            await ada.post(f"/v1/invoices/{each}/finalize")
    async with ada.expecting("payment_intent.canceled", "invoice.voided"):
        await ada.post(f"/v1/invoices/{one}/void")
    async with ada.expecting("invoice.marked_uncollectible"):
        await ada.post(f"/v1/invoices/{two}/mark_uncollectible")
    async with ada.expecting("charge.succeeded", "payment_intent.succeeded", *SETTLED):
        await ada.post(f"/v1/invoices/{two}/pay")


async def test_a_customer_comes_and_goes(api: Api) -> None:
    ada = Traveller(api)
    async with ada.expecting(
        "customer.created", "payment_method.attached", "customer.updated", "product.created",
    ):  # fmt: skip
        await ada.begin()
    async with ada.expecting("plan.created", "price.created"):
        price = await ada.price(2500)
    async with ada.expecting(*FIRST_PAID):
        await ada.subscribe(price)
    async with ada.expecting("customer.subscription.deleted", "payment_method.detached", "customer.deleted"):
        await api.ok("DELETE", f"/v1/customers/{ada.customer}")


async def test_an_end_now(api: Api) -> None:
    ada = await Traveller(api).begin()
    made = await ada.first_month()
    async with ada.expecting(*RENEWAL_PAID):
        await ada.after(2 * HOUR)
    async with ada.expecting("customer.subscription.deleted"):
        await api.ok("DELETE", f"/v1/subscriptions/{made['id']}")
    async with ada.expecting():
        await ada.after(40 * DAY)


async def test_a_schedule_is_made_changed_and_released(api: Api) -> None:
    ada = await Traveller(api).begin()
    made = await ada.subscribe(await ada.price(2500))
    async with ada.expecting("subscription_schedule.created", "customer.subscription.updated"):
        schedule = await ada.post("/v1/subscription_schedules", {"from_subscription": made["id"]})
    path = f"/v1/subscription_schedules/{schedule['id']}"
    async with ada.expecting("subscription_schedule.updated"):
        await ada.post(path, {"metadata": {"a": "b"}})
    async with ada.expecting("customer.subscription.updated", "subscription_schedule.released"):
        await ada.post(f"{path}/release")
    async with ada.expecting("subscription_schedule.created", "customer.subscription.updated"):
        again: Any = await ada.post("/v1/subscription_schedules", {"from_subscription": made["id"]})
    async with ada.expecting("customer.subscription.deleted", "subscription_schedule.canceled"):
        await ada.post(f"/v1/subscription_schedules/{again['id']}/cancel", {"invoice_now": False, "prorate": False})


async def test_collection_is_paused(api: Api) -> None:
    ada = await Traveller(api).begin()
    made = await ada.subscribe(await ada.price(2500))
    async with ada.expecting("customer.subscription.updated"):
        await ada.change(made["id"], pause_collection={"behavior": "void", "resumes_at": MONTH_END + DAY})
    async with ada.expecting(*RENEWED):
        await ada.until(MONTH_END)
    async with ada.expecting("customer.updated", "invoice.updated", "invoice.finalized", "invoice.voided"):
        await ada.after(2 * HOUR)
    async with ada.expecting("customer.subscription.updated"):
        await ada.after(DAY)
    assert (await ada.look(made["id"]))["pause_collection"] is None
