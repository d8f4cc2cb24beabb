"""Payments that are shared with other accounts: transfers and application fees, direct and destination charges, refunds of both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.support.client import Api

START = 1_800_000_000
PAY = {
    "amount": 3000,
    "currency": "usd",
    "payment_method": "pm_card_visa",
    "confirm": True,
    "return_url": "https://e.x",
}


class Market:
    """A platform with one seller."""

    def __init__(self, api: Api, seller: str) -> None:
        self.api = api
        self.seller = seller
        self.header = {"headers": {"Stripe-Account": seller}}

    async def pay(self, *, direct: bool = False, **params: Any) -> tuple[Any, Any]:
        """Take a payment; returns the intent and its charge."""
        more = self.header if direct else {}
        intent = await self.api.ok("POST", "/v1/payment_intents", {**PAY, **params}, **more)
        return intent, await self.api.ok("GET", f"/v1/charges/{intent['latest_charge']}", **more)

    async def sold(self, **params: Any) -> tuple[Any, Any]:
        """Take a payment that goes to the seller."""
        data = {"destination": self.seller, **params.pop("data", {})}
        return await self.pay(transfer_data=data, **params)

    async def get(self, path: str, params: Any = None, *, there: bool = False) -> Any:
        return await self.api.ok("GET", path, params, **(self.header if there else {}))

    async def post(self, path: str, params: Any = None, *, there: bool = False) -> Any:
        return await self.api.ok("POST", path, params, **(self.header if there else {}))

    async def news(self) -> list[str]:
        """Return the types of the platform's events since the last time."""
        known = getattr(self, "_known", 0)
        types = await self.api.events()
        self._known = len(types)
        return types[known:]

    async def balances(self) -> tuple[int, int]:
        """Return what the platform and the seller own, available or not."""
        result = []
        for there in (False, True):
            balance = await self.get("/v1/balance", there=there)
            result.append(balance["available"][0]["amount"] + balance["pending"][0]["amount"])
        return result[0], result[1]


@pytest.fixture
async def market(api: Api) -> Market:
    await api.freeze(START)
    seller = await api.ok("POST", "/v1/accounts", {"type": "express", "country": "US"})
    result = Market(api, seller["id"])
    await result.news()
    return result


async def test_a_destination_charge_with_a_fee(market: Market) -> None:
    intent, charge = await market.sold(application_fee_amount=300)
    assert await market.news() == [
        "payment_intent.created", "charge.succeeded", "transfer.created", "application_fee.created",
        "payment_intent.succeeded",
    ]  # fmt: skip
    group = f"group_{intent['id']}"
    assert charge["transfer_data"] == {"amount": None, "destination": market.seller}
    assert (charge["destination"], charge["transfer_group"]) == (market.seller, group)
    transfer = await market.get(f"/v1/transfers/{charge['transfer']}")
    assert (transfer["amount"], transfer["destination"], transfer["source_transaction"], transfer["transfer_group"]) == (
        3000, market.seller, charge["id"], group,
    )  # fmt: skip
    fee = await market.get(f"/v1/application_fees/{charge['application_fee']}")
    payment = transfer["destination_payment"]
    assert {name: fee[name] for name in ("account", "amount", "charge", "originating_transaction", "refunded")} == {
        "account": market.seller, "amount": 300, "charge": payment, "originating_transaction": charge["id"],
        "refunded": False,
    }  # fmt: skip
    # What the seller sees of it: one payment of the whole amount, less the fee.
    shown = await market.get(f"/v1/charges/{payment}", {"expand": ["balance_transaction"]}, there=True)
    entry = shown["balance_transaction"]
    assert (entry["amount"], entry["fee"], entry["net"], entry["type"]) == (3000, 300, 2700, "payment")
    assert entry["fee_details"][0]["type"] == "application_fee"
    assert (shown["source_transfer"], shown["application_fee"], shown["application"]) == (
        transfer["id"], fee["id"], fee["application"],
    )  # fmt: skip
    assert await market.balances() == (300 - 117, 2700)
    # The money of all of it is there when that of the charge is.
    await market.api.advance("8d")
    assert (await market.get("/v1/balance"))["available"][0]["amount"] == 183
    seen = (await market.get("/v1/application_fees", {"charge": payment}))["data"]
    assert [one["id"] for one in seen] == [fee["id"]]
    assert (await market.get("/v1/transfers", {"transfer_group": group}))["data"][0]["id"] == transfer["id"]


