"""What is named in a parameter has to be there, and what others have is not taken from under them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.support.client import Api

NOBODY = "xx_nobody"
# call -> parameters around the id, its full name, the noun
REFUSED = (
    ("/v1/payment_intents", {"amount": 100, "currency": "usd", "on_behalf_of": NOBODY}, "on_behalf_of", "account"),
    (
        "/v1/payment_intents", {"amount": 100, "currency": "usd", "transfer_data": {"destination": NOBODY}},
        "transfer_data[destination]", "destination",
    ),
    ("/v1/setup_intents", {"on_behalf_of": NOBODY}, "on_behalf_of", "account"),
    ("/v1/invoices", {"customer": "cus_demo", "account_tax_ids": [NOBODY]}, "account_tax_ids[0]", "tax_id"),
    ("/v1/invoices", {"customer": "cus_demo", "default_source": NOBODY}, "default_source", "source"),
    (
        "/v1/invoices", {"customer": "cus_demo", "issuer": {"type": "account", "account": NOBODY}}, "issuer[account]",
        "account",
    ),
    ("/v1/subscriptions/sub_demo", {"default_source": NOBODY}, "default_source", "source"),
    (
        "/v1/quotes", {"line_items": [{"price": "price_team_monthly"}], "on_behalf_of": NOBODY}, "on_behalf_of", "account",
    ),
)  # fmt: skip


@pytest.mark.parametrize(("path", "params", "param", "noun"), REFUSED)
async def test_an_id_of_nothing_is_refused(
    saas: Api, path: str, params: dict[str, object], param: str, noun: str
) -> None:
    before = await saas.events()
    answer = await saas.post(path, params)
    assert answer.status == 400, answer.text
    assert answer.error["message"] == f"No such {noun}: '{NOBODY}'"
    assert (answer.error["code"], answer.error["param"]) == ("resource_missing", param)
    assert await saas.events() == before


async def test_an_open_invoice_takes_no_strangers_method(api: Api) -> None:
    """Neither at once nor later: the check of a new invoice holds for a changed and for a finalized one."""
    owner, other = [(await api.ok("POST", "/v1/customers", {"email": "jo@example.com"}))["id"] for _ in range(2)]
    method = await api.ok("POST", "/v1/payment_methods/pm_card_visa/attach", {"customer": other})
    invoice = await api.ok("POST", "/v1/invoices", {"customer": owner})
    for step in ("draft", "open"):
        answer = await api.post(f"/v1/invoices/{invoice['id']}", {"default_payment_method": method["id"]})
        assert answer.status == 400, (step, answer.text)
        assert answer.error["param"] == "default_payment_method"
        if step == "draft":
            item = {"customer": owner, "invoice": invoice["id"], "amount": 500, "currency": "usd"}
            await api.ok("POST", "/v1/invoiceitems", item)
            await api.ok("POST", f"/v1/invoices/{invoice['id']}/finalize")
    card = await api.ok("POST", f"/v1/customers/{other}/sources", {"source": "tok_visa"})
    answer = await api.post(f"/v1/invoices/{invoice['id']}", {"default_source": card["id"]})
    assert answer.error["message"] == f"No such source: '{card['id']}'"


async def test_a_source_that_is_gone_is_charged_no_more(api: Api) -> None:
    """The subscription's own card is deleted: it renews with the customer's default."""
    customer = await api.ok("POST", "/v1/customers", {"source": "tok_visa"})
    card = await api.ok("POST", f"/v1/customers/{customer['id']}/sources", {"source": "tok_mastercard"})
    product = await api.ok("POST", "/v1/products", {"name": "Pro"})
    price = await api.ok(
        "POST", "/v1/prices",
        {"product": product["id"], "currency": "usd", "unit_amount": 900, "recurring": {"interval": "month"}},
    )  # fmt: skip
    wish = {"customer": customer["id"], "items": [{"price": price["id"]}], "default_source": card["id"]}
    made = await api.ok("POST", "/v1/subscriptions", wish)
    assert made["default_source"] == card["id"]
    await api.ok("DELETE", f"/v1/customers/{customer['id']}/sources/{card['id']}")
    here = f"/v1/subscriptions/{made['id']}"
    assert (await api.ok("GET", here))["default_source"] is None
    await api.advance("32d")
    after = await api.ok("GET", here, {"expand": ["latest_invoice"]})
    assert (after["status"], after["latest_invoice"]["status"]) == ("active", "paid")


async def test_a_deleted_plan_goes_on_for_those_who_have_it(api: Api) -> None:
    """It cannot be named any more, is shown in the subscription, renews, and its product stays."""
    customer = await api.ok("POST", "/v1/customers", {"source": "tok_visa"})
    product = await api.ok("POST", "/v1/products", {"name": "Pro"})
    terms = {"id": "gold", "amount": 900, "currency": "usd", "interval": "month", "product": product["id"]}
    await api.ok("POST", "/v1/plans", terms)
    made = await api.ok("POST", "/v1/subscriptions", {"customer": customer["id"], "items": [{"price": "gold"}]})
    await api.ok("DELETE", "/v1/plans/gold")
    again = await api.post("/v1/subscriptions", {"customer": customer["id"], "items": [{"price": "gold"}]})
    assert again.error["message"] == "No such price: 'gold'"
    assert (await api.get("/v1/plans/gold")).status == 404
    assert (await api.delete(f"/v1/products/{product['id']}")).status == 400
    await api.advance("32d")
    after = await api.ok("GET", f"/v1/subscriptions/{made['id']}", {"expand": ["latest_invoice"]})
    assert after["items"]["data"][0]["price"]["unit_amount"] == 900
    assert after["plan"]["id"] == "gold"
    invoice = after["latest_invoice"]
    assert (invoice["billing_reason"], invoice["amount_paid"]) == ("subscription_cycle", 900)


async def test_shipping_rates_have_an_amount(api: Api) -> None:
    """A rate is in use at once; without an amount there is none, by itself or on an invoice."""
    missing = await api.post("/v1/shipping_rates", {"display_name": "Post"})
    assert missing.error["message"] == "Missing required param: fixed_amount."
    amount = {"amount": 500, "currency": "usd"}
    rate = await api.ok("POST", "/v1/shipping_rates", {"display_name": "Post", "fixed_amount": amount})
    assert (rate["active"], rate["tax_behavior"], rate["type"]) == (True, "unspecified", "fixed_amount")
    customer = await api.ok("POST", "/v1/customers", {})
    place = {"customer": customer["id"], "shipping_cost": {"shipping_rate_data": {"display_name": "Post"}}}
    bare = await api.post("/v1/invoices", place)
    assert bare.error["param"] == "shipping_cost[shipping_rate_data][fixed_amount]"


async def test_what_is_cleared_and_never_null_is_left_out(api: Api) -> None:
    """Metadata at creation, elements of lists, names of a customer, members of a connected account."""
    customer = await api.ok("POST", "/v1/customers", {"business_name": "", "metadata": {"a": "", "b": "1"}})
    assert "business_name" not in customer
    card = await api.ok(
        "POST", f"/v1/customers/{customer['id']}/sources", {"source": "tok_visa", "metadata": {"a": "", "b": "1"}}
    )
    assert customer["metadata"] == card["metadata"] == {"b": "1"}
    empty = await api.post("/v1/products", {"name": "Pro", "images": ["https://example.com/a.png", ""]})
    assert (empty.error["code"], empty.error["param"]) == ("parameter_invalid_empty", "images[1]")
    account = await api.ok("POST", "/v1/accounts", {"type": "custom"})
    assert account["controller"]["stripe_dashboard"] == {"type": "none"}
    path = f"/v1/accounts/{account['id']}"
    await api.ok("POST", path, {"individual": {"first_name": "Ada"}})
    person = (await api.ok("POST", path, {"individual": {"last_name": "Byron"}}))["individual"]
    assert (person["first_name"], person["last_name"], person["object"]) == ("Ada", "Byron", "person")


async def test_members_that_complete_themselves(api: Api) -> None:
    """A pending interval counts one; a share of a payment names who gets it; a type brings its own member."""
    for params, param in (
        ({"type": "boleto"}, "boleto"),
        ({"type": "custom"}, "custom"),
        ({"type": "nz_bank_account"}, "nz_bank_account"),
    ):
        assert (await api.post("/v1/payment_methods", params)).error["param"] == param
    naver = await api.ok("POST", "/v1/payment_methods", {"type": "naver_pay"})
    assert naver["naver_pay"] == {"buyer_id": None, "funding": "card"}
    intent = await api.ok("POST", "/v1/payment_intents", {"amount": 500, "currency": "usd"})
    lone = await api.post(f"/v1/payment_intents/{intent['id']}", {"transfer_data": {"amount": 10}})
    assert lone.error["message"] == "Missing required param: transfer_data[destination]."
    customer = await api.ok("POST", "/v1/customers", {"source": "tok_visa"})
    card = f"/v1/customers/{customer['id']}/sources/{customer['default_source']}"
    wrong = await api.post(card, {"exp_month": "soon"})
    assert (wrong.status, wrong.error["code"]) == (402, "invalid_expiry_month")
    product = await api.ok("POST", "/v1/products", {"name": "Pro"})
    terms = {"product": product["id"], "currency": "usd", "unit_amount": 900, "recurring": {"interval": "month"}}
    wish = {
        "customer": customer["id"], "items": [{"price": (await api.ok("POST", "/v1/prices", terms))["id"]}],
        "pending_invoice_item_interval": {"interval": "week"},
    }  # fmt: skip
    made = await api.ok("POST", "/v1/subscriptions", wish)
    assert made["pending_invoice_item_interval"] == {"interval": "week", "interval_count": 1}


BAD_SETTINGS = (
    ({"on_behalf_of": NOBODY}, "[on_behalf_of]"),
    ({"transfer_data": {"destination": NOBODY}}, "[transfer_data][destination]"),
    ({"application_fee_percent": 101}, "[application_fee_percent]"),
    ({"invoice_settings": {"account_tax_ids": [NOBODY]}}, "[invoice_settings][account_tax_ids][0]"),
    ({"invoice_settings": {"issuer": {"type": "account", "account": NOBODY}}}, "[invoice_settings][issuer][account]"),
)


@pytest.mark.parametrize(("given", "param"), BAD_SETTINGS)
async def test_phases_name_what_is_there(saas: Api, given: dict[str, object], param: str) -> None:
    """Long before a phase begins, in the phase as in the settings for all, at creation as later."""
    start = (await saas.space()).clock.now() + 86_400
    phase = {"items": [{"price": "price_team_monthly"}], "duration": {"interval": "month"}}
    wish = {"customer": "cus_demo", "start_date": start, "phases": [phase]}
    path = "/v1/subscription_schedules"
    made = await saas.ok("POST", path, wish)
    kept = {**phase, "start_date": start, "end_date": made["phases"][0]["end_date"]}
    del kept["duration"]
    phases: list[tuple[str, Any]] = [
        (path, {**wish, "phases": [{**phase, **given}]}),
        (f"{path}/{made['id']}", {"phases": [{**kept, **given}]}),
    ]
    for where, params in phases:
        assert (await saas.post(where, params)).error["param"] == f"phases[0]{param}"
    settings: list[tuple[str, Any]] = [
        (path, {**wish, "default_settings": given}),
        (f"{path}/{made['id']}", {"default_settings": given}),
    ]
    for where, params in settings:
        assert (await saas.post(where, params)).error["param"] == f"default_settings{param}"
