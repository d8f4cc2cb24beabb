"""Who buys, through the API: every answer is held against the description, every event is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.support.client import Api

# What a customer's body holds when nothing was asked for (recorded 2026-05).
KEYS = {
    "address", "balance", "created", "currency", "customer_account", "default_source", "delinquent", "description",
    "discount", "email", "id", "invoice_prefix", "invoice_settings", "livemode", "metadata", "name",
    "next_invoice_sequence", "object", "phone", "preferred_locales", "shipping", "tax_exempt", "test_clock",
}  # fmt: skip


async def test_a_fresh_customer_has_the_recorded_keys(api: Api) -> None:
    made = await api.ok("POST", "/v1/customers", {"email": "a@example.com"})
    assert set(made) == KEYS
    assert await api.ok("GET", f"/v1/customers/{made['id']}") == made
    assert await api.events() == ["customer.created"]


async def test_what_is_shown_only_when_asked_for(api: Api) -> None:
    made = await api.ok("POST", "/v1/customers", {"tax_id_data": [{"type": "us_ein", "value": "12-3456789"}]})
    asked = ["sources", "subscriptions", "tax", "tax_ids", "cash_balance", "invoice_credit_balance"]
    for name in asked:
        opened = await api.ok("GET", f"/v1/customers/{made['id']}", {"expand": [name]})
        assert set(opened) == KEYS | {name}
    opened = await api.ok("GET", f"/v1/customers/{made['id']}", {"expand": ["tax_ids"]})
    assert opened["tax_ids"]["data"][0]["value"] == "12-3456789"


async def test_payment_method_and_default_at_create(api: Api) -> None:
    made = await api.ok(
        "POST",
        "/v1/customers",
        {"payment_method": "pm_card_visa", "invoice_settings": {"default_payment_method": "pm_card_visa"}},
    )
    methods = await api.ok("GET", f"/v1/customers/{made['id']}/payment_methods")
    assert made["invoice_settings"]["default_payment_method"] == methods["data"][0]["id"]
    assert await api.events() == ["payment_method.attached", "customer.created"]


async def test_a_declining_card_makes_no_customer(api: Api) -> None:
    answer = await api.post("/v1/customers", {"payment_method": "pm_card_visa_chargeDeclined"})
    assert (answer.status, answer.error["code"]) == (402, "card_declined")
    assert (await api.ok("GET", "/v1/customers"))["data"] == []
    assert await api.events() == []


async def test_source_at_create(api: Api) -> None:
    made = await api.ok("POST", "/v1/customers", {"source": "tok_visa"})
    assert made["default_source"].startswith("card_")
    opened = await api.ok("GET", f"/v1/customers/{made['id']}", {"expand": ["default_source"]})
    assert opened["default_source"]["last4"] == "4242"
    assert await api.events() == ["customer.source.created", "customer.created"]
    after = await api.ok("POST", f"/v1/customers/{made['id']}", {"source": "tok_mastercard"})
    assert after["default_source"] != made["default_source"]


async def test_an_update_announces_only_what_changed(api: Api) -> None:
    made = await api.ok("POST", "/v1/customers", {"name": "Ada", "metadata": {"a": "1"}, "address": {"country": "DE"}})
    await api.ok(
        "POST",
        f"/v1/customers/{made['id']}",
        {"name": "Ada", "metadata": {"b": "2"}, "address": {"city": "Bonn"}},
    )
    assert await api.events() == ["customer.created", "customer.updated"]
    previous = (await api.happened())[1]["data"]["previous_attributes"]
    assert previous["metadata"] == {"b": None}
    assert previous["address"] == {"city": None}
    assert "name" not in previous


async def test_a_deleted_customer(api: Api) -> None:
    made = await api.ok("POST", "/v1/customers", {"payment_method": "pm_card_visa"})
    stub = {"id": made["id"], "object": "customer", "deleted": True}
    assert await api.ok("DELETE", f"/v1/customers/{made['id']}") == stub
    assert await api.ok("GET", f"/v1/customers/{made['id']}") == stub
    assert (await api.events())[-1] == "customer.deleted"
    assert "deleted" not in (await api.happened())[-1]["data"]["object"]
    answer = await api.post(f"/v1/customers/{made['id']}/tax_ids", {"type": "us_ein", "value": "12-3456789"})
    assert (answer.status, answer.error["param"]) == (404, "id")


async def test_the_balance_and_its_transactions(api: Api) -> None:
    made = await api.ok("POST", "/v1/customers")
    path = f"/v1/customers/{made['id']}/balance_transactions"
    one = await api.ok("POST", path, {"amount": -500, "currency": "eur"})
    assert (await api.events()) == ["customer.created", "customer.updated"]
    assert (await api.happened())[1]["data"]["previous_attributes"] == {"balance": 0, "currency": None}
    assert await api.ok("GET", f"{path}/{one['id']}") == one
    listed = await api.ok("GET", path)
    assert (listed["url"], [item["id"] for item in listed["data"]]) == (path, [one["id"]])
    assert (await api.ok("POST", f"{path}/{one['id']}", {"description": "x"}))["description"] == "x"


async def test_verification_of_a_tax_id_comes_later(api: Api) -> None:
    made = await api.ok("POST", "/v1/customers")
    path = f"/v1/customers/{made['id']}/tax_ids"
    verified = await api.ok("POST", path, {"type": "eu_vat", "value": "000000000"})
    waiting = await api.ok("POST", path, {"type": "gb_vat", "value": "222222222"})
    assert verified["verification"]["status"] == "pending"
    await api.advance("5m")
    assert (await api.ok("GET", f"{path}/{verified['id']}"))["verification"]["status"] == "verified"
    assert (await api.ok("GET", f"{path}/{waiting['id']}"))["verification"]["status"] == "pending"
    await api.ok("DELETE", f"{path}/{verified['id']}")
    assert await api.events() == [
        "customer.created",
        "customer.tax_id.created",
        "customer.tax_id.created",
        "customer.tax_id.updated",
        "customer.tax_id.deleted",
    ]
    assert (await api.happened())[3]["data"]["previous_attributes"] == {"verification": {"status": "pending"}}


async def test_list_filters(api: Api) -> None:
    ada, bob = [await api.ok("POST", "/v1/customers", {"email": f"{name}@example.com"}) for name in ("ada", "bob")]
    listed = await api.ok("GET", "/v1/customers", {"email": "ada@example.com"})
    assert [one["id"] for one in listed["data"]] == [ada["id"]]
    page = await api.ok("GET", "/v1/customers", {"limit": 1})
    assert ([one["id"] for one in page["data"]], page["has_more"]) == ([bob["id"]], True)
    rest = await api.ok("GET", "/v1/customers", {"limit": 1, "starting_after": bob["id"]})
    assert ([one["id"] for one in rest["data"]], rest["has_more"]) == ([ada["id"]], False)


async def test_cash_balance(api: Api) -> None:
    made = await api.ok("POST", "/v1/customers", {"cash_balance": {"settings": {"reconciliation_mode": "manual"}}})
    read = await api.ok("GET", f"/v1/customers/{made['id']}/cash_balance")
    assert read["settings"] == {"reconciliation_mode": "manual", "using_merchant_default": False}
    opened = await api.ok("GET", f"/v1/customers/{made['id']}", {"expand": ["cash_balance"]})
    assert opened["cash_balance"] == read
