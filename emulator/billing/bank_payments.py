"""Decides what money that a customer sends by bank transfer pays: payments that wait for it, then invoices that were sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import consequences, settlement
from emulator.customers import cash_balance
from emulator.kernel.errors import bad_param
from emulator.payments import bank_transfers, payment_methods

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

SENDER = "Sample Business"  # who the test transfers are from (a choice)
SENT_BY: dict[str, Doc] = {
    "eu_bank_transfer": {"bic": "TESTDE00XXX", "iban_last4": "7089", "sender_name": SENDER},
    "gb_bank_transfer": {"account_number_last4": "6789", "sender_name": SENDER, "sort_code": "000000"},
    "jp_bank_transfer": {"sender_bank": "STRIPE TEST BANK", "sender_branch": "TEST", "sender_name": SENDER},
    "us_bank_transfer": {"network": "ach", "sender_name": SENDER},
}


async def instructions(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Tell where a customer sends money to (``POST /v1/customers/{customer}/funding_instructions``)."""
    customer = await ctx.at_path("customer", ids["customer"], "customer")
    wanted = params["bank_transfer"]
    type = bank_transfers.type_of(params["currency"], wanted["type"], "bank_transfer[type]")
    country = (wanted.get("eu_bank_transfer") or {}).get("country")
    return {
        "object": "funding_instructions",
        "bank_transfer": bank_transfers.instructions(
            customer["id"], type, bank_transfers.business_name(ctx), country
        ),
        "currency": params["currency"],
        "funding_type": "bank_transfer",
        "livemode": ctx.livemode,
    }  # fmt: skip


async def fund(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Let a test transfer of a customer arrive (``POST /v1/test_helpers/customers/{customer}/fund_cash_balance``).

    Raises the refusal of an amount below 1.
    """
    customer = await ctx.at_path("customer", ids["customer"], "customer")
    amount, currency, reference = params["amount"], params["currency"], params.get("reference")
    if amount < 1:
        raise bad_param(
            "This value must be greater than or equal to 1.", param="amount", code="parameter_invalid_integer"
        )
    type = bank_transfers.type_of(currency, None, "currency")
    funded: Doc = {"bank_transfer": {"reference": reference, "type": type}}
    if type in SENT_BY:
        funded["bank_transfer"][type] = SENT_BY[type]
    done = await cash_balance.move(ctx, customer["id"], currency, amount, "funded", funded=funded)
    if await cash_balance.is_automatic(ctx, customer["id"]):
        await _reconcile(ctx, customer["id"], currency, reference or "")
    if await cash_balance.available(ctx, customer["id"], currency) > 0:
        ctx.note("cash_balance.funds_available", await cash_balance.of(ctx, customer))
    return done


async def _reconcile(ctx: Context, customer: str, currency: str, reference: str) -> None:
    """Pay what the transfer names, then the oldest first (docs.stripe.com/payments/customer-balance/reconciliation).

    A payment that waits takes what there is; an invoice is paid when there is enough for all of it (a choice).
    """
    waiting = await bank_transfers.waiting(ctx, customer, currency)
    for intent, _ in sorted(waiting, key=lambda one: one[1]["reference"] not in reference):
        have = await cash_balance.available(ctx, customer, currency)
        if have:
            method = await payment_methods.resolve(ctx, intent["payment_method"])
            after = await bank_transfers.take(ctx, intent, method, funds=have)
            await consequences.after_payment_intent(ctx, after.intent)
    invoices = reversed(await ctx.select("invoice", customer=customer, status="open"))
    for invoice in sorted(invoices, key=lambda one: one["number"] not in reference):
        have = await cash_balance.available(ctx, customer, currency)
        if _takes_transfers(invoice) and invoice["currency"] == currency and invoice["amount_remaining"] <= have:
            await _pay(ctx, invoice)


def _takes_transfers(invoice: Doc) -> bool:
    types = invoice["payment_settings"]["payment_method_types"]
    sent = invoice["collection_method"] == "send_invoice" and invoice["amount_remaining"] > 0
    return bool(sent and (not types or bank_transfers.TYPE in types))


async def _pay(ctx: Context, invoice: Doc) -> None:
    method = await payment_methods.build(ctx, {"type": bank_transfers.TYPE})
    done, _ = await settlement.attempt(ctx, invoice, payment_method=method["id"], off_session=False)
    await consequences.after_invoice(ctx, done)
