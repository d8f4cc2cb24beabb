"""What refusals add when a payment method may be on another account (facts billing 1.6)."""

from __future__ import annotations

from tests.support.client import Api

POSSIBLE = (
    "No such PaymentMethod: 'pm_nowhere'; It's possible this PaymentMethod exists on one of your connected accounts, in "
    "which case you should retry this request on that connected account. Learn more at "
    "https://stripe.com/docs/connect/authentication"
)


async def connected(api: Api) -> str:
    made = await api.ok("POST", "/v1/accounts", {"type": "custom", "country": "US"})
    return str(made["id"])


async def refused(api: Api, method: str, **headers: str) -> str:
    intent = {"amount": 500, "currency": "usd", "payment_method": method}
    answer = await api.call("POST", "/v1/payment_intents", intent, headers=headers)
    assert (answer.status, answer.json["error"]["code"]) == (400, "resource_missing")
    return str(answer.json["error"]["message"])


async def test_a_plain_account_is_told_plainly(api: Api) -> None:
    assert await refused(api, "pm_nowhere") == "No such PaymentMethod: 'pm_nowhere'"


async def test_a_platform_is_told_of_its_connected_accounts(api: Api) -> None:
    await connected(api)
    assert await refused(api, "pm_nowhere") == POSSIBLE


async def test_a_connected_account_is_told_of_the_platforms_method(api: Api) -> None:
    account = await connected(api)
    card = {"type": "card", "card": {"token": "tok_visa"}}
    own = await api.ok("POST", "/v1/payment_methods", card)
    theirs = {"Stripe-Account": account}
    told = await refused(api, own["id"], **theirs)
    assert told == (
        f"No such PaymentMethod: '{own['id']}'; OAuth key or Stripe-Account header was used but API request was provided "
        "with a platform-owned payment method ID. Please ensure that the provided payment method matches the specified account."
    )
    assert await refused(api, "pm_nowhere", **theirs) == "No such PaymentMethod: 'pm_nowhere'"
