"""Decides in which language a page speaks, and how it writes dates, amounts and lists in it."""

from __future__ import annotations

import gettext as catalogues
import re
from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent

from portal_ui import money

FOLDER = Path(__file__).parent / "locales"
DOMAIN = "messages"
FALLBACK = "en"
AUTO = "auto"

# Dates are those of UTC, as the periods of the API are counted (a choice: the real pages use the reader's zone).
ZONE = UTC
DAY = 86_400  # of that zone
SHORT = "MMMd"
KEPT = 4096  # days and amounts of a language that are kept as they are written


# The locales of the API (docs.stripe.com/api/customer_portal/sessions/create) and how their readers call them.
LOCALES = {
    "bg": "Български",
    "cs": "Čeština",
    "da": "Dansk",
    "de": "Deutsch",
    "el": "Ελληνικά",
    "en": "English",
    "en-AU": "English (Australia)",
    "en-CA": "English (Canada)",
    "en-GB": "English (United Kingdom)",
    "en-IE": "English (Ireland)",
    "en-IN": "English (India)",
    "en-NZ": "English (New Zealand)",
    "en-SG": "English (Singapore)",
    "es": "Español",
    "es-419": "Español (Latinoamérica)",
    "et": "Eesti",
    "fi": "Suomi",
    "fil": "Filipino",
    "fr": "Français",
    "fr-CA": "Français (Canada)",
    "hr": "Hrvatski",
    "hu": "Magyar",
    "id": "Bahasa Indonesia",
    "it": "Italiano",
    "ja": "日本語",
    "ko": "한국어",
    "lt": "Lietuvių",
    "lv": "Latviešu",
    "ms": "Bahasa Melayu",
    "mt": "Malti",
    "nb": "Norsk bokmål",
    "nl": "Nederlands",
    "pl": "Polski",
    "pt": "Português",
    "pt-BR": "Português (Brasil)",
    "ro": "Română",
    "ru": "Русский",
    "sk": "Slovenčina",
    "sl": "Slovenščina",
    "sv": "Svenska",
    "th": "ไทย",
    "tr": "Türkçe",
    "vi": "Tiếng Việt",
    "zh": "简体中文",
    "zh-HK": "繁體中文 (香港)",
    "zh-TW": "繁體中文 (台灣)",
}
# Other tags for the same: those of docs.stripe.com/customer-management/configure-portal, and what browsers send.
ALIASES = {
    "nb-NO": "nb",
    "no": "nb",
    "nn": "nb",
    "pt-PT": "pt",
    "tl": "fil",
    "zh-CN": "zh",
    "zh-Hans": "zh",
    "zh-Hans-CN": "zh",
    "zh-SG": "zh",
    "zh-Hant": "zh-TW",
    "zh-Hant-TW": "zh-TW",
    "zh-Hant-HK": "zh-HK",
    "zh-MO": "zh-HK",
}
# Where the Spanish of Latin America is spoken.
AMERICAN = (
    "AR", "BO", "CL", "CO", "CR", "CU", "DO", "EC", "GT", "HN", "MX", "NI", "PA", "PE", "PR", "PY", "SV", "US", "UY", "VE",
)  # fmt: skip
# Where the words of a variety come from that its own catalogue does not change.
BASES = {
    **dict.fromkeys(("en-AU", "en-CA", "en-IE", "en-IN", "en-NZ", "en-SG"), "en-GB"),
    **dict.fromkeys((f"es-{land}" for land in AMERICAN), "es-419"),
    "zh-HK": "zh-TW",
}
SCRIPTS = {
    "pt": "pt_PT",
    "zh": "zh_Hans_CN",
    "zh-HK": "zh_Hant_HK",
    "zh-TW": "zh_Hant_TW",
}  # the names that CLDR has for them
_WEIGHT = re.compile(r"(?:q\s*=\s*(\d(?:\.\d*)?))?", re.IGNORECASE)  # RFC 9110, 12.4.2; what is none is not heard
# What the reader chose in the menu; it goes before everything else, for as long as a request is answered.
CHOSEN: ContextVar[str | None] = ContextVar("CHOSEN", default=None)


def N_(message: str) -> str:  # noqa: N802 - by this name Babel finds messages that tables hold
    """Return a message as it is: it is said later, with ``Words.gettext``."""
    return message


@cache
def languages() -> frozenset[str]:
    """Return the languages that have a catalogue; English is the language of the messages themselves."""
    return frozenset({FALLBACK, *(path.parent.parent.name for path in FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))})


def _written(wanted: str) -> str:
    """Return a tag as BCP 47 writes it: ``zh-Hant-HK``."""
    first, *more = wanted.replace("_", "-").split("-")
    return "-".join([first.lower(), *(part.upper() if len(part) in {2, 3} else part.title() for part in more)])


def _offered(wanted: str) -> str | None:
    """Return ``wanted`` as a locale whose language has a catalogue, None when there is none."""
    tag = _written(wanted)
    tag = ALIASES.get(tag, tag)
    if tag.replace("-", "_") in languages():
        return tag
    return tag if tag.partition("-")[0] in languages() else None


