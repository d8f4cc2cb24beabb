"""The table of test bank accounts, and the other rules of debits that read and write no world."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from emulator.payments import disputes, microdeposits, payment_method_configurations, test_accounts
from emulator.payments.operations import REFUSED_PARAMETERS
from emulator.payments.test_accounts import DELAYED, SHORT, Account, book
from tests.support import rooms

TABLE = json.loads(Path(__file__).resolve().parents[3].joinpath("fixtures", "test_accounts.json").read_text())


def method(type: str, number: str, **more):
    return {"type": type, type: {"fingerprint": test_accounts.mark_of(type, number), **more}}


def test_every_row_of_the_table_is_consistent():
    names = [name for row in TABLE["accounts"] for name in row.get("names", [])]
    assert len(names) == len(set(names))
    for row in TABLE["accounts"]:
        assert row["type"] in DELAYED
        assert row.get("failure", "no_account") in TABLE["failures"]
        assert row.get("when", "shortly") in test_accounts.WAITS
        account = book().of(method(row["type"], row["number"]))
        assert account.number == row["number"]
        assert account.failure == row.get("failure")
        assert account.wait == test_accounts.WAITS[account.when]


@pytest.mark.parametrize(
    "name,type,failure",
    [
        ("pm_usBankAccount_success", "us_bank_account", None),
        ("pm_usBankAccount_insufficientFunds", "us_bank_account", "insufficient_funds"),
        ("pm_success_de", "sepa_debit", None),
        ("pm_failedDelayed_at", "sepa_debit", "generic_could_not_process"),
        ("pm_nzBankAccount_noAccount", "nz_bank_account", "no_account"),
        ("pm_bacsDebit_success", "bacs_debit", None),
    ],
)
def test_names_of_accounts(name, type, failure):
    account = book().by_name[name]
    assert (account.type, account.failure) == (type, failure)
    given = test_accounts.parameters(account)
    assert given["type"] == type
    assert any(account.number.startswith(str(value)) for value in given[type].values())


def test_accounts_without_a_fingerprint_are_known_by_their_ending():
    plain = {"type": "us_bank_account", "us_bank_account": {"last4": "6789"}}
    assert book().of(plain).number == "000123456789"
    kiwi = {"type": "nz_bank_account", "nz_bank_account": {"last4": "2222", "suffix": "027"}}
    assert book().of(kiwi).failure == "insufficient_funds"
    assert book().of({"type": "nz_bank_account", "nz_bank_account": {"last4": "2222", "suffix": None}}).number == ""
    assert book().of({"type": "sepa_debit"}) == Account("sepa_debit", "")


@pytest.mark.parametrize(
    "email,wait,failure",
    [
        (None, 180, None),
        ("a@example.com", 180, None),
        ("a_succeed_immediately@example.com", SHORT, None),
        ("expire_immediately@example.com", SHORT, "payment_method_provider_timeout"),
        ("b.expire_with_delay@example.com", 180, "payment_method_provider_timeout"),
        ("fill_never@example.com", 3 * 86_400, "payment_method_provider_timeout"),
    ],
)
def test_vouchers_by_email(email, wait, failure):
    account = book().of({"type": "boleto", "billing_details": {"email": email}})
    assert (account.wait, account.failure) == (wait, failure)


def test_silent_accounts_have_no_instant():
    assert book().of(method("us_bank_account", "000000000009")).wait is None


@pytest.mark.parametrize(
    "amounts,code,expected",
    [
        ([32, 45], None, "proven"),
        ([45, 32], None, "proven"),
        ([1, 2], None, "wrong"),
        ([10, 11], None, "too_often"),
        ([40, 41], None, "too_late"),
        (None, "sm11aa", "proven"),
        (None, "SM33CC", "too_often"),
        (None, "SM44DD", "too_late"),
        (None, "SM00ZZ", "wrong"),
        (None, None, "wrong"),
    ],
)
def test_what_deposits_prove(amounts, code, expected):
    assert microdeposits.outcome(amounts, code) == expected


@pytest.mark.parametrize("day,arrives", [(2, 4), (3, 5), (6, 10), (7, 10), (8, 10)])
def test_deposits_arrive_on_the_second_business_day(day, arrives):
    now = int(datetime(2026, 11, day, 15, tzinfo=UTC).timestamp())
    assert microdeposits.arrival(now) == int(datetime(2026, 11, arrives, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    "status,text,expected",
    [
        ("needs_response", "winning_evidence", "won"),
        ("warning_needs_response", "winning_evidence", "warning_closed"),
        ("needs_response", "losing_evidence", "lost"),
        ("warning_needs_response", "losing_evidence", "warning_closed"),
        ("warning_needs_response", "escalate_inquiry_evidence", "needs_response"),
        ("needs_response", "escalate_inquiry_evidence", "under_review"),
        ("warning_needs_response", None, "warning_under_review"),
        ("needs_response", "we shipped it", "under_review"),
    ],
)
def test_verdicts(status, text, expected):
    assert disputes.verdict(status, text) == expected


def test_a_dispute_is_answered_until_the_end_of_a_day():
    now = int(datetime(2026, 11, 2, 15, tzinfo=UTC).timestamp())
    assert disputes.answer_by(now) == int(datetime(2026, 11, 11, 23, 59, 59, tzinfo=UTC).timestamp())


def test_what_a_configuration_offers():
    on = payment_method_configurations.property_of("on", on_by_default=False)
    off = payment_method_configurations.property_of("off", on_by_default=True)
    silent = payment_method_configurations.property_of("none", on_by_default=True)
    assert (on["available"], off["available"], silent["available"]) == (True, False, True)
    assert payment_method_configurations.property_of("none", on_by_default=False)["available"] is False
    doc = {"id": "pmc_1", "name": "x", "sepa_debit": on, "card": silent, "link": off, "apple_pay": on, "cashapp": on}
    assert payment_method_configurations.offered(doc, "eur") == ["card", "sepa_debit"]
    assert payment_method_configurations.offered(doc, "usd") == ["card", "cashapp"]
    assert payment_method_configurations.offered(doc, None) == ["card", "cashapp", "sepa_debit"]
    assert payment_method_configurations.offered(None, "eur") == ["card", "link"]


def test_tables_for_the_rooms_above():
    assert REFUSED_PARAMETERS["PostSetupIntents"]["payment_method_types"]().code == (
        "payment_method_types_no_longer_supported"
    )
    waking = rooms.wakeups("payments")
    assert {waking[kind][0]({"due": 5}) for kind in ("_failing_microdeposit", "_pending_refund")} == {5}
