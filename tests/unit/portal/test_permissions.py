"""The decision table of what customers may do, row by row (facts portal 5.1)."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.kernel.documents import Doc, patched
from emulator.portal import permissions
from emulator.portal.permissions import Reason, Subject
from emulator.portal.settings.configurations import FEATURES

NOW = 1_800_000_000
PRODUCTS = [
    {
        "adjustable_quantity": {"enabled": True, "maximum": 9, "minimum": 2},
        "prices": ["month", "year", "unspecified", "inclusive", "euro", "archived"],
        "product": "prod_1",
    },
    {
        "adjustable_quantity": {"enabled": False, "maximum": None, "minimum": 1},
        "prices": ["other"],
        "product": "prod_2",
    },
]
CONFIGURATION: Doc = {
    "features": patched(
        FEATURES,
        {
            "subscription_cancel": {"enabled": True},
            "subscription_pause": {"enabled": True},
            "subscription_update": {
                "default_allowed_updates": ["price", "quantity"],
                "enabled": True,
                "products": PRODUCTS,
            },
        },
    )
}
UPDATE = CONFIGURATION["features"]["subscription_update"]


def price(id: str, **more: Any) -> Doc:
    licensed = {"usage_type": "licensed"}
    base = {"active": True, "currency": "usd", "product": "prod_1", "recurring": licensed, "tax_behavior": "exclusive"}
    return {"id": id, **base, **more}


PRICES = {
    doc["id"]: doc
    for doc in (
        price("month"),
        price("year"),
        price("other", product="prod_2"),
        price("unspecified", tax_behavior="unspecified"),
        price("inclusive", tax_behavior="inclusive"),
        price("euro", currency="eur"),
        price("archived", active=False),
        price("metered", recurring={"usage_type": "metered"}),
        price("stranger", product="prod_9"),
        price("once", recurring=None),
    )
}


def subject(*items: str, method: str | None = "card", blocked: bool = False, **more: Any) -> Subject:
    subscription = {
        "billing_mode": {"type": "flexible"},
        "cancel_at": None,
        "cancel_at_period_end": False,
        "collection_method": "charge_automatically",
        "items": {"data": [{"id": f"si_{n}", "price": name} for n, name in enumerate(items or ("month",))]},
        "schedule": None,
        "status": "active",
        **more,
    }
    return Subject(subscription, NOW, PRICES, method, blocked)


def decided(it: Subject, **features: Doc) -> permissions.Permissions:
    return permissions.decide(it, patched(CONFIGURATION, {"features": features}))


def test_everything_is_allowed_but_taking_back_what_was_not_cancelled() -> None:
    assert decided(subject()).as_flags() == {"update": True, "cancel": True, "renew": False, "pause": True}


@pytest.mark.parametrize(
    "it,reason",
    [
        (subject("month", "other"), Reason.MULTIPLE_ITEMS),
        (subject("metered"), Reason.METERED),
        (subject(collection_method="send_invoice"), Reason.INVOICED),
        (subject(method="giropay"), Reason.UNSUPPORTED_METHOD),
    ],
)
def test_what_can_be_cancelled_but_not_updated(it: Subject, reason: Reason) -> None:
    assert decided(it).update is reason
    assert decided(it).cancel is None


def test_a_schedule_with_changes_to_come_blocks_update_and_cancel() -> None:
    allowed = decided(subject(blocked=True, schedule="sub_sched_1"))
    assert (allowed.update, allowed.cancel, allowed.pause) == (Reason.SCHEDULED,) * 3
    assert decided(subject(blocked=True, schedule="sub_sched_1", cancel_at=NOW + 1)).renew is Reason.SCHEDULED


@pytest.mark.parametrize("status", ["canceled", "incomplete_expired"])
def test_nothing_can_be_done_with_what_has_ended(status: str) -> None:
    allowed = decided(subject(status=status))
    assert {allowed.update, allowed.cancel, allowed.renew, allowed.pause} == {Reason.ENDED}


@pytest.mark.parametrize(
    "status,update,pause",
    [
        ("active", None, None),
        ("trialing", None, Reason.STATUS),
        ("past_due", None, Reason.STATUS),
        ("unpaid", Reason.STATUS, Reason.STATUS),
        ("paused", Reason.STATUS, Reason.STATUS),
        ("incomplete", Reason.STATUS, Reason.STATUS),
    ],
)
def test_statuses(status: str, update: Reason | None, pause: Reason | None) -> None:
    allowed = decided(subject(status=status))
    assert (allowed.update, allowed.cancel, allowed.pause) == (update, None, pause)


def test_features_switched_off() -> None:
    off = {"enabled": False}
    allowed = decided(subject(), subscription_update=off, subscription_cancel=off, subscription_pause=off)
    assert {allowed.update, allowed.cancel, allowed.renew, allowed.pause} == {Reason.FEATURE_DISABLED}


@pytest.mark.parametrize("products", [[], None])
def test_without_products_there_is_nothing_to_update_to(products: list[Doc] | None) -> None:
    assert decided(subject(), subscription_update={"products": products}).update is Reason.NOTHING_OFFERED


def test_without_allowed_updates_there_is_nothing_to_update() -> None:
    feature = {"default_allowed_updates": ["promotion_code"]}
    assert decided(subject(), subscription_update=feature).update is Reason.NOTHING_OFFERED


def test_only_the_present_price_listed_is_nothing_to_update_to() -> None:
    products = [{"adjustable_quantity": {"enabled": False}, "prices": ["month"], "product": "prod_1"}]
    assert decided(subject(), subscription_update={"products": products}).update is Reason.NOTHING_OFFERED


def test_prices_of_the_same_tax_behavior_and_currency_are_offered() -> None:
    assert permissions.offered_prices(subject(), UPDATE) == ["year", "other"]


def test_an_unspecified_tax_behavior_is_offered_to_its_like_only() -> None:
    assert permissions.offered_prices(subject("unspecified"), UPDATE) == []
    prices = {**PRICES, "year": {**PRICES["year"], "tax_behavior": "unspecified"}}
    alike = Subject(subject("unspecified").subscription, NOW, prices, "card")
    assert permissions.offered_prices(alike, UPDATE) == ["year"]
    strict = Subject(alike.subscription, NOW, prices, "card", tax_rule=permissions.SPECIFIED)
    assert permissions.offered_prices(strict, UPDATE) == []


def test_the_tax_rule_can_be_switched_off() -> None:
    plain = subject("unspecified")
    relaxed = Subject(plain.subscription, NOW, PRICES, "card", tax_rule=permissions.ANY)
    assert permissions.offered_prices(relaxed, UPDATE) == ["month", "year", "inclusive", "other"]


def test_a_product_outside_the_catalogue_may_be_left_but_its_quantity_not_edited() -> None:
    assert permissions.offered_prices(subject("stranger"), UPDATE) == ["month", "year", "other"]
    assert permissions.quantity_bounds(subject("stranger"), UPDATE) is None


def test_quantity_bounds_come_from_the_product() -> None:
    assert permissions.quantity_bounds(subject("year"), UPDATE) == (2, 9)
    assert permissions.quantity_bounds(subject("other"), UPDATE) is None
    assert permissions.quantity_bounds(subject(), {**UPDATE, "default_allowed_updates": ["price"]}) is None


def test_quantity_alone_makes_a_subscription_updatable() -> None:
    assert decided(subject(), subscription_update={"default_allowed_updates": ["quantity"]}).update is None


def test_a_price_without_recurring_is_not_metered() -> None:
    assert decided(subject("once")).update is None


@pytest.mark.parametrize("method", [None, "card", "sepa_debit", "custom"])
def test_supported_methods(method: str | None) -> None:
    assert decided(subject(method=method)).update is None


@pytest.mark.parametrize(
    "stamps",
    [{"cancel_at_period_end": True, "cancel_at": NOW + 9}, {"cancel_at": NOW + 9}, {"cancel_at_period_end": True}],
)
def test_what_is_set_to_cancel_can_be_renewed_and_not_cancelled_again(stamps: Doc) -> None:
    allowed = decided(subject(**stamps))
    assert (allowed.cancel, allowed.renew) == (Reason.ALREADY_CANCELING, None)
    assert allowed.pause is Reason.ALREADY_CANCELING
    assert allowed.update is None


def test_renewing_is_over_when_the_end_has_come() -> None:
    assert decided(subject(cancel_at=NOW)).renew is Reason.ENDED


def test_classic_billing_cannot_be_paused() -> None:
    assert decided(subject(billing_mode={"type": "classic"})).pause is Reason.NOT_FLEXIBLE


@pytest.mark.parametrize(
    "schedule,own,blocks",
    [
        (None, False, False),
        ({"status": "active", "phases": [{"start_date": NOW - 5}, {"start_date": NOW + 5}]}, False, True),
        ({"status": "active", "phases": [{"start_date": NOW - 5}, {"start_date": NOW + 5}]}, True, False),
        ({"status": "active", "phases": [{"start_date": NOW - 5}]}, False, False),
        ({"status": "not_started", "phases": [{"start_date": NOW + 5}]}, False, True),
        ({"status": "released", "phases": [{"start_date": NOW + 5}]}, False, False),
    ],
)
def test_which_schedules_block(schedule: Doc | None, own: bool, blocks: bool) -> None:
    assert permissions.schedule_blocks(schedule, NOW, made_by_portal=own) is blocks
