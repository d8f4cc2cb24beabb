"""The parts of payments that neither read nor write a world."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from emulator.kernel import data
from emulator.payments import amounts, charge_shapes, shapes, test_cards, transitions
from emulator.payments.test_cards import Decline, MagicCard, book

ROOT = Path(__file__).resolve().parents[3]


def test_data_is_found_in_a_checkout_and_missing_data_says_where_it_looked(tmp_path, monkeypatch):
    assert data.data_path("fixtures", "test_cards.json") == ROOT / "fixtures" / "test_cards.json"
    with pytest.raises(FileNotFoundError, match=r"no_such is neither in .*_data nor "):
        data.data_path("no_such")
    inside = tmp_path / "emulator" / "_data" / "fixtures"
    inside.mkdir(parents=True)
    monkeypatch.setattr(data, "PACKAGE", tmp_path / "emulator")
    assert data.data_path("fixtures") == inside


def test_every_row_of_the_table_is_consistent():
    table = json.loads((ROOT / "fixtures" / "test_cards.json").read_text())
    names = [name for row in table["cards"] for name in row["names"]]
    assert len(names) == len(set(names))
    for row in table["cards"]:
        assert row["number"].endswith(row["last4"])
        assert test_cards.passes_luhn(row["number"]) is ("create" not in row)
        assert row["brand"] in test_cards.LEGACY_BRANDS
    assert len({card.fingerprint for card in book().by_number.values()}) == len(table["cards"])


@pytest.mark.parametrize(
    "id,number",
    [
        ("pm_card_visa", "4242424242424242"),
        ("tok_mastercard_debit", "5200828282828210"),
        ("pm_card_chargeDeclined", "4000000000000002"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "4000000000009995"),
        ("tok_gb", "4000008260000000"),
        ("pm_card_authenticationRequired", "4000002760003184"),
    ],
)
def test_magic_ids_name_cards(id, number):
    card = book().magic(id)
    assert card is not None
    assert card.number == number


def test_other_ids_name_no_card():
    assert book().magic("pm_card_nothing") is None
    assert book().magic("pm_1ABC") is None


def test_a_stored_card_is_known_by_fingerprint_or_by_brand_and_ending():
    card = book().by_number["4000000000000341"]
    assert book().of({"fingerprint": card.fingerprint}) is card
    assert book().of({"fingerprint": "handwritten", "brand": "Visa", "last4": "0341"}) is card
    assert book().of({"brand": "visa", "last4": "1111"}) is None


@pytest.mark.parametrize(
    "raw,code",
    [
        ("4242 4242 4242 4241", "incorrect_number"),
        ("4242-4242-4242-4243", "incorrect_number"),
        ("abc", "incorrect_number"),
        ("42", "incorrect_number"),
        ("4111111111111111", "card_declined"),
    ],
)
def test_numbers_that_are_no_test_cards_are_refused(raw, code):
    found = test_cards.by_raw_number(book(), raw)
    assert isinstance(found, Decline)
    assert found.code == code


def test_a_test_number_is_its_card():
    assert isinstance(test_cards.by_raw_number(book(), "4242 4242 4242 4242"), MagicCard)


@pytest.mark.parametrize(
    "number,on,off,off_set_up,setup",
    [
        ("4242424242424242", False, False, False, False),
        ("4000002500003155", True, True, False, True),
        ("4000002760003184", True, True, True, True),
        ("4000003800000446", True, False, False, False),
        ("4000000000003055", False, False, False, False),
    ],
)
def test_who_must_authenticate(number, on, off, off_set_up, setup):
    card = book().by_number[number]
    assert test_cards.must_authenticate(card, off_session=False, set_up=False) is on
    assert test_cards.must_authenticate(card, off_session=True, set_up=False) is off
    assert test_cards.must_authenticate(card, off_session=True, set_up=True) is off_set_up
    assert test_cards.must_authenticate_setup(card) is setup


def test_fees_are_the_recorded_ones():
    assert amounts.fee_of(2500) == 103
    assert amounts.fee_of(22500) == 683


@pytest.mark.parametrize(
    "amount,currency,words",
    [
        (600, "usd", "$6.00"),
        (99_999_999, "usd", "$999,999.99"),
        (50, "jpy", "¥50"),
        (1234, "kwd", "1.234 KWD"),
        (7, "xof", "7 XOF"),
    ],
)
def test_amounts_are_written_as_in_messages(amount, currency, words):
    assert amounts.spoken(amount, currency) == words


def test_smallest_amounts():
    assert amounts.smallest("usd") == 50
    assert amounts.smallest("gbp") == 30


def test_transitions():
    assert transitions.after_payment_method("requires_payment_method", "pm_1") == "requires_confirmation"
    assert transitions.after_payment_method("succeeded", "pm_1") == "succeeded"
    assert transitions.after_payment_method("requires_action", None) == "requires_payment_method"
    assert transitions.after_authorization("manual") == "requires_capture"
    assert transitions.after_authorization("automatic_async") == "succeeded"
    assert transitions.after_authentication(passed=True) == "requires_confirmation"
    assert transitions.after_authentication(passed=False) == "requires_payment_method"


def test_billing_details_and_shipping_are_completed():
    assert shapes.billing_details(None) == shapes.BILLING_DETAILS
    named = shapes.billing_details({"name": "A"})
    assert (named["name"], named["address"]) == ("A", shapes.ADDRESS)
    assert shapes.billing_details({"address": {"country": "AT"}})["address"]["country"] == "AT"
    assert shapes.shipping(None) is None
    sent = shapes.shipping({"name": "A", "address": {"line1": "x"}})
    assert sent is not None
    assert sent["address"]["line1"] == "x"
    assert sent["carrier"] is None


def test_what_the_bank_checks():
    card = book().by_number["4000000000000036"]
    billing = shapes.billing_details({"address": {"postal_code": "1", "line1": "x"}})
    details = shapes.card_details(card, 8, 2027, billing, cvc=False)
    method = shapes.payment_method("pm_1", "card", details, billing=billing, now=1, livemode=False, more={})
    checked = shapes.checked(method, card)
    assert checked["card"]["checks"] == {
        "address_line1_check": "pass", "address_postal_code_check": "fail", "cvc_check": None,
    }  # fmt: skip
    assert shapes.checked(checked, card) is checked
    assert shapes.checked(method, None) is method


def test_outcomes_of_charges():
    declines = book().declines
    assert charge_shapes.approved("elevated")["reason"] == "elevated_risk_level"
    assert charge_shapes.refused(declines["generic_decline"])["seller_message"].startswith("The bank did not return")
    assert charge_shapes.refused(declines["lost_card"])["seller_message"].endswith("`lost_card`.")
    blocked = charge_shapes.refused(declines["fraudulent"], "highest")
    assert (blocked["type"], blocked["network_status"], blocked["risk_level"]) == (
        "blocked",
        "not_sent_to_network",
        "highest",
    )


def test_details_of_a_bank_account_are_its_own():
    method = {"type": "sepa_debit", "sepa_debit": {"last4": "3000"}}
    details = charge_shapes.charge_details(method, None, amount=5, code="1", hold_until=None)
    assert details == {"sepa_debit": {"last4": "3000", "mandate": None}, "type": "sepa_debit"}
