"""Decides how a form that takes a new payment method is put together, wherever it stands, and what it starts with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from emulator.kernel.documents import Doc, at
from portal_ui import method_forms, method_words, methods
from portal_ui.i18n import Words
from portal_ui.views.methods import NewMethod, TypeChoice
from portal_ui.views.shared import Link

CARD = "card"
OF_ADDRESS = ("line1", "city", "state", "postal_code", "country")


def known(customer: Doc | None, account: Doc | None, type: str) -> dict[str, str]:
    """Return what a form starts with: the customer's own name and address."""
    person = customer or {}
    found = {"email": person.get("email"), "name": person.get("name")}
    found |= {name: at(person, f"address.{name}") for name in OF_ADDRESS}
    if type == CARD:
        found["country"] = found["country"] or (account or {}).get("country")
    return {name: value for name, value in found.items() if isinstance(value, str)}


def chosen(types: list[Doc], wanted: str | None) -> Doc | None:
    """Return the type that is asked for, else the first one, None when there is none."""
    return next((one for one in types if one["type"] == wanted), types[0] if types else None)


def trial(type: Doc, place: str | None) -> dict[str, str]:
    """Return what the test number at a place of the drawer fills in, with what stands in for an unknown customer."""
    fits = place is not None and place.isascii() and place.isdecimal() and len(place) < 4
    if not fits or int(place or 0) >= len(type["trials"]):
        return {}
    filled: dict[str, str] = type["trials"][int(place or 0)]["fill"]
    return filled


def started(type: Doc, query: Mapping[str, str], customer: Doc | None, account: Doc | None) -> dict[str, str]:
    """Return what the fields of a type hold when the form is opened; ``test`` of the query is a place in the drawer."""
    fill = trial(type, query.get("test"))
    return {**(type["filled"] if fill else {}), **known(customer, account, type["type"]), **fill}


def details(fields: Mapping[str, str], known_as: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what was typed by the names that operations know."""
    names = {sent: name for name, sent in {**method_forms.SENT_AS, **(known_as or {})}.items()}
    return {names.get(name, name): text for name, text in fields.items()}


def drawn(
    words: Words,
    type: Doc,
    *,
    types: list[Doc],
    values: Mapping[str, str],
    problems: Mapping[str, str] | None,
    business: str,
    url: Callable[..., str],
    card_url: str | None,
    terms_url: str | None = None,
    known_as: Mapping[str, str] | None = None,
    kept: bool = True,
) -> NewMethod:
    """Return a form's part for one ``type`` of ``types``; ``url`` makes the page's address from a query.

    A card that is not ``kept`` needs no agreement about later payments.
    """
    name = type["type"]
    called = methods.type_name(words, name, type["name"])
    here = url(type=name)
    return NewMethod(
        types=tuple(
            TypeChoice(
                methods.type_name(words, one["type"], one["name"]),
                methods.mark_of(one["type"]),
                url(type=one["type"]),
                one["type"] == name,
            )
            for one in types
        ),
        type=name,
        card_url=card_url if name == CARD else None,
        brands=methods.DRAWN if name == CARD else (),
        asked=method_forms.asked(words, type["fields"], values, problems or {}, name, known_as),
        lead=method_words.lead(words, name, called),
        mandate=method_words.mandate(words, name, business, called) if kept or name != CARD else "",
        terms=Link(terms_url, words.gettext("Terms")) if terms_url else None,
        trials=method_words.trials(words, type["trials"], f"{here}{'&' if '?' in here else '?'}test="),
    )


def query(path: str, **more: Any) -> str:
    """Return an address with a query."""
    return f"{path}?{urlencode(more)}" if more else path
