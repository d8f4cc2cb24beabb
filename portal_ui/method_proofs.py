"""Decides what proves a bank account by its small deposits: which fields are asked, and what test answers there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal_ui import method_forms, method_kinds, method_words
from portal_ui.i18n import Words
from portal_ui.views.methods import Ask, TrialRow

CODE = ("descriptor_code",)
AMOUNTS = ("first_amount", "second_amount")
REFUSED = frozenset({400, 402})


def lead(words: Words, type: str) -> str:
    """Return what was sent to an account."""
    if method_kinds.of(type).coded:
        return words.gettext(
            "We have sent a small deposit to your account. Its description starts with a code of six characters."
        )
    return words.gettext("We have sent two small deposits to your account. Tell us their amounts.")


def asked(words: Words, type: str, values: Mapping[str, str], problems: Mapping[str, str]) -> tuple[Ask, ...]:
    """Return the fields for a type of account."""
    names = CODE if method_kinds.of(type).coded else AMOUNTS
    fields = [{"name": name, "optional": False, "options": [], "secret": False} for name in names]
    return method_forms.asked(words, fields, values, problems, type)


def trials(words: Words, type: str, url: str) -> tuple[TrialRow, ...]:
    """Return the drawer of test answers; ``url`` ends where the place of the chosen one is put."""
    return method_words.proofs(words, url, by_code=method_kinds.of(type).coded)


def filled(type: str, place: str | None) -> dict[str, str]:
    """Return what the chosen row of the drawer fills in."""
    if place not in {"0", "1", "2"}:
        return {}
    if method_kinds.of(type).coded:
        return {CODE[0]: method_words.CODES[int(place)]}
    return dict(zip(AMOUNTS, method_words.AMOUNTS[int(place)], strict=True))


def said(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the answers of a form."""
    return {name: fields[name] for name in (*CODE, *AMOUNTS) if name in fields}


def meant(type: str, typed: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the API's parameters for what was typed, amounts in cents, and the codes of what is wrong with it."""
    if method_kinds.of(type).coded:
        code = typed.get(CODE[0], "").strip()
        return {"descriptor_code": code}, {} if code else {CODE[0]: "incomplete_descriptor_code"}
    found = {name: _cents(typed.get(name, "")) for name in AMOUNTS}
    wrong = {name: "invalid_amount" for name, cents in found.items() if cents is None}
    return {"amounts": [found[name] for name in AMOUNTS]}, wrong


def _cents(text: str) -> int | None:
    plain = text.strip().removeprefix("0.").removeprefix("0,")
    return int(plain) if plain.isascii() and plain.isdecimal() and len(plain) <= 2 else None
