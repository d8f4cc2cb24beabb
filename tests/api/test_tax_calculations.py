"""Tax of sales that are no invoices: calculations, what is recorded of them and taken back, and the settings.

The rates are those of the emulator's own simple table: 19 % in Germany, 7.25 % in California, none in Brazil.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.journeys.traveller import START

if TYPE_CHECKING:
    from tests.support.client import Answer, Api

GERMANY = {"address": {"country": "DE"}, "address_source": "shipping"}
CALIFORNIA = {"address": {"country": "US", "state": "CA", "postal_code": "94080"}, "address_source": "shipping"}


async def calculated(api: Api, *items: dict[str, Any], **more: Any) -> Any:
    wish = {"currency": "eur", "customer_details": GERMANY, "line_items": list(items), "expand": ["line_items"], **more}
    return await api.ok("POST", "/v1/tax/calculations", wish)


def sums(made: dict[str, Any]) -> tuple[int, int, int]:
    return made["amount_total"], made["tax_amount_exclusive"], made["tax_amount_inclusive"]


async def test_one_line_on_top(api: Api) -> None:
    made = await calculated(api, {"amount": 1000, "reference": "pizza", "tax_code": "txcd_40060003"})
    assert sums(made) == (1190, 190, 0)
    assert made["id"].startswith("taxcalc_1")
    line = made["line_items"]["data"][0]
    assert line["id"].startswith("tax_li_")
    assert "tax_breakdown" not in line, "shown only when expanded"
    assert (line["amount"], line["amount_tax"], line["quantity"], line["tax_behavior"]) == (1000, 190, 1, "exclusive")
    assert made["tax_breakdown"] == [{
        "amount": 190, "inclusive": False, "taxability_reason": "standard_rated", "taxable_amount": 1000,
        "tax_rate_details": {
            "country": "DE", "flat_amount": None, "percentage_decimal": "19.0", "rate_type": "percentage", "state": None,
            "tax_type": "vat",
        },
    }]  # fmt: skip
    assert await api.events() == [], "a calculation is announced to nobody"


@pytest.mark.parametrize(
    ("behavior", "details", "expected"),
    [
        ("exclusive", CALIFORNIA, (10_725, 725, 0)),
        ("inclusive", CALIFORNIA, (10_000, 0, 676)),  # 10000 * 7.25 / 107.25 = 675.99
        ("inclusive", GERMANY, (10_000, 0, 1597)),  # 10000 * 19 / 119 = 1596.64
        ("exclusive", {"address": {"country": "BR"}}, (10_000, 0, 0)),
        ("exclusive", {**GERMANY, "taxability_override": "reverse_charge"}, (10_000, 0, 0)),
        ("inclusive", {**GERMANY, "taxability_override": "customer_exempt"}, (10_000, 0, 0)),
        ("exclusive", {"ip_address": "203.0.113.7"}, (10_000, 0, 0)),
    ],
)
async def test_sums(api: Api, behavior: str, details: dict[str, Any], expected: tuple[int, int, int]) -> None:
    made = await calculated(api, {"amount": 10_000, "tax_behavior": behavior}, customer_details=details)
    assert sums(made) == expected


@pytest.mark.parametrize(
    ("details", "reason"),
    [
        (GERMANY, "standard_rated"),
        ({"address": {"country": "BR"}}, "not_collecting"),
        ({**GERMANY, "taxability_override": "reverse_charge"}, "reverse_charge"),
        ({**GERMANY, "taxability_override": "customer_exempt"}, "customer_exempt"),
    ],
)
async def test_reasons_for_no_tax(api: Api, details: dict[str, Any], reason: str) -> None:
    made = await calculated(
        api, {"amount": 100}, customer_details=details, expand=["line_items.data.tax_breakdown"]
    )  # fmt: skip
    line = made["line_items"]["data"][0]["tax_breakdown"][0]
    assert (line["taxability_reason"], line["sourcing"]) == (reason, "destination")
    assert (line["tax_rate_details"] is None) == (reason != "standard_rated")
    assert made["tax_breakdown"][0]["taxability_reason"] == reason


async def test_many_lines_and_shipping(api: Api) -> None:
    product = await api.ok("POST", "/v1/products", {"name": "Voucher", "tax_code": "txcd_00000000"})
    made = await calculated(
        api, {"amount": 333, "quantity": 3}, {"amount": 335}, {"amount": 500, "product": product["id"]},
        {"amount": 119, "tax_behavior": "inclusive"}, shipping_cost={"amount": 500}, expand=["line_items"],
    )  # fmt: skip
    lines = made["line_items"]["data"]
    # rounded once a line: 63.27, 63.65, nothing for what is not taxable, 19 within 119, 95 of shipping
    assert [one["amount_tax"] for one in lines] == [63, 64, 0, 19]
    assert [one["reference"] for one in lines] == ["L1", "L2", "L3", "L4"]
    assert [one["tax_code"] for one in lines] == [*["txcd_10000000"] * 2, "txcd_00000000", "txcd_10000000"]
    assert made["shipping_cost"] == {
        "amount": 500, "amount_tax": 95, "tax_behavior": "exclusive", "tax_code": "txcd_92010001",
    }  # fmt: skip
    assert sums(made) == (333 + 335 + 500 + 119 + 500 + 63 + 64 + 95, 222, 19)
    parts = {(one["taxability_reason"], one["inclusive"]): one["amount"] for one in made["tax_breakdown"]}
    assert parts == {("standard_rated", False): 222, ("product_exempt", False): 0, ("standard_rated", True): 19}
    plain = await api.ok("GET", f"/v1/tax/calculations/{made['id']}")
    assert "line_items" not in plain
    page = await api.ok("GET", f"/v1/tax/calculations/{made['id']}/line_items", {"limit": 3})
    assert ([one["id"] for one in page["data"]], page["has_more"]) == ([one["id"] for one in lines[:3]], True)
    rest = {"starting_after": lines[2]["id"]}
    assert len((await api.ok("GET", f"/v1/tax/calculations/{made['id']}/line_items", rest))["data"]) == 1


async def test_shipping_by_rate(api: Api) -> None:
    fixed = {"amount": 1190, "currency": "eur"}
    rate = await api.ok("POST", "/v1/shipping_rates", {
        "display_name": "Post", "type": "fixed_amount", "fixed_amount": fixed, "tax_behavior": "inclusive",
    })  # fmt: skip
    made = await calculated(api, {"amount": 100}, shipping_cost={"shipping_rate": rate["id"]})
    shipping = made["shipping_cost"]
    assert (shipping["amount"], shipping["amount_tax"], shipping["shipping_rate"]) == (1190, 190, rate["id"])


async def test_a_stored_customer(api: Api) -> None:
    customer = await api.ok("POST", "/v1/customers", {
        "address": {"country": "DE", "city": "Berlin"}, "tax_exempt": "reverse",
        "tax_id_data": [{"type": "eu_vat", "value": "DE123456789"}],
    })  # fmt: skip
    wish = {"currency": "eur", "customer": customer["id"], "line_items": [{"amount": 100}]}
    made = await api.ok("POST", "/v1/tax/calculations", wish)
    assert made["customer_details"] == {
        "address": customer["address"], "address_source": "billing", "ip_address": None,
        "tax_ids": [{"type": "eu_vat", "value": "DE123456789"}], "taxability_override": "reverse_charge",
    }  # fmt: skip
    assert sums(made) == (100, 0, 0)


REFUSED = [
    ({"customer_details": None}, "customer_details", None),
    (
        {"customer_details": {"address": {"country": "US"}}},
        "customer_details[address]",
        "customer_tax_location_invalid",
    ),
    ({"line_items": [{"amount": -1}]}, "line_items[0][amount]", "parameter_invalid_integer"),
    ({"line_items": [{"amount": 1, "quantity": 0}]}, "line_items[0][quantity]", "parameter_invalid_integer"),
    ({"line_items": [{"amount": 1, "reference": "a"}] * 2}, "line_items[1][reference]", None),
    ({"line_items": [{"amount": 1, "product": "prod_x"}]}, "line_items[0][product]", "resource_missing"),
    ({"shipping_cost": {"amount": 5, "shipping_rate": "shr_x"}}, "shipping_cost", None),
    ({"shipping_cost": {"shipping_rate": "shr_x"}}, "shipping_cost[shipping_rate]", "resource_missing"),
    ({"customer": "cus_x"}, "customer", "resource_missing"),
    ({"tax_date": START + 3 * 86_400}, "tax_date", None),
]


@pytest.mark.parametrize(("change", "param", "code"), REFUSED, ids=[str(one[0])[:40] for one in REFUSED])
async def test_refused_calculations(api: Api, change: dict[str, Any], param: str, code: str | None) -> None:
    await api.freeze(START)
    wish = {"currency": "eur", "customer_details": GERMANY, "line_items": [{"amount": 100}], **change}
    answer = await api.post("/v1/tax/calculations", {name: one for name, one in wish.items() if one is not None})
    assert (answer.status, answer.error.get("param"), answer.error.get("code")) == (400, param, code)


async def recorded(api: Api, calculation: str, **more: Any) -> Answer:
    wish = {"calculation": calculation, "reference": "order_1", **more}
    return await api.post("/v1/tax/transactions/create_from_calculation", wish)


async def reversal(api: Api, original: str, **more: Any) -> Answer:
    wish = {"original_transaction": original, "reference": "refund_1", "mode": "full", **more}
    return await api.post("/v1/tax/transactions/create_reversal", wish)


async def test_recorded_and_reversed(api: Api) -> None:
    made = await calculated(api, {"amount": 1000}, {"amount": 119, "tax_behavior": "inclusive"},
                            shipping_cost={"amount": 100})  # fmt: skip
    done = (await recorded(api, made["id"], metadata={"a": "b"})).json
    assert (done["type"], done["reference"], done["metadata"], done["reversal"]) == (
        "transaction", "order_1", {"a": "b"}, None,
    )  # fmt: skip
    assert [(one["amount"], one["amount_tax"]) for one in done["line_items"]["data"]] == [(1000, 190), (119, 19)]
    back = (await reversal(api, done["id"])).json
    assert (back["type"], back["reversal"]) == ("reversal", {"original_transaction": done["id"]})
    lines = back["line_items"]["data"]
    assert [(one["amount"], one["amount_tax"], one["quantity"]) for one in lines] == [(-1000, -190, 1), (-119, -19, 1)]
    assert [one["reversal"]["original_line_item"] for one in lines] == [one["id"] for one in done["line_items"]["data"]]
    assert (back["shipping_cost"]["amount"], back["shipping_cost"]["amount_tax"]) == (-100, -19)
    again = await reversal(api, done["id"], reference="refund_2")
    assert (again.status, again.error["param"]) == (400, "original_transaction")
    of_itself = await reversal(api, back["id"], reference="refund_3")
    assert (of_itself.status, of_itself.error["param"]) == (400, "original_transaction")
    listed = await api.ok("GET", f"/v1/tax/transactions/{back['id']}/line_items")
    assert [one["id"] for one in listed["data"]] == [one["id"] for one in lines]


async def test_references_are_unique_and_calculations_expire(api: Api) -> None:
    await api.freeze(START)
    made = await calculated(api, {"amount": 1000})
    done = (await recorded(api, made["id"])).json
    for answer in (await recorded(api, made["id"]), await reversal(api, done["id"], reference="order_1")):
        assert (answer.status, answer.error["param"]) == (400, "reference")
        assert done["id"] in answer.error["message"]
    too_early = await recorded(api, made["id"], reference="b", posted_at=START - 1)
    assert (too_early.status, too_early.error["param"]) == (400, "posted_at")
    await api.advance("90d")
    assert (await recorded(api, made["id"], reference="b")).status == 200
    await api.advance(1)
    late = await recorded(api, made["id"], reference="c")
    assert (late.status, late.error["param"]) == (400, "calculation")
    unknown = await recorded(api, "taxcalc_x", reference="d")
    assert (unknown.status, unknown.error["code"]) == (400, "resource_missing")


async def test_a_part_is_reversed(api: Api) -> None:
    made = await calculated(api, {"amount": 1000}, {"amount": 2000})
    done = (await recorded(api, made["id"])).json
    first = done["line_items"]["data"][0]["id"]
    part = {"original_line_item": first, "amount": -400, "amount_tax": -76, "reference": "r"}
    back = (await reversal(api, done["id"], mode="partial", line_items=[part])).json
    assert [(one["amount"], one["amount_tax"]) for one in back["line_items"]["data"]] == [(-400, -76)]
    too_much = {**part, "amount": -601, "amount_tax": -114}
    refused = await reversal(api, done["id"], reference="r2", mode="partial", line_items=[too_much])
    assert (refused.status, refused.error["param"]) == (400, "line_items[0][amount]")
    rest = (await reversal(api, done["id"], reference="r3")).json
    assert [(one["amount"], one["amount_tax"]) for one in rest["line_items"]["data"]] == [(-600, -114), (-2000, -380)]


async def test_a_flat_amount_is_spread(api: Api) -> None:
    made = await calculated(
        api, {"amount": 1000}, {"amount": 1190, "tax_behavior": "inclusive"}, shipping_cost={"amount": 1000}
    )
    done = (await recorded(api, made["id"])).json
    back = (await reversal(api, done["id"], mode="partial", flat_amount=-3000)).json
    lines = [(one["amount"], one["amount_tax"]) for one in back["line_items"]["data"]]
    shipping = (back["shipping_cost"]["amount"], back["shipping_cost"]["amount_tax"])
    assert (lines, shipping) == ([(-840, -160), (-1000, -160)], (-840, -160))
    rest = (await reversal(api, done["id"], reference="r2", mode="partial", flat_amount=-570)).json
    assert sum(one["amount"] for one in rest["line_items"]["data"]) == -160 - 190
    assert (await reversal(api, done["id"], reference="r3")).status == 400, "nothing is left"


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"mode": "full", "flat_amount": -5}, "flat_amount"),
        ({"mode": "partial"}, "mode"),
        ({"mode": "partial", "flat_amount": 5}, "flat_amount"),
        ({"mode": "partial", "flat_amount": -5000}, "flat_amount"),
        ({"mode": "partial", "shipping_cost": {"amount": -5, "amount_tax": 0}}, "shipping_cost"),
        ({"mode": "partial", "flat_amount": -5, "shipping_cost": {"amount": -5, "amount_tax": 0}}, "mode"),
    ],
)
async def test_reversals_refused(api: Api, more: dict[str, Any], param: str) -> None:
    made = await calculated(api, {"amount": 1000})
    done = (await recorded(api, made["id"])).json
    answer = await reversal(api, done["id"], **more)
    assert (answer.status, answer.error["param"]) == (400, param)
    foreign = {"original_line_item": "tax_li_x", "amount": -1, "amount_tax": 0, "reference": "r"}
    assert (await reversal(api, done["id"], mode="partial", line_items=[foreign])).status == 404


async def test_tax_settings_are_told_and_changed(api: Api) -> None:
    told = await api.ok("GET", "/v1/tax/settings")
    assert (told["status"], told["defaults"]["provider"], told["head_office"]["address"]["country"]) == (
        "active", "stripe", "US",
    )  # fmt: skip
    wish = {"defaults": {"tax_code": "txcd_10103001"}, "head_office": {"address": {"country": "DE", "city": "Bonn"}}}
    after = await api.ok("POST", "/v1/tax/settings", wish)
    assert after["defaults"] == {"provider": "stripe", "tax_behavior": None, "tax_code": "txcd_10103001"}
    assert (await api.ok("GET", "/v1/tax/settings"))["head_office"]["address"]["city"] == "Bonn"
    assert await api.events() == ["tax.settings.updated"]
    event = (await api.happened())[-1]
    assert "id" not in event["data"]["object"]
    assert "id" not in after
    assert event["data"]["previous_attributes"]["defaults"] == {"tax_code": "txcd_10000000"}
    made = await calculated(api, {"amount": 100})
    assert made["line_items"]["data"][0]["tax_code"] == "txcd_10103001"


@pytest.mark.parametrize(
    ("behavior", "currency", "total"),
    [("inclusive", "usd", 1000), ("inferred_by_currency", "usd", 1190), ("inferred_by_currency", "eur", 1000)],
)
async def test_settings_say_how_prices_are_meant(api: Api, behavior: str, currency: str, total: int) -> None:
    await api.ok("POST", "/v1/tax/settings", {"defaults": {"tax_behavior": behavior}})
    customer = (await api.ok("POST", "/v1/customers", {"address": {"country": "DE"}}))["id"]
    invoice = await api.ok("POST", "/v1/invoices", {
        "customer": customer, "currency": currency, "automatic_tax": {"enabled": True},
    })  # fmt: skip
    item = {"customer": customer, "currency": currency, "amount": 1000, "invoice": invoice["id"]}
    await api.ok("POST", "/v1/invoiceitems", item)
    assert (await api.ok("GET", f"/v1/invoices/{invoice['id']}"))["total"] == total
