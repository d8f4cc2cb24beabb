"""The menu of languages: what it offers, what it remembers, and where it leads."""

from __future__ import annotations

import re

import pytest

from portal_ui import catalogues, i18n
from tests.pages.conftest import Portal


async def test_the_menu_offers_every_locale_of_the_api(portal: Portal) -> None:
    page = await portal.get("one")
    offered = re.findall(r'<option value="([^"]+)" lang="\1"', page.html)
    assert offered == list(i18n.LOCALES)
    assert len(offered) == 46
    assert re.findall(r'<option value="([^"]+)" lang="\1" selected', page.html) == ["en"]


async def test_a_choice_is_remembered_and_leads_back_to_the_page(portal: Portal) -> None:
    portal.world("one").session["locale"] = "en"
    answer = await portal.get("one?invoices=30&lang=de")
    assert (answer.status, answer.headers["Location"]) == (303, "/p/session/test_one?invoices=30")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("portal_language=de;")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    page = await portal.get("one", **{"Accept-Language": "ja"})
    assert '<html lang="de">' in page.html
    assert '<option value="de" lang="de" selected>' in page.html


@pytest.mark.parametrize("tag", ["xx", "../etc", "", "de;q=1", "<script>"])
async def test_what_is_no_language_is_not_remembered(portal: Portal, tag: str) -> None:
    answer = await portal.get(f"one?lang={tag}")
    assert (answer.status, answer.headers["Location"]) == (303, "/p/session/test_one")
    assert "Set-Cookie" not in answer.headers


async def test_a_forged_cookie_is_no_choice(portal: Portal) -> None:
    page = await portal.get("one", Cookie="portal_language=../../x")
    assert '<html lang="en">' in page.html


@pytest.mark.parametrize(
    "tag, names",
    [
        ("en-AU", ["en_AU", "en_GB", "en"]), ("es-MX", ["es_MX", "es_419", "es"]), ("zh-HK", ["zh_HK", "zh_TW", "zh"]),
        ("fr-CA", ["fr_CA", "fr"]), ("de-AT", ["de_AT", "de"]), ("pt-BR", ["pt_BR", "pt"]),
    ],
)  # fmt: skip
def test_where_words_are_looked_up(tag: str, names: list[str]) -> None:
    assert i18n.catalogues_of(tag) == names


@pytest.mark.parametrize("alias, tag", list(i18n.ALIASES.items()))
def test_other_tags_for_the_same(alias: str, tag: str) -> None:
    if tag.replace("-", "_") in [*catalogues.translated(), "en"]:
        assert i18n.choose(alias, (), "") == tag
    assert tag in i18n.LOCALES
