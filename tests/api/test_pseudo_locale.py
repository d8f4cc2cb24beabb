"""Every word of every page can be translated: in a made-up language all texts stand in brackets, and nothing is left outside."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from babel import Locale

from portal_ui import i18n, render
from tests.support.client import Api

WORLDS = [
    "saas",
    "trial_ending",
    "canceling",
    "past_due",
    "paused",
    "changing",
    "metered",
    "invoiced",
    "several",
    "discounted",
    "shop_eu",
]
OURS = ("/p/", "/i/", "/receipts/", "/dashboard")
SHOWN = {"alt", "aria-label", "placeholder", "title"}
# Names, which no language changes, and texts that stand for themselves.
NAMES = set(
    """stripe emulator english visa mastercard american express link paypal cash app pay amazon sepa direct debit bacs becs
    iban bsb cpf cnpj cvc jcb discover diners club unionpay vat sk_test eu gb us de fr jp mode png jpeg gif
    """.split()  # noqa: SIM905 - a list of words reads better so
)
MEANT = re.compile(r"\S+@example\.com|sk_test_\S+")  # stand for themselves
WORD = re.compile(r"[A-Za-z][A-Za-z']{2,}")


class Texts(HTMLParser):
    """Collects what a reader sees or hears, and where links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.links: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self._silent += tag in {"script", "style", "select"}
        if tag == "a" and known.get("href"):
            self.links.append(str(known["href"]))
        self.texts += [str(value) for name, value in attrs if name in SHOWN and value]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in {"script", "style", "select"}

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.texts.append(" ".join(data.split()))


def strings(value: Any) -> Iterator[str]:
    """Yield all texts of a document."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield key
            yield from strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part)
    elif isinstance(value, str):
        yield value


def words_of_cldr() -> set[str]:
    """Return the words that Babel writes in English: months, currencies, countries, languages, lists."""
    english = Locale("en")
    found = ["and"]
    for locale in (english, Locale("de")):  # invoices speak the customer's language
        found += [*locale.months["format"]["wide"].values(), *locale.months["format"]["abbreviated"].values()]
        found += locale.territories.values()
    found += [*english.languages.values(), *i18n.LOCALES.values()]
    found += [*english.currencies, *english.currencies.values()]
    return {word.lower() for text in found for word in WORD.findall(text)}


@pytest.fixture
def bracketed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let every translated text stand in brackets."""

    def gettext(self: i18n.Words, message: str, **values: Any) -> str:
        return f"⟦{message % values if values else message}⟧"

    def ngettext(self: i18n.Words, one: str, many: str, num: int, **values: Any) -> str:
        return f"⟦{(one if num == 1 else many) % {'num': num, **values}}⟧"

    def forget() -> None:
        i18n.words.cache_clear()
        render.encoded.cache_clear()

    monkeypatch.setattr(i18n.Words, "gettext", gettext)
    monkeypatch.setattr(i18n.Words, "ngettext", ngettext)
    forget()
    yield
    forget()


def left(text: str) -> str:
    """Return what stands outside of brackets, which may be nested."""
    depth, kept = 0, []
    for letter in text:
        depth += letter == "⟦"
        if not depth:
            kept.append(letter)
        depth -= letter == "⟧"
    return MEANT.sub(" ", "".join(kept))


async def crawled(api: Api, start: str, limit: int = 45) -> Iterator[tuple[str, Texts]]:
    """Return our own pages that can be reached from ``start``."""
    found: list[tuple[str, Texts]] = []
    waiting, seen = [start], {start}
    while waiting and len(found) < limit:
        path = waiting.pop(0)
        async with api.client.get(path) as answer:
            if not answer.content_type.startswith("text/html"):
                continue
            page = Texts()
            page.feed(await answer.text())
        found.append((path, page))
        for link in page.links:
            parts = urlsplit(urljoin(path, link))
            there = f"{parts.path}?{parts.query}" if parts.query else parts.path
            if parts.path.startswith(OURS) and there not in seen and not parts.path.endswith("/pdf"):
                seen.add(there)
                waiting.append(there)
    return iter(found)


@pytest.mark.usefixtures("bracketed")
@pytest.mark.parametrize("world", WORLDS)
async def test_nothing_is_outside_of_the_catalogues(world: str, api: Api) -> None:
    key = f"sk_test_{world}"
    async with api.client.post("/_emulator/worlds", json={"key": key, "fixture": world}) as made:
        assert made.status == 200
    async with api.client.get(f"/_emulator/worlds/{key}/export") as exported:
        document = await exported.json()
    session = await api.call("POST", "/v1/billing_portal/sessions", {"customer": "cus_demo", "locale": "en"}, key=key)
    known = words_of_cldr() | NAMES | {key}
    known |= {word.lower() for text in strings(document) for word in WORD.findall(text)}
    start = urlsplit(session["url"]).path
    pages = [*await crawled(api, start), *await crawled(api, f"/dashboard/settings/billing/portal?key={key}", 6)]
    assert len(pages) > 5
    outside = {
        f"{re.sub('test_[^/]+', '...', path)}: {text}"
        for path, page in pages
        for text in page.texts
        if any(word.lower() not in known for word in WORD.findall(left(text)))
    }
    assert sorted(outside) == []
    assert any("⟦" in text for _, page in pages for text in page.texts), json.dumps([path for path, _ in pages])
