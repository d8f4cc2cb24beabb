"""Decides what the page of a Checkout session asks beside the payment method, and how the answers are passed on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from emulator.kernel.documents import Doc
from portal_ui import countries, method_entry, method_forms
from portal_ui.i18n import Words
from portal_ui.views.methods import Ask, AskOption

CARD = "card"
# The names (and ids) by which suites on the real pages know the fields (facts portal handles, Checkout).
KNOWN_AS = {
    "city": "billingLocality",
    "country": "billingCountry",
    "cvc": "cardCvc",
    "email": "email",
    "expiry": "cardExpiry",
    "holder": "billingName",
    "line1": "billingAddressLine1",
    "name": "billingName",
    "number": "cardNumber",
    "phone": "phoneNumber",
    "postal_code": "billingPostalCode",
    "state": "billingAdministrativeArea",
}
SHIPPING = {
    "name": "shippingName",
    "country": "shippingCountry",
    "line1": "shippingAddressLine1",
    "city": "shippingLocality",
    "state": "shippingAdministrativeArea",
    "postal_code": "shippingPostalCode",
}
OPTIONAL = frozenset({"state", "postal_code"})
FULL = ("line1", "city", "state")
LONGEST = 200
CUSTOM = "custom-"
AGREED = "termsOfServiceConsentCheckbox"
_EMAIL = re.compile(r"[^\s@]+@[^\s@.]+(\.[^\s@.]+)+")
_PHONE = re.compile(r"\+?[0-9 ()./-]{4,30}")
# What the drawer of test numbers fills in beside the number.
SAMPLE = {"email": "jenny.rosen@example.com", "name": "Jenny Rosen", "postal_code": "94105"}


def fixed_email(answer: Doc) -> str | None:
    """Return the address that the customer cannot change here, None where it is asked for."""
    known = (answer["customer"] or {}).get("email") or answer["session"]["customer_email"]
    return str(known) if known else None


def card_type(type: Doc, session: Doc) -> Doc:
    """Return a type with the fields that Checkout asks: the address comes with the contact, a card has a holder."""
    fields = [one for one in type["fields"] if one["name"] != "email"]
    if type["type"] != CARD:
        return {**type, "fields": fields}
    full = session["billing_address_collection"] == "required"
    holder = {"name": "holder", "optional": False, "options": [], "secret": False}
    place = [{"name": name, "optional": name in OPTIONAL, "options": [], "secret": False} for name in FULL]
    address = fields[3:4] + (place if full else []) + fields[4:]
    return {**type, "fields": [*fields[:3], holder, *address]}


def started(type: Doc | None, query: Mapping[str, str], answer: Doc) -> dict[str, str]:
    """Return what the fields hold when the page is opened."""
    if type is None:
        return {}
    begun = method_entry.started(type, query, answer["customer"], answer["account"])
    if "test" in query and method_entry.trial(type, query["test"]):
        begun = {**SAMPLE, **begun}
    return {**begun, "holder": begun["name"]} if "name" in begun else begun


def contact(words: Words, answer: Doc, values: Mapping[str, str], problems: Mapping[str, str]) -> tuple[Ask, ...]:
    """Return the fields of who buys."""
    names = [] if fixed_email(answer) else ["email"]
    if answer["session"]["phone_number_collection"]["enabled"]:
        names.append("phone")
    return tuple(_asked(words, name, KNOWN_AS[name], values, problems, key=name) for name in names)


def shipping(words: Words, session: Doc, values: Mapping[str, str], problems: Mapping[str, str]) -> tuple[Ask, ...]:
    """Return the fields of where to, none where nothing is sent."""
    wish = session["shipping_address_collection"]
    if not wish:
        return ()
    allowed = set(wish["allowed_countries"])
    choices = [(code, label) for code, label in countries.named(words) if code in allowed]
    return tuple(
        _asked(words, name, sent, values, problems, key=sent, choices=choices if name == "country" else ())
        for name, sent in SHIPPING.items()
    )


def custom(words: Words, session: Doc, values: Mapping[str, str], problems: Mapping[str, str]) -> tuple[Ask, ...]:
    """Return the merchant's own fields."""
    found = []
    for one in session["custom_fields"]:
        options = [(option["value"], option["label"]) for option in one[one["type"]].get("options") or ()]
        if options and one["optional"]:
            options.insert(0, ("", ""))
        key = CUSTOM + one["key"]
        label = one["label"]["custom"]
        if one["optional"]:
            label = words.gettext("%(label)s (optional)", label=label)
        given = {key: one[one["type"]]["default_value"] or "", **values}
        found.append(_asked(words, "custom", key, given, problems, key=key, choices=options, label=label))
    return tuple(found)


