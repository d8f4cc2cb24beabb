"""What subscriptions and invoices say of other accounts, carried over to the payments they make (facts billing 12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.journeys.traveller import HOUR, MONTH_END, Traveller

if TYPE_CHECKING:
    from tests.support.client import Api


@pytest.fixture
async def seller(api: Api) -> str:
    """A connected account."""
    return str((await api.ok("POST", "/v1/accounts", {"type": "express", "country": "US"}))["id"])


async def paid_with(ada: Traveller, invoice: str) -> tuple[Any, Any]:
    """Return the PaymentIntent and the charge of a paid invoice."""
    found = (await ada.get("/v1/invoice_payments", {"invoice": invoice}))["data"][0]
    intent = await ada.get(f"/v1/payment_intents/{found['payment']['payment_intent']}")
    return intent, await ada.get(f"/v1/charges/{intent['latest_charge']}")


async def test_a_subscription_shares_what_it_earns(api: Api, seller: str) -> None:
    ada = await Traveller(api).begin()
    price = await ada.price(3333)
    made = await ada.subscribe(
        price, application_fee_percent=12.5, on_behalf_of=seller,
        transfer_data={"destination": seller, "amount_percent": 80},
    )  # fmt: skip
    assert made["application_fee_percent"] == 12.5
    assert made["transfer_data"] == {"amount_percent": 80.0, "destination": seller}
    assert made["on_behalf_of"] == made["latest_invoice"]["on_behalf_of"] == seller
    expected = (417, seller, {"amount": 2666, "destination": seller})  # 416.625 and 2666.4 of 3333
    for one in await paid_with(ada, made["latest_invoice"]["id"]):
        assert (one["application_fee_amount"], one["on_behalf_of"], one["transfer_data"]) == expected
    # What changes is for the invoices from then on.
    changed = await ada.change(made["id"], application_fee_percent=None, transfer_data={"destination": seller})
    assert (changed["application_fee_percent"], changed["transfer_data"]["amount_percent"]) == (None, 80.0)
    await ada.change(made["id"], transfer_data="")
    await ada.until(MONTH_END + 2 * HOUR)
    after = (await ada.look(made["id"]))["latest_invoice"]
    assert (after["status"], after["on_behalf_of"]) == ("paid", seller)
    for one in await paid_with(ada, after["id"]):
        assert (one["application_fee_amount"], one["on_behalf_of"], one["transfer_data"]) == (None, seller, None)


async def test_all_goes_over_without_a_percentage(api: Api, seller: str) -> None:
    ada = await Traveller(api).begin()
    made = await ada.subscribe(await ada.price(1000), transfer_data={"destination": seller})
    assert made["transfer_data"] == {"amount_percent": None, "destination": seller}
    intent, charge = await paid_with(ada, made["latest_invoice"]["id"])
    assert intent["transfer_data"] == {"destination": seller}
    assert charge["transfer_data"] == {"amount": None, "destination": seller}


async def test_an_invoice_shares_an_amount(api: Api, seller: str) -> None:
    ada = await Traveller(api).begin()
    draft = await ada.post("/v1/invoices", {
        "customer": ada.customer, "application_fee_amount": 123, "on_behalf_of": seller,
        "transfer_data": {"destination": seller, "amount": 700},
    })  # fmt: skip
    item = {"customer": ada.customer, "amount": 1000, "currency": "usd", "invoice": draft["id"]}
    await ada.post("/v1/invoiceitems", item)
    await ada.post(f"/v1/invoices/{draft['id']}", {"application_fee_amount": 124})
    await ada.post(f"/v1/invoices/{draft['id']}/pay")
    for one in await paid_with(ada, draft["id"]):
        assert (one["application_fee_amount"], one["on_behalf_of"], one["transfer_data"]) == (
            124, seller, {"amount": 700, "destination": seller},
        )  # fmt: skip


async def test_an_invoice_of_a_subscription_may_say_otherwise(api: Api, seller: str) -> None:
    ada = await Traveller(api).begin()
    made = await ada.subscribe(await ada.price(1000), application_fee_percent=10)
    await ada.until(MONTH_END)
    draft = (await ada.look(made["id"]))["latest_invoice"]
    await ada.post(f"/v1/invoices/{draft['id']}", {"application_fee_amount": 55})
    await ada.after(2 * HOUR)
    intent, _ = await paid_with(ada, draft["id"])
    assert intent["application_fee_amount"] == 55


@pytest.mark.parametrize(
    ("wish", "message", "param"),
    [
        ({"transfer_data": {"destination": "000000001"}}, "No such destination: '000000001'",
         "transfer_data[destination]"),
        ({"on_behalf_of": "acct_x"}, "No such account: 'acct_x'", "on_behalf_of"),
        ({"application_fee_percent": 101},
         "This value must be less than or equal to 100 (it currently is '101').", "application_fee_percent"),
        ({"application_fee_percent": -1},
         "This value must be greater than or equal to 0 (it currently is '-1').", "application_fee_percent"),
        ({"application_fee_percent": 1.234}, "Invalid decimal: 1.234; must contain at maximum two decimal places.",
         "application_fee_percent"),
    ],
)  # fmt: skip
async def test_refused_fees_and_destinations(api: Api, wish: dict[str, Any], message: str, param: str) -> None:
    ada = await Traveller(api).begin()
    price = await ada.price(1000)
    made = await ada.subscribe(price)
    both = {"customer": ada.customer, "items": [{"price": price}]}
    for answer in (
        await api.post("/v1/subscriptions", {**both, **wish}),
        await api.post(f"/v1/subscriptions/{made['id']}", wish),
    ):
        assert (answer.status, answer.error["message"], answer.error["param"]) == (400, message, param)
    if "application_fee_percent" not in wish:
        answer = await api.post("/v1/invoices", {"customer": ada.customer, **wish})
        assert (answer.status, answer.error["message"], answer.error["param"]) == (400, message, param)
