"""The way of older requests into the newest words, change by change."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.render import versions

BASIL, CLOVER, DAHLIA = "2025-08-27.basil", "2025-09-30.clover", "2026-08-26.dahlia"
ACACIA = "2025-02-24.acacia"
UPDATE, PREVIEW = "PostSubscriptionsSubscriptionExposedId", "PostInvoicesCreatePreview"


def up(operation: str, params: dict[str, Any], version: str) -> dict[str, Any]:
    before = repr(params)
    after = versions.upgrade(operation, params, version)
    assert repr(params) == before
    return after


@pytest.mark.parametrize("operation", [UPDATE, "PostSubscriptionsSubscriptionResume"])
def test_the_anchor_becomes_a_hash(operation: str) -> None:
    params = {"billing_cycle_anchor": "now", "proration_behavior": "none"}
    assert up(operation, params, DAHLIA) == params | {"billing_cycle_anchor": {"type": "now"}}
    assert versions.upgrade(operation, params, "2026-09-30.endive") is params


def test_the_anchor_of_a_preview_becomes_a_hash() -> None:
    for given, expected in (
        ("unchanged", {"type": "unchanged"}),
        ("1700000000", {"type": "timestamp", "timestamp": "1700000000"}),
    ):
        after = up(PREVIEW, {"subscription": "sub_1", "subscription_details": {"billing_cycle_anchor": given}}, DAHLIA)
        assert after["subscription_details"] == {"billing_cycle_anchor": expected}


@pytest.mark.parametrize(
    "params", [{}, {"billing_cycle_anchor": ""}, {"billing_cycle_anchor": {"type": "now"}}, {"items": [{"id": "si_1"}]}]
)
def test_an_anchor_that_is_none_or_a_hash_stays(params: dict[str, Any]) -> None:
    assert versions.upgrade(UPDATE, params, DAHLIA) is params


def test_creating_keeps_its_plain_anchor() -> None:
    params = {"billing_cycle_anchor": "1700000000"}
    assert versions.upgrade("PostSubscriptions", params, DAHLIA) is params


@pytest.mark.parametrize("operation", ["PostPaymentIntents", "PostSetupIntents", "PostCheckoutSessions"])
def test_payment_method_types_are_the_allowed_ones(operation: str) -> None:
    after = up(operation, {"payment_method_types": ["card"]}, DAHLIA)
    assert after == {"allowed_payment_method_types": ["card"]}
    both = {"payment_method_types": ["card"], "allowed_payment_method_types": ["link"]}
    assert up(operation, both, DAHLIA) == {"allowed_payment_method_types": ["link"]}
    newest = {"payment_method_types": ["card"]}
    assert versions.upgrade(operation, newest, versions.NEWEST) is newest


def test_errors_speak_of_the_name_that_the_caller_used() -> None:
    name = versions.parameter_name
    assert name("PostSetupIntents", "allowed_payment_method_types[0]", DAHLIA) == "payment_method_types[0]"
    assert name(UPDATE, "billing_cycle_anchor[type]", DAHLIA) == "billing_cycle_anchor"
    assert name("PostPromotionCodes", "promotion[coupon]", BASIL) == "coupon"
    assert name("PostPromotionCodes", "code", BASIL) == "code"
    assert name(UPDATE, "billing_cycle_anchor[type]", versions.NEWEST) == "billing_cycle_anchor[type]"


@pytest.mark.parametrize("old, new", [("hosted", "hosted_page"), ("embedded", "embedded_page"), ("custom", "elements")])
def test_checkout_modes_get_their_new_names(old: str, new: str) -> None:
    assert up("PostCheckoutSessions", {"ui_mode": old}, CLOVER) == {"ui_mode": new}
    refused = {"ui_mode": old}
    assert versions.upgrade("PostCheckoutSessions", refused, "2026-03-25.dahlia") is refused


@pytest.mark.parametrize("mode", ["elements", "sideways", ["hosted"]])
def test_other_modes_are_left_to_validation(mode: Any) -> None:
    params = {"ui_mode": mode}
    assert versions.upgrade("PostCheckoutSessions", params, CLOVER) is params


def test_retired_parameters_are_dropped() -> None:
    speed = {"payment_method_options": {"us_bank_account": {"preferred_settlement_speed": "fastest", "x": "1"}}}
    assert up("PostPaymentIntents", speed, CLOVER) == {"payment_method_options": {"us_bank_account": {"x": "1"}}}
    lines = {"line_items": [{"price": "price_1", "dynamic_tax_rates": ["txr_1"]}, "?"]}
    assert up("PostCheckoutSessions", lines, CLOVER) == {"line_items": [{"price": "price_1"}, "?"]}
    indexed = {"line_items": {"0": {"price": "price_1", "dynamic_tax_rates": ["txr_1"]}}}
    assert up("PostCheckoutSessions", indexed, CLOVER) == {"line_items": {"0": {"price": "price_1"}}}
    odd = {"line_items": "?", "payment_method_options": "?"}
    assert up("PostCheckoutSessions", odd, CLOVER) == odd
    assert up("PostPaymentIntents", odd, CLOVER) == odd
    assert up("PostPaymentMethodsPaymentMethod", {"payto": {}, "link": {}, "card": {}}, BASIL) == {"card": {}}


def test_a_promotion_code_names_its_coupon_in_a_hash() -> None:
    after = up("PostPromotionCodes", {"coupon": "co_1", "code": "X"}, BASIL)
    assert after == {"code": "X", "promotion": {"type": "coupon", "coupon": "co_1"}}
    new = {"promotion": {"type": "coupon", "coupon": "co_1"}}
    assert versions.upgrade("PostPromotionCodes", new, BASIL) is new
    same = {"coupon": "co_1"}
    assert versions.upgrade("PostPromotionCodes", same, CLOVER) is same


def test_paths_of_expand_find_the_coupon() -> None:
    paths = ["data.discounts.coupon.applies_to", "customer", "discounts.promotion_code.coupon"]
    expected = ["data.discounts.source.coupon.applies_to", "customer", "discounts.promotion_code.promotion.coupon"]
    assert up("GetSubscriptions", {"expand": paths}, BASIL)["expand"] == expected
    assert up("GetPromotionCodes", {"expand": {"0": "data.coupon.applies_to"}}, BASIL)["expand"] == {
        "0": "data.promotion.coupon.applies_to"
    }
    for odd in ("coupon", [["discounts.coupon"]]):
        assert up("GetPromotionCodes", {"expand": odd}, BASIL)["expand"] == odd


def test_new_subscriptions_are_classic_before_clover() -> None:
    classic = {"type": "classic"}
    assert up("PostSubscriptions", {"customer": "cus_1"}, BASIL) == {"customer": "cus_1", "billing_mode": classic}
    assert up("PostSubscriptionSchedules", {"customer": "cus_1"}, BASIL)["billing_mode"] == classic
    assert up("PostQuotes", {}, BASIL)["subscription_data"] == {"billing_mode": classic}
    checkout = up("PostCheckoutSessions", {"mode": "subscription", "subscription_data": {"a": "b"}}, BASIL)
    assert checkout["subscription_data"] == {"a": "b", "billing_mode": classic}
    preview = up(PREVIEW, {"subscription_details": {"items": []}}, BASIL)
    assert preview["subscription_details"]["billing_mode"] == classic
    assert up(PREVIEW, {"schedule_details": {}}, BASIL)["schedule_details"]["billing_mode"] == classic


@pytest.mark.parametrize(
    "operation, params",
    [
        ("PostSubscriptions", {"billing_mode": {"type": "flexible"}}),
        ("PostSubscriptionSchedules", {"from_subscription": "sub_1"}),
        ("PostQuotes", {"from_quote": {"quote": "qt_1"}}),
        ("PostQuotes", {"subscription_data": "?"}),
        ("PostCheckoutSessions", {"mode": "payment"}),
        (PREVIEW, {"subscription": "sub_1", "subscription_details": {"items": []}}),
        (PREVIEW, {"customer": "cus_1"}),
    ],
)
def test_the_mode_is_left_alone_where_it_was_chosen_or_is_given(operation: str, params: dict[str, Any]) -> None:
    assert versions.upgrade(operation, params, BASIL) == params


def test_flexible_is_the_default_since_clover() -> None:
    params = {"customer": "cus_1"}
    assert versions.upgrade("PostSubscriptions", params, CLOVER) is params


def test_one_coupon_becomes_a_list_of_discounts() -> None:
    assert up(UPDATE, {"coupon": "co_1"}, ACACIA) == {"discounts": [{"coupon": "co_1"}]}
    assert up(UPDATE, {"promotion_code": "promo_1"}, ACACIA) == {"discounts": [{"promotion_code": "promo_1"}]}
    assert up(UPDATE, {"coupon": ""}, ACACIA) == {"discounts": ""}
    both = {"coupon": "co_1", "discounts": [{"coupon": "co_2"}]}
    assert up(UPDATE, both, ACACIA) == {"discounts": [{"coupon": "co_2"}]}
    assert up(UPDATE, {"coupon": "co_1"}, "2025-03-31.basil") == {"coupon": "co_1"}


def test_an_invoice_item_prices_itself_in_newer_words() -> None:
    assert up("PostInvoiceitems", {"price": "price_1"}, ACACIA) == {"pricing": {"price": "price_1"}}
    assert up("PostInvoiceitems", {"unit_amount": "500"}, ACACIA) == {"unit_amount_decimal": "500"}
    odd = {"price": "price_1", "pricing": "?"}
    assert versions.upgrade("PostInvoiceitems", odd, ACACIA) == odd


def test_the_refund_of_a_credit_note_becomes_a_list() -> None:
    for operation in ("PostCreditNotes", "GetCreditNotesPreview", "GetCreditNotesPreviewLines"):
        assert up(operation, {"amount": "5", "refund": "re_1"}, ACACIA) == {
            "amount": "5", "refunds": [{"refund": "re_1"}],
        }  # fmt: skip
        both = {"refund": "re_1", "refunds": [{"refund": "re_2"}]}
        assert up(operation, both, ACACIA) == both
        assert up(operation, {"refund": "re_1"}, "2025-03-31.basil") == {"refund": "re_1"}
    assert versions.parameter_name("PostCreditNotes", "refunds[0][refund]", ACACIA) == "refund"