async def test_only_a_part_goes_over(market: Market) -> None:
    _, charge = await market.sold(data={"amount": 1234}, transfer_group="ORDER7")
    transfer = await market.get(f"/v1/transfers/{charge['transfer']}")
    assert (transfer["amount"], transfer["transfer_group"], charge["transfer_group"]) == (1234, "ORDER7", "ORDER7")
    assert charge["application_fee"] is None
    assert await market.balances() == (3000 - 117 - 1234, 1234)
    assert "application_fee.created" not in await market.news()
    _, charge = await market.sold(data={"amount": 9999})  # capped at what was paid
    assert (await market.get(f"/v1/transfers/{charge['transfer']}"))["amount"] == 3000


async def test_a_direct_charge_pays_the_platform(market: Market) -> None:
    _, charge = await market.pay(direct=True, application_fee_amount=250)
    assert await market.news() == ["application_fee.created"]
    assert "transfer" not in charge
    fee = (await market.get("/v1/application_fees"))["data"][0]
    assert (fee["id"], fee["account"], fee["amount"], fee["charge"]) == (
        charge["application_fee"], market.seller, 250, charge["id"],
    )  # fmt: skip
    assert (fee["application"], fee["originating_transaction"]) == (charge["application"], None)
    entry = await market.get(f"/v1/balance_transactions/{charge['balance_transaction']}", there=True)
    assert (entry["fee"], [one["type"] for one in entry["fee_details"]]) == (367, ["application_fee", "stripe_fee"])
    assert await market.balances() == (250, 3000 - 117 - 250)


async def test_a_declined_payment_shares_nothing(market: Market) -> None:
    params = {**PAY, "payment_method": "pm_card_chargeDeclined", "transfer_data": {"destination": market.seller}}
    answer = await market.api.post("/v1/payment_intents", {**params, "application_fee_amount": 1})
    assert answer.status == 402
    charge = await market.get(f"/v1/charges/{answer.error['charge']}")
    assert (charge["application_fee"], charge["application_fee_amount"], "transfer" in charge) == (None, 1, False)
    assert (await market.get("/v1/transfers"))["data"] == []
    assert (await market.get("/v1/application_fees"))["data"] == []


async def test_a_hold_is_shared_when_it_is_captured(market: Market) -> None:
    intent, charge = await market.sold(application_fee_amount=300, capture_method="manual")
    assert (charge["application_fee"], "transfer" in charge, await market.balances()) == (None, False, (0, 0))
    await market.news()
    await market.post(
        f"/v1/payment_intents/{intent['id']}/capture", {"amount_to_capture": 2000, "application_fee_amount": 150}
    )
    assert await market.news() == [
        "charge.captured", "charge.refunded", "transfer.created", "application_fee.created", "payment_intent.succeeded",
    ]  # fmt: skip
    charge = await market.get(f"/v1/charges/{charge['id']}")
    assert (await market.get(f"/v1/transfers/{charge['transfer']}"))["amount"] == 2000
    assert charge["application_fee_amount"] == 150
    assert (await market.balances())[1] == 2000 - 150


async def test_a_debit_is_shared_once_it_is_paid(market: Market) -> None:
    customer = await market.post("/v1/customers", {"name": "Ada"})
    agreed = {"customer_acceptance": {"type": "offline"}}
    data = {"transfer_data": {"destination": market.seller}, "customer": customer["id"], "mandate_data": agreed}
    _, charge = await market.pay(payment_method="pm_usBankAccount_success", **data)
    assert (charge["status"], "transfer" in charge) == ("pending", False)
    await market.api.advance("9d")
    charge = await market.get(f"/v1/charges/{charge['id']}")
    assert charge["status"] == "succeeded"
    assert (await market.get(f"/v1/transfers/{charge['transfer']}"))["source_transaction"] == charge["id"]
    assert (await market.balances())[1] == 3000


