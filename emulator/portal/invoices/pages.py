"""Decides what the pages of an invoice, a receipt, a credit note and 3D Secure are told, and which link opens what."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from emulator.billing import settlement
from emulator.kernel.documents import at
from emulator.kernel.errors import StripeError, invalid_request
from emulator.payments import collect, payment_method_configurations
from emulator.portal import visits
from emulator.portal.invoices import telling
from emulator.portal.methods import entry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

DAY = 86_400
# docs.stripe.com/invoicing/hosted-invoice-page: how long a link lives.
AFTER_DUE, AT_MOST, JUST_SHOWN = 30 * DAY, 120 * DAY, 10 * DAY
PAYABLE = frozenset({"open", "uncollectible"})
INTENTS = {"pi": "payment_intent", "seti": "setup_intent"}
MARK = "0200"  # stands between what a token says and its random end (recorded 2024-07)


def no_such_page(what: str) -> StripeError:
    """A link that opens nothing; words are a choice, pages have their own."""
    return invalid_request(f"There is no {what} at this address.", status=404, code="resource_missing")


def link_expired(account: Doc | None, *, mailed: bool, livemode: bool, now: int) -> StripeError:
    """The link of an invoice after its time; ``account`` is whom to ask. Words are a choice.

    ``mailed``: a new link can be asked for, which is signed at ``now`` (unix seconds).
    """
    return StripeError(
        "This invoice link has expired.",
        status=410,
        code="invoice_link_expired",
        account=account,
        livemode=livemode,
        mailed=mailed,
        now=now,
    )


async def invoice_page(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Return what the page of an invoice draws.

    ``token`` is the last part of the invoice's address; ``shown_at`` (unix seconds or None) is when a page of ours
    last gave the link to the customer. ``types`` are the payment methods that may be typed in, with what they ask.
    Raises 404 for a token that is no invoice's, 410 after the link's time.
    """
    invoice = await opened(ctx, params)
    customer = await ctx.find("customer", invoice["customer"])
    subscription = await settlement.subscription_of(ctx, invoice)
    default = invoice["default_payment_method"]
    if default is None and customer is not None:
        default = await collect.default_method(ctx, customer, subscription)
    methods = await ctx.select("payment_method", customer=customer["id"]) if customer is not None else []
    payable = invoice["status"] in PAYABLE and customer is not None
    return {
        **await telling.told(ctx, invoice),
        "customer": customer,
        "default_payment_method": default,
        "payment_methods": methods,
        "payments": await payments(ctx, invoice),
        "types": [entry.described(ctx, type) for type in await accepted(ctx, invoice)] if payable else [],
    }


async def opened(ctx: Context, params: Doc) -> Doc:
    """Return the invoice that an address (``token``, ``shown_at``) opens; raises 404 and, after the link's time, 410."""
    invoice = await by_token(ctx, params["token"])
    if await expired(ctx, invoice, params.get("shown_at")):
        account = await visits.account(ctx, invoice.get("on_behalf_of"))
        raise link_expired(account, mailed=was_mailed(invoice), livemode=ctx.livemode, now=ctx.server_now)
    return invoice


def was_mailed(invoice: Doc) -> bool:
    """Tell whether an invoice went out by mail: those that are sent do, others are refused to be (a choice)."""
    return bool(invoice["collection_method"] == "send_invoice")


async def accepted(ctx: Context, invoice: Doc) -> list[str]:
    """Return the types of payment methods that an invoice takes: those it names, else those that are switched on."""
    named = invoice["payment_settings"]["payment_method_types"]
    if not named:
        configuration = await payment_method_configurations.default(ctx)
        named = payment_method_configurations.offered(configuration, invoice["currency"])
    return entry.offered(ctx, named, invoice["currency"])


