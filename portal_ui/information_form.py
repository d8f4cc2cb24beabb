"""Decides which fields the form of the billing information has, and what its answers mean to the operation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from emulator.kernel import addresses
from emulator.kernel.documents import Doc, at
from emulator.kernel.errors import StripeError
from portal_ui import countries
from portal_ui.i18n import Words
from portal_ui.views.fields import Entry, EntryOption
from portal_ui.views.information import Group

# How long plain fields may be (docs.stripe.com/api/customers/update).
LIMITS = {"name": 256, "email": 512, "phone": 20}
_COUNTRY = re.compile(r"[A-Z]{2}")
_MARKS = re.compile(r"[^a-z0-9]+")


class Sheet:
    """The form in one language, of one answer; ``typed`` are fields as they were sent, ``wrong`` what is wrong with them.

    Fields are named as the operation's parameters are: ``address[line1]``.
    """

    def __init__(self, words: Words, answer: Doc, typed: Mapping[str, str], wrong: Mapping[str, str]) -> None:
        self.words = words
        self.customer: Doc = answer["customer"]
        self.editable: list[str] = answer["editable"]
        self.feature: Doc = at(answer, "configuration.features.customer_update") or {}
        self.home: str = at(answer, "account.country") or "US"
        self.typed = typed
        self.wrong = wrong

    def groups(self) -> tuple[Group, ...]:
        """Return all fields, in the order of the real form."""
        words = self.words
        found = [Group("who", None, None, tuple(self._plain(("name", "email"))))]
        if "address" in self.editable:
            found.append(self._address("address", words.gettext("Address"), "billing", ()))
        if "shipping" in self.editable:
            shipping: Doc = self.customer.get("shipping") or {}
            phone = words.gettext("Phone of the recipient")
            whom = (
                self._entry("shipping[name]", words.gettext("Recipient"), shipping.get("name"), "shipping name"),
                self._entry("shipping[phone]", phone, shipping.get("phone"), "shipping tel"),
            )
            found.append(self._address("shipping[address]", words.gettext("Shipping address"), "shipping", whom))
        found.append(Group("reach", None, None, tuple(self._plain(("phone",)))))
        return _focused(tuple(group for group in found if group.entries))

    def _plain(self, names: tuple[str, ...]) -> list[Entry]:
        words = self.words
        known = {
            "name": Entry("", "name", words.gettext("Name"), "", autocomplete="name"),
            "email": Entry("", "email", words.gettext("Email"), "", kind="email", autocomplete="email"),
            "phone": Entry("", "phone", words.gettext("Phone number"), "", kind="tel", autocomplete="tel"),
        }
        entries = []
        for name in names:
            one, stored = known[name], self.customer.get(name)
            entry = self._entry(name, one.label, stored, one.autocomplete, kind=one.kind, limit=LIMITS[name])
            if name in self.editable:
                entries.append(replace(entry, needed=name == "email" and bool(stored)))
            elif self._locked(name):
                hint = words.gettext("You logged in with this address, so it cannot be changed here.")
                entries.append(replace(entry, value=stored or "", locked=True, hint=hint))
        return entries

    def _locked(self, name: str) -> bool:
        """Say whether a field may be changed in other sessions but not in this one."""
        return bool(self.feature.get("enabled")) and name in (self.feature.get("allowed_updates") or ())

    def _address(self, prefix: str, title: str, section: str, before: tuple[Entry, ...]) -> Group:
        stored: Doc = at(self.customer, prefix.replace("[", ".").rstrip("]")) or {}
        country = self._country(prefix, stored)
        form = addresses.of(country)
        # What is known although the country does not ask for it is shown as well, so that nothing is lost unseen.
        same = country == stored.get("country")
        parts = (*form.parts, *(one for one in addresses.PARTS if same and stored.get(one) and one not in form.parts))
        entries = [self._part(f"{prefix}[{part}]", section, country, stored, parts) for part in parts]
        options = tuple(EntryOption(code, name, code == country) for code, name in countries.named(self.words))
        chooser = self._entry(
            f"{prefix}[country]", self.words.gettext("Country or region"), country, f"{section} country"
        )
        chooser = replace(chooser, kind="select", options=options)
        return Group(section, title, chooser, (*before, *entries))

    def _country(self, prefix: str, stored: Doc) -> str:
        typed = self.typed.get(f"{prefix}[country]", "")
        if _COUNTRY.fullmatch(typed) and typed in addresses.countries():
            return typed
        return stored.get("country") or self.home

    def _part(self, name: str, section: str, country: str, stored: Doc, parts: tuple[str, ...]) -> Entry:
        part, form = name.rpartition("[")[2].rstrip("]"), addresses.of(country)
        label = countries.label(self.words, part, form)
        entry = self._entry(name, label, stored.get(part), f"{section} {countries.AUTOCOMPLETE[part]}")
        beside = [one for one in parts if not one.startswith("line")]
        # The short parts stand two in a row; one that has no partner takes the whole.
        half = part in beside and not (len(beside) % 2 and part == beside[0])
        if part == "state" and country != stored.get("country") and entry.value == stored.get("state"):
            entry = replace(entry, value="")  # a state is one of its country only
        entry = replace(entry, half=half)
        return replace(entry, kind="select", options=_regions(form, entry.value)) if self._listed(part, form) else entry

    @staticmethod
    def _listed(part: str, form: addresses.Address) -> bool:
        return part == "state" and bool(form.regions)

    def _entry(
        self,
        name: str,
        label: str,
        stored: str | None,
        autocomplete: str,
        *,
        kind: str = "text",
        limit: int | None = None,
    ) -> Entry:
        return Entry(
            id="f-" + _MARKS.sub("-", name).strip("-"),
            name=name,
            label=label,
            value=self.typed.get(name, stored or ""),
            kind=kind,
            autocomplete=autocomplete,
            limit=limit,
            problem=self.wrong.get(name),
        )


def _regions(form: addresses.Address, value: str) -> tuple[EntryOption, ...]:
    """Return the states to choose from; one that is known and not listed stays among them."""
    rows = [("", ""), *form.regions]
    if value and value not in dict(rows):
        named = next((code for code, name in form.regions if name.casefold() == value.casefold()), None)
        rows.insert(1, (value, value)) if named is None else None
        value = named or value
    return tuple(EntryOption(code, name, code == value) for code, name in rows)


def _focused(groups: tuple[Group, ...]) -> tuple[Group, ...]:
    """Return the groups with the first field that is wrong under the cursor."""
    first = next((one.id for group in groups for one in _all(group) if one.problem), None)
    return tuple(
        replace(
            group,
            country=group.country and replace(group.country, focused=group.country.id == first),
            entries=tuple(replace(one, focused=one.id == first) for one in group.entries),
        )
        for group in groups
    )


def _all(group: Group) -> tuple[Entry, ...]:
    return (*((group.country,) if group.country else ()), *group.entries)


def wish(fields: Mapping[str, str], customer: Doc) -> Doc:
    """Return the parameters that a sent form stands for; what is not in the form is not spoken of."""
    sent = {name: value.strip() for name, value in fields.items()}
    result: Doc = {name: sent[name] for name in LIMITS if name in sent}
    if "address[country]" in sent:
        result["address"] = _address(sent, "address", customer.get("address")) or ""
    if "shipping[address][country]" in sent:
        shipping: Doc = customer.get("shipping") or {}
        address = _address(sent, "shipping[address]", shipping.get("address"))
        name, phone = sent.get("shipping[name]", ""), sent.get("shipping[phone]", "")
        empty = not name and not phone and not any(address.get(part) for part in addresses.PARTS)
        result["shipping"] = "" if empty else {"address": address, "name": name, "phone": phone}
    return result


def _address(sent: Mapping[str, str], prefix: str, stored: Doc | None) -> Doc:
    """Return an address with all its parts; {} for one that nobody has written anything of."""
    parts = {part: sent.get(f"{prefix}[{part}]", "") for part in addresses.PARTS}
    if not any(parts.values()) and not stored:
        return {}
    return {**parts, "country": sent[f"{prefix}[country]"]}


def problems(words: Words, error: StripeError) -> dict[str, str]:
    """Return what a refusal says about fields, by their names; {} when it is about none."""
    found: Mapping[str, str] = error.extra.get("problems") or ({error.param: error.code or ""} if error.param else {})
    return {name: _said(words, name, what) for name, what in found.items()}


def _said(words: Words, name: str, what: str) -> str:
    if what in {"missing", "parameter_missing", "parameter_invalid_empty"}:
        return words.gettext("Please fill in this field.")
    if what == "email_invalid":
        return words.gettext("Enter an email address, for example name@example.com.")
    if what == "unknown":
        return words.gettext("Please choose one of the list.")
    if what == "tax_id_invalid":
        return words.gettext("This does not have the format of this type of tax ID.")
    if name == "type":
        return words.gettext("There is room for no more tax IDs. Remove one first.")
    return words.gettext("This cannot be used here. Please shorten or correct it.")
