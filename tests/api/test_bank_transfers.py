"""Money that customers send by bank transfer: what it pays, what waits for it, what is left (docs: payments/bank-transfers).

None of this is recorded: shapes are those of the API description, the order of what is paid is documented.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.journeys.traveller import SETTLED, Traveller

if TYPE_CHECKING:
    from tests.support.client import Api

MOVED = "customer_cash_balance_transaction.created"
LEFT = "cash_balance.funds_available"


@pytest.fixture
async def ada(api: Api) -> Traveller:
    return await Traveller(api).begin(card=None)


async def fund(ada: Traveller, amount: int, **more: Any) -> Any:
    path = f"/v1/test_helpers/customers/{ada.customer}/fund_cash_balance"
    return await ada.post(path, {"amount": amount, "currency": "usd", **more})


async def balance(ada: Traveller) -> Any:
    return (await ada.get(f"/v1/customers/{ada.customer}/cash_balance"))["available"]


async def moves(ada: Traveller) -> list[tuple[str, int, int]]:
    found = (await ada.get(f"/v1/customers/{ada.customer}/cash_balance_transactions"))["data"]
    return [(one["type"], one["net_amount"], one["ending_balance"]) for one in reversed(found)]


async def asked(ada: Traveller, amount: int = 1000, **more: Any) -> Any:
    return await ada.post("/v1/payment_intents", {
        "amount": amount, "currency": "usd", "customer": ada.customer, "confirm": True,
        "payment_method_data": {"type": "customer_balance"}, **more,
    })  # fmt: skip


async def sent(ada: Traveller, amount: int) -> Any:
    """Return an open invoice that was sent."""
    draft = await ada.post("/v1/invoices", {
        "customer": ada.customer, "collection_method": "send_invoice", "days_until_due": 30,
    })  # fmt: skip
    item = {"customer": ada.customer, "amount": amount, "currency": "usd", "invoice": draft["id"]}
    await ada.post("/v1/invoiceitems", item)
    return await ada.post(f"/v1/invoices/{draft['id']}/finalize")


@pytest.mark.parametrize(
    ("type_", "currency", "address"),
    [
        ("us_bank_transfer", "usd", "aba"), ("eu_bank_transfer", "eur", "iban"), ("gb_bank_transfer", "gbp", "sort_code"),
        ("jp_bank_transfer", "jpy", "zengin"), ("mx_bank_transfer", "mxn", "spei"),
    ],
)  # fmt: skip
async def test_where_to_send_money(ada: Traveller, type_: str, currency: str, address: str) -> None:
    transfer = {"type": type_, **({"eu_bank_transfer": {"country": "DE"}} if type_ == "eu_bank_transfer" else {})}
    wish = {"bank_transfer": transfer, "currency": currency, "funding_type": "bank_transfer"}
    path = f"/v1/customers/{ada.customer}/funding_instructions"
    told = await ada.post(path, wish)
    assert (told["bank_transfer"]["type"], told["currency"]) == (type_, currency)
    assert [one["type"] for one in told["bank_transfer"]["financial_addresses"]] == [address]
    assert await ada.post(path, wish) == told, "the account stays the customer's"
    if type_ == "eu_bank_transfer":
        assert told["bank_transfer"]["country"] == "DE"
    other = await ada.refused(path, {**wish, "currency": "chf"})
    assert (other.status, other.error["param"]) == (400, "bank_transfer[type]")


async def test_money_waits_when_nothing_is_owed(ada: Traveller) -> None:
    async with ada.expecting(MOVED, LEFT):
        made = await fund(ada, 5000, reference="thanks")
    assert (made["type"], made["net_amount"], made["ending_balance"]) == ("funded", 5000, 5000)
    assert made["funded"]["bank_transfer"]["reference"] == "thanks"
    assert await balance(ada) == {"usd": 5000}
    await fund(ada, 70, currency="eur")
    assert await balance(ada) == {"usd": 5000, "eur": 70}
    expanded = await ada.get(f"/v1/customers/{ada.customer}", {"expand": ["cash_balance"]})
    assert expanded["cash_balance"]["available"] == {"usd": 5000, "eur": 70}


@pytest.mark.parametrize("params", [{"amount": 0, "currency": "usd"}, {"amount": 5, "currency": "chf"}])
async def test_transfers_refused(ada: Traveller, params: dict[str, Any]) -> None:
    answer = await ada.refused(f"/v1/test_helpers/customers/{ada.customer}/fund_cash_balance", params)
    assert answer.status == 400
    assert await balance(ada) is None


async def test_a_payment_takes_what_is_there(ada: Traveller) -> None:
    await fund(ada, 1500)
    async with ada.expecting("payment_intent.created", MOVED, "charge.succeeded", "payment_intent.succeeded"):
        paid = await asked(ada)
    assert (paid["status"], paid["amount_received"]) == ("succeeded", 1000)
    assert await moves(ada) == [("funded", 1500, 1500), ("applied_to_payment", -1000, 500)]
    charge = await ada.get(f"/v1/charges/{paid['latest_charge']}")
    assert charge["payment_method_details"] == {"customer_balance": {}, "type": "customer_balance"}


async def test_a_payment_waits_for_two_transfers(ada: Traveller) -> None:
    async with ada.expecting("payment_intent.created", "payment_intent.requires_action"):
        waits = await asked(ada)
    action = waits["next_action"]["display_bank_transfer_instructions"]
    assert (waits["status"], action["amount_remaining"], action["type"]) == (
        "requires_action", 1000, "us_bank_transfer",
    )  # fmt: skip
    async with ada.expecting(MOVED, MOVED, "payment_intent.partially_funded"):
        await fund(ada, 400)
    after = await ada.get(f"/v1/payment_intents/{waits['id']}")
    now = after["next_action"]["display_bank_transfer_instructions"]
    assert (after["status"], now["amount_remaining"], now["reference"]) == (
        "requires_action", 600, action["reference"],
    )  # fmt: skip
    async with ada.expecting(MOVED, MOVED, "charge.succeeded", "payment_intent.succeeded", LEFT):
        await fund(ada, 700)
    assert (await ada.get(f"/v1/payment_intents/{waits['id']}"))["status"] == "succeeded"
    assert await balance(ada) == {"usd": 100}


async def test_the_named_payment_comes_first(ada: Traveller) -> None:
    first, second = await asked(ada), await asked(ada)
    reference = second["next_action"]["display_bank_transfer_instructions"]["reference"]
    await fund(ada, 1000, reference=f"order {reference}")
    states = [(await ada.get(f"/v1/payment_intents/{one['id']}"))["status"] for one in (first, second)]
    assert states == ["requires_action", "succeeded"]
    await fund(ada, 1000)
    assert (await ada.get(f"/v1/payment_intents/{first['id']}"))["status"] == "succeeded"


async def test_a_cancelled_payment_gives_back(ada: Traveller) -> None:
    waits = await asked(ada)
    await fund(ada, 400)
    async with ada.expecting(MOVED, "payment_intent.canceled"):
        await ada.post(f"/v1/payment_intents/{waits['id']}/cancel")
    assert await moves(ada) == [
        ("funded", 400, 400), ("applied_to_payment", -400, 0), ("unapplied_from_payment", 400, 400),
    ]  # fmt: skip


async def test_by_hand(ada: Traveller) -> None:
    settings = {"settings": {"reconciliation_mode": "manual"}}
    await ada.post(f"/v1/customers/{ada.customer}/cash_balance", settings)
    waits = await asked(ada)
    async with ada.expecting(MOVED, LEFT):
        await fund(ada, 1200)
    path = f"/v1/payment_intents/{waits['id']}/apply_customer_balance"
    assert (await ada.refused(path, {"amount": 1201})).error["param"] == "amount"
    assert (await ada.refused(path, {"currency": "eur"})).error["param"] == "currency"
    async with ada.expecting(MOVED, "payment_intent.partially_funded"):
        part = await ada.post(path, {"amount": 300, "currency": "usd"})
    assert part["next_action"]["display_bank_transfer_instructions"]["amount_remaining"] == 700
    async with ada.expecting(MOVED, "charge.succeeded", "payment_intent.succeeded"):
        assert (await ada.post(path))["status"] == "succeeded"
    assert await balance(ada) == {"usd": 200}
    assert (await ada.refused(path)).error["code"] == "payment_intent_unexpected_state"


async def test_an_invoice_that_was_sent_is_paid(ada: Traveller) -> None:
    invoice = await sent(ada, 2500)
    async with ada.expecting(MOVED, LEFT):
        await fund(ada, 2000)  # not enough for all of it
    assert (await ada.get(f"/v1/invoices/{invoice['id']}"))["status"] == "open"
    async with ada.expecting(MOVED, MOVED, "charge.succeeded", "payment_intent.succeeded", *SETTLED, LEFT):
        await fund(ada, 600)
    paid = await ada.get(f"/v1/invoices/{invoice['id']}")
    assert (paid["status"], paid["amount_paid"]) == ("paid", 2500)
    assert await balance(ada) == {"usd": 100}


async def test_the_named_invoice_then_the_oldest(ada: Traveller) -> None:
    old, new = await sent(ada, 1000), await sent(ada, 1000)
    await fund(ada, 1000, reference=f"Invoice {new['number']}")
    states = [(await ada.get(f"/v1/invoices/{one['id']}"))["status"] for one in (old, new)]
    assert states == ["open", "paid"]
    await fund(ada, 1000)
    assert (await ada.get(f"/v1/invoices/{old['id']}"))["status"] == "paid"


async def test_a_subscription_by_transfer(ada: Traveller) -> None:
    await ada.post(f"/v1/customers/{ada.customer}", {"email": "ada@example.com"})
    made = await ada.subscribe(await ada.price(2500), collection_method="send_invoice", days_until_due=7)
    await ada.after(2 * 3600)
    await ada.after(8 * 86_400)
    assert (await ada.look(made["id"]))["status"] == "past_due"
    async with ada.expecting(
        MOVED, MOVED, "charge.succeeded", "payment_intent.succeeded", *SETTLED, "customer.subscription.updated",
    ):  # fmt: skip
        await fund(ada, 2500)
    assert (await ada.look(made["id"]))["status"] == "active"


async def test_a_refund_goes_into_the_balance(ada: Traveller) -> None:
    await fund(ada, 1000)
    paid = await asked(ada)
    refund = await ada.post("/v1/refunds", {"payment_intent": paid["id"], "amount": 300})
    assert refund["destination_details"] == {"customer_cash_balance": {}, "type": "customer_cash_balance"}
    assert (await moves(ada))[-1] == ("refunded_from_payment", 300, 300)


async def test_nobody_pays_by_transfer(ada: Traveller) -> None:
    wish = {"amount": 1000, "currency": "usd", "confirm": True, "payment_method_data": {"type": "customer_balance"}}
    answer = await ada.refused("/v1/payment_intents", wish)
    assert (answer.status, answer.error["param"]) == (400, "customer")


async def test_cash_goes_back_to_the_bank(ada: Traveller, api: Api) -> None:
    """It leaves the balance at once, arrives some minutes later, and is cash again when the bank refuses it."""
    path, wish = (
        "/v1/refunds",
        {"origin": "customer_balance", "customer": ada.customer, "amount": 400, "currency": "usd"},
    )
    for name in ("customer", "amount", "currency"):
        rest = {key: value for key, value in wish.items() if key != name}
        assert (await ada.refused(path, rest)).error["param"] == name
    await fund(ada, 1000)
    assert (await ada.refused(path, {**wish, "amount": 1001})).error["param"] == "amount"
    async with ada.expecting("refund.created", MOVED):
        sent_back = await ada.post(path, wish)
    assert (sent_back["status"], sent_back["charge"], sent_back["pending_reason"]) == ("pending", None, "processing")
    assert await balance(ada) == {"usd": 600}
    async with ada.expecting("charge.refund.updated", "refund.updated"):
        await ada.after(300)
    done = await ada.get(f"{path}/{sent_back['id']}")
    assert (done["status"], done["destination_details"]["us_bank_transfer"]["reference_status"]) == (
        "succeeded",
        "available",
    )
    again = await ada.post(path, wish)
    await api.ok("POST", "/_emulator/acts/fail_refund", {"object": again["id"]})
    assert (await ada.get(f"{path}/{again['id']}"))["status"] == "failed"
    assert await moves(ada) == [
        ("funded", 1000, 1000), ("return_initiated", -400, 600), ("return_initiated", -400, 200), ("return_canceled", 400, 600),
    ]  # fmt: skip
