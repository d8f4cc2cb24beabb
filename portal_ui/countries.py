"""Decides how countries and the parts of their addresses are called in the reader's language."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from emulator.kernel import addresses
from portal_ui.i18n import Words

# The names of the parts for browsers (HTML: autofill detail tokens).
AUTOCOMPLETE = {
    "line1": "address-line1",
    "line2": "address-line2",
    "city": "address-level2",
    "state": "address-level1",
    "postal_code": "postal-code",
}


@lru_cache(64)
def named(words: Words) -> tuple[tuple[str, str], ...]:
    """Return the countries with their names, in the order of the names."""
    territories = words.locale.territories
    rows = ((code, str(territories.get(code, code))) for code in addresses.countries())
    return tuple(sorted(rows, key=lambda row: _order(row[1])))


def _order(name: str) -> str:
    """Return what a name is sorted by: capitals and accents do not matter."""
    parts = unicodedata.normalize("NFKD", name.casefold())
    return "".join(char for char in parts if not unicodedata.combining(char))


def label(words: Words, part: str, kind: addresses.Address) -> str:
    """Return what a part of an address is called where addresses are written as ``kind`` says."""
    if part == "city":
        return _town(words, kind.town)
    if part == "state":
        return _state(words, kind.state)
    if part == "postal_code":
        return _postal(words, kind.postal)
    return words.gettext("Address line 1") if part == "line1" else words.gettext("Address line 2")


def _town(words: Words, kind: str) -> str:
    names = {
        "district": words.gettext("District"),
        "post_town": words.gettext("Town or city"),
        "suburb": words.gettext("Suburb or city"),
    }
    return names.get(kind) or words.gettext("City")


def _state(words: Words, kind: str) -> str:
    names = {
        "state": words.gettext("State"),
        "prefecture": words.gettext("Prefecture"),
        "county": words.gettext("County"),
        "parish": words.gettext("Parish"),
        "island": words.gettext("Island"),
        "department": words.gettext("Department"),
        "region": words.gettext("Region"),
        "district": words.gettext("District"),
        "emirate": words.gettext("Emirate"),
    }
    return names.get(kind) or words.gettext("Province")


def _postal(words: Words, kind: str) -> str:
    names = {"zip": words.gettext("ZIP"), "eircode": words.gettext("Eircode"), "pin": words.gettext("PIN code")}
    return names.get(kind) or words.gettext("Postal code")
