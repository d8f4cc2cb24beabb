"""The way back of every change, one by one."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.render import versions

BASIL, CLOVER, DAHLIA, ENDIVE = "2025-08-27.basil", "2025-09-30.clover", "2026-03-25.dahlia", "2026-09-30.endive"
ACACIA = "2025-02-24.acacia"


def test_card_mandate_is_an_id_before_endive() -> None:
    charge = {"object": "charge", "payment_method_details": {"card": {"mandate": {"id": "mandate_1"}, "brand": "visa"}}}
    before = versions.downgrade("charge", charge, "2026-08-26.dahlia")
    assert before["payment_method_details"]["card"] == {"mandate": "mandate_1", "brand": "visa"}
    assert versions.downgrade("charge", charge, ENDIVE) is charge
    plain = {"object": "charge", "payment_method_details": {"card": {"mandate": None}}}
    assert versions.downgrade("charge", plain, "2026-08-26.dahlia") is plain


@pytest.mark.parametrize("new, old", [("hosted_page", "hosted"), ("embedded_page", "embedded"), ("elements", "custom")])
def test_checkout_modes_have_their_old_names_before_dahlia(new: str, old: str) -> None:
    session = {"object": "checkout.session", "ui_mode": new}
    assert versions.downgrade("checkout.session", session, CLOVER) == session | {"ui_mode": old}
    assert versions.downgrade("checkout.session", session, DAHLIA) is session


@pytest.mark.parametrize("mode", ["form", None])
def test_checkout_modes_without_an_old_name_stay(mode: str | None) -> None:
    session = {"object": "checkout.session", "ui_mode": mode}
    assert versions.downgrade("checkout.session", session, CLOVER) == session


@pytest.mark.parametrize("kind", ["line_item", "invoiceitem"])
def test_the_price_of_a_line_is_an_id_before_december(kind: str) -> None:
    line = {"object": kind, "pricing": {"price_details": {"price": {"id": "price_1", "object": "price"}}}}
    assert versions.downgrade(kind, line, CLOVER)["pricing"]["price_details"]["price"] == "price_1"
    assert versions.downgrade(kind, line, "2025-12-15.clover") is line


def test_a_discount_carries_its_coupon_before_clover() -> None:
    coupon = {"id": "co_1", "object": "coupon"}
    discount = {"id": "di_1", "object": "discount", "source": {"type": "coupon", "coupon": coupon}}
    assert versions.downgrade("discount", discount, BASIL) == {"id": "di_1", "object": "discount", "coupon": coupon}
    assert versions.downgrade("discount", discount, CLOVER) is discount
    assert versions.embedded(BASIL)["discount"] == ("source.coupon",)
    assert versions.embedded(CLOVER) == {}
    assert versions.embedded(versions.NEWEST) == {}


def test_a_promotion_code_carries_its_coupon_before_clover() -> None:
    code = {"object": "promotion_code", "promotion": {"type": "coupon", "coupon": "co_1"}}
    assert versions.downgrade("promotion_code", code, BASIL) == {"object": "promotion_code", "coupon": "co_1"}
    assert versions.downgrade("promotion_code", code, CLOVER) is code


def test_a_line_names_its_subscription_before_may_2025() -> None:
    details = {"subscription": None, "subscription_item": "si_1"}
    line: dict[str, Any] = {
        "object": "line_item",
        "subscription": "sub_1",
        "parent": {"subscription_item_details": details},
    }
    before = versions.downgrade("line_item", line, "2025-03-31.basil")
    assert before["parent"]["subscription_item_details"]["subscription"] == "sub_1"
    assert versions.downgrade("line_item", line, "2025-04-30.basil") is line
    for other in ({"object": "line_item"}, line | {"subscription": None}):
        assert versions.downgrade("line_item", other, "2025-03-31.basil") is other


def test_later_fields_go_one_release_after_the_other() -> None:
    subscription: dict[str, Any] = {
        "object": "subscription",
        "status_details": {},
        "billing_schedules": [],
        "managed_payments": None,
    }
    seen = {
        version: set(versions.downgrade("subscription", subscription, version)) - {"object"}
        for version in ("2026-09-30.endive", "2026-08-26.dahlia", "2026-04-22.dahlia", "2026-03-25.dahlia")
    }
    assert seen == {
        "2026-09-30.endive": {"status_details", "billing_schedules", "managed_payments"},
        "2026-08-26.dahlia": {"billing_schedules", "managed_payments"},
        "2026-04-22.dahlia": {"managed_payments"},
        "2026-03-25.dahlia": set(),
    }


def test_later_fields_go_inside_lists_and_hashes() -> None:
    schedule: dict[str, Any] = {
        "object": "subscription_schedule",
        "phases": [{"start_date": 1, "trial": False}, {"start_date": 2}],
        "default_settings": {"invoice_settings": {"footer": None, "issuer": {"type": "self"}}},
    }
    before = versions.downgrade("subscription_schedule", schedule, "2026-06-24.dahlia")
    assert before["phases"] == [{"start_date": 1}, {"start_date": 2}]
    assert before["default_settings"] == {"invoice_settings": {"issuer": {"type": "self"}}}
    assert before["phases"][1] is schedule["phases"][1]  # untouched parts are shared


def test_a_way_that_ends_early_takes_nothing() -> None:
    session = {"object": "billing_portal.session", "flow": None}
    assert versions.downgrade("billing_portal.session", session, "2026-09-30.endive") is session


def test_objects_are_found_wherever_they_are() -> None:
    session = {"object": "checkout.session", "ui_mode": "hosted_page"}
    page = {"object": "list", "data": [session, session], "has_more": False}
    assert [one["ui_mode"] for one in versions.downgrade("list", page, CLOVER)["data"]] == ["hosted", "hosted"]
    nested = {"object": "invoice", "customer": {"object": "customer", "customer_account": None, "name": "x"}}
    assert versions.downgrade("invoice", nested, CLOVER)["customer"] == {"object": "customer", "name": "x"}


def test_metadata_is_the_callers_own() -> None:
    product = {"object": "product", "metadata": {"object": "product", "tax_details": "mine"}}
    assert versions.downgrade("product", product, CLOVER) is product


def test_events_are_taken_back_with_what_was_before() -> None:
    session = {"object": "checkout.session", "ui_mode": "elements", "integration_identifier": None}
    previous = {"ui_mode": "hosted_page", "integration_identifier": "x", "metadata": {"object": "y"}}
    event = {"object": "event", "type": "x", "data": {"object": session, "previous_attributes": previous}}
    data = versions.downgrade("event", event, CLOVER)["data"]
    assert data["object"] == {"object": "checkout.session", "ui_mode": "custom"}
    assert data["previous_attributes"] == {"ui_mode": "hosted", "metadata": {"object": "y"}}
    untouched = {
        "object": "event",
        "data": {"object": {"object": "coupon", "name": "a"}, "previous_attributes": {"name": "b"}},
    }
    assert versions.downgrade("event", untouched, CLOVER) is untouched


def test_a_subscription_has_its_period_before_basil() -> None:
    item = {"object": "subscription_item", "current_period_start": 1, "current_period_end": 2}
    subscription = {"object": "subscription", "items": {"object": "list", "data": [item]}}
    before = versions.downgrade("subscription", subscription, ACACIA)
    assert (before["current_period_start"], before["current_period_end"]) == (1, 2)
    assert "current_period_end" not in versions.downgrade("subscription", subscription, "2025-03-31.basil")
    empty = {"object": "subscription", "items": {"object": "list", "data": []}}
    assert versions.downgrade("subscription", empty, ACACIA) is empty


def test_an_invoice_has_its_links_before_basil() -> None:
    tax = {"amount": 7, "tax_behavior": "inclusive", "tax_rate_details": {"tax_rate": "txr_1"}, "taxable_amount": 100}
    details = {"subscription": "sub_1", "metadata": {"a": "b"}, "subscription_proration_date": 5}
    invoice = {
        "object": "invoice",
        "status": "paid",
        "parent": {"type": "subscription_details", "subscription_details": details, "quote_details": None},
        "total_taxes": [tax],
        "payments": {"object": "list", "data": [{"payment": {"type": "payment_intent", "payment_intent": "pi_1"}}]},
    }
    before = versions.downgrade("invoice", invoice, ACACIA)
    assert before["subscription"] == "sub_1"
    assert before["subscription_details"] == {"metadata": {"a": "b"}}
    assert before["subscription_proration_date"] == 5
    assert (before["paid"], before["tax"], before["payment_intent"], before["quote"]) == (True, 7, "pi_1", None)
    assert before["total_tax_amounts"][0] | {"taxability_reason": None} == {
        "amount": 7,
        "inclusive": True,
        "tax_rate": "txr_1",
        "taxability_reason": None,
        "taxable_amount": 100,
    }
    part = {"object": "invoice", "number": "A-1"}
    assert versions.downgrade("invoice", part, ACACIA) is part


def test_a_line_has_its_origin_before_basil() -> None:
    details = {"subscription_item": "si_1", "proration": True, "proration_details": None, "invoice_item": None}
    line = {"object": "line_item", "parent": {"subscription_item_details": details}, "taxes": []}
    before = versions.downgrade("line_item", line, ACACIA)
    assert (before["type"], before["proration"], before["subscription_item"]) == ("subscription", True, "si_1")
    assert (before["tax_amounts"], before["tax_rates"]) == ([], [])
    item = {"object": "line_item", "parent": {"invoice_item_details": {"invoice_item": "ii_1", "proration": False}}}
    assert versions.downgrade("line_item", item, ACACIA)["type"] == "invoiceitem"
    bare = {"object": "line_item", "amount": 1}
    assert versions.downgrade("line_item", bare, ACACIA) is bare


def test_a_credit_note_has_its_refund_and_its_tax_amounts_before_basil() -> None:
    tax = {"amount": 9, "tax_behavior": "inclusive", "tax_rate_details": {"tax_rate": "txr_1"},
           "taxability_reason": "not_available", "taxable_amount": 91}  # fmt: skip
    old = {
        "amount": 9,
        "inclusive": True,
        "tax_rate": "txr_1",
        "taxability_reason": "not_available",
        "taxable_amount": 91,
    }
    line = {"object": "credit_note_line_item", "taxes": [tax]}
    note = {"object": "credit_note", "refunds": [{"refund": "re_1"}], "total_taxes": [tax], "lines": {"data": [line]}}
    seen = versions.downgrade("credit_note", note, ACACIA)
    assert (seen["refund"], seen["tax_amounts"]) == ("re_1", [old])
    assert versions.downgrade("credit_note_line_item", line, ACACIA)["tax_amounts"] == [old]
    assert versions.downgrade("credit_note", {**note, "refunds": []}, ACACIA)["refund"] is None
    assert "refund" not in versions.downgrade("credit_note", note, "2025-03-31.basil")