async def test_refunds_take_their_share_back(market: Market) -> None:
    intent, charge = await market.sold(application_fee_amount=301)
    await market.news()
    both = {"reverse_transfer": True, "refund_application_fee": True}
    first = await market.post("/v1/refunds", {"payment_intent": intent["id"], "amount": 1000, **both})
    assert await market.news() == [
        "refund.created", "charge.refunded", "transfer.reversed", "application_fee.refunded",
    ]  # fmt: skip
    transfer = await market.get(f"/v1/transfers/{charge['transfer']}")
    reversal = transfer["reversals"]["data"][0]
    assert (transfer["amount_reversed"], transfer["reversed"]) == (1000, False)
    assert (reversal["id"], reversal["source_refund"]) == (first["transfer_reversal"], first["id"])
    payment = transfer["destination_payment"]
    refund = (await market.get("/v1/refunds", {"charge": payment}, there=True))["data"][0]
    assert (refund["id"], refund["amount"], refund["source_transfer_reversal"]) == (
        reversal["destination_payment_refund"], 1000, reversal["id"],
    )  # fmt: skip
    await market.post("/v1/refunds", {"payment_intent": intent["id"], "amount": 1000, **both})
    await market.post("/v1/refunds", {"charge": charge["id"], **both})
    fee = await market.get(f"/v1/application_fees/{charge['application_fee']}")
    assert (fee["amount_refunded"], fee["refunded"]) == (301, True)
    assert [one["amount"] for one in fee["refunds"]["data"]] == [100, 101, 100]  # 301 in three parts, nothing is lost
    assert (await market.get(f"/v1/transfers/{transfer['id']}"))["reversed"] is True
    assert (await market.get(f"/v1/charges/{payment}", there=True))["refunded"] is True
    assert await market.balances() == (-117, 0)  # Stripe keeps its fee


async def test_a_plain_refund_leaves_the_shares(market: Market) -> None:
    intent, charge = await market.sold(application_fee_amount=300)
    refund = await market.post("/v1/refunds", {"payment_intent": intent["id"]})
    assert refund["transfer_reversal"] is None
    assert (await market.get(f"/v1/transfers/{charge['transfer']}"))["amount_reversed"] == 0
    assert (await market.get(f"/v1/application_fees/{charge['application_fee']}"))["amount_refunded"] == 0
    assert await market.balances() == (300 - 117 - 3000, 2700)


async def test_the_fee_of_a_direct_charge_comes_back(market: Market) -> None:
    intent, charge = await market.pay(direct=True, application_fee_amount=300)
    await market.news()
    params = {"payment_intent": intent["id"], "amount": 1500, "refund_application_fee": True}
    refund = await market.post("/v1/refunds", params, there=True)
    assert await market.news() == ["application_fee.refunded"]
    assert (await market.get(f"/v1/application_fees/{charge['application_fee']}"))["amount_refunded"] == 150
    entry = await market.get(f"/v1/balance_transactions/{refund['balance_transaction']}", there=True)
    assert (entry["amount"], entry["fee"], entry["net"]) == (-1500, -150, -1350)
    assert await market.balances() == (150, 3000 - 117 - 300 - 1350)


async def test_a_fee_is_given_back_by_hand(market: Market) -> None:
    _, charge = await market.sold(application_fee_amount=300)
    path = f"/v1/application_fees/{charge['application_fee']}"
    made = await market.post(f"{path}/refunds", {"amount": 100, "metadata": {"a": "b"}})
    assert (made["object"], made["amount"], made["fee"], made["metadata"]) == ("fee_refund", 100, path[21:], {"a": "b"})
    assert await market.get(f"{path}/refunds/{made['id']}") == made
    answer = await market.api.post(f"{path}/refunds", {"amount": 201})
    assert answer.error["message"] == (
        "Refund amount ($2.01) is greater than unrefunded amount on application fee ($2.00)"
    )
    assert (await market.api.post(f"{path}/refunds", {"amount": 0})).error["param"] == "amount"
    await market.news()
    named = await market.post(f"{path}/refunds/{made['id']}", {"metadata": {"a": "", "c": "d"}})
    assert await market.news() == ["application_fee.refund.updated"]
    fee = await market.get(path)
    assert fee["refunds"]["data"] == [named]
    assert named["metadata"] == {"c": "d"}
    fee = await market.post(f"{path}/refund")  # the older form answers the fee
    assert (fee["amount_refunded"], fee["refunded"]) == (300, True)
    listed = (await market.get(f"{path}/refunds"))["data"]
    assert [one["amount"] for one in listed] == [200, 100]
    assert (await market.api.post(f"{path}/refund")).error["code"] == "charge_already_refunded"
    assert await market.balances() == (-117, 3000)


async def test_a_transfer_arrives_and_is_taken_back(market: Market) -> None:
    _, charge = await market.pay()
    params = {"currency": "usd", "destination": market.seller, "source_transaction": charge["id"], "amount": 2000}
    made = await market.post("/v1/transfers", params)
    assert made["transfer_group"] == f"group_{charge['payment_intent']}"
    payment = await market.get(f"/v1/charges/{made['destination_payment']}", there=True)
    assert (payment["amount"], payment["application_fee"], payment["source_transfer"]) == (2000, None, made["id"])
    answer = await market.api.post("/v1/transfers", {**params, "amount": 1001})
    assert answer.error["message"] == (
        "Transfers using this transaction as a source must not exceed the source amount of $30.00. "
        "(There is already a transfer using this source, amounting to $20.00.)"
    )
    reversal = await market.post(f"/v1/transfers/{made['id']}/reversals", {"amount": 500})
    path = f"/v1/transfers/{made['id']}/reversals/{reversal['id']}"
    named = await market.post(path, {"metadata": {"a": "b"}})
    assert (await market.get(f"/v1/transfers/{made['id']}"))["reversals"]["data"] == [named] == [await market.get(path)]
    assert (await market.get(f"/v1/charges/{payment['id']}", there=True))["amount_refunded"] == 500
    assert (await market.balances())[1] == 1500


