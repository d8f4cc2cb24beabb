"""Decides what a credit note takes off an invoice, before its payment or after, and where the money goes."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, NamedTuple

from emulator.billing import amounts, credit_note_lines, errors, invoice_shipping, settlement, shapes
from emulator.billing import credit_note_errors as refusals
from emulator.billing.subscription_reads import embedded_page
from emulator.catalog.values import at_least
from emulator.customers import balance
from emulator.kernel.errors import missing_param
from emulator.payments import refunds
from emulator.resources import updates
from emulator.resources.context import Discarded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context, Page

KIND = "credit_note"
CREDITABLE = frozenset({"open", "paid", "uncollectible"})
ELSEWHERE = ("refund_amount", "credit_amount", "out_of_band_amount")  # where what was paid goes, besides ``refunds``
GONE = frozenset({"failed", "canceled"})  # refunds whose money did not go back
SAME_REASON = frozenset({"duplicate", "fraudulent"})  # reasons that a refund has too


class Built(NamedTuple):
    """A credit note that is not stored yet, and the invoice it is about."""

    note: Doc
    invoice: Doc


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Issue a credit note (``POST /v1/credit_notes``, facts billing 7.5).

    It first reduces what is still owed (``pre_payment_amount``); the rest (``post_payment_amount``) must be refunded,
    credited to the balance or settled elsewhere. An invoice of which nothing is left to pay becomes paid.
    """
    built = await _built(ctx, params)
    note, invoice = built
    back = await _linked(ctx, params, invoice)
    _check_post(note, params, back)
    if params.get("refund_amount"):
        charge = await _charge(ctx, invoice)
        wish: Doc = {"charge": charge["id"], "amount": params["refund_amount"]}
        if params.get("reason") in SAME_REASON:
            wish["reason"] = params["reason"]
        made = await refunds.create(ctx, {}, wish)
        back.append(_refunded(made["id"], made["amount"]))
    note["refunds"] = back
    if params.get("credit_amount"):
        customer = await ctx.need("customer", invoice["customer"], "customer")
        _, entry = balance.move(
            ctx, customer, -params["credit_amount"], currency=invoice["currency"], type=KIND, invoice=invoice["id"],
            credit_note=note["id"],
        )  # fmt: skip
        note["customer_balance_transaction"] = entry["id"]
    ctx.put(KIND, note)
    await _apply(ctx, note, invoice)
    return note


async def preview(ctx: Context, ids: dict[str, str], params: Doc) -> Discarded:
    """Return what a credit note would be (``GET /v1/credit_notes/preview``); nothing is stored."""
    built = await _built(ctx, params)
    return Discarded({**built.note, "refunds": await _linked(ctx, params, built.invoice)})


