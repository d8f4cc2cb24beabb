"""Decides how a calculation becomes tax that is owed, and how all or a part of that is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import discounting, tax_calculations, tax_errors
from emulator.billing.subscription_reads import embedded_page
from emulator.kernel import money
from emulator.resources.updates import merge_map

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context, Page

KIND, LINE = "tax.transaction", "tax.transaction_line_item"
SHIPPING = "shipping_cost"
PARTS = ("flat_amount", "line_items", SHIPPING)
# What a line of a transaction takes over from the calculation's, and shipping.
OF_LINE = ("amount", "amount_tax", "metadata", "product", "quantity", "reference", "tax_behavior", "tax_code")
OF_SHIPPING = ("amount", "amount_tax", "shipping_rate", "tax_behavior", "tax_code")
OF_WHOLE = ("currency", "customer", "customer_details", "ship_from_details", "tax_date")


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Record the tax of a calculation (``POST /v1/tax/transactions/create_from_calculation``).

    Raises the refusals of an expired calculation and of a time of posting outside of its tax date and now.
    """
    del ids
    source = await ctx.need(tax_calculations.KIND, params["calculation"], "calculation")
    if source["expires_at"] < ctx.now:
        raise tax_errors.expired(source["id"])
    await _refuse_taken(ctx, params["reference"])
    posted = params.get("posted_at") or ctx.now
    early, late = sorted((source["tax_date"], ctx.now))
    if not early <= posted <= late:
        raise tax_errors.posted_outside()
    lines = [_line(ctx, {name: one[name] for name in OF_LINE}) for one in source["line_items"]["data"]]
    shipping = source["shipping_cost"]
    return _stored(
        ctx, source, params, lines, posted_at=posted, type="transaction",
        shipping_cost=shipping and {name: shipping[name] for name in OF_SHIPPING if name in shipping},
    )  # fmt: skip