def catalogues_of(tag: str) -> list[str]:
    """Return the names of the catalogues that a locale's words are looked up in, its own first."""
    names = [tag]
    while names[-1] in BASES:
        names.append(BASES[names[-1]])
    names.append(tag.partition("-")[0])
    return [name.replace("-", "_") for name in dict.fromkeys(names)]


def _accepted(header: str) -> list[str]:
    """Return the languages of an Accept-Language header, best first."""
    if not header:
        return []
    found = []
    for place, part in enumerate(header.split(",")[:20]):
        tag, _, weight = part.strip().partition(";")
        match = _WEIGHT.fullmatch(weight.strip())
        if match:
            found.append((-float(match[1] or 1), place, tag.strip()))
    return [tag for weight, _, tag in sorted(found) if weight < 0]


def choose(explicit: str | None, preferred: Iterable[str], accept: str) -> str:
    """Return the locale of a page: what the reader chose, else the session's, the customer's, the browser's, English.

    Source: the ``locale`` parameter of portal sessions (facts portal 10).
    """
    chosen = CHOSEN.get()
    wishes = [explicit] if explicit and explicit != AUTO else [*preferred, *_accepted(accept)]
    wishes = [chosen, *wishes] if chosen else wishes
    for wish in wishes:
        if wish and _letters(wish) and (found := _offered(wish)):
            return found
    return FALLBACK


def _letters(tag: str) -> bool:
    return len(tag) <= 20 and tag.replace("-", "").replace("_", "").isalnum() and tag.isascii()


class Words:
    """One language: its messages and its ways of writing."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        try:
            self.locale = Locale.parse(SCRIPTS.get(tag) or tag.replace("-", "_"))
        except (ValueError, LookupError):
            self.tag = tag = tag.split("-", maxsplit=1)[0]
            self.locale = Locale.parse(tag)
        self._days: dict[tuple[str, int], str] = {}
        self._amounts: dict[tuple[int | Decimal, str], str] = {}
        self._messages = catalogues.translation(DOMAIN, FOLDER, catalogues_of(tag), fallback=True)

    def gettext(self, message: str, **values: Any) -> str:
        """Return the translation of ``message`` with ``values`` put in."""
        text = self._messages.gettext(message)
        return text % values if values else text

    def ngettext(self, one: str, many: str, num: int, **values: Any) -> str:
        """Return the translation for ``num`` things; ``%(num)s`` is the number."""
        return self._messages.ngettext(one, many, num) % {"num": num, **values}

    def money(self, minor: int | Decimal, currency: str) -> str:
        """Return an amount of minor units as text."""
        found = self._amounts.get((minor, currency))
        if found is None:
            found = money.written(minor, currency, self.locale)
            _keep(self._amounts, (minor, currency), found)
        return found

    def long_day(self, instant: int) -> str:
        """Return ``August 25, 2024``."""
        return self._day(instant, "long")

    def day(self, instant: int) -> str:
        """Return ``Aug 25, 2024``."""
        return self._day(instant, "medium")

    def short_day(self, instant: int) -> str:
        """Return ``Aug 25``."""
        return self._day(instant, SHORT)

    def _day(self, instant: int, form: str) -> str:
        """Return a day in one of its forms; an instant of a day that was asked for already costs next to nothing."""
        day = instant // DAY
        found = self._days.get((form, day))
        if found is None:
            found = _written_day(_date(instant), form, self.locale)
            _keep(self._days, (form, day), found)
        return found

    def span(self, start: int, end: int) -> str:
        """Return ``Jul 1 – Aug 1, 2024``."""  # noqa: RUF002 - the sign that a span has
        return _span(_date(start), _date(end), self.locale)

    def number(self, value: int | Decimal) -> str:
        """Return ``1,234``."""
        return format_decimal(value, locale=self.locale)

    def percent(self, value: Decimal) -> str:
        """Return ``8.25%`` for 8.25."""
        return format_percent(value / 100, locale=self.locale, decimal_quantization=False)

    def listed(self, names: Sequence[str]) -> str:
        """Return ``A, B, and C``."""
        return names[0] if len(names) == 1 else format_list(names, locale=self.locale)


def _date(instant: int) -> date:
    return datetime.fromtimestamp(instant, ZONE).date()


def _keep(known: dict[Any, str], key: Any, text: str) -> None:
    """Keep what was written, so many of a kind and no more."""
    if len(known) >= KEPT:
        known.clear()
    known[key] = text


def _written_day(day: date, form: Any, locale: Locale) -> str:
    if form == SHORT:
        return format_skeleton(SHORT, datetime(day.year, day.month, day.day, tzinfo=ZONE), tzinfo=ZONE, locale=locale)
    return format_date(day, format=form, locale=locale)


@lru_cache(4096)
def _span(start: date, end: date, locale: Locale) -> str:
    return format_interval(start, end, "yMMMd", locale=locale)


@lru_cache(64)
def words(tag: str) -> Words:
    """Return the language ``tag`` (an answer of ``choose``)."""
    return Words(tag)
