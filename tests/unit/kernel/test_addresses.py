"""What addresses have in which country."""

from __future__ import annotations

import pytest
from babel import Locale

from emulator.kernel import addresses


def test_every_country_has_a_name_and_a_street() -> None:
    assert len(addresses.countries()) == 252
    names = Locale("en").territories
    for country in addresses.countries():
        form = addresses.of(country)
        assert country in names
        assert form.parts.count("line1") == form.parts.count("line2") == 1
        assert set(form.parts) <= set(addresses.PARTS)
        assert form.required <= set(form.parts)
        assert "line1" in form.required


@pytest.mark.parametrize(
    ("country", "parts", "required", "names"),
    [
        ("US", "line1 line2 city state postal_code", "city line1 postal_code state", "city state zip"),
        ("GB", "line1 line2 city postal_code", "city line1 postal_code", "post_town province postal"),
        ("DE", "line1 line2 postal_code city", "city line1 postal_code", "city province postal"),
        ("JP", "postal_code state city line1 line2", "city line1 postal_code state", "city prefecture postal"),
        ("AU", "line1 line2 city state postal_code", "city line1 postal_code state", "suburb state postal"),
        ("IE", "line1 line2 city state postal_code", "city line1", "city county eircode"),
        ("IN", "line1 line2 city postal_code state", "city line1 postal_code state", "city state pin"),
        ("MO", "line1 line2", "line1", "city province postal"),
        ("??", "line1 line2 city state postal_code", "line1", "city province postal"),
    ],
)
def test_how_a_country_writes_addresses(country: str, parts: str, required: str, names: str) -> None:
    form = addresses.of(country)
    assert " ".join(form.parts) == parts
    assert " ".join(sorted(form.required)) == required
    assert f"{form.town} {form.state} {form.postal}" == names


def test_states_that_are_chosen() -> None:
    counts = {country: len(addresses.of(country).regions) for country in ("US", "CA", "AU", "BR", "DE")}
    assert counts == {"US": 62, "CA": 13, "AU": 9, "BR": 27, "DE": 0}
    assert dict(addresses.of("US").regions)["NC"] == "North Carolina"
    assert dict(addresses.of("CA").regions)["NL"] == "Newfoundland and Labrador"


def test_what_an_address_lacks() -> None:
    assert addresses.lacking({"country": "US", "line1": "1 Main St", "city": ""}) == ["city", "state", "postal_code"]
    assert addresses.lacking({"country": "HK", "line1": "1 Road", "state": "Kowloon"}) == []
    assert addresses.lacking({}) == ["line1"]
