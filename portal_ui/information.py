"""Decides how billing information is listed, and how an address is written for a reader."""

from __future__ import annotations

from collections.abc import Iterable

from emulator.kernel import addresses
from emulator.kernel.documents import Doc
from portal_ui import bidi
from portal_ui.i18n import Words
from portal_ui.views.shared import InfoRow

SHORT = frozenset({"US"})  # the portal writes "Springfield, IL 62701 US" (recorded 2024-07, facts portal 3.2)


def address_lines(words: Words, address: Doc | None, name: str | None = None) -> tuple[str, ...]:
    """Return the lines of an address with ``name`` where its country has it, and the country in the reader's language.

    Where addresses go from large to small the country goes first (a choice), else last.
    """
    written = addresses.lines(address or {}, name)
    code = (address or {}).get("country") or ""
    country = str(words.locale.territories.get(code, code))
    lines = (country, *written) if addresses.eastern(address or {}) else (*written, country)
    return tuple(bidi.isolated(line) for line in lines if line)


def _short(words: Words, address: Doc | None) -> tuple[str, ...]:
    """Return an address as the portal lists it."""
    if not address:
        return ()
    lines, country = address_lines(words, address), address.get("country")
    return (*lines[:-2], f"{lines[-2]} {country}") if country in SHORT and len(lines) > 1 else lines


def information(words: Words, customer: Doc, tax_ids: Iterable[Doc]) -> tuple[InfoRow, ...]:
    """Return what is known of the customer; what is not known has no row."""
    shipping = customer.get("shipping") or {}
    known = [
        (words.gettext("Name"), (customer.get("name"),)),
        (words.gettext("Email"), (customer.get("email"),)),
        (words.gettext("Billing address"), _short(words, customer.get("address"))),
        (words.gettext("Shipping address"), _short(words, shipping.get("address"))),
        (words.gettext("Phone number"), (customer.get("phone"),)),
        (words.gettext("Tax ID"), tuple(tax_id["value"] for tax_id in tax_ids)),
    ]
    rows = (InfoRow(label, tuple(line for line in lines if line)) for label, lines in known)
    return tuple(row for row in rows if row.lines)
