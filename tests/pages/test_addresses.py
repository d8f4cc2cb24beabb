"""Addresses as readers see them: the country in their language, names in their place, right to left kept apart."""

from __future__ import annotations

import pytest

from portal_ui import bidi
from portal_ui.i18n import words
from portal_ui.information import address_lines, information

BERLIN = {
    "line1": "Hauptstr. 1",
    "line2": None,
    "city": "Berlin",
    "state": None,
    "postal_code": "10115",
    "country": "DE",
}
TOKYO = {
    **BERLIN,
    "line1": "千代田1-1",
    "city": "千代田区",
    "state": "東京都",
    "postal_code": "100-0001",
    "country": "JP",
}
HERZL = {**BERLIN, "line1": "הרצל 1", "city": "תל אביב", "postal_code": "6100000", "country": "IL"}
SPRINGFIELD = {
    **BERLIN,
    "line1": "1 Main St",
    "city": "Springfield",
    "state": "IL",
    "postal_code": "62701",
    "country": "US",
}


@pytest.mark.parametrize(
    ("tag", "country"),
    [("en", "Germany"), ("de", "Deutschland"), ("ja", "ドイツ"), ("fi", "Saksa"), ("th", "เยอรมนี"), ("zh-TW", "德國")],
)
def test_the_country_is_named_in_the_readers_language(tag: str, country: str) -> None:
    assert address_lines(words(tag), BERLIN, "Ada") == ("Ada", "Hauptstr. 1", "10115 Berlin", country)


def test_from_large_to_small_the_country_is_first_and_the_name_last() -> None:
    assert address_lines(words("ja"), TOKYO, "株式会社") == (
        "日本",
        "〒100-0001",
        "東京都千代田区",
        "千代田1-1",
        "株式会社",
    )
    assert address_lines(words("en"), TOKYO)[0] == "Japan"


def test_lines_from_right_to_left_turn_nothing_around() -> None:
    name, street, town, country = address_lines(words("en"), HERZL, "Ada")
    assert (name, country) == ("Ada", "Israel")
    for line, told in ((street, "הרצל 1"), (town, "תל אביב 6100000")):
        assert line == bidi.START + told + bidi.END


def test_the_portal_lists_addresses_of_the_united_states_as_recorded() -> None:
    rows = information(words("en"), {"address": SPRINGFIELD, "shipping": {"address": BERLIN}}, ())
    assert [row.lines for row in rows] == [
        ("1 Main St", "Springfield, IL 62701 US"),
        ("Hauptstr. 1", "10115 Berlin", "Germany"),
    ]
    assert address_lines(words("de"), SPRINGFIELD)[-1] == "Vereinigte Staaten"


def test_no_address_has_no_lines() -> None:
    for nothing in (None, {}, dict.fromkeys(BERLIN)):
        assert address_lines(words("en"), nothing) == ()
        assert information(words("en"), {"address": nothing}, ()) == ()
    assert address_lines(words("en"), {"country": "XX"}) == ("XX",)
