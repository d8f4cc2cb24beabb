"""Decides how billing information is listed."""

from __future__ import annotations

from collections.abc import Iterable

from emulator.kernel.documents import Doc
from portal_ui.i18n import Words
from portal_ui.views.shared import InfoRow


def address_lines(address: Doc | None) -> tuple[str, ...]:
    """Return the lines of an address, the last one as ``Springfield, IL 62701 US``."""
    if not address:
        return ()
    place = " ".join(filter(None, (address.get("state"), address.get("postal_code"), address.get("country"))))
    town = ", ".join(filter(None, (address.get("city"), place)))
    return tuple(line for line in (address.get("line1"), address.get("line2"), town) if line)


def information(words: Words, customer: Doc, tax_ids: Iterable[Doc]) -> tuple[InfoRow, ...]:
    """Return what is known of the customer; what is not known has no row."""
    shipping = customer.get("shipping") or {}
    known = [
        (words.gettext("Name"), (customer.get("name"),)),
        (words.gettext("Email"), (customer.get("email"),)),
        (words.gettext("Billing address"), address_lines(customer.get("address"))),
        (words.gettext("Shipping address"), address_lines(shipping.get("address"))),
        (words.gettext("Phone number"), (customer.get("phone"),)),
        (words.gettext("Tax ID"), tuple(tax_id["value"] for tax_id in tax_ids)),
    ]
    rows = (InfoRow(label, tuple(line for line in lines if line)) for label, lines in known)
    return tuple(row for row in rows if row.lines)
