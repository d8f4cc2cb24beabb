"""Languages: which is chosen, that none has a hole, and how amounts and days are written."""

from __future__ import annotations

import re
from decimal import Decimal
from gettext import GNUTranslations
from io import BytesIO

import pytest
from babel.messages.catalog import Catalog

from portal_ui import catalogues, i18n
from tests.pages.conftest import Portal
from tests.pages.fake_objects import NOW

SUB = "subscriptions/sub_1FakeTeam"
ENGLISH = re.compile(
    r"\b(the|your|you|subscription|invoice|payment|cancel|billing|was|this|there|method)\b", re.IGNORECASE
)


@pytest.mark.parametrize(
    "explicit, preferred, accept, chosen",
    [
        (None, [], "", "en"), ("auto", [], "de-AT,de;q=0.9", "de-AT"), (None, ["ja"], "de", "ja"), ("de", ["ja"], "ja", "de"),
        ("sr", ["de"], "de", "en"), (None, ["sr"], "de", "de"), (None, [], "en;q=0.2, ja;q=0.8", "ja"), (None, [], "de;q=0, ja", "ja"),
        ("en-GB", [], "", "en-GB"), (None, [], "*;q=x,,;;", "en"), (None, ["../../etc"], "\x00" * 50, "en"), (None, [], "DE-de", "de-DE"),
        (None, [], "de;q=0.3, fr ;Q=0.8", "fr"), (None, [], "de;q=nan,fr;q=nan,it", "it"), (None, [], "de;q=0,es;q=inf", "en"),
        ("zh-Hant-HK", [], "", "zh-HK"), (None, ["zh-Hant-TW"], "", "zh-TW"), (None, [], "nb-NO", "nb"),
    ],
)  # fmt: skip
def test_choice(explicit: str | None, preferred: list[str], accept: str, chosen: str) -> None:
    assert i18n.choose(explicit, preferred, accept) == chosen


@pytest.fixture(scope="module")
def said() -> Catalog:
    """All that the pages can say, collected once."""
    return catalogues.messages()


@pytest.mark.parametrize("language", catalogues.translated())
def test_catalogues_are_complete_and_compiled(language: str, said: Catalog) -> None:
    assert catalogues.missing(language, said) == []
    kept, made = (
        {key: text for key, text in vars(GNUTranslations(BytesIO(data)))["_catalog"].items() if key}
        for data in (catalogues.po(language).with_suffix(".mo").read_bytes(), catalogues.compiled(language))
    )
    assert kept == made, "run python -m portal_ui.catalogues compile"


def test_all_locales_have_their_words() -> None:
    assert len(i18n.languages()) > 35
    assert all(i18n.choose(tag, (), "") == tag for tag in i18n.LOCALES)


@pytest.mark.parametrize("language", ["de", "ja"])
async def test_no_english_is_left(portal: Portal, language: str) -> None:
    for name in ("leaving", "one", "many", "nothing", "trial", "immediate", "viewonly"):
        portal.world(name).session["locale"] = language
    paths = [
        "leaving?canceled=sub_1FakeTeam", "nothing", "trial", f"one/{SUB}/cancel", f"immediate/{SUB}/cancel", f"leaving/{SUB}/renew",
        "one?done=canceled", "one?done=feedback", "one?done=renewed", "unused", "idle", "completed", "gone", "crash", "one/x", f"viewonly/{SUB}/cancel",
    ]  # fmt: skip
    for path in paths:
        page = await portal.get(path, **{"Accept-Language": language})
        assert f'<html lang="{language}">' in page.html
        assert page.headers["Content-Language"] == language
        text = page.text.replace("Stripe Billing", "").replace("Stripe", "")
        assert ENGLISH.findall(text) == [], (path, text)


async def test_german_writes_german(portal: Portal) -> None:
    text = (await portal.get("german")).text
    assert "1.234,56 € pro Monat" in text.replace("\xa0", " ")
    assert "Ihr Abonnement endet am 25. August 2024." in text
    assert "25.07.2024" in text


async def test_japanese_yen_and_dinars(portal: Portal) -> None:
    text = (await portal.get("yen")).text
    assert "1 か月あたり ￥6,000" in text
    assert "2024年8月25日" in text
    assert "12.345" in text, "KWD has three decimals"


@pytest.mark.parametrize(
    "minor, currency, written",
    [
        (2000, "usd", "$20.00"), (2000, "jpy", "¥2,000"), (2000, "krw", "₩2,000"), (12345, "kwd", "KWD 12.345"), (0, "usd", "$0.00"),
        (-2000, "usd", "-$20.00"), (Decimal("0.5"), "usd", "$0.005"), (Decimal("1234.56"), "usd", "$12.3456"), (1050, "lak", "LAK 10.50"),
        (150000, "isk", "ISK 1,500"), (123456789012, "eur", "€1,234,567,890.12"), (2000, "huf", "HUF 20.00"), (5, "tnd", "TND 0.005"),
    ],
)  # fmt: skip
def test_money(minor: int | Decimal, currency: str, written: str) -> None:
    assert i18n.words("en").money(minor, currency).replace("\xa0", " ") == written


def test_days() -> None:
    words = i18n.words("en")
    assert (words.long_day(NOW), words.day(NOW), words.short_day(NOW)) == ("August 1, 2024", "Aug 1, 2024", "Aug 1")
