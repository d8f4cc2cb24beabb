"""Decides in which language a page speaks, and how it writes dates, amounts and lists in it."""

from __future__ import annotations

import gettext as catalogues
from collections.abc import Iterable, Sequence
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


@cache
def languages() -> frozenset[str]:
    """Return the languages that have a catalogue; English is the language of the messages themselves."""
    return frozenset({FALLBACK, *(path.parent.parent.name for path in FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))})


def _offered(wanted: str) -> str | None:
    """Return ``wanted`` as one of our locale names when there is a catalogue for it or its language."""
    parts = wanted.replace("_", "-").split("-")
    tag = "-".join([parts[0].lower(), *(part.upper() if len(part) == 2 else part.title() for part in parts[1:])])
    if tag.replace("-", "_") in languages():
        return tag
    return tag if parts[0].lower() in languages() else None


def _accepted(header: str) -> list[str]:
    """Return the languages of an Accept-Language header, best first."""
    found = []
    for place, part in enumerate(header.split(",")[:20]):
        tag, _, weight = part.strip().partition(";")
        digits = weight.strip().removeprefix("q=")
        try:
            found.append((-Decimal(digits or 1), place, tag.strip()))
        except ArithmeticError:
            continue
    return [tag for weight, _, tag in sorted(found) if weight < 0]


def choose(explicit: str | None, preferred: Iterable[str], accept: str) -> str:
    """Return the locale of a page: the session's, else the customer's, else the browser's, else English.

    Source: the ``locale`` parameter of portal sessions (facts portal 10).
    """
    wishes = [explicit] if explicit and explicit != AUTO else [*preferred, *_accepted(accept)]
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
            self.locale = Locale.parse(tag, sep="-")
        except (ValueError, LookupError):
            self.tag = tag = tag.split("-", maxsplit=1)[0]
            self.locale = Locale.parse(tag)
        names = [tag.replace("-", "_"), self.locale.language]
        self._messages = catalogues.translation(DOMAIN, FOLDER, names, fallback=True)

    def gettext(self, message: str, **values: Any) -> str:
        """Return the translation of ``message`` with ``values`` put in."""
        text = self._messages.gettext(message)
        return text % values if values else text

    def ngettext(self, one: str, many: str, num: int, **values: Any) -> str:
        """Return the translation for ``num`` things; ``%(num)s`` is the number."""
        return self._messages.ngettext(one, many, num) % {"num": num, **values}

    def money(self, minor: int | Decimal, currency: str) -> str:
        """Return an amount of minor units as text."""
        return money.written(minor, currency, self.locale)

    def long_day(self, instant: int) -> str:
        """Return ``August 25, 2024``."""
        return _day(_date(instant), "long", self.locale)

    def day(self, instant: int) -> str:
        """Return ``Aug 25, 2024``."""
        return _day(_date(instant), "medium", self.locale)

    def short_day(self, instant: int) -> str:
        """Return ``Aug 25``."""
        return _short_day(_date(instant), self.locale)

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
        return format_list(names, locale=self.locale)


def _date(instant: int) -> date:
    return datetime.fromtimestamp(instant, ZONE).date()


@lru_cache(4096)
def _day(day: date, width: Any, locale: Locale) -> str:
    return format_date(day, format=width, locale=locale)


@lru_cache(4096)
def _short_day(day: date, locale: Locale) -> str:
    return format_skeleton("MMMd", datetime(day.year, day.month, day.day, tzinfo=ZONE), tzinfo=ZONE, locale=locale)


@lru_cache(4096)
def _span(start: date, end: date, locale: Locale) -> str:
    return format_interval(start, end, "yMMMd", locale=locale)


@lru_cache(64)
def words(tag: str) -> Words:
    """Return the language ``tag`` (an answer of ``choose``)."""
    return Words(tag)
