"""Decides how a payment takes what a customer sent by bank transfer: their cash balance first, instructions for the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zlib import crc32

from emulator.customers import cash_balance
from emulator.kernel.documents import changed
from emulator.payments import attempts, bank_transfer_errors, payment_methods
from emulator.payments.transitions import REQUIRES_ACTION

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

TYPE = "customer_balance"
# Payments that wait for transfers: what they took already, and the reference that the customer is asked to name.
WAITING = "_bank_transfer"
INSTRUCTIONS_PATH = "/payment_instructions/"
# What money is sent by in which currency (docs.stripe.com/payments/bank-transfers).
TYPES = {
    "eur": "eu_bank_transfer", "gbp": "gb_bank_transfer", "jpy": "jp_bank_transfer", "mxn": "mx_bank_transfer",
    "usd": "us_bank_transfer",
}  # fmt: skip
COUNTRIES = {
    "eu_bank_transfer": "IE", "gb_bank_transfer": "GB", "jp_bank_transfer": "JP", "mx_bank_transfer": "MX",
    "us_bank_transfer": "US",
}  # fmt: skip
# What the official command line still says (trigger payment_intent.partially_funded).
OLDER = {"jp_bank_account": "jp_bank_transfer"}
ADDRESS: Doc = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
BANK = "STRIPE TEST BANK"  # and all numbers: of accounts that do not exist (a choice)


def type_of(currency: str, wanted: str | None, param: str) -> str:
    """Return the kind of transfer in a currency; raises for one that is wanted and does not go with it."""
    found = TYPES.get(currency)
    if found is None or (wanted is not None and OLDER.get(wanted, wanted) != found):
        raise bank_transfer_errors.wrong_currency(wanted or "bank_transfer", currency, param)
    return found


def instructions(customer: str, type: str, name: str, country: str | None = None) -> Doc:
    """Return where a customer sends money to: a bank account of their own, always the same one."""
    country = country or COUNTRIES[type]
    number = f"{crc32(f'{customer}{type}'.encode()):012d}"
    place = {"account_holder_address": {**ADDRESS, "country": country}, "bank_address": {**ADDRESS, "country": country}}
    account = {**place, "account_holder_name": name, "account_number": number}
    addresses: dict[str, list[Doc]] = {
        "us_bank_transfer": [{
            "aba": {**account, "account_type": "checking", "bank_name": BANK, "routing_number": "110000000"},
            "supported_networks": ["ach", "domestic_wire_us"], "type": "aba",
        }],
        "eu_bank_transfer": [{
            "iban": {
                **place, "account_holder_name": name, "bic": "TESTDE00XXX", "country": country,
                "iban": f"{country}00{number}",
            },
            "supported_networks": ["sepa"], "type": "iban",
        }],
        "gb_bank_transfer": [{
            "sort_code": {**account, "account_number": number[-8:], "sort_code": "000000"},
            "supported_networks": ["bacs", "fps"], "type": "sort_code",
        }],
        "jp_bank_transfer": [{
            "supported_networks": ["zengin"], "type": "zengin",
            "zengin": {
                **account, "account_number": number[-7:], "account_type": "futsu", "bank_code": "0000",
                "bank_name": BANK, "branch_code": "000", "branch_name": "TEST",
            },
        }],
        "mx_bank_transfer": [{
            "spei": {
                **place, "account_holder_name": name, "bank_code": "000", "bank_name": BANK, "clabe": f"000000{number}",
            },
            "supported_networks": ["spei"], "type": "spei",
        }],
    }  # fmt: skip
    return {"country": country, "financial_addresses": addresses[type], "type": type}


def business_name(ctx: Context) -> str:
    """Return whose account a customer sends money to."""
    return str(ctx.settings["business_name"])


async def take(ctx: Context, intent: Doc, method: Doc, *, funds: int | None = None) -> attempts.Attempt:
    """Take a payment from the customer's cash balance; what is not there is waited for (docs: bank-transfers).

    ``funds``: how much of the balance may go into it, None for all of it where it is applied by itself.
    Raises the refusal of a payment without a customer.
    """
    customer = intent["customer"]
    if customer is None:
        raise bank_transfer_errors.customer_missing()
    row = await ctx.find(WAITING, intent["id"]) or {
        "id": intent["id"], "applied": 0, "customer": customer, "reference": ctx.text(12, "0123456789ABCDEF"),
    }  # fmt: skip
    left = intent["amount"] - row["applied"]
    if funds is None:
        automatic = await cash_balance.is_automatic(ctx, customer)
        funds = await cash_balance.available(ctx, customer, intent["currency"]) if automatic else 0
    part = min(funds, left)
    if part:
        await cash_balance.move(
            ctx, customer, intent["currency"], -part, "applied_to_payment",
            applied_to_payment={"payment_intent": intent["id"]},
        )  # fmt: skip
    if part == left:
        ctx.remove(WAITING, intent["id"])
        return await attempts.run(ctx, intent, method, attempts.Manner())
    row = ctx.put(WAITING, {**row, "applied": row["applied"] + part})
    attempt = attempts.wait(ctx, intent, method, _asked(ctx, intent, row))
    if part:
        ctx.note("payment_intent.partially_funded", attempt.intent)
    return attempt


def _asked(ctx: Context, intent: Doc, row: Doc) -> Doc:
    """Return the ``next_action`` that tells the customer what to send where."""
    options: Any = (intent["payment_method_options"] or {}).get(TYPE) or {}
    transfer = options.get("bank_transfer") or {}
    param = f"payment_method_options[{TYPE}][bank_transfer][type]"
    type = type_of(intent["currency"], transfer.get("type"), param)
    country = (transfer.get("eu_bank_transfer") or {}).get("country")
    told = instructions(row["customer"], type, business_name(ctx), country)
    return {
        "display_bank_transfer_instructions": {
            "amount_remaining": intent["amount"] - row["applied"],
            "currency": intent["currency"],
            "financial_addresses": told["financial_addresses"],
            "hosted_instructions_url": f"{ctx.base_url}{INSTRUCTIONS_PATH}{intent['client_secret']}",
            "reference": row["reference"],
            "type": type,
        },
        "type": "display_bank_transfer_instructions",
    }


async def waiting(ctx: Context, customer: str, currency: str) -> list[tuple[Doc, Doc]]:
    """Return a customer's payments that wait for transfers, oldest first, with what is known of their wait."""
    result = []
    for row in reversed(await ctx.select(WAITING, customer=customer)):
        intent = await ctx.find("payment_intent", row["id"])
        if intent is not None and intent["status"] == REQUIRES_ACTION and intent["currency"] == currency:
            result.append((intent, row))
    return result


