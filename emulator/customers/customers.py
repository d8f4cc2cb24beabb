"""Decides how customers come to be, change and go."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from emulator.customers import balance, cash_balance, errors, settings, tax, tax_ids
from emulator.customers.wallet import NO_WALLET, Wallet
from emulator.kernel.documents import changed
from emulator.kernel.ids import UPPER
from emulator.resources import updates
from emulator.spec import wording

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

PREFIX_LENGTH: Final = 8  # of the invoice prefix (facts billing 2)
# One @ with something on both sides and no blanks: deliberately no stricter (choice).
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\Z")
_PREFIX = re.compile(r"[A-Z0-9]{1,12}\Z")
# What a plain customer is made of: the common create looks at nothing else.
_PLAIN: Final = frozenset({"description", "email", "metadata", "name", "phone"})
_SIMPLE: Final = _PLAIN | {"address", "id"}
_SHOWN_WHEN_SET: Final = ("business_name", "individual_name")  # never null (the API description)
_NAMES: Final = ("business_name", "individual_name", "preferred_locales")
# Older words for the default source and for a new one.
_DEFAULTS: Final = ("default_source", "default_card", "default_bank_account", "default_alipay_account")
_SOURCES: Final = ("source", "card", "bank_account")
_NEVER_EMPTY: Final = ("default_source", "payment_method", "test_clock")


async def create(ctx: Context, ids: dict[str, str], params: Doc, *, wallet: Wallet = NO_WALLET) -> Doc:
    """Create a customer (``POST /v1/customers``).

    ``wallet`` attaches the payment method or source that came along; both are announced before the customer. Raises
    the refusal of what is no email address.
    """
    given = params.get("metadata")
    doc = settings.CUSTOMER.copy()
    doc["id"] = await _chosen(ctx, params["id"]) if params.get("id") else ctx.new_id("customer")
    if params.get("address"):
        doc["address"] = settings.address(None, params["address"])
    doc["created"] = ctx.now
    doc["description"] = params.get("description")
    doc["email"] = email = params.get("email")
    doc["invoice_prefix"] = ctx.text(PREFIX_LENGTH, UPPER)
    doc["livemode"] = ctx.livemode
    if given:
        doc["metadata"] = {key: value for key, value in given.items() if value is not None}
    doc["name"] = params.get("name")
    doc["phone"] = params.get("phone")
    if email is not None and not _EMAIL.match(email):
        raise errors.email_invalid(email)
    if params.keys() <= _SIMPLE:
        return ctx.put("customer", doc)
    return await _create_rich(ctx, doc, params, wallet)


async def _chosen(ctx: Context, id: str) -> str:
    """Return an id that the caller chose; raises when it is, or was, a customer's: the id of a deleted one goes on answering."""
    if await ctx.find("customer", id) is not None or await ctx.stub("customer", id) is not None:
        raise errors.customer_exists()
    return id


async def _create_rich(ctx: Context, doc: Doc, params: Doc, wallet: Wallet) -> Doc:
    """Finish a new customer that comes with more than plain fields."""
    _check_empty(params)
    if params.get("test_clock") is not None:
        clock = await ctx.need("test_helpers.test_clock", params["test_clock"], "test_clock")
        doc.update(test_clock=clock["id"], created=clock["frozen_time"])
    _fill(doc, await _fields(ctx, doc, params))
    method = params.get("payment_method")
    if method is not None:
        attached = await wallet.attach(ctx, method, doc["id"], "payment_method")
        method = attached["id"]
    if params.get("source") is not None:
        doc["default_source"] = await wallet.add_source(ctx, params["source"], doc["id"], "source")
    wanted = params.get("invoice_settings") or {}
    if wanted.get("default_payment_method") is not None:
        # A test card's name stands for the method that this very call attached.
        same = wanted["default_payment_method"] == params.get("payment_method")
        chosen = method if same else await _own_method(ctx, wanted["default_payment_method"], doc)
        doc["invoice_settings"] = changed(doc["invoice_settings"], default_payment_method=chosen)
    amount = params.get("balance")
    if amount:
        doc.update(balance=amount, currency=balance.default_currency(ctx))
    if len(params.get("tax_id_data") or ()) > tax_ids.LIMIT:
        raise errors.too_many_tax_id_data(tax_ids.LIMIT)
    ctx.put("customer", doc)
    if amount:
        balance.transaction(ctx, doc, amount, type="initial")
    await tax_ids.add(ctx, doc, params.get("tax_id_data") or [])
    await _beside(ctx, doc, params)
    return doc