async def preview_lines(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """Return the lines of a preview (``GET /v1/credit_notes/preview/lines``)."""
    note = (await _built(ctx, params)).note
    return embedded_page(note["lines"]["data"], params, "/v1/credit_notes/preview/lines", "credit note line item")


async def list_lines(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """Return the lines of a credit note (``GET /v1/credit_notes/{id}/lines``)."""
    note = await ctx.at_path(KIND, ids["credit_note"])
    return embedded_page(note["lines"]["data"], params, note["lines"]["url"], "credit note line item")


async def update(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Change memo or metadata."""
    return ctx.put(KIND, updates.apply(await ctx.at_path(KIND, ids["id"]), params))


async def void(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Take a credit note back (``POST .../void``): only while its invoice is open, and nothing went out for it.

    Raises the refusals of one that is void, and of others.
    """
    note = await ctx.at_path(KIND, ids["id"])
    if note["status"] == "void":
        raise refusals.already_void()
    invoice = await ctx.need("invoice", note["invoice"], "invoice")
    if note["type"] != "pre_payment" or invoice["status"] != "open":
        raise refusals.not_voidable()
    voided = ctx.put(KIND, {**note, "status": "void", "voided_at": ctx.now})
    await _owed(ctx, invoice, note["pre_payment_amount"])
    return voided


async def _built(ctx: Context, params: Doc) -> Built:
    """Return the note that the parameters ask for; writes nothing."""
    invoice = await ctx.need("invoice", params["invoice"], "invoice")
    for name in ELSEWHERE:
        at_least(params, name, 0)
    if invoice["status"] not in CREDITABLE:
        raise refusals.not_finalized()
    earlier = await ctx.select(KIND, invoice=invoice["id"])
    credited = sum(one["total"] for one in earlier if one["status"] == "issued")
    shipping = invoice_shipping.credited(invoice) if params.get("shipping_cost") else None
    data = await _lines(ctx, params, invoice, fresh=not credited, shipped=shipping is not None)
    sums = _sums(data, shipping, manual=not invoice["automatic_tax"]["enabled"])
    wanted = params.get("amount")
    if wanted is not None and params.get("lines") and wanted != sums["total"]:
        raise refusals.amounts_differ(wanted, sums["total"])
    if sums["total"] <= 0:
        raise refusals.not_positive()
    # What a balance had settled is not money that was received, but it can be given back all the same.
    if sums["total"] > invoice["total"] - credited:
        raise refusals.too_much(sums["total"], invoice["total"] - credited)
    pre = min(sums["total"], invoice["amount_remaining"]) if invoice["status"] != "paid" else 0
    return Built(_note(ctx, params, invoice, data, {**sums, "shipping_cost": shipping}, pre, len(earlier)), invoice)


async def _lines(ctx: Context, params: Doc, invoice: Doc, *, fresh: bool, shipped: bool) -> list[Doc]:
    if params.get("lines"):
        return await credit_note_lines.asked(ctx, invoice, params["lines"])
    amount = params.get("amount")
    if amount is None:
        if not shipped:
            raise refusals.nothing_named()
        return []
    if fresh and amount == invoice["total"] and not invoice["amount_shipping"]:
        return credit_note_lines.whole(ctx, invoice)
    return [credit_note_lines.of_amount(ctx, amount)] if amount else []


def _sums(data: Sequence[Doc], shipping: Doc | None, *, manual: bool) -> Doc:
    """Return what the lines come to; ``manual`` rates let exempt customers off what is inside the price."""
    discounts: dict[str, int] = {}
    taxes: dict[str, Doc] = {}
    subtotal = discount = added = contained = 0
    waived = sum(amounts.waived(one, one["amount"] - one["discount_amount"]) for one in data) if manual else 0
    for line in data:
        subtotal += line["amount"]
        discount += line["discount_amount"]
        for share in line["discount_amounts"]:
            discounts[share["discount"]] = discounts.get(share["discount"], 0) + share["amount"]
        for tax in line["taxes"]:
            rate = tax["tax_rate_details"]["tax_rate"]
            before = taxes.get(rate) or {"amount": 0, "taxable_amount": 0}
            taxes[rate] = {
                **tax, "amount": before["amount"] + tax["amount"],
                "taxable_amount": before["taxable_amount"] + tax["taxable_amount"],
            }  # fmt: skip
            added += tax["amount"] if tax["tax_behavior"] == "exclusive" else 0
            contained += tax["amount"] if tax["tax_behavior"] == "inclusive" else 0
    shipped = shipping["amount_subtotal"] if shipping else 0
    total = subtotal - discount + added - waived + (shipping["amount_total"] if shipping else 0)
    return {
        "amount": total,
        "amount_shipping": shipped,
        "discount_amount": discount,
        "discount_amounts": [{"amount": amount, "discount": one} for one, amount in discounts.items()],
        "pretax_credit_amounts": [
            {"amount": amount, "discount": one, "type": "discount"} for one, amount in discounts.items()
        ],
        "subtotal": subtotal,
        "subtotal_excluding_tax": subtotal - contained - waived,
        "total": total,
        "total_excluding_tax": subtotal - discount - contained - waived + shipped,
        "total_taxes": list(taxes.values()),
    }


def _note(
    ctx: Context, params: Doc, invoice: Doc, data: list[Doc], sums: Doc, pre: int, earlier: int
) -> Doc:  # fmt: skip
    identifier = ctx.new_id(KIND)
    post = sums["total"] - pre
    token = base64.urlsafe_b64encode(f"{ctx.linked},_{ctx.token(32)}".encode()).decode().rstrip("=")
    mode = "live" if ctx.livemode else "test"
    lists = shapes.embedded(data, f"/v1/credit_notes/{identifier}/lines")
    return {
        "id": identifier,
        "object": KIND,
        "created": ctx.now,
        "currency": invoice["currency"],
        "customer": invoice["customer"],
        "customer_account": None,
        "customer_balance_transaction": None,
        "effective_at": params.get("effective_at") or ctx.now,
        "invoice": invoice["id"],
        "lines": {name: value for name, value in lists.items() if name != "total_count"},
        "livemode": ctx.livemode,
        "memo": params.get("memo"),
        "metadata": updates.merge_map({}, params.get("metadata")),
        "number": f"{invoice['number']}-CN-{earlier + 1:02d}",
        "out_of_band_amount": params.get("out_of_band_amount"),
        "pdf": f"{ctx.base_url}/credit_notes/{ctx.account}/{mode}_{token}0200{ctx.text(8)}/pdf?s=ap",
        "post_payment_amount": post,
        "pre_payment_amount": pre,
        "reason": params.get("reason"),
        "refunds": [],
        "status": "issued",
        "type": "mixed" if pre and post else "post_payment" if post else "pre_payment",
        "voided_at": None,
        **sums,
    }


def _refunded(refund: str, amount: int) -> Doc:
    return {"amount_refunded": amount, "payment_record_refund": None, "refund": refund, "type": "refund"}


async def _linked(ctx: Context, params: Doc, invoice: Doc) -> list[Doc]:
    """Return the refunds that exist already as the note names them, each with all that is left of it or less.

    Raises the refusals of what is not a refund of the invoice's payments, and of more than a refund gave back: nobody
    may be credited twice for it (choice; the description asks for no more than the sum).
    """
    given: Sequence[Doc] = params.get("refunds") or ()
    if not given:
        return []
    paid = [one["payment"].get("payment_intent") for one in await _payments(ctx, invoice)]
    used: dict[str, int] = {}
    for note in await ctx.select(KIND, invoice=invoice["id"]):
        for one in note["refunds"] if note["status"] == "issued" else ():
            used[one["refund"]] = used.get(one["refund"], 0) + one["amount_refunded"]
    result = []
    for index, entry in enumerate(given):
        place = f"refunds[{index}]"
        if entry.get("type") == "payment_record_refund" or entry.get("payment_record_refund"):
            raise errors.not_emulated("payment_record_refund of credit notes")
        if not entry.get("refund"):
            raise missing_param(f"{place}[refund]")
        at_least(entry, "amount_refunded", 1, place)
        refund = await ctx.need("refund", entry["refund"], f"{place}[refund]")
        if refund["payment_intent"] not in paid or refund["status"] in GONE:
            raise refusals.foreign_refund(refund["id"], f"{place}[refund]")
        left = refund["amount"] - used.get(refund["id"], 0)
        amount = left if entry.get("amount_refunded") is None else entry["amount_refunded"]
        if not 0 < amount <= left:
            raise refusals.refund_too_much(amount, left, invoice["currency"], f"{place}[amount_refunded]")
        used[refund["id"]] = used.get(refund["id"], 0) + amount
        result.append(_refunded(refund["id"], amount))
    return result


def _check_post(note: Doc, params: Doc, linked: Sequence[Doc]) -> None:
    given = sum(params.get(name) or 0 for name in ELSEWHERE) + sum(one["amount_refunded"] for one in linked)
    if given != note["post_payment_amount"]:
        raise refusals.post_payment_mismatch(note["post_payment_amount"], given, note["currency"])


async def _payments(ctx: Context, invoice: Doc) -> list[Doc]:
    """Return what paid an invoice."""
    return [one for one in await ctx.select("invoice_payment", invoice=invoice["id"]) if one["status"] == "paid"]


async def _charge(ctx: Context, invoice: Doc) -> Doc:
    """Return the charge that paid an invoice."""
    for payment in await _payments(ctx, invoice):
        intent = await ctx.find("payment_intent", payment["payment"].get("payment_intent") or "")
        charge = await ctx.find("charge", intent["latest_charge"]) if intent and intent["latest_charge"] else None
        if charge is not None:
            return charge
    raise refusals.no_charge()


async def _apply(ctx: Context, note: Doc, invoice: Doc) -> None:
    post = invoice["post_payment_credit_notes_amount"] + note["post_payment_amount"]
    changed = {**invoice, "post_payment_credit_notes_amount": post}
    if note["pre_payment_amount"]:
        await _owed(ctx, changed, -note["pre_payment_amount"])
    else:
        ctx.put("invoice", changed)


async def _owed(ctx: Context, invoice: Doc, more: int) -> None:
    """Store that ``more`` (negative: less) is owed of an open invoice, and what that means for its payment."""
    left = invoice["amount_remaining"] + more
    invoice = {
        **invoice, "amount_due": invoice["amount_due"] + more, "amount_remaining": left,
        "pre_payment_credit_notes_amount": invoice["pre_payment_credit_notes_amount"] - more,
    }  # fmt: skip
    if left == 0:
        await settlement.release_payment(ctx, invoice["id"])
        await settlement.paid(ctx, invoice, amount=0, attempted=False)
        return
    ctx.put("invoice", invoice)
    await settlement.ask_for(ctx, invoice["id"], left)
