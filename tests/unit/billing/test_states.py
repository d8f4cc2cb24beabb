"""State tables, instants and line texts."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.billing import instants, line_texts, transitions
from emulator.billing.pricing import scaled

STATUSES = (
    "incomplete", "incomplete_expired", "trialing", "active", "past_due", "canceled", "unpaid", "paused",
)  # fmt: skip


def test_every_status_of_the_tables_exists() -> None:
    for (before, _), after in transitions.SUBSCRIPTION.items():
        assert before in STATUSES
        assert after in STATUSES
    assert set(STATUSES) == transitions.LIVE | transitions.ENDED


@pytest.mark.parametrize("status", sorted(transitions.ENDED))
def test_nothing_leaves_an_end(status: str) -> None:
    assert all(before != status for before, _ in transitions.SUBSCRIPTION)
    assert transitions.subscription_after(status, "paid") == status


@pytest.mark.parametrize("status", sorted(transitions.LIVE))
def test_every_live_status_can_be_canceled(status: str) -> None:
    assert transitions.subscription_after(status, "canceled") == "canceled"


def test_invoices() -> None:
    assert transitions.invoice_after("draft", "finalize") == "open"
    assert transitions.invoice_after("paid", "void") is None
    assert transitions.invoice_after("uncollectible", "pay") == "paid"


def subscription(**fields: Any) -> dict[str, Any]:
    """Return what of a subscription decides its next instant."""
    return {
        "status": "active", "created": 100, "cancel_at": None, "trial_end": None, "pause_collection": None,
        "pending_update": None,
        "items": {"data": [{"current_period_end": 1000}, {"current_period_end": 3000}]}, **fields,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({}, (1000, "renew")),
        ({"status": "canceled"}, None),
        ({"status": "incomplete"}, (100 + 23 * 3600, "expire")),
        ({"cancel_at": 1000}, (1000, "cancel")),
        ({"cancel_at": 5000}, (1000, "renew")),
        ({"cancel_at": 1000, "pending_update": {"expires_at": 1000}}, (1000, "drop_update")),
        ({"status": "trialing", "trial_end": 700}, (700, "trial_end")),
        ({"status": "paused"}, None),
        ({"pause_collection": {"behavior": "void", "resumes_at": 500}}, (500, "resume_collection")),
        ({"pause_collection": {"behavior": "void", "resumes_at": None}}, (1000, "renew")),
    ],
)
def test_what_happens_next_to_a_subscription(fields: dict[str, Any], wanted: tuple[int, str] | None) -> None:
    assert instants.subscription(subscription(**fields)) == wanted


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"status": "draft", "automatically_finalizes_at": 7}, (7, "finalize")),
        ({"status": "draft"}, None),
        ({"status": "open", "next_payment_attempt": 9}, (9, "retry")),
        ({"status": "open"}, None),
        ({"status": "open", "next_payment_attempt": 9, "auto_advance": False}, None),
        ({"status": "paid"}, None),
    ],
)
def test_what_happens_next_to_an_invoice(fields: dict[str, Any], wanted: tuple[int, str] | None) -> None:
    doc = {"auto_advance": True, "automatically_finalizes_at": None, "next_payment_attempt": None, **fields}
    assert instants.invoice(doc) == wanted
    assert instants.due(instants.invoice)(doc) == (wanted[0] if wanted else None)


def test_trial_notices() -> None:
    assert instants.trial_notice({"at": 5}) == (5, "announce")


PRODUCT = {"name": "Gold", "unit_label": None}
MONTHLY = {
    "currency": "usd", "unit_amount": 2500, "unit_amount_decimal": "2500", "billing_scheme": "per_unit",
    "recurring": {"interval": "month", "interval_count": 1},
}  # fmt: skip


def test_texts_of_lines() -> None:
    times = line_texts.TIMES
    assert line_texts.licensed(PRODUCT, MONTHLY, 1) == f"1 {times} Gold (at $25.00 / month)"
    labelled = {"name": "Gold", "unit_label": "user"}
    assert line_texts.licensed(labelled, MONTHLY, 2) == f"2 user {times} Gold (at $25.00 / month)"
    quarterly = {**MONTHLY, "recurring": {"interval": "month", "interval_count": 3}}
    assert line_texts.licensed(PRODUCT, quarterly, 1) == f"1 {times} Gold (at $25.00 / every 3 months)"
    tiers = {**MONTHLY, "billing_scheme": "tiered", "tiers": [{"up_to": None, "unit_amount": 1000}]}
    assert line_texts.licensed(PRODUCT, tiers, 5) == f"5 {times} Gold (Tier 1 at $10.00 / month)"
    assert line_texts.free_trial(labelled, 1, flexible=True) == f"Free trial for 1 user {times} Gold"
    assert line_texts.free_trial(PRODUCT, 1, flexible=False) == "Trial period for Gold"
    assert line_texts.unused(PRODUCT, 3, 1_762_732_800) == f"Unused time on 3 {times} Gold after 10 Nov 2025"
    assert line_texts.remaining(PRODUCT, 1, 1_598_918_400) == "Remaining time on Gold after 01 Sep 2020"
    assert line_texts.netted("Remaining time", "10.0") == "Remaining time (with 10.0% off)"


@pytest.mark.parametrize(
    ("minor", "currency", "wanted"),
    [
        ("2500", "usd", "$25.00"),
        ("123456789", "usd", "$1,234,567.89"),
        ("500", "jpy", "¥500"),
        ("1234", "kwd", "KWD\u00a01.234"),
        ("0.5", "usd", "$0.005"),
        ("-2500", "eur", "-€25.00"),
        ("2500", "sek", "SEK\u00a025.00"),
    ],
)
def test_amounts_in_words(minor: str, currency: str, wanted: str) -> None:
    assert line_texts.currency_amount(scaled(minor), currency) == wanted
