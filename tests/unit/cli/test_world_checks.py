"""What somebody writes into a world file by hand: what may be left out, and what is refused with its place."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.control.worlds import read
from emulator.store import worlds
from tests.support.client import Api

NOW = 1_800_000_000
ADA = {"id": "cus_ada", "email": "ada@example.com"}
TEAM = {"id": "prod_team", "name": "Team"}
MONTHLY = {
    "id": "price_team", "product": "prod_team", "currency": "usd", "unit_amount": 4900, "recurring": {"interval": "month"},
}  # fmt: skip


def table(**docs: Any) -> dict[str, Any]:
    return {kind: {"1": doc} for kind, doc in docs.items()}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (table(custmer=ADA), "no objects are called 'custmer'; did you mean 'customer'?"),
        (table(customer={**ADA, "name": 5}), "customer.1.name: 5 is not of type 'string'"),
        (table(customer={"id": "cus_ada", "emial": "a@b.c"}), "customer.1: there is no 'emial'; did you mean 'email'?"),
        (table(customer={**ADA, "tax_exempt": "perhaps"}), "customer.1.tax_exempt: 'perhaps' is not one of ['none', "),
        (table(customer={**ADA, "created": "yesterday"}), "customer.1.created: 'yesterday' is no time (unix seconds, or "),
        (table(_meta={"settings": {"contry": "DE"}}), "_meta.1.settings: unknown: contry"),
        (table(_meta={"settings": {"country": "Germany"}}), "_meta.1.settings: country must be a country of two capital"),
        (table(product={"id": "prod_team"}), "product.1: 'name' is a required property"),
        (table(price=MONTHLY), "price.1.product: there is no product 'prod_team'"),
        (table(product=TEAM, price={**MONTHLY, "recurring": {}}), "price.1.recurring: 'interval' is a required property"),
        (table(subscription={"id": "sub_1", "customer": "cus_ada"}), "subscription.1: 'automatic_tax' is a required property"),
    ],
)  # fmt: skip
def test_what_is_refused(document: Any, message: str) -> None:
    with pytest.raises(worlds.WorldError) as told:
        read(document, NOW)
    assert str(told.value).startswith(f"document: {message}")


async def test_a_refused_document_changes_nothing(api: Api) -> None:
    made = await api.ok("POST", "/v1/customers", {"name": "Ada"})
    sent = {"key": api.key, "document": table(product={"id": "prod_team"})}
    answer = await api.call("POST", "/_emulator/worlds", sent)
    assert (answer.status, answer.error["param"]) == (400, "document")
    assert answer.error["message"] == "document: product.1: 'name' is a required property"
    assert (await api.get(f"/v1/customers/{made['id']}")).status == 200


async def test_a_few_words_make_a_customer_who_can_subscribe(api: Api) -> None:
    """Whole objects come of them, as if they had been made by call."""
    document = table(customer={**ADA, "created": "-40d"}, product=TEAM, price=MONTHLY)
    await api.ok("POST", "/_emulator/worlds", {"key": api.key, "document": document})
    made = await api.ok("POST", "/v1/customers", {"email": "grace@example.com"})
    written = await api.ok("GET", "/v1/customers/cus_ada")
    drawn = {"id", "created", "email", "invoice_prefix"}
    assert {**written, **dict.fromkeys(drawn)} == {**made, **dict.fromkeys(drawn)}
    card = await api.ok("POST", "/v1/payment_methods/pm_card_visa/attach", {"customer": "cus_ada"})
    await api.ok("POST", "/v1/customers/cus_ada", {"invoice_settings": {"default_payment_method": card["id"]}})
    wish = {"customer": "cus_ada", "items": [{"price": "price_team"}], "expand": ["latest_invoice"]}
    invoice = (await api.ok("POST", "/v1/subscriptions", wish))["latest_invoice"]
    assert (invoice["status"], invoice["total"], invoice["number"][-5:]) == ("paid", 4900, "-0001")
    assert (await api.ok("POST", "/v1/billing_portal/sessions", {"customer": "cus_ada"}))["url"]
    again = await api.ok("POST", "/v1/prices", {**{k: v for k, v in MONTHLY.items() if k != "id"}})
    assert (await api.ok("GET", "/v1/prices/price_team")).keys() == again.keys()


async def test_an_owner_who_has_not_configured_the_portal(api: Api) -> None:
    meta = {"_meta": {"1": {"settings": {"portal_default_configuration": False}}}}
    await api.ok("POST", "/_emulator/worlds", {"key": api.key, "document": meta | table(customer=ADA)})
    assert (await api.post("/v1/billing_portal/sessions", {"customer": "cus_ada"})).status == 400
