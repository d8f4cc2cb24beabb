"""Decides which tax ids a customer or the account may have, and how their verification goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from emulator.customers import errors
from emulator.customers.tax_id_formats import MAGIC, country, fits
from emulator.kernel.documents import changed
from emulator.resources.listing import listed

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context, Page

CHECK: Final = "_tax_id_check"  # a question that waits for its answer, on the clock of the customer
LIMIT: Final = 5  # of one customer (facts billing 3.7)
# The only types about which an authority is asked (docs.stripe.com/billing/customer/tax-ids).
CHECKED: Final = frozenset({"au_abn", "eu_vat", "gb_vat"})
VERIFY_AFTER: Final = 2  # seconds until the answer comes (choice)
ORDINARY_OUTCOME: Final = "unavailable"  # of a value that is not one of the magic ones: nobody is asked (choice)
UNCHECKED_STATUS: Final = "unavailable"  # of a type that nobody checks (choice)


def new(ctx: Context, type: str, value: str, *, customer: str | None, param: str = "value") -> Doc:
    """Return a new tax id, not stored yet; raises ``tax_id_invalid`` naming ``param`` for a wrong format."""
    if not fits(type, value):
        raise errors.tax_id_invalid(type, param)
    owner: Doc = (
        {"type": "self"} if customer is None else {"customer": customer, "customer_account": None, "type": "customer"}
    )
    status = "pending" if asked(type, value) else UNCHECKED_STATUS
    return {
        "id": ctx.new_id("tax_id"),
        "object": "tax_id",
        "country": country(type, value),
        "created": ctx.now,
        "customer": customer,
        "customer_account": None,
        "livemode": ctx.livemode,
        "owner": owner,
        "type": type,
        "value": value,
        "verification": {"status": status, "verified_address": None, "verified_name": None},
    }


def asked(type: str, value: str) -> bool:
    """Say whether somebody is asked about a tax id: by its type, and about the magic values of any type.

    docs.stripe.com/billing/customer/tax-ids names three types (facts portal 7.2); its test values are told without a
    type (facts billing 3.7), so that here they work for all.
    """
    return type in CHECKED or value in MAGIC


async def add(ctx: Context, customer: Doc, given: list[Doc]) -> None:
    """Give a new customer its first tax ids (``tax_id_data``); all are checked before any is stored.

    Raises the refusal of too many.
    """
    if len(given) > LIMIT:
        raise errors.too_many_tax_id_data(LIMIT)
    made = [
        new(ctx, one["type"], one["value"], customer=customer["id"], param=f"tax_id_data[{position}][value]")
        for position, one in enumerate(given)
    ]
    for doc in made:
        _stored(ctx, doc, customer)


def next_instant(check: Doc) -> int:
    """Return when the question about a tax id is answered."""
    due: int = check["due"]
    return due


async def verify(ctx: Context, check: Doc) -> None:
    """Let the answer arrive (announced as ``customer.tax_id.updated``)."""
    ctx.remove(CHECK, check["id"])
    doc = await ctx.find("tax_id", check["id"])
    if doc is not None:
        status = MAGIC.get(doc["value"], ORDINARY_OUTCOME)
        ctx.put("tax_id", changed(doc, verification={**doc["verification"], "status": status}))


def _stored(ctx: Context, doc: Doc, customer: Doc | None) -> Doc:
    """Store a tax id, and the question about it unless nobody is asked or never answers."""
    if doc["verification"]["status"] == "pending" and MAGIC.get(doc["value"]) != "pending":
        clock = customer.get("test_clock") if customer is not None else None
        ctx.put(CHECK, {"id": doc["id"], "due": ctx.now + VERIFY_AFTER, "test_clock": clock})
    return ctx.put("tax_id", doc)


async def give(ctx: Context, params: Doc, customer: Doc | None) -> Doc:
    """Store a tax id of a customer, or of the account itself; raises the refusals of its format and of one too many."""
    owner = customer["id"] if customer is not None else None
    doc = new(ctx, params["type"], params["value"], customer=owner)
    if owner is not None and len(await ctx.select("tax_id", limit=LIMIT, customer=owner)) >= LIMIT:
        raise errors.too_many_tax_ids(LIMIT)
    return _stored(ctx, doc, customer)


async def create_for_customer(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Give a customer a tax id (``POST /v1/customers/{customer}/tax_ids``)."""
    return await give(ctx, params, await ctx.at_path("customer", ids["customer"]))


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Create a tax id (``POST /v1/tax_ids``): the account's own unless ``owner`` names a customer."""
    owner = params.get("owner") or {}
    named = owner.get("customer") if owner.get("type") == "customer" else None
    customer = None if named is None else await ctx.need("customer", named, "owner[customer]")
    return await give(ctx, params, customer)


async def _at_path(ctx: Context, ids: dict[str, str]) -> Doc:
    """Return the tax id of a path; under a customer it has to be that customer's."""
    customer = ids.get("customer")
    if customer is not None:
        await ctx.at_path("customer", customer)
    doc = await ctx.find("tax_id", ids["id"])
    if doc is None or (customer is not None and doc["customer"] != customer):
        raise errors.no_such_tax_id(ids["id"])
    return doc


async def retrieve(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Return a tax id, by itself or under its customer."""
    return await _at_path(ctx, ids)


async def list_of_customer(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """Return a customer's tax ids, newest first (``GET /v1/customers/{customer}/tax_ids``)."""
    customer = ids["customer"]
    await ctx.at_path("customer", customer)
    return await listed(ctx, "tax_id", params, f"/v1/customers/{customer}/tax_ids", customer=customer)


async def list_all(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """Return the tax ids of an owner (``GET /v1/tax_ids``), by default the account's own."""
    owner: dict[str, Any] = params.get("owner") or {"type": "self"}
    rest = {name: value for name, value in params.items() if name != "owner"}

    def keep(doc: Doc) -> bool:
        return all(doc["owner"].get(name) == value for name, value in owner.items())

    return await listed(ctx, "tax_id", rest, "/v1/tax_ids", keep=keep)


async def delete(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Delete a tax id, by itself or under its customer."""
    doc = await _at_path(ctx, ids)
    return ctx.remove("tax_id", doc["id"])