async def receipt_page(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Return what a receipt draws: of a ``charge`` id, or of the payment of the invoice with this ``token``.

    Raises 404 where no money was taken.
    """
    charge: Doc | None
    if params.get("token"):
        invoice = await by_token(ctx, params["token"])
        taken = [one["charge"] for one in await payments(ctx, invoice) if one["charge"] is not None]
        charge = next((one for one in taken if one["paid"]), None)
    else:
        charge = await ctx.find("charge", params.get("charge") or "")
        link = await ctx.find(settlement.LINK, charge["payment_intent"] or "") if charge else None
        found = await ctx.find("invoice", link["invoice"]) if link else None
        invoice = found or {}
    if charge is None or not charge["paid"] or not charge["captured"]:
        raise no_such_page("receipt")
    seller = charge.get("on_behalf_of")
    told = (
        await telling.told(ctx, invoice) if invoice else {"account": await visits.account(ctx, seller), "invoice": None}
    )
    customer = await ctx.find("customer", charge["customer"]) if charge["customer"] else None
    return {**told, "charge": charge, "customer": customer}


async def credit_note_page(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Return what a credit note says: the one whose document's address holds this ``token``; raises 404."""
    wanted = params["token"].encode()
    for note in await ctx.select("credit_note"):
        own = urlsplit(note["pdf"]).path.split("/")[-2]
        if hmac.compare_digest(own.encode(), wanted):
            invoice = await ctx.need("invoice", note["invoice"], "invoice")
            customer = await ctx.find("customer", note["customer"])
            return {**await telling.told(ctx, invoice), "credit_note": note, "customer": customer}
    raise no_such_page("credit note")


async def challenge_page(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Return what the page of 3D Secure draws: the intent that ``client_secret`` belongs to, and where it returns to.

    Raises 404 when this world has no such intent; the secret is compared in constant time.
    """
    secret = str(params["client_secret"])
    id = secret.partition("_secret_")[0]
    kind = INTENTS.get(id.partition("_")[0])
    intent = await ctx.find(kind, id) if kind else None
    if intent is None or not hmac.compare_digest(intent["client_secret"].encode(), secret.encode()):
        raise no_such_page("payment")
    method = await ctx.find("payment_method", intent["payment_method"] or "")
    customer = await ctx.find("customer", intent["customer"]) if intent["customer"] else None
    return {
        "account": await visits.account(ctx, intent.get("on_behalf_of")),
        "customer": customer,
        "intent": intent,
        "method": method,
        "return_url": at(intent, "next_action.redirect_to_url.return_url"),
    }


async def mandate_page(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``mandate:page`` (mandate): what the page of a mandate says; raises 404."""
    mandate = await ctx.find("mandate", str(params["mandate"]))
    method = await ctx.find("payment_method", mandate["payment_method"]) if mandate else None
    if mandate is None or method is None:
        raise no_such_page("mandate")
    customer = await ctx.find("customer", method["customer"] or "")
    return {"account": await visits.account(ctx), "customer": customer, "mandate": mandate, "method": method}


async def account_page(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``account:page`` (on_behalf_of): whose brand a page wears."""
    return {"account": await visits.account(ctx, params.get("on_behalf_of")), "livemode": ctx.livemode}


async def by_token(ctx: Context, token: str) -> Doc:
    """Return the invoice whose hosted page has this token; raises 404."""
    for invoice in await _candidates(ctx, token):
        own = invoice["hosted_invoice_url"]
        last = urlsplit(own).path.rpartition("/")[2] if own else ""
        if last and hmac.compare_digest(last.encode(), token.encode()):
            return invoice
    raise no_such_page("invoice")


async def _candidates(ctx: Context, token: str) -> Iterable[Doc]:
    """Return the invoices that a token may be of: it holds the number, whose prefix is the customer's."""
    number = _number(token)
    if number is None:
        return await ctx.select("invoice")  # invoices of fixture worlds, whose tokens say nothing
    customers = await ctx.select("customer", invoice_prefix=number.rpartition("-")[0])
    found = [one for customer in customers for one in await ctx.select("invoice", customer=customer["id"])]
    return found or await ctx.select("invoice")


def _number(token: str) -> str | None:
    """Return the invoice number that a token made by billing holds."""
    text = token.partition("_")[2].rpartition(MARK)[0]
    try:
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    parts = plain.split(",", 2)
    return parts[2] if len(parts) == 3 else None


async def expired(ctx: Context, invoice: Doc, shown_at: int | None) -> bool:
    """Say whether a link is over: 30 days after the due date or finalization, at most 120 (facts portal 8)."""
    now = await telling.instant(ctx, invoice)
    if shown_at is not None and 0 <= ctx.server_now - shown_at <= JUST_SHOWN:
        return False
    finalized = invoice["status_transitions"]["finalized_at"] or invoice["created"]
    until: int = min((invoice["due_date"] or finalized) + AFTER_DUE, finalized + AT_MOST)
    return now >= until


async def payments(ctx: Context, invoice: Doc) -> list[Doc]:
    """Return the payments of an invoice with their intents and last charges, newest first."""
    found = []
    for one in await ctx.select("invoice_payment", invoice=invoice["id"]):
        intent = await ctx.find("payment_intent", at(one, "payment.payment_intent") or "")
        charge = await ctx.find("charge", intent["latest_charge"]) if intent and intent["latest_charge"] else None
        found.append({"charge": charge, "intent": intent, "payment": one})
    return found
