"""Test helpers of Issuing, and identity verifications that nobody goes through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.support.client import Api

ADDRESS = {"line1": "1 Main Street", "city": "Oslo", "postal_code": "0150", "country": "NO"}


async def issued(api: Api, **more: str) -> Any:
    holder = await api.ok(
        "POST", "/v1/issuing/cardholders", {"name": "Ada", "type": "individual", "billing": {"address": ADDRESS}}
    )
    return await api.ok(
        "POST", "/v1/issuing/cards", {"currency": "usd", "type": "virtual", "cardholder": holder["id"], **more}
    )


async def test_cards_are_announced(api: Api) -> None:
    card = await issued(api)
    assert (card["status"], card["brand"], len(card["last4"])) == ("inactive", "Visa", 4)
    assert await api.events() == ["issuing_cardholder.created", "issuing_card.created"]
    await api.ok("POST", f"/v1/issuing/cards/{card['id']}", {"status": "active"})
    assert (await api.events())[-1] == "issuing_card.updated"


async def test_a_forced_capture(api: Api) -> None:
    card = await issued(api)
    receipt = [{"description": "Ride", "quantity": "1", "unit_cost": 100}]
    params = {"amount": 100, "card": card["id"], "merchant_data": {"name": "Rides", "city": "Oslo"}}
    made = await api.ok("POST", "/v1/test_helpers/issuing/transactions/create_force_capture", params)
    assert {name: made[name] for name in ("amount", "currency", "type", "card", "merchant_amount")} == {
        "amount": -100, "currency": "usd", "type": "capture", "card": card["id"], "merchant_amount": -100,
    }  # fmt: skip
    assert (made["merchant_data"]["name"], made["merchant_data"]["city"]) == ("Rides", "Oslo")
    assert (await api.events())[2:] == ["issuing_transaction.created"]
    params["purchase_details"] = {"receipt": receipt}
    await api.ok("POST", "/v1/test_helpers/issuing/transactions/create_force_capture", params)
    await api.ok("POST", f"/v1/issuing/transactions/{made['id']}", {"metadata": {"a": "b"}})
    assert (await api.events())[3:] == [
        "issuing_transaction.created", "issuing_transaction.purchase_details_receipt_updated", "issuing_transaction.updated",
    ]  # fmt: skip
    answer = await api.post(
        "/v1/test_helpers/issuing/transactions/create_force_capture", {"amount": 100, "card": "ic_none"}
    )
    assert answer.error["param"] == "card"


@pytest.mark.parametrize("old", [False, True])
async def test_an_authorization(api: Api, old: bool) -> None:
    card = await issued(api, status="active")
    if old:
        path, params = f"/v1/issuing/cards/{card['id']}/test/authorizations", {"held_amount": 100}
    else:
        path, params = "/v1/test_helpers/issuing/authorizations", {"amount": 100, "card": card["id"]}
    made = await api.ok("POST", path, params)
    assert (made["amount"], made["approved"], made["status"], made["pending_request"]) == (100, True, "pending", None)
    assert made["card"]["id"] == card["id"]
    request, created = (await api.happened())[2:]
    assert [request["type"], created["type"]] == ["issuing_authorization.request", "issuing_authorization.created"]
    assert request["data"]["object"]["pending_request"]["amount"] == 100
    assert request["data"]["object"]["approved"] is False
    assert (await api.get(f"/v1/issuing/authorizations/{made['id']}"))["approved"] is True


async def test_an_inactive_card_is_declined_unasked(api: Api) -> None:
    card = await issued(api)
    made = await api.ok("POST", "/v1/test_helpers/issuing/authorizations", {"amount": 100, "card": card["id"]})
    assert (made["amount"], made["approved"], made["status"]) == (0, False, "closed")
    assert made["request_history"][0]["reason"] == "card_inactive"
    assert (await api.events())[2:] == ["issuing_authorization.created"]


async def test_identity_sessions(api: Api) -> None:
    made = await api.ok("POST", "/v1/identity/verification_sessions", {"type": "document", "metadata": {"a": "b"}})
    assert (made["status"], made["type"], made["metadata"]) == ("requires_input", "document", {"a": "b"})
    assert made["client_secret"].startswith(f"{made['id']}_secret_")
    path = f"/v1/identity/verification_sessions/{made['id']}"
    assert (await api.ok("POST", f"{path}/cancel"))["status"] == "canceled"
    assert (await api.post(f"{path}/cancel")).status == 400
    redacted = await api.ok("POST", f"{path}/redact")
    assert (redacted["status"], redacted["redaction"]) == ("canceled", {"status": "redacted"})
    assert [type.rpartition(".")[2] for type in await api.events()] == ["created", "canceled", "redacted"]
    other = await api.ok("POST", "/v1/identity/verification_sessions", {"type": "id_number"})
    await api.ok("POST", f"/v1/identity/verification_sessions/{other['id']}/redact")
    assert [type.rpartition(".")[2] for type in await api.events()][3:] == ["created", "canceled", "redacted"]
    assert (await api.post("/v1/identity/verification_sessions/vs_none/cancel")).status == 404


async def test_a_deleted_account_is_no_longer_the_platforms(api: Api) -> None:
    account = await api.ok("POST", "/v1/accounts", {"type": "standard"})
    assert (await api.ok("DELETE", f"/v1/accounts/{account['id']}"))["deleted"] is True
    told = (await api.happened())[-1]
    assert told["type"] == "account.application.deauthorized"
    assert told["data"]["object"]["object"] == "application"
    assert (await api.delete("/v1/accounts/acct_none")).status in (403, 404)