def _asked(
    words: Words,
    name: str,
    sent: str,
    values: Mapping[str, str],
    problems: Mapping[str, str],
    *,
    key: str,
    choices: Iterable[tuple[str, str]] = (),
    label: str | None = None,
) -> Ask:
    manner = method_forms.FIELDS.get(name, method_forms.Field(""))
    value, code = values.get(key, ""), problems.get(key)
    options = tuple(AskOption(option, text, option == value) for option, text in choices)
    return Ask(
        id=sent,
        name=sent,
        label=label or words.gettext(method_forms.FIELDS[name].label),
        value=value,
        kind="select" if options else {"email": "email", "phone": "tel"}.get(name, "text"),
        keyboard=manner.keyboard,
        autocomplete=manner.autocomplete if not key.startswith("shipping") else f"shipping {manner.autocomplete}",
        example=manner.example,
        narrow=manner.narrow,
        needed=name not in OPTIONAL,
        focused=next(iter(problems), None) == key,
        choices=options,
        problem=method_forms.problem(words, code, value) if code else None,
    )


# ---- what was sent


def read(fields: Mapping[str, str]) -> dict[str, str]:
    """Return what was typed by the names that operations know; whoever is named holds the card."""
    typed = method_entry.details(fields, KNOWN_AS)
    return {**typed, "holder": typed.get("name", "")}


def mistakes(answer: Doc, typed: Mapping[str, str], type: Doc | None) -> dict[str, str]:
    """Return the codes of what is wrong beside the payment method, by field."""
    session = answer["session"]
    found: dict[str, str] = {}
    if not fixed_email(answer):
        found |= _mistake("email", typed.get("email", ""), _EMAIL)
    if session["phone_number_collection"]["enabled"]:
        found |= _mistake("phone", typed.get("phone", ""), _PHONE)
    if session["shipping_address_collection"]:
        allowed = session["shipping_address_collection"]["allowed_countries"]
        for name, sent in SHIPPING.items():
            if name not in OPTIONAL:
                found |= _mistake(sent, typed.get(sent, ""))
        if typed.get(SHIPPING["country"]) not in allowed:
            found[SHIPPING["country"]] = "invalid_country"
    for one in card_type(type, session)["fields"] if type else ():
        if one["name"] in {"holder", "name", *FULL} and not one["optional"] and not typed.get(one["name"], "").strip():
            found[one["name"]] = f"incomplete_{one['name']}"
    for one in session["custom_fields"]:
        found |= _custom_mistake(one, typed.get(CUSTOM + one["key"], "").strip())
    if needs_consent(session) and not typed.get(AGREED):
        found[AGREED] = "incomplete_consent"
    return found


def _mistake(key: str, text: str, pattern: re.Pattern[str] | None = None) -> dict[str, str]:
    text = text.strip()
    if not text:
        return {key: f"incomplete_{key}"}
    if len(text) > LONGEST or (pattern and not pattern.fullmatch(text)):
        return {key: f"invalid_{key}"}
    return {}


def _custom_mistake(field: Doc, text: str) -> dict[str, str]:
    key, rule = CUSTOM + field["key"], field[field["type"]]
    if not text:
        return {} if field["optional"] else {key: f"incomplete_{key}"}
    right = {
        "dropdown": any(option["value"] == text for option in rule.get("options") or ()),
        "numeric": text.isascii() and text.isdecimal(),
    }.get(field["type"], True)
    short, long = rule.get("minimum_length") or 0, rule.get("maximum_length") or LONGEST
    return {} if right and short <= len(text) <= long else {key: f"invalid_{key}"}


def needs_consent(session: Doc) -> bool:
    """Tell whether the merchant's terms have to be agreed to."""
    return (session["consent_collection"] or {}).get("terms_of_service") == "required"


def passed_on(answer: Doc, typed: Mapping[str, str], method: Doc | None) -> dict[str, Any]:
    """Return the parameters with which the session is completed; ``method`` are those of the payment method."""
    session = answer["session"]
    email = fixed_email(answer) or typed.get("email", "").strip()
    params: dict[str, Any] = {"email": email, "name": typed.get("name", "").strip() or None}
    if session["phone_number_collection"]["enabled"]:
        params["phone"] = typed.get("phone", "").strip()
    if session["shipping_address_collection"]:
        place: dict[str, str | None] = {
            name: typed.get(sent, "").strip() or None for name, sent in SHIPPING.items() if name != "name"
        }
        params["shipping"] = {"address": {**place, "line2": None}, "name": typed.get(SHIPPING["name"], "").strip()}
    params["custom_fields"] = [
        {"key": one["key"], "value": typed.get(CUSTOM + one["key"], "").strip() or None}
        for one in session["custom_fields"]
    ]
    if method is not None:
        billing = {**(method.get("billing_details") or {}), "email": email}
        if params["name"]:
            billing["name"] = params["name"]
        extra = {name: typed[name].strip() for name in FULL if typed.get(name, "").strip()}
        if extra and method["type"] == CARD:
            billing["address"] = {**(billing.get("address") or {}), **extra}
        params["payment_method_data"] = {**method, "billing_details": billing}
    return params
