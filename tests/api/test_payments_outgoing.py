"""Money that leaves the account or comes from its bank: balance, payouts, top-ups, transfers and their reversals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.support.client import Api

DAY = 86_400


async def charge(api: Api, amount: int = 2000, card: str = "pm_card_bypassPending") -> Any:
    params = {"amount": amount, "currency": "usd", "payment_method": card, "confirm": "true"}
    return await api.ok("POST", "/v1/payment_intents", {**params, "return_url": "https://example.com"})


async def settle(api: Api) -> None:
    """Let everything happen that is due at this very moment."""
    space = await api.space()
    await api.background.advance(space, space.clock.now())


async def figures(api: Api) -> tuple[int, int]:
    balance = await api.ok("GET", "/v1/balance")
    return balance["available"][0]["amount"], balance["pending"][0]["amount"]


@pytest.fixture
async def rich(api: Api) -> Api:
    await api.freeze(1_800_000_000)
    await charge(api)
    await settle(api)
    return api


async def test_most_payments_are_waited_for(api: Api) -> None:
    await api.freeze(1_800_000_000)
    assert await figures(api) == (0, 0)
    await charge(api, card="pm_card_visa")
    assert await figures(api) == (0, 2000 - 88)
    assert "balance.available" not in await api.events()
    await api.advance("8d")
    assert await figures(api) == (2000 - 88, 0)


async def test_money_that_is_there_at_once(rich: Api) -> None:
    assert await figures(rich) == (2000 - 88, 0)
    told = [event for event in await rich.happened() if event["type"] == "balance.available"]
    assert [event["data"]["object"]["available"][0]["amount"] for event in told] == [2000 - 88]


async def test_a_payout(rich: Api) -> None:
    payout = await rich.ok("POST", "/v1/payouts", {"amount": 1000, "currency": "usd", "metadata": {"a": "b"}})
    assert {name: payout[name] for name in ("status", "amount", "method", "type", "automatic", "metadata")} == {
        "status": "pending", "amount": 1000, "method": "standard", "type": "bank_account", "automatic": False,
        "metadata": {"a": "b"},
    }  # fmt: skip
    entry = await rich.ok("GET", f"/v1/balance_transactions/{payout['balance_transaction']}")
    assert (entry["net"], entry["type"], entry["source"]) == (-1000, "payout", payout["id"])
    assert await figures(rich) == (912, 0)
    await rich.advance("2d")
    assert (await rich.get(f"/v1/payouts/{payout['id']}"))["status"] == "paid"
    assert [type for type in await rich.events() if type.startswith("payout")] == [
        "payout.created", "payout.updated", "payout.paid",
    ]  # fmt: skip
    answer = await rich.post(f"/v1/payouts/{payout['id']}/cancel")
    assert answer.status == 400


async def test_a_payout_is_canceled(rich: Api) -> None:
    payout = await rich.ok("POST", "/v1/payouts", {"amount": 1000, "currency": "usd"})
    canceled = await rich.ok("POST", f"/v1/payouts/{payout['id']}/cancel")
    assert canceled["status"] == "canceled"
    assert await figures(rich) == (1912, 0)
    assert (await rich.events())[-1] == "payout.canceled"
    await rich.advance("3d")
    assert (await rich.get(f"/v1/payouts/{payout['id']}"))["status"] == "canceled"


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"amount": 1913, "currency": "usd"}, "balance_insufficient"),
        ({"amount": 1, "currency": "eur"}, "balance_insufficient"),
        ({"amount": 0, "currency": "usd"}, "parameter_invalid_integer"),
        ({"amount": -5, "currency": "usd"}, "parameter_invalid_integer"),
        ({"amount": 100, "currency": "usd", "destination": "ba_none"}, "resource_missing"),
    ],
)
async def test_refused_payouts(rich: Api, params: dict[str, Any], code: str) -> None:
    before = await rich.events()
    answer = await rich.post("/v1/payouts", params)
    assert (answer.status, answer.error["code"]) == (400, code)
    assert await rich.events() == before
    assert await figures(rich) == (1912, 0)


async def test_a_top_up(api: Api) -> None:
    await api.freeze(1_800_000_000)
    made = await api.ok("POST", "/v1/topups", {"amount": 5000, "currency": "usd", "description": "more"})
    assert (made["status"], made["balance_transaction"]) == ("pending", None)
    assert await figures(api) == (0, 0)
    await api.advance("1d")
    assert (await api.get(f"/v1/topups/{made['id']}"))["status"] == "succeeded"
    assert await figures(api) == (5000, 0)
    assert (await api.post(f"/v1/topups/{made['id']}/cancel")).status == 400
    other = await api.ok("POST", "/v1/topups", {"amount": 1, "currency": "usd"})
    assert (await api.ok("POST", f"/v1/topups/{other['id']}/cancel"))["status"] == "canceled"
    await api.advance("2d")
    assert await api.events() == ["topup.created", "topup.succeeded", "topup.created", "topup.canceled"]
    assert (await api.post("/v1/topups", {"amount": 0, "currency": "usd"})).error["param"] == "amount"


async def test_a_transfer_and_back(rich: Api) -> None:
    account = await rich.ok("POST", "/v1/accounts", {"type": "standard"})
    made = await rich.ok("POST", "/v1/transfers", {"amount": 1000, "currency": "usd", "destination": account["id"]})
    assert (made["amount_reversed"], made["reversed"], made["reversals"]["data"]) == (0, False, [])
    assert await figures(rich) == (912, 0)
    part = await rich.ok("POST", f"/v1/transfers/{made['id']}/reversals", {"amount": 300, "metadata": {"why": "part"}})
    assert (part["transfer"], part["amount"], part["metadata"]) == (made["id"], 300, {"why": "part"})
    answer = await rich.post(f"/v1/transfers/{made['id']}/reversals", {"amount": 701})
    assert answer.error["message"] == "Reversal amount ($7.01) is greater than unreversed amount on transfer ($7.00)"
    rest = await rich.ok("POST", f"/v1/transfers/{made['id']}/reversals")
    assert rest["amount"] == 700
    assert (await rich.post(f"/v1/transfers/{made['id']}/reversals")).status == 400
    after = await rich.ok("GET", f"/v1/transfers/{made['id']}")
    assert (after["amount_reversed"], after["reversed"]) == (1000, True)
    assert [one["id"] for one in after["reversals"]["data"]] == [rest["id"], part["id"]]
    listed = await rich.ok("GET", f"/v1/transfers/{made['id']}/reversals")
    assert [one["id"] for one in listed["data"]] == [rest["id"], part["id"]]
    await rich.ok("POST", f"/v1/transfers/{made['id']}", {"metadata": {"a": "b"}})
    assert [type for type in await rich.events() if type.startswith("transfer")] == [
        "transfer.created", "transfer.reversed", "transfer.reversed", "transfer.updated",
    ]  # fmt: skip
    assert await figures(rich) == (1912, 0)


async def test_a_transfer_of_one_charge(api: Api) -> None:
    account = await api.ok("POST", "/v1/accounts", {"type": "standard"})
    intent = await charge(api, card="pm_card_visa")
    params = {"currency": "usd", "destination": account["id"], "source_transaction": intent["latest_charge"]}
    assert (await api.ok("POST", "/v1/transfers", params))["amount"] == 2000
    answer = await api.post("/v1/transfers", {**params, "source_transaction": "ch_none"})
    assert answer.error["param"] == "source_transaction"


@pytest.mark.parametrize(
    ("params", "param", "code"),
    [
        ({"amount": 1000, "destination": "acct_none"}, "destination", "resource_missing"),
        ({"destination": "own"}, "destination", "resource_missing"),
        ({"destination": "other"}, "amount", "parameter_missing"),
        ({"amount": 1000, "destination": "other"}, None, "balance_insufficient"),
        ({"amount": 0, "destination": "other"}, "amount", "parameter_invalid_integer"),
    ],
)
async def test_refused_transfers(api: Api, params: dict[str, Any], param: str | None, code: str) -> None:
    other = await api.ok("POST", "/v1/accounts", {"type": "standard"})
    names = {"own": (await api.ok("GET", "/v1/account"))["id"], "other": other["id"]}
    named = {**params, "currency": "usd", "destination": names.get(params["destination"], params["destination"])}
    answer = await api.post("/v1/transfers", named)
    assert (answer.status, answer.error.get("param"), answer.error["code"]) == (400, param, code)
    assert (await api.get("/v1/transfers"))["data"] == []
