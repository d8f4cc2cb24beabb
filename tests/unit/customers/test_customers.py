"""Customers: made, changed, deleted, and what payments lend them."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from emulator.customers import customers, tax
from emulator.kernel.errors import NOT_EMULATED, StripeError
from emulator.resources.context import Context
from tests.unit.catalog.desk import START, Desk

# The dash is an en dash.
PREFIX_WORDS = "Invoice number prefix must be 1\N{EN DASH}12 uppercase letters or numbers."


class FakeWallet:
    """Payments as customers know them."""

    def __init__(self) -> None:
        self.removed: list[str] = []

    async def attach(self, ctx: Context, payment_method: str, customer: str, param: str) -> dict[str, Any]:
        return ctx.put("payment_method", {"id": "pm_new", "customer": customer, "named": payment_method})

    async def add_source(self, ctx: Context, source: Any, customer: str, param: str) -> str:
        card = f"card_{source}"
        ctx.put("card", {"id": card, "customer": customer})
        return card

    async def remove_source(self, ctx: Context, source: str, customer: str) -> None:
        self.removed.append(source)


@pytest.fixture
def wallet() -> FakeWallet:
    return FakeWallet()


@pytest.fixture
async def paying(wallet: FakeWallet) -> Desk:
    """A world where payments are told about."""
    return await Desk(
        PostCustomers=partial(customers.create, wallet=wallet),
        PostCustomersCustomer=partial(customers.update, wallet=wallet),
    ).open()


async def test_ids_and_prefixes(desk: Desk) -> None:
    one, two = [await desk.post("/v1/customers", metadata={"a": "1", "b": ""}) for _ in range(2)]
    assert one["id"] != two["id"]
    assert one["id"].startswith("cus_")
    assert len(one["invoice_prefix"]) == 8
    assert one["invoice_prefix"] != two["invoice_prefix"]
    assert one["metadata"] == {"a": "1"}
    assert one["created"] == START


async def test_everything_at_once(paying: Desk) -> None:
    await paying.put("test_helpers.test_clock", {"id": "clock_1", "frozen_time": 5})
    made = await paying.post(
        "/v1/customers",
        address={"country": "US", "postal_code": "94103"}, balance="-100", business_name="Acme", individual_name="Ada",
        cash_balance={"settings": {"reconciliation_mode": "manual"}}, email="a@example.com",
        invoice_prefix="ACME1", invoice_settings={
            "custom_fields": [{"name": "PO", "value": "1"}], "default_payment_method": "pm_card_visa", "footer": "Thanks",
            "rendering_options": {"amount_tax_display": "include_inclusive_tax"},
        },
        next_invoice_sequence="7", payment_method="pm_card_visa", phone="1", preferred_locales=["de", "en"],
        shipping={"name": "Ada", "address": {"city": "Rome"}}, tax={"ip_address": "1.2.3.4", "validate_location": "immediately"},
        tax_exempt="reverse", tax_id_data=[{"type": "eu_vat", "value": "FRAB123456789"}], test_clock="clock_1",
    )  # fmt: skip
    assert paying.written() == [
        "payment_method.created", "customer.created", "customer_balance_transaction.created", "tax_id.created",
        "cash_balance.created",
    ]  # fmt: skip
    assert made["invoice_settings"] == {
        "custom_fields": [{"name": "PO", "value": "1"}], "default_payment_method": "pm_new", "footer": "Thanks",
        "rendering_options": {"amount_tax_display": "include_inclusive_tax", "template": None},
    }  # fmt: skip
    assert (made["test_clock"], made["created"], made["currency"], made["balance"]) == ("clock_1", 5, "usd", -100)
    assert (made["invoice_prefix"], made["next_invoice_sequence"], made["tax_exempt"]) == ("ACME1", 7, "reverse")
    assert (made["business_name"], made["individual_name"]) == ("Acme", "Ada")
    assert made["shipping"]["address"]["city"] == "Rome"
    assert made["shipping"]["phone"] is None
    balance = await paying.fetch(f"/v1/customers/{made['id']}/cash_balance")
    assert balance["settings"] == {"reconciliation_mode": "manual", "using_merchant_default": False}
    transactions = await paying.fetch(f"/v1/customers/{made['id']}/balance_transactions")
    assert [(one["type"], one["amount"], one["ending_balance"]) for one in transactions["data"]] == [
        ("initial", -100, -100)
    ]


async def test_source_at_create_and_its_successor(paying: Desk, wallet: FakeWallet) -> None:
    made = await paying.post("/v1/customers", source="tok_visa")
    assert made["default_source"] == "card_tok_visa"
    after = await paying.post(f"/v1/customers/{made['id']}", source="tok_amex")
    assert after["default_source"] == "card_tok_amex"
    assert wallet.removed == ["card_tok_visa"]
    back = await paying.post(f"/v1/customers/{made['id']}", default_source="card_tok_visa")
    assert back["default_source"] == "card_tok_visa"
    await paying.post(f"/v1/customers/{made['id']}", invoice_settings={"default_payment_method": "card_tok_visa"})
    with pytest.raises(StripeError, match="No such source: 'card_nope'"):
        await paying.post(f"/v1/customers/{made['id']}", default_source="card_nope")


async def test_default_method_has_to_be_attached_here(desk: Desk) -> None:
    mine, other = [await desk.post("/v1/customers") for _ in range(2)]
    await desk.put("payment_method", {"id": "pm_1", "customer": other["id"]})
    settings = {"invoice_settings": {"default_payment_method": "pm_1"}}
    with pytest.raises(StripeError) as refused:
        await desk.post(f"/v1/customers/{mine['id']}", **settings)
    assert refused.value.message == (
        "The customer does not have a payment method with the ID pm_1. The payment method must be attached to the customer."
    )
    after = await desk.post(f"/v1/customers/{other['id']}", **settings)
    assert after["invoice_settings"]["default_payment_method"] == "pm_1"
    cleared = await desk.post(f"/v1/customers/{other['id']}", invoice_settings={"default_payment_method": ""})
    assert cleared["invoice_settings"]["default_payment_method"] is None


async def test_nested_objects_change_by_leaf_and_clear(desk: Desk) -> None:
    made = await desk.post(
        "/v1/customers",
        shipping={"name": "Ada", "phone": "1", "address": {"city": "Rome", "country": "IT"}},
        invoice_settings={"footer": "x", "rendering_options": {"amount_tax_display": "exclude_tax"}},
    )
    path = f"/v1/customers/{made['id']}"
    after = await desk.post(
        path,
        shipping={"name": "Bob", "address": {"city": "Bari"}},
        invoice_settings={"rendering_options": {"template": "t"}},
    )
    assert after["shipping"] == {
        "address": {"city": "Bari", "country": "IT", "line1": None, "line2": None, "postal_code": None, "state": None},
        "name": "Bob", "phone": "1",
    }  # fmt: skip
    assert after["invoice_settings"]["rendering_options"] == {"amount_tax_display": "exclude_tax", "template": "t"}
    assert after["invoice_settings"]["footer"] == "x"
    gone = await desk.post(
        path, shipping="", address="", invoice_settings={"footer": "", "rendering_options": ""}, tax_exempt=""
    )
    assert (gone["shipping"], gone["address"], gone["tax_exempt"]) == (None, None, "none")
    assert (gone["invoice_settings"]["footer"], gone["invoice_settings"]["rendering_options"]) == (None, None)
    assert made["shipping"]["name"] == "Ada"


async def test_balance_by_update_is_a_transaction(desk: Desk) -> None:
    made = await desk.post("/v1/customers", balance="500")
    await desk.post(f"/v1/customers/{made['id']}", balance="200")
    data = (await desk.fetch(f"/v1/customers/{made['id']}/balance_transactions"))["data"]
    assert [(one["type"], one["amount"], one["ending_balance"]) for one in data] == [
        ("adjustment", -300, 200), ("initial", 500, 500),
    ]  # fmt: skip
    await desk.post(f"/v1/customers/{made['id']}", balance="200")
    assert desk.written() == ["customer.updated"]


async def test_balance_transactions_by_themselves(desk: Desk) -> None:
    made, other = [await desk.post("/v1/customers") for _ in range(2)]
    path = f"/v1/customers/{made['id']}/balance_transactions"
    one = await desk.post(path, amount="-500", currency="EUR", metadata={"a": "1"})
    assert desk.written() == ["customer.updated", "customer_balance_transaction.created"]
    assert (await desk.fetch(f"/v1/customers/{made['id']}"))["currency"] == "eur"
    after = await desk.post(f"{path}/{one['id']}", description="x", metadata={"b": "2"})
    assert (after["description"], after["metadata"], after["amount"]) == ("x", {"a": "1", "b": "2"}, -500)
    assert (await desk.fetch(f"{path}/{one['id']}"))["description"] == "x"
    with pytest.raises(StripeError) as refused:
        await desk.fetch(f"/v1/customers/{other['id']}/balance_transactions/{one['id']}")
    assert refused.value.status == 404


@pytest.mark.parametrize(
    "params, message, param",
    [
        ({"email": "a b@c"}, "Invalid email address: a b@c", "email"),
        ({"next_invoice_sequence": "0"}, "This value must be greater than or equal to 1.", "next_invoice_sequence"),
        ({"invoice_prefix": "TOOLONGPREFIX"}, PREFIX_WORDS, None),
        ({"invoice_prefix": ""}, PREFIX_WORDS, None),
        ({"test_clock": "clock_nope"}, "No such testclock: 'clock_nope'", "test_clock"),
        ({"tax": {"validate_location": "immediately"}}, "The customer's location isn't recognized. Set a valid customer address in order to automatically calculate tax.", "tax[validate_location]"),
        ({"tax_id_data": [{"type": "us_ein", "value": "x"}]}, "Invalid value for us_ein.", "tax_id_data[0][value]"),
        ({"tax_id_data": [{"type": "us_ein", "value": "12-3456789"}] * 6}, "Array tax_id_data exceeded maximum 5 allowed elements.", "tax_id_data"),
    ],
)  # fmt: skip
async def test_refused_customers(desk: Desk, params: dict[str, Any], message: str, param: str | None) -> None:
    with pytest.raises(StripeError) as refused:
        await desk.post("/v1/customers", **params)
    assert (refused.value.message, refused.value.param) == (message, param)
    assert (await desk.fetch("/v1/customers"))["data"] == []


@pytest.mark.parametrize("params", [{"payment_method": "pm_card_visa"}, {"source": "tok_visa"}])
async def test_without_payments_it_says_so(desk: Desk, params: dict[str, str]) -> None:
    with pytest.raises(StripeError) as refused:
        await desk.post("/v1/customers", **params)
    assert refused.value.code == NOT_EMULATED


async def test_own_prefix_may_be_sent_again(desk: Desk) -> None:
    made = await desk.post("/v1/customers", invoice_prefix="ACME")
    after = await desk.post(
        f"/v1/customers/{made['id']}", invoice_prefix="ACME", email="new@example.com", preferred_locales=["it"]
    )
    assert (after["invoice_prefix"], after["email"], after["preferred_locales"]) == ("ACME", "new@example.com", ["it"])
    with pytest.raises(StripeError, match="Invalid email"):
        await desk.post(f"/v1/customers/{made['id']}", email="nobody")


async def test_delete_lets_others_act_first() -> None:
    seen: list[str] = []

    async def cancel(ctx: Context, customer: dict[str, Any]) -> None:
        seen.append(customer["id"])
        ctx.put("subscription", {"id": "sub_1", "items": {"data": []}})

    desk = await Desk(DeleteCustomersCustomer=partial(customers.delete, on_delete=[cancel])).open()
    made = await desk.post("/v1/customers")
    await desk.delete(f"/v1/customers/{made['id']}")
    assert seen == [made["id"]]
    assert desk.written() == ["subscription.created", "customer.deleted"]
    with pytest.raises(StripeError) as refused:
        await desk.delete(f"/v1/customers/{made['id']}")
    assert (refused.value.status, refused.value.param) == (404, "id")


async def test_discount_of_a_customer(desk: Desk) -> None:
    made = await desk.post("/v1/customers")
    path = f"/v1/customers/{made['id']}/discount"
    for act in (desk.fetch, desk.delete):
        with pytest.raises(StripeError, match="No active discount for customer"):
            await act(path)
    discount = {
        "id": "di_1",
        "object": "discount",
        "end": None,
        "source": {"coupon": "SAVE", "type": "coupon"},
        "start": 1,
    }
    await desk.put("discount", discount)
    await desk.put("customer", {**made, "discount": discount})
    assert await desk.fetch(path) == discount
    gone = await desk.delete(path)
    assert (gone["id"], gone["deleted"], "end" in gone) == ("di_1", True, False)
    assert desk.written() == ["discount.deleted", "customer.updated"]
    assert (await desk.get("customer", made["id"]))["discount"] is None


@pytest.mark.parametrize(
    "address, shipping, ip_address, status, source",
    [
        (None, None, None, "unrecognized_location", None),
        ({"country": "DE"}, None, None, "supported", "billing_address"),
        ({"country": "US"}, None, None, "unrecognized_location", None),
        ({"country": "US", "postal_code": "94103"}, None, None, "supported", "billing_address"),
        ({"country": "DE"}, {"address": {"country": "FR"}}, None, "supported", "shipping_destination"),
        (None, None, "1.2.3.4", "supported", "ip_address"),
    ],
)
def test_place_for_tax(address: Any, shipping: Any, ip_address: str | None, status: str, source: str | None) -> None:
    shown = tax.summary({"address": address, "shipping": shipping}, ip_address)
    assert shown["automatic_tax"] == status
    assert (shown["location"] or {}).get("source") == source


async def test_ip_address_is_kept_beside(desk: Desk) -> None:
    made = await desk.post("/v1/customers", tax={"ip_address": "1.2.3.4"})
    assert "tax" not in made

    async def look(ctx: Context) -> Any:
        return await tax.of(ctx, made)

    assert (await desk.within(look))["ip_address"] == "1.2.3.4"
    await desk.post(f"/v1/customers/{made['id']}/cash_balance", settings={"reconciliation_mode": "manual"})
    back = await desk.post(
        f"/v1/customers/{made['id']}/cash_balance", settings={"reconciliation_mode": "merchant_default"}
    )
    assert back["settings"] == {"reconciliation_mode": "automatic", "using_merchant_default": True}
    assert "id" not in back