async def update(ctx: Context, ids: dict[str, str], params: Doc, *, wallet: Wallet = NO_WALLET) -> Doc:
    """Change a customer (``POST /v1/customers/{customer}``); nested objects change leaf by leaf.

    Raises the refusal of what is no email address.
    """
    before = await ctx.at_path("customer", ids["customer"])
    _check_empty(params)
    email = params.get("email")
    if email is not None and not _EMAIL.match(email):
        raise errors.email_invalid(email)
    plain = {name: value for name, value in params.items() if name in _PLAIN}
    doc = updates.apply(before, plain)
    _fill(doc, await _fields(ctx, before, params))
    wanted = params.get("invoice_settings") or {}
    if wanted.get("default_payment_method") is not None:
        await _own_method(ctx, wanted["default_payment_method"], before)
    for name in _DEFAULTS:
        if params.get(name) is not None:
            doc["default_source"] = await _own_source(ctx, params[name], doc["id"])
    for name in _SOURCES:
        if params.get(name) is not None:
            old = doc["default_source"]
            doc["default_source"] = await wallet.add_source(ctx, params[name], doc["id"], name)
            if old is not None and old != doc["default_source"]:
                await wallet.remove_source(ctx, old, doc["id"])
    amount = (params["balance"] - before["balance"]) if params.get("balance") is not None else 0
    if amount:
        doc.update(balance=params["balance"], currency=doc["currency"] or balance.default_currency(ctx))
    ctx.put("customer", doc)
    if amount:
        balance.transaction(ctx, doc, amount, type="adjustment")
    await _beside(ctx, doc, params)
    return doc


def _check_empty(params: Doc) -> None:
    """Refuse empty strings for what cannot be unset (facts billing 1.3)."""
    for name in _NEVER_EMPTY:
        if name in params and params[name] is None:
            raise wording.empty(name)
    if "source" in params and params["source"] is None:
        raise errors.source_empty()


def _fill(doc: Doc, fields: Doc) -> None:
    """Put new values into a customer that is being made; what is cleared and never null is left out."""
    doc.update(fields)
    for name in _SHOWN_WHEN_SET:
        if name in doc and doc[name] is None:
            del doc[name]


async def _fields(ctx: Context, before: Doc, params: Doc) -> Doc:
    """Return the new values of what needs more than being copied."""
    fields: Doc = {name: params[name] for name in _NAMES if name in params}
    if fields.get("preferred_locales", ()) is None:
        fields["preferred_locales"] = []
    if "address" in params:
        fields["address"] = settings.address(before["address"], params["address"])
    if "shipping" in params:
        fields["shipping"] = settings.shipping(before["shipping"], params["shipping"])
    if "tax_exempt" in params:
        fields["tax_exempt"] = params["tax_exempt"] or "none"
    if "invoice_settings" in params:
        fields["invoice_settings"] = settings.invoice_settings(before["invoice_settings"], params["invoice_settings"])
    if "next_invoice_sequence" in params:
        if params["next_invoice_sequence"] < 1:
            raise errors.sequence_too_small()
        fields["next_invoice_sequence"] = params["next_invoice_sequence"]
    if "invoice_prefix" in params:
        fields["invoice_prefix"] = await _prefix(ctx, params["invoice_prefix"], before["id"])
    tax.check({**before, **fields}, params.get("tax"))
    return fields


async def _prefix(ctx: Context, prefix: str | None, customer: str) -> str:
    """Return a chosen invoice prefix, or raise when it is malformed or somebody else's (facts billing 2)."""
    if prefix is None or not _PREFIX.match(prefix):
        raise errors.invoice_prefix_characters()
    for holder in await ctx.select("customer", limit=2, invoice_prefix=prefix):
        if holder["id"] != customer:
            raise errors.invoice_prefix_taken(holder["id"])
    return prefix


async def _own_method(ctx: Context, method: str, customer: Doc) -> str:
    """Return a payment method or legacy source of this customer, or raise what Stripe says of any other."""
    param = "invoice_settings[default_payment_method]"
    for kind in ("card", "bank_account", "source"):
        source = await ctx.find(kind, method)
        if source is not None and source.get("customer") == customer["id"]:
            return method
    doc = await ctx.need("payment_method", method, param)
    if doc["customer"] != customer["id"]:
        raise errors.not_this_customers_method(method)
    return method


async def _own_source(ctx: Context, source: str, customer: str) -> str:
    for kind in ("card", "bank_account", "source"):
        doc = await ctx.find(kind, source)
        if doc is not None and doc.get("customer") == customer:
            return source
    raise errors.no_such_source(source)


async def _beside(ctx: Context, customer: Doc, params: Doc) -> None:
    """Keep what is part of a customer's call but not of its body."""
    if params.get("cash_balance"):
        await cash_balance.change(ctx, customer, params["cash_balance"])
    if params.get("tax"):
        await tax.change(ctx, customer, params["tax"])


async def delete(
    ctx: Context,
    ids: dict[str, str],
    params: Doc,
    *,
    on_delete: Sequence[Callable[[Context, Doc], Awaitable[Any]]] = (),
) -> Doc:
    """Delete a customer (``DELETE /v1/customers/{customer}``); its id goes on answering three keys.

    ``on_delete`` runs first, in order: canceling live subscriptions, detaching payment methods (facts billing 4).
    """
    customer = await ctx.at_path("customer", ids["customer"])
    for act in on_delete:
        await act(ctx, customer)
    return ctx.remove("customer", customer["id"], stub=True)
