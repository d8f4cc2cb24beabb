"""The catalogues: all locales of the API, every message, the same placeholders, the plural forms of the language, no English left."""

from __future__ import annotations

import re

import pytest
from babel.messages.catalog import Catalog
from babel.messages.plurals import get_plural

from portal_ui import catalogues, i18n

PLACES = re.compile(r"%\(\w+\)s|%%|\{\w+\}")
WORD = re.compile(r"[A-Za-z]{2,}")
# Own names, abbreviations and words that many languages share: a message of these alone may stay as it is.
SHARED = set(
    """amazon bacs becs bsb cash cashapp app pay card cnpj code cpf cvc debit direct email iban id ids institution link ok paypal
    portal qty sepa stripe total transit
    """.split()  # noqa: SIM905 - a list of words reads better so
)
CATALOGUES = sorted(catalogues.translated())
WHOLE = [name for name in CATALOGUES if name not in catalogues.VARIETIES]


@pytest.fixture(scope="module")
def known() -> dict[str, Catalog]:
    return {name: catalogues.read(name) for name in CATALOGUES}


def forms(string: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return list(string) if isinstance(string, (tuple, list)) else [string or ""]


@pytest.mark.parametrize("tag", list(i18n.LOCALES))
def test_every_locale_of_the_api_speaks(tag: str) -> None:
    words = i18n.words(i18n.choose(tag, (), ""))
    told = words.gettext("Cancel subscription")
    if tag.partition("-")[0] == "en":
        assert told == "Cancel subscription"
    else:
        assert told != "Cancel subscription"
    assert words.tag == tag


@pytest.mark.parametrize("name", CATALOGUES)
def test_placeholders_and_plural_forms(name: str, known: dict[str, Catalog]) -> None:
    count = get_plural(name)[0]
    for message in known[name]:
        if not message.id:
            continue
        if isinstance(message.id, str):
            assert sorted(set(PLACES.findall(message.id))) == sorted(set(PLACES.findall(forms(message.string)[0])))
        else:
            wanted = set(PLACES.findall(message.id[1])) | {"%(num)s"}
            assert len(forms(message.string)) == count, message.id
            assert all(set(PLACES.findall(form)) <= wanted for form in forms(message.string))


@pytest.mark.parametrize("name", WHOLE)
def test_no_english_is_left(name: str, known: dict[str, Catalog]) -> None:
    """A longer text that is the same as in English was forgotten; single words may be the same in both."""
    same = [
        message.id
        for message in known[name]
        if isinstance(message.id, str)
        and message.string == message.id
        and len([word for word in WORD.findall(PLACES.sub("", message.id)) if word.lower() not in SHARED]) > 2
    ]
    assert same == []


@pytest.mark.parametrize("name", WHOLE)
def test_most_words_differ_from_english(name: str, known: dict[str, Catalog]) -> None:
    texts = [message for message in known[name] if isinstance(message.id, str) and message.id]
    same = [message.id for message in texts if message.string == message.id]
    assert len(same) < len(texts) * 0.08, same


@pytest.mark.parametrize(
    "variety, base", [("es_419", "es"), ("fr_CA", "fr"), ("pt_BR", "pt"), ("zh_HK", "zh_TW"), ("en_GB", None)]
)
def test_varieties_differ_where_the_language_does(variety: str, base: str | None, known: dict[str, Catalog]) -> None:
    own = {message.id: message.string for message in known[variety] if message.id}
    other = {message.id: message.string if base else message.id for message in known[base or variety] if message.id}
    assert any(own[id] != other.get(id) for id in own)


def test_no_entry_is_fuzzy(known: dict[str, Catalog]) -> None:
    assert [
        (name, message.id) for name, catalogue in known.items() for message in catalogue if message.id and message.fuzzy
    ] == []


def test_terms_are_those_of_the_language(known: dict[str, Catalog]) -> None:
    """A few words whose meaning a literal translation misses, as banks and software of the language say them."""
    said = {
        "de": ("Subscription", "Abonnement"), "fr": ("Subscription", "Abonnement"), "es": ("Invoice", "Factura"),
        "it": ("Invoice", "Fattura"), "ja": ("Invoice", "請求書"), "pl": ("Invoice", "Faktura"), "zh": ("Invoice", "账单"),
    }  # fmt: skip
    for name, (english, word) in said.items():
        texts = [
            forms(message.string)[0] for message in known[name] if isinstance(message.id, str) and english in message.id
        ]
        assert any(word.lower() in text.lower() for text in texts), (name, english, word)
