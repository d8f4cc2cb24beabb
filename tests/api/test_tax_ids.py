"""Every type of tax id over the wire: what fits, what is refused, and the answer of its verification on the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.journeys.traveller import Traveller
from tests.unit.customers.test_tax_ids import PAIRS

if TYPE_CHECKING:
    from tests.support.client import Api

# The types with a published example, and the one whose example depends on the country (facts portal 7.3): 116.
EVERY = [(pair[0], pair[1]) for pair in (*PAIRS, ("eu_vat", "DE123456789"))]
BY_AUTHORITY = {"au_abn", "eu_vat", "gb_vat"}  # docs.stripe.com/billing/customer/tax-ids
CREATED, UPDATED, DELETED = (f"customer.tax_id.{what}" for what in ("created", "updated", "deleted"))


async def owner(api: Api) -> str:
    await api.freeze(1_790_000_000)
    return str((await api.ok("POST", "/v1/customers", {"name": "Ada"}))["id"])


async def test_there_are_116() -> None:
    assert len(EVERY) == len(dict(EVERY)) == 116


async def test_every_type_is_taken_announced_and_deleted(api: Api) -> None:
    customer = await owner(api)
    path = f"/v1/customers/{customer}/tax_ids"
    for type_, value in EVERY:
        before = len(await api.events())
        made = await api.ok("POST", path, {"type": type_, "value": value})
        assert (made["type"], made["value"], made["customer"]) == (type_, value, customer)
        assert made["owner"] == {"customer": customer, "customer_account": None, "type": "customer"}
        country = {"eu_oss_vat": None, "eu_vat": "DE"}.get(type_, type_[:2].upper())
        assert made["country"] == country
        assert made["verification"] == {
            "status": "pending" if type_ in BY_AUTHORITY else "unavailable",
            "verified_address": None, "verified_name": None,
        }  # fmt: skip
        assert (await api.ok("DELETE", f"{path}/{made['id']}"))["deleted"] is True
        assert (await api.events())[before:] == [CREATED, DELETED], type_


async def test_every_type_refuses_what_does_not_fit(api: Api) -> None:
    customer = await owner(api)
    before = await api.events()
    for type_, value in EVERY:
        for wrong in (value + "#1", "!", "0"):
            answer = await api.post(f"/v1/customers/{customer}/tax_ids", {"type": type_, "value": wrong})
            assert answer.status == 400, (type_, wrong)
            told = {name: answer.error.get(name) for name in ("code", "message", "param", "type")}
            assert told == {
                "code": "tax_id_invalid", "message": f"Invalid value for {type_}.", "param": "value",
                "type": "invalid_request_error",
            }  # fmt: skip
        data = {"tax_id_data": [{"type": type_, "value": value}, {"type": type_, "value": "!"}]}
        answer = await api.post("/v1/customers", data)
        assert (answer.status, answer.error["param"]) == (400, "tax_id_data[1][value]")
    assert await api.events() == before, "a refusal stores nothing"
    assert (await api.ok("GET", "/v1/customers"))["data"][0]["id"] == customer


@pytest.mark.parametrize(
    ("value", "outcome"), [("000000000", "verified"), ("111111111", "unverified"), ("222222222", "pending")]
)
async def test_magic_values_of_every_type(api: Api, value: str, outcome: str) -> None:
    await api.freeze(1_790_000_000)
    made: dict[str, Any] = {}
    for type_, _ in EVERY:
        customer = (await api.ok("POST", "/v1/customers"))["id"]
        made[type_] = await api.ok("POST", f"/v1/customers/{customer}/tax_ids", {"type": type_, "value": value})
        assert made[type_]["verification"]["status"] == "pending", type_
    before = len(await api.events())
    await api.advance("1h")
    answered = [] if outcome == "pending" else [UPDATED] * len(EVERY)
    assert (await api.events())[before:] == answered
    for type_, doc in made.items():
        path = f"/v1/customers/{doc['customer']}/tax_ids/{doc['id']}"
        assert (await api.ok("GET", path))["verification"]["status"] == outcome, type_
    for event in (await api.happened())[before:]:
        assert event["data"]["previous_attributes"] == {"verification": {"status": "pending"}}
    await api.advance("30d")
    assert len(await api.events()) == before + len(answered), "asked once, never again"


@pytest.mark.parametrize("type_", sorted(BY_AUTHORITY))
async def test_ordinary_values_are_asked_about_in_vain(api: Api, type_: str) -> None:
    customer = await owner(api)
    given = {"type": type_, "value": dict(EVERY)[type_]}
    made = await api.ok("POST", f"/v1/customers/{customer}/tax_ids", given)
    before = len(await api.events())
    await api.advance("1m")
    assert (await api.events())[before:] == [UPDATED]
    after = await api.ok("GET", f"/v1/tax_ids/{made['id']}")
    assert after["verification"]["status"] == "unavailable"


async def test_verification_keeps_the_test_clocks_time(api: Api) -> None:
    ada = await Traveller(api).begin(card=None)
    owner_ = {"type": "customer", "customer": ada.customer}
    async with ada.expecting(CREATED, CREATED):
        one = await ada.post(f"/v1/customers/{ada.customer}/tax_ids", {"type": "eu_vat", "value": "000000000"})
        two = await ada.post("/v1/tax_ids", {"type": "gb_vat", "value": "111111111", "owner": owner_})
    assert one["created"] == two["created"] == ada.now
    async with ada.expecting():
        await ada.after(1)
    async with ada.expecting(UPDATED, UPDATED):
        await ada.after(60)
    found = await ada.get(f"/v1/customers/{ada.customer}/tax_ids")
    assert [item["verification"]["status"] for item in found["data"]] == ["unverified", "verified"]


async def test_a_deleted_tax_id_is_not_answered(api: Api) -> None:
    customer = await owner(api)
    path = f"/v1/customers/{customer}/tax_ids"
    made = await api.ok("POST", path, {"type": "eu_vat", "value": "000000000"})
    await api.delete(f"{path}/{made['id']}")
    before = len(await api.events())
    await api.advance("1h")
    assert len(await api.events()) == before
    assert (await api.get(f"{path}/{made['id']}")).status == 404


async def test_an_account_s_own_are_verified_silently(api: Api) -> None:
    await api.freeze(1_790_000_000)
    made = await api.ok("POST", "/v1/tax_ids", {"type": "eu_vat", "value": "000000000"})
    await api.advance("1h")
    assert (await api.ok("GET", f"/v1/tax_ids/{made['id']}"))["verification"]["status"] == "verified"
    assert await api.events() == []  # facts billing 3.7 knows events of customers' tax ids only
