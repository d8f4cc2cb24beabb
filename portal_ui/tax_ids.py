"""Decides how tax ids are listed, and which types a form offers first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from emulator.kernel.documents import Doc, at
from portal_ui.i18n import Words
from portal_ui.views.fields import Entry, EntryOption
from portal_ui.views.information import TaxIds, TaxRow
from portal_ui.views.shared import Badge, Form

MOST = 5  # of one customer (facts billing 3.7)
# Where the words of a type are not its code in capitals.
_SPECIAL = {"ca_gst_hst": "CA GST/HST", "unknown": ""}


def label(type_: str) -> str:
    """Return what a type is called everywhere: ``eu_vat`` is EU VAT."""
    return _SPECIAL.get(type_) or type_.replace("_", " ").upper()


def section(
    words: Words, answer: Doc, base: str, code: str, typed: Mapping[str, str], wrong: Mapping[str, str]
) -> TaxIds:
    """Return the tax ids of a customer with the forms that change them; ``base`` is the address of the page."""
    found = answer["tax_ids"]
    country = at(answer, "customer.address.country") or at(answer, "account.country") or ""
    return TaxIds(
        rows=tuple(_row(words, one, base, code) for one in found),
        add=Form(f"{base}/tax-ids", code) if len(found) < MOST else None,
        entries=_entries(words, answer["tax_id_types"], country, typed, wrong),
    )


def _row(words: Words, tax_id: Doc, base: str, code: str) -> TaxRow:
    form = Form(f"{base}/tax-ids/{tax_id['id']}/remove", code)
    said = words.gettext("Remove %(value)s", value=tax_id["value"])
    return TaxRow(label(tax_id["type"]), tax_id["value"], _badge(words, tax_id), form, said)


def _badge(words: Words, tax_id: Doc) -> Badge | None:
    """Return how the verification stands; types that nobody verifies say nothing."""
    said = {
        "pending": (words.gettext("Verification pending"), "neutral"),
        "verified": (words.gettext("Verified"), "ok"),
        "unverified": (words.gettext("Could not be verified"), "bad"),
    }
    status = at(tax_id, "verification.status")
    if status not in said:
        return None
    text, tone = said[status]
    return Badge(text, tone, f"tax-id-{status}")


def _entries(
    words: Words, types: Iterable[Doc], country: str, typed: Mapping[str, str], wrong: Mapping[str, str]
) -> tuple[Entry, ...]:
    """Return the fields of a new tax id: the types of the customer's country stand first."""
    known = {one["type"]: one["examples"] for one in types}
    ours = [name for name, examples in known.items() if examples.get(country)]
    ours.sort(key=lambda name: (not name.endswith("_vat"), name == "eu_vat"))  # VAT first, the country's own before
    order = [*ours, *(name for name in known if name not in ours)]
    chosen = typed.get("type") or (order[0] if ours else "")
    options = [EntryOption(name, label(name), name == chosen) for name in order]
    if not ours:
        options.insert(0, EntryOption("", "", not chosen))
    examples = known.get(chosen) or {}
    example = examples.get(country) or next(iter(examples.values()), "")
    hint = words.gettext("For example %(value)s", value=example) if example else None
    bad = wrong.get("type"), wrong.get("value")
    return (
        Entry("f-type", "type", words.gettext("Tax ID type"), chosen, kind="select", options=tuple(options), half=True,
              needed=True, problem=bad[0], focused=bool(bad[0])),
        Entry("f-value", "value", words.gettext("Tax ID"), typed.get("value", ""), half=True, needed=True, hint=hint,
              problem=bad[1], focused=bool(bad[1])),
    )  # fmt: skip
