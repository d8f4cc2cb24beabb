"""Decides where a customer is for the purposes of tax, as far as an address or IP address tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emulator.customers import errors

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

# The IP address is not part of the customer's plain body: it is kept beside it.
_BESIDE: Final = "_customer_tax"
NEEDS_STATE: Final = frozenset({"US", "CA"})  # a country alone does not say which tax applies there
IP_COUNTRY: Final = "US"  # where every IP address lies (choice: no address book of the internet is kept)


def _location(customer: Doc, ip_address: str | None) -> Doc | None:
    """Return the best known place: the shipping address before the billing address before the IP address."""
    shipping: Doc = (customer["shipping"] or {}).get("address") or {}
    billing: Doc = customer["address"] or {}
    for source, address in (("shipping_destination", shipping), ("billing_address", billing)):
        country = address.get("country")
        if country and (country not in NEEDS_STATE or address.get("postal_code") or address.get("state")):
            return {"country": country, "source": source, "state": address.get("state")}
    if ip_address:
        return {"country": IP_COUNTRY, "source": "ip_address", "state": None}
    return None


def summary(customer: Doc, ip_address: str | None = None) -> Doc:
    """Return ``customer.tax`` as it is printed when expanded."""
    location = _location(customer, ip_address)
    return {
        "automatic_tax": "supported" if location else "unrecognized_location",
        "ip_address": ip_address,
        "location": location,
        "provider": "stripe",
    }


def check(customer: Doc, given: Doc | None) -> None:
    """Refuse an unknown place when the caller asks for the check at once (``tax[validate_location]=immediately``)."""
    if given and given.get("validate_location") == "immediately" and not _location(customer, given.get("ip_address")):
        raise errors.location_unknown()


async def change(ctx: Context, customer: Doc, given: Doc) -> None:
    """Keep the IP address of a customer."""
    if "ip_address" in given:
        ctx.put(_BESIDE, {"id": customer["id"], "ip_address": given["ip_address"]})


async def of(ctx: Context, customer: Doc) -> Doc:
    """Return ``customer.tax`` with what is kept beside the customer."""
    kept = await ctx.find(_BESIDE, customer["id"])
    return summary(customer, kept["ip_address"] if kept is not None else None)