async def reverse(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Take a transaction back (``POST /v1/tax/transactions/create_reversal``): wholly, by line, or a flat amount.

    Raises the refusals of a reversal, of a used reference, and where nothing is left.
    """
    del ids
    original = await ctx.need(KIND, params["original_transaction"], "original_transaction")
    if original["type"] == "reversal":
        raise tax_errors.of_reversal(original["id"])
    await _refuse_taken(ctx, params["reference"])
    left = await _left(ctx, original)
    if not any(amount or tax for amount, tax in left.values()):
        raise tax_errors.nothing_left(original["id"])
    lines, shipping = _full(ctx, original, left, params) if params["mode"] == "full" else _partial(
        ctx, original, left, params
    )  # fmt: skip
    return _stored(
        ctx, original, params, lines, posted_at=ctx.now, type="reversal", shipping_cost=shipping,
        reversal={"original_transaction": original["id"]},
    )  # fmt: skip


async def list_lines(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """List a transaction's lines in their order (``GET /v1/tax/transactions/{transaction}/line_items``)."""
    found = await ctx.at_path(KIND, ids["transaction"], "transaction")
    return embedded_page(found["line_items"]["data"], params, found["line_items"]["url"], "tax transaction line item")


def _stored(ctx: Context, source: Doc, params: Doc, lines: Sequence[Doc], **more: object) -> Doc:
    identifier = ctx.new_id(KIND)
    return ctx.put(KIND, {
        **ctx.blank(KIND),
        "id": identifier,
        **{name: source[name] for name in OF_WHOLE},
        "line_items": tax_calculations.embedded(lines, f"/v1/tax/transactions/{identifier}/line_items"),
        "metadata": merge_map(None, params.get("metadata")),
        "reference": params["reference"],
        **more,
    })  # fmt: skip


def _line(ctx: Context, members: Doc, original: str | None = None) -> Doc:
    return {
        "id": ctx.new_id(LINE), "object": LINE, "livemode": ctx.livemode, **members,
        "reversal": original and {"original_line_item": original},
        "type": "reversal" if original else "transaction",
    }  # fmt: skip


async def _refuse_taken(ctx: Context, reference: str) -> None:
    for one in await ctx.select(KIND):
        if one["reference"] == reference:
            raise tax_errors.reference_taken(reference, one["id"])


async def _left(ctx: Context, original: Doc) -> dict[str, tuple[int, int]]:
    """Return what is not reversed yet, by line and for shipping: amount and tax."""
    left = {one["id"]: (one["amount"], one["amount_tax"]) for one in original["line_items"]["data"]}
    if original[SHIPPING]:
        left[SHIPPING] = (original[SHIPPING]["amount"], original[SHIPPING]["amount_tax"])
    for one in await ctx.select(KIND):
        if (one["reversal"] or {}).get("original_transaction") != original["id"]:
            continue
        taken = [(line["reversal"]["original_line_item"], line) for line in one["line_items"]["data"]]
        for key, part in [*taken, *([(SHIPPING, one[SHIPPING])] if one[SHIPPING] else [])]:
            amount, tax = left[key]
            left[key] = (amount + part["amount"], tax + part["amount_tax"])
    return left


Reversal = tuple[list["Doc"], "Doc | None"]


def _full(ctx: Context, original: Doc, left: dict[str, tuple[int, int]], params: Doc) -> Reversal:
    """Return the reversal of all that is left."""
    for name in PARTS:
        if params.get(name):
            raise tax_errors.only_partial(name)
    return _reversed(ctx, original, {key: (-amount, -tax) for key, (amount, tax) in left.items()})


def _partial(ctx: Context, original: Doc, left: dict[str, tuple[int, int]], params: Doc) -> Reversal:
    flat, given, shipping = (params.get(name) for name in PARTS)
    if (flat is None) == (not given and shipping is None):
        raise tax_errors.partial_of_what()
    if flat is not None:
        return _reversed(ctx, original, _spread(original, left, flat))
    lines = []
    for index, entry in enumerate(given or ()):
        key, where = entry["original_line_item"], f"line_items[{index}]"
        source = next((one for one in original["line_items"]["data"] if one["id"] == key), None)
        if source is None:
            raise ctx.missing_at_path(LINE, key, f"{where}[original_line_item]")
        left[key] = _checked(entry, left[key], where)
        members = {name: source[name] for name in OF_LINE}
        members |= {name: entry[name] for name in ("amount", "amount_tax", "reference")}
        members |= {"metadata": entry.get("metadata"), "quantity": entry.get("quantity") or source["quantity"]}
        lines.append(_line(ctx, members, key))
    if shipping is None:
        return lines, None
    if not original[SHIPPING]:
        raise tax_errors.no_shipping()
    _checked(shipping, left[SHIPPING], SHIPPING)
    return lines, {**original[SHIPPING], "amount": shipping["amount"], "amount_tax": shipping["amount_tax"]}


def _checked(entry: Doc, left: tuple[int, int], where: str) -> tuple[int, int]:
    """Return what is left after ``entry``; raises when it adds, or takes more than there is."""
    rest = []
    for name, most in zip(("amount", "amount_tax"), left, strict=True):
        if entry[name] > 0:
            raise tax_errors.not_negative(f"{where}[{name}]")
        if most + entry[name] < 0:
            raise tax_errors.too_much(f"{where}[{name}]")
        rest.append(most + entry[name])
    return rest[0], rest[1]


def _spread(original: Doc, left: dict[str, tuple[int, int]], flat: int) -> dict[str, tuple[int, int]]:
    """Return a flat amount, taxes included, spread over lines and shipping by what is left of each (a choice)."""
    if flat >= 0:
        raise tax_errors.not_negative("flat_amount")
    behaviors = {one["id"]: one["tax_behavior"] for one in original["line_items"]["data"]}
    behaviors[SHIPPING] = (original[SHIPPING] or {}).get("tax_behavior")
    totals = {
        key: amount + (tax if behaviors[key] == "exclusive" else 0) for key, (amount, tax) in left.items()
    }  # fmt: skip
    if -flat > sum(totals.values()):
        raise tax_errors.too_much("flat_amount")
    parts = discounting.spread(-flat, list(totals.values()))
    result = {}
    for (key, total), part in zip(totals.items(), parts, strict=True):
        tax = money.round_half_up(part * left[key][1], total) if total else 0
        result[key] = (-(part - tax) if behaviors[key] == "exclusive" else -part, -tax)
    return result


def _reversed(ctx: Context, original: Doc, taken: dict[str, tuple[int, int]]) -> Reversal:
    """Return lines and shipping with what is taken of each; what is taken nothing of is left out."""
    lines = []
    for source in original["line_items"]["data"]:
        amount, tax = taken[source["id"]]
        if amount or tax:
            members = {**{name: source[name] for name in OF_LINE}, "amount": amount, "amount_tax": tax}
            lines.append(_line(ctx, members, source["id"]))
    shipping = None
    if any(taken.get(SHIPPING, ())):
        amount, tax = taken[SHIPPING]
        shipping = {**original[SHIPPING], "amount": amount, "amount_tax": tax}
    return lines, shipping
