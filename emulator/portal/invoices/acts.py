"""Decides what a customer does on the page of an invoice: pays it once, or asks for another link to it.

Sources: docs.stripe.com/invoicing/hosted-invoice-page; facts portal 8. A new payment method is made as the API makes one;
the invoice's PaymentIntent saves it with its customer when the payment succeeds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import consequences
from emulator.kernel.documents import at
from emulator.kernel.errors import StripeError
from emulator.payments import payment_methods
from emulator.portal import visits
from emulator.portal.invoices import pages as invoice_pages
from emulator.portal.methods import checks, entry
from emulator.portal.methods import errors as method_errors
from emulator.portal.settings import brands
from emulator.resources import mailbox

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

NEEDS_ACTION = "invoice_payment_intent_requires_action"
PROCESSING = "processing"
MAIL = "invoice_link"
SENT = "_invoice_link"  # by the id of the invoice: when a link was mailed last
ONCE_IN = 60  # seconds, a choice: a form that is sent twice sends one mail


async def pay(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``invoice:pay`` (token, shown_at, payment_method, or type and details): pay an open invoice, once.

    The path's ``invoice`` is the one that the token opens. The answer's ``intent`` is None when nothing is left to do,
    else the PaymentIntent that waits for the customer. Raises 404 for a payment method that is not this customer's, the
    refusals of what was typed (``fields``), and declines.
    """
    invoice = await invoice_pages.opened(ctx, params)
    if invoice["id"] != ids.get("invoice"):
        raise invoice_pages.no_such_page("invoice")
    if invoice["status"] not in invoice_pages.PAYABLE or await _under_way(ctx, invoice):
        return {"intent": None}
    method, field = await _method(ctx, invoice, params)
    wish = {"off_session": False, "payment_method": method["id"]}
    try:
        await consequences.pay(ctx, {"invoice": invoice["id"]}, wish)
    except StripeError as refusal:
        if refusal.code == NEEDS_ACTION:
            return {"intent": refusal.extra["payment_intent"]}
        raise method_errors.shown_at(refusal, field) from None
    return {"intent": None}


async def _under_way(ctx: Context, invoice: Doc) -> bool:
    return any(at(one, "intent.status") == PROCESSING for one in await invoice_pages.payments(ctx, invoice))


async def _method(ctx: Context, invoice: Doc, params: Doc) -> tuple[Doc, str | None]:
    """Return what the invoice is paid with, and the field of the form at which its refusal is shown."""
    saved = params.get("payment_method")
    if saved is not None:
        method = await ctx.find(payment_methods.KIND, saved) if isinstance(saved, str) else None
        if method is None or method["customer"] != invoice["customer"]:
            raise method_errors.unknown_method(str(saved))
        return method, None
    type = params.get("type")
    if not isinstance(type, str) or type not in await invoice_pages.accepted(ctx, invoice):
        raise method_errors.type_not_offered(str(type))
    given = entry.parameters(ctx, type, params.get("details"))
    try:
        return await payment_methods.build(ctx, given), entry.number_of(type)
    except StripeError as refusal:
        raise method_errors.shown_at(refusal, entry.number_of(type)) from None


async def send_link(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``invoice:send_link`` (token, email, query, language): mail a new link to the customer whose invoice this is.

    ``query`` is what makes the link one that was just shown. An address that is not the customer's is answered as one
    that is. Raises 400 for what is no address, 410 for an invoice that was never mailed.
    """
    invoice = await invoice_pages.by_token(ctx, params["token"])
    account = await visits.account(ctx, invoice.get("on_behalf_of"))
    if not invoice_pages.was_mailed(invoice):
        raise invoice_pages.link_expired(account, mailed=False, livemode=ctx.livemode, now=ctx.server_now)
    email, query = params.get("email"), params.get("query")
    if not isinstance(email, str) or not isinstance(query, str):
        raise method_errors.not_text("email")
    try:
        typed = checks.email(email.strip())
    except checks.Flaw as flaw:
        raise method_errors.flawed({"email": flaw.code}) from None
    known = invoice["customer_email"]
    before = await ctx.find(SENT, invoice["id"])
    fresh = before is None or ctx.server_now - before["created"] >= ONCE_IN
    if known and typed.lower() == known.lower() and fresh:
        ctx.put(SENT, {"created": ctx.server_now, "id": invoice["id"], "object": SENT})
        customer = await ctx.find("customer", invoice["customer"])
        languages = (*((customer or {}).get("preferred_locales") or ()), params.get("language"))
        facts = {
            "amount": invoice["amount_remaining"],
            **brands.letterhead(ctx, account),
            "currency": invoice["currency"],
            "number": invoice["number"],
            "url": f"{invoice['hosted_invoice_url'].partition('?')[0]}?{query}",
        }
        mailbox.post(ctx, MAIL, known, locales=languages, facts=facts)
    return {"account": account, "livemode": ctx.livemode}
