"""Decides what a customer may change of the billing information, and what has to be there before it is stored.

A change is the API's own update of the customer: same checks, same words, same events; the portal adds what its
configuration allows and which parts of an address a country needs. Source: docs.stripe.com/api/customer_portal
(``features.customer_update``); facts portal 7, 9, 13.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from emulator.customers import customers, settings, tax_id_formats, tax_ids
from emulator.kernel import addresses
from emulator.kernel.errors import unknown_params
from emulator.portal import blocks, visits
from emulator.portal.information import errors
from emulator.spec.params import Checkers

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.kernel.documents import Doc
    from emulator.portal.visits import Visit
    from emulator.resources.context import Context
    from emulator.spec.catalogue import Catalogue

UPDATE, ADD_TAX_ID = "PostCustomersCustomer", "PostCustomersCustomerTaxIds"
FIELDS = ("name", "email", "phone", "address", "shipping")
TAX_ID = "tax_id"
# Choice: what cannot be emptied once it is known, because invoices and receipts go there.
KEPT = ("email",)


async def page(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``portal:information`` (token): what is known of the customer, and what of it may be changed; raises 403 for nothing."""
    visit = await visits.enter(ctx, params["token"])
    if not visit.editable:
        raise errors.not_allowed()
    return await _shown(ctx, visit)


async def update(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``portal:update_information`` (token, name, email, phone, address, shipping): change what is given.

    Absent is untouched, empty clears. Raises 403 for a field that may not be changed, 400 with ``problems`` for an
    address without what its country needs, and the API's refusals. What is so already is not written again.
    """
    visit = await visits.enter(ctx, params["token"])
    given = {name: value for name, value in params.items() if name != "token"}
    _permit(ctx, visit, given)
    wished = _checked(ctx.catalogue, UPDATE)(given)
    after = _after(visit.customer, wished)
    problems = _problems(visit.customer, after)
    if problems:
        raise errors.not_right(problems)
    changes = {name: wished[name] for name, value in after.items() if value != visit.customer.get(name)}
    if changes:
        customer = await customers.update(ctx, {"customer": visit.customer["id"]}, changes)
        visit = visit._replace(customer=customer)
    return await _shown(ctx, visit)


async def add_tax_id(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``portal:add_tax_id`` (token, type, value): give the customer a tax id; one that is there is not added again.

    Raises the refusals of what may not be changed and of an unknown type.
    """
    visit = await visits.enter(ctx, params["token"])
    given = {name: value for name, value in params.items() if name != "token"}
    _permit(ctx, visit, {TAX_ID: given})
    wished = _checked(ctx.catalogue, ADD_TAX_ID)(given)
    if wished["type"] not in _types(ctx.catalogue):
        raise errors.not_right({"type": "unknown"})
    known = await ctx.select("tax_id", customer=visit.customer["id"])
    if not any((one["type"], one["value"]) == (wished["type"], wished["value"]) for one in known):
        await tax_ids.create_for_customer(ctx, {"customer": visit.customer["id"]}, wished)
    return await _shown(ctx, visit)


async def remove_tax_id(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``portal:remove_tax_id`` (token, tax_id): take one of the customer's tax ids away; raises 404."""
    visit = await visits.enter(ctx, params["token"])
    _permit(ctx, visit, {TAX_ID: None})
    id_ = params.get(TAX_ID)
    found = await ctx.find("tax_id", id_) if isinstance(id_, str) else None
    if found is None or found["customer"] != visit.customer["id"]:
        raise errors.no_tax_id(str(id_))
    await tax_ids.delete(ctx, {"customer": visit.customer["id"], "id": found["id"]}, {})
    return await _shown(ctx, visit)


async def _shown(ctx: Context, visit: Visit) -> Doc:
    """Return what the page of the billing information draws.

    ``tax_id_types`` are the types that exist, each with example values by country ("" for no single one).
    """
    types = _types(ctx.catalogue) if TAX_ID in visit.editable else ()
    return {
        **await blocks.common(ctx, visit),
        "editable": list(visit.editable),
        "tax_ids": await ctx.select("tax_id", customer=visit.customer["id"]),
        "tax_id_types": [{"examples": tax_id_formats.examples(type), "type": type} for type in types],
    }


def _permit(ctx: Context, visit: Visit, given: Doc) -> None:
    if ctx.sealed is not None:
        raise ctx.sealed
    unknown = [name for name in given if name not in FIELDS and name != TAX_ID]
    if unknown:
        raise unknown_params(unknown)
    for name in given:
        if name not in visit.editable:
            raise errors.not_allowed(name)


def _after(customer: Doc, wished: Doc) -> Doc:
    """Return the fields as they will be."""
    shapes: dict[str, Callable[[Doc | None, Doc | None], Doc | None]] = {
        "address": settings.address,
        "shipping": settings.shipping,
    }
    return {
        name: shapes[name](customer.get(name), value) if name in shapes else value for name, value in wished.items()
    }


def _problems(customer: Doc, after: Doc) -> dict[str, str]:
    """Return what is wrong with the fields; what stays as it is is not asked about."""
    problems = {name: "missing" for name in KEPT if name in after and customer.get(name) and not after[name]}
    if "address" in after:
        problems |= _address_problems(customer.get("address"), after["address"], "address")
    shipping = after.get("shipping")
    if shipping is not None and shipping != customer.get("shipping"):
        if not shipping["name"]:
            problems["shipping[name]"] = "missing"
        known = (customer.get("shipping") or {}).get("address")
        problems |= _address_problems(known, shipping["address"], "shipping[address]")
        if not any(shipping["address"].values()):
            problems["shipping[address][line1]"] = "missing"
    return problems


def _address_problems(before: Doc | None, after: Doc | None, name: str) -> dict[str, str]:
    """Return what an address lacks for its country; one that only names a country lacks nothing."""
    if after is None or after == before or not any(after.values()):
        return {}
    country = after["country"]
    if country not in addresses.countries():
        return {f"{name}[country]": "unknown" if country else "missing"}
    if not any(after[part] for part in addresses.PARTS):
        return {}
    return {f"{name}[{part}]": "missing" for part in addresses.lacking(after)}


@cache
def _checked(catalogue: Catalogue, operation: str) -> Callable[[Any], Doc]:
    return Checkers(catalogue).operation(catalogue.operations[operation].input)


@cache
def _types(catalogue: Catalogue) -> tuple[str, ...]:
    """Return the types of tax ids that the description names."""
    shape = catalogue.node(catalogue.operations[ADD_TAX_ID].input)
    return tuple(catalogue.node(shape["p"]["type"])["enum"])
