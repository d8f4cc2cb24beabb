"""What addresses have in which country, and how they are written there."""

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


WRITTEN = {
    "AR": "Calle 1|C1000 Buenos Aires",
    "AU": "1 George St|Sydney NSW 2000",
    "BR": "Av. Paulista 1|São Paulo-SP|01310-100",
    "CA": "1 King St|Toronto ON M5H 1A1",
    "CH": "Bahnhofstr. 1|8001 Zürich",
    "CN": "100000|北京市东城区|长安街1号|NAME",
    "DE": "Hauptstr. 1|10115 Berlin",
    "ES": "Calle Mayor 1|28013 Madrid Madrid",
    "GB": "10 Downing St|London|SW1A 2AA",
    "HK": "香港|中環|皇后大道1號|NAME",
    "HU": "Budapest|Fő utca 1|1011",
    "IE": "1 Main St|Dublin|Co. Dublin|D02 X285",
    "IL": "הרצל 1|תל אביב 6100000",
    "IN": "1 MG Road|Bengaluru 560001|Karnataka",
    "IT": "Via Roma 1|20121 Milano MI",
    "JP": "〒100-0001|東京都千代田区|千代田1-1|NAME",
    "KR": "서울특별시 중구|세종대로 110|NAME|04524",
    "LV": "Brīvības 1|Rīga, LV-1050",
    "MX": "Av. Juárez 1|06050 Ciudad de México, CDMX",
    "RO": "Str. Unirii 1|030000 Sector 3 București",
    "RU": "Тверская 1|Москва|Московская|101000",
    "SG": "1 Raffles Place|Singapore 048616",
    "TH": "1 ถนนสีลม|กรุงเทพฯ|บางรัก 10500",
    "TW": "100|臺北市中正區|重慶南路1號|NAME",
    "US": "1 Main St|Springfield, IL 62701",
    "VN": "1 Lê Lợi|Huế|Thừa Thiên 530000",
}
GIVEN = {
    "AR": ("Calle 1", "Buenos Aires", "", "C1000"),
    "AU": ("1 George St", "Sydney", "NSW", "2000"),
    "BR": ("Av. Paulista 1", "São Paulo", "SP", "01310-100"),
    "CA": ("1 King St", "Toronto", "ON", "M5H 1A1"),
    "CH": ("Bahnhofstr. 1", "Zürich", "", "8001"),
    "CN": ("长安街1号", "东城区", "北京市", "100000"),
    "DE": ("Hauptstr. 1", "Berlin", "Berlin", "10115"),
    "ES": ("Calle Mayor 1", "Madrid", "Madrid", "28013"),
    "GB": ("10 Downing St", "London", "", "SW1A 2AA"),
    "HK": ("皇后大道1號", "中環", "香港", ""),
    "HU": ("Fő utca 1", "Budapest", "", "1011"),
    "IE": ("1 Main St", "Dublin", "Co. Dublin", "D02 X285"),
    "IL": ("הרצל 1", "תל אביב", "", "6100000"),
    "IN": ("1 MG Road", "Bengaluru", "Karnataka", "560001"),
    "IT": ("Via Roma 1", "Milano", "MI", "20121"),
    "JP": ("千代田1-1", "千代田区", "東京都", "100-0001"),
    "KR": ("세종대로 110", "중구", "서울특별시", "04524"),
    "LV": ("Brīvības 1", "Rīga", "", "LV-1050"),
    "MX": ("Av. Juárez 1", "Ciudad de México", "CDMX", "06050"),
    "RO": ("Str. Unirii 1", "București", "Sector 3", "030000"),
    "RU": ("Тверская 1", "Москва", "Московская", "101000"),
    "SG": ("1 Raffles Place", "Singapore", "", "048616"),
    "TH": ("1 ถนนสีลม", "กรุงเทพฯ", "บางรัก", "10500"),
    "TW": ("重慶南路1號", "中正區", "臺北市", "100"),
    "US": ("1 Main St", "Springfield", "IL", "62701"),
    "VN": ("1 Lê Lợi", "Huế", "Thừa Thiên", "530000"),
}


def stored(country: str, line1: str, city: str = "", state: str = "", postal_code: str = "") -> dict[str, str | None]:
    parts = {"line1": line1, "line2": None, "city": city or None, "state": state or None}
    return {**parts, "postal_code": postal_code or None, "country": country}


@pytest.mark.parametrize("country", sorted(WRITTEN))
def test_the_lines_of_a_country(country: str) -> None:
    written = addresses.lines(stored(country, *GIVEN[country]), "NAME")
    expected = WRITTEN[country] if "NAME" in WRITTEN[country] else f"NAME|{WRITTEN[country]}"
    assert "|".join(written) == expected


def test_nothing_that_is_stored_is_lost() -> None:
    for country in (*addresses.countries(), "??", ""):
        for street in ("Street", "街"):
            full = {**stored(country, street, "Town", "Region", "12345"), "line2": "Door"}
            told = "\n".join(addresses.lines(full, "Somebody"))
            for part in (street, "Door", "Town", "Region", "12345", "Somebody"):
                assert told.count(part) == 1, (country, part)


def test_what_is_missing_takes_its_signs_along() -> None:
    assert addresses.lines({"country": "US", "city": "Springfield"}) == ("Springfield",)
    assert addresses.lines({"country": "US", "state": "IL", "postal_code": "62701"}) == ("IL 62701",)
    assert addresses.lines({"country": "JP", "line1": "千代田1-1"}, "株式会社") == ("千代田1-1", "株式会社")
    assert addresses.lines({}) == ()


def test_eastern_addresses_in_latin_letters_go_from_small_to_large() -> None:
    tokyo = stored("JP", "1-1 Chiyoda", "Chiyoda-ku", "Tokyo", "100-0001")
    assert addresses.lines(tokyo, "Ada") == ("Ada", "1-1 Chiyoda", "Chiyoda-ku, Tokyo 100-0001")
    assert not addresses.eastern(tokyo)
    assert addresses.eastern(stored("JP", "千代田1-1"))
    assert not addresses.eastern(stored("DE", "千代田1-1"))