async def test_an_older_charge_names_its_destination(market: Market) -> None:
    params = {"amount": 2000, "currency": "usd", "source": "tok_visa"}
    charge = await market.post("/v1/charges", {**params, "destination": {"account": market.seller, "amount": 900}})
    assert charge["transfer_data"] == {"amount": 900, "destination": market.seller}
    assert (await market.get(f"/v1/transfers/{charge['transfer']}"))["transfer_group"] == f"group_{charge['id']}"
    held = await market.post(
        "/v1/charges", {**params, "capture": False, "transfer_data": {"destination": market.seller}}
    )
    taken = await market.post(f"/v1/charges/{held['id']}/capture", {"application_fee": 75})
    assert (await market.get(f"/v1/application_fees/{taken['application_fee']}"))["amount"] == 75


async def test_an_invoice_shares_what_it_earns(market: Market) -> None:
    customer = await market.post("/v1/customers", {"payment_method": "pm_card_visa"})
    method = (await market.get(f"/v1/customers/{customer['id']}/payment_methods"))["data"][0]["id"]
    product = await market.post("/v1/products", {"name": "Pro"})
    price = {"currency": "usd", "product": product["id"], "recurring": {"interval": "month"}, "unit_amount": 1000}
    await market.news()
    await market.post("/v1/subscriptions", {
        "customer": customer["id"], "items": [{"price_data": price}], "default_payment_method": method,
        "application_fee_percent": 10, "transfer_data": {"destination": market.seller},
    })  # fmt: skip
    news = await market.news()
    assert [one for one in news if one.startswith(("transfer", "application_fee"))] == [
        "transfer.created", "application_fee.created",
    ]  # fmt: skip
    assert (await market.get("/v1/application_fees"))["data"][0]["amount"] == 100
    assert (await market.balances())[1] == 900


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"application_fee_amount": 1}, {"code": "parameter_missing"}),
        ({"application_fee_amount": 3001, "to": True}, {"param": "application_fee_amount"}),
        ({"application_fee_amount": -1, "to": True}, {"code": "parameter_invalid_integer"}),
        ({"application_fee_amount": 1, "to": {"amount": 5}}, {"param": "application_fee_amount"}),
        ({"transfer_data": {"destination": "acct_x"}},
         {"message": "No such destination: 'acct_x'", "param": "transfer_data[destination]"}),
    ],
)  # fmt: skip
async def test_refused_shares(market: Market, params: dict[str, Any], error: dict[str, str]) -> None:
    to = params.pop("to", None)
    if to is not None:
        params["transfer_data"] = {"destination": market.seller, **(to if isinstance(to, dict) else {})}
    answer = await market.api.post("/v1/payment_intents", {**PAY, **params})
    assert answer.status == 400
    assert {name: answer.error[name] for name in error} == error
    assert await market.news() == []


async def test_refused_to_take_back(market: Market) -> None:
    intent, charge = await market.pay()
    for name, message in (
        ("reverse_transfer", f"Cannot reverse transfer on charge {charge['id']} because it does not have an associated transfer."),
        ("refund_application_fee", f"Attempting to refund_application_fee on {charge['id']}, but it has no application fee"),
    ):  # fmt: skip
        answer = await market.api.post("/v1/refunds", {"payment_intent": intent["id"], name: True})
        assert (answer.status, answer.error["message"]) == (400, message)
    assert (await market.get(f"/v1/charges/{charge['id']}"))["amount_refunded"] == 0


async def test_a_fee_that_became_too_large(market: Market) -> None:
    params = {name: value for name, value in PAY.items() if name not in ("confirm", "return_url")}
    data = {"transfer_data": {"destination": market.seller}, "application_fee_amount": 300}
    intent = await market.post("/v1/payment_intents", {**params, **data})
    answer = await market.api.post(f"/v1/payment_intents/{intent['id']}", {"amount": 299})
    assert answer.error["param"] == "application_fee_amount"
    await market.post(f"/v1/payment_intents/{intent['id']}", {"amount": 299, "application_fee_amount": 299})