async def apply(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Put the customer's money into a payment by hand (``POST .../apply_customer_balance``).

    Raises the refusals of a payment that waits for no transfer, of another currency and of more than there is.
    """
    intent = await ctx.at_path("payment_intent", ids["intent"])
    if intent["status"] != REQUIRES_ACTION or await ctx.find(WAITING, intent["id"]) is None:
        raise bank_transfer_errors.not_waiting(intent)
    if params.get("currency") not in {None, intent["currency"]}:
        raise bank_transfer_errors.other_currency(intent["currency"])
    have = await cash_balance.available(ctx, intent["customer"], intent["currency"])
    amount = params.get("amount")
    if amount is not None and amount > have:
        raise bank_transfer_errors.not_enough(have)
    method = await payment_methods.resolve(ctx, intent["payment_method"])
    return (await take(ctx, intent, method, funds=have if amount is None else amount)).intent


async def release(ctx: Context, intent: Doc) -> None:
    """Give what a payment took back to the customer's cash balance: it is cancelled."""
    row = await ctx.find(WAITING, intent["id"])
    if row is None:
        return
    ctx.remove(WAITING, intent["id"])
    if row["applied"]:
        await cash_balance.move(
            ctx, row["customer"], intent["currency"], row["applied"], "unapplied_from_payment",
            unapplied_from_payment={"payment_intent": intent["id"]},
        )  # fmt: skip


async def refunded(ctx: Context, refund: Doc, charge: Doc) -> Doc:
    """Return a refund; what was paid by bank transfer goes into the customer's cash balance (docs: bank-transfers)."""
    if charge["payment_method_details"]["type"] != TYPE:
        return refund
    details = {"customer_cash_balance": {}, "type": "customer_cash_balance"}
    refund = ctx.put("refund", changed(refund, destination_details=details))
    await cash_balance.move(
        ctx, charge["customer"], refund["currency"], refund["amount"], "refunded_from_payment",
        refunded_from_payment={"refund": refund["id"]},
    )  # fmt: skip
    return refund
