"""Decides what a customer's legacy bank accounts are: typed or named by a token, and proven by two deposits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.documents import changed
from emulator.kernel.errors import missing_param, resource_missing
from emulator.payments import charge_errors, debit_errors, errors, microdeposits
from emulator.payments.test_accounts import mark_of
from emulator.resources.listing import listed

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context, Page

KIND = "bank_account"
PREFIX = "btok_"
# Test tokens (docs.stripe.com/ach-deprecated): one that is to be verified, one that is.
MAGIC = {"btok_us": "new", "btok_us_verified": "verified"}
US_ACCOUNT = {"account_number": "000123456789", "country": "US", "currency": "usd", "routing_number": "110000000"}


def typed(ctx: Context, given: Doc) -> Doc:
    """Return a new ``ba_`` object of a typed account, as tokens hold it; it is not stored yet.

    Raises the refusal of one that lacks a member.
    """
    for name in ("country", "account_number"):
        if given.get(name) is None:
            raise missing_param(f"bank_account[{name}]")
    number = str(given["account_number"])
    return {
        "id": ctx.new_id(KIND),
        "object": KIND,
        "account_holder_name": given.get("account_holder_name"),
        "account_holder_type": given.get("account_holder_type"),
        "account_type": given.get("account_type"),
        "bank_name": "STRIPE TEST BANK",
        "country": given["country"],
        "currency": (given.get("currency") or "usd").lower(),
        "customer": None,
        "fingerprint": mark_of("us_bank_account", number),
        "last4": number[-4:],
        "metadata": {},
        "routing_number": given.get("routing_number"),
        "status": "new",
    }


async def made(ctx: Context, source: str | Doc, customer: str, param: str = "source") -> Doc:
    """Store and return the bank account that a token or typed numbers give a customer."""
    if isinstance(source, dict):
        account = typed(ctx, source)
    elif source in MAGIC:
        account = {**typed(ctx, US_ACCOUNT), "status": MAGIC[source]}
    else:
        account = await _of_token(ctx, source, param)
    return ctx.put(KIND, changed(account, customer=customer))


async def verify(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/customers/{customer}/sources/{id}/verify: the two amounts that arrived.

    Raises the refusals of an unknown or verified account, and of amounts that are missing, not two or wrong.
    """
    customer = await ctx.at_path("customer", ids["customer"])
    account = await ctx.find(KIND, ids["id"])
    if account is None or account["customer"] != customer["id"]:
        raise charge_errors.unknown_source(ids["id"])
    if account["status"] == "verified":
        raise debit_errors.bank_account_verified()
    amounts = params.get("amounts")
    if amounts is None:
        raise missing_param("amounts")
    if len(amounts) != 2:
        raise debit_errors.amounts_invalid()
    if microdeposits.outcome([int(one) for one in amounts], None) != microdeposits.PROVEN:
        raise debit_errors.bank_amounts_wrong()
    return ctx.put(KIND, changed(account, status="verified"))


async def index(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """GET /v1/customers/{customer}/bank_accounts."""
    customer = await ctx.at_path("customer", ids["customer"])
    url = f"/v1/customers/{customer['id']}/bank_accounts"
    return await listed(ctx, KIND, params, url, customer=customer["id"])


async def _of_token(ctx: Context, id: str, param: str) -> Doc:
    token = await ctx.find("token", id)
    if token is None or token["type"] != KIND:
        raise resource_missing("token", id, param=param)
    if token["used"]:
        raise errors.token_used(id)
    ctx.put("token", changed(token, used=True))
    account: Doc = token[KIND]
    return account
