"""Decides how payment methods come to be, whom they belong to, and what their loss takes along."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from emulator.kernel.documents import Doc, changed
from emulator.kernel.errors import missing_param
from emulator.payments import bank_numbers, cards, errors, shapes, test_accounts
from emulator.payments.test_accounts import mark_of
from emulator.payments.test_cards import MagicCard, book
from emulator.resources import updates
from emulator.resources.listing import listed
from emulator.spec import wording
from emulator.spec.catalogue import catalogue

if TYPE_CHECKING:
    from emulator.resources.context import Context, Page

KIND = "payment_method"
# Internal marks, by the id of the payment method: used up, prepared for payments without the
# customer, and proven to be the customer's account.
SPENT = "_spent_payment_method"
SET_UP = "_set_up_payment_method"
VERIFIED = "_verified_payment_method"
# Ids of the API's own making go on with a digit.
MAGIC_PREFIXES = tuple(f"pm_{letter}" for letter in "abcdefghijklmnopqrstuvwxyz")
LEGACY_PREFIXES = ("card_", "src_", "ba_")
# Members that Stripe fills from what it knows of a bank (docs.stripe.com/testing for the test bank).
BANK_FACTS: dict[str, Doc] = {
    "us_bank_account": {
        "account_holder_type": "individual",
        "account_type": "checking",
        "bank_name": "STRIPE TEST BANK",
        "financial_connections_account": None,
        "networks": {"preferred": "ach", "supported": ["ach"]},
        "status_details": {},
    },
    "sepa_debit": {"branch_code": "", "generated_from": {"charge": None, "setup_attempt": None}},
    "link": {"email": None},
    "cashapp": {"buyer_id": None, "cashtag": None},
    "acss_debit": {"bank_name": "STRIPE TEST BANK"},
    "nz_bank_account": {"account_holder_name": None, "bank_name": "STRIPE TEST BANK"},
    "custom": {"display_name": None, "logo": None},
    "paypal": {"country": None, "payer_email": None, "payer_id": None},
}
SECRET_MEMBERS = ("account_number", "iban", "token", "number", "cvc")


def card_of(method: Doc) -> MagicCard | None:
    """Return the test card of a payment method, None when it is no card."""
    details = method.get("card")
    return None if details is None else book().of(details)


def from_plastic(ctx: Context, plastic: cards.Plastic, given: Doc) -> Doc:
    """Store and return a new payment method of a card that was presented."""
    billing = shapes.billing_details(given.get("billing_details") or plastic.billing)
    details = shapes.card_details(plastic.card, plastic.exp_month, plastic.exp_year, billing, cvc=plastic.cvc)
    doc = shapes.payment_method(
        ctx.new_id(KIND), "card", details, billing=billing, now=ctx.now, livemode=ctx.livemode, more=given
    )
    return ctx.put(KIND, doc)


async def build(ctx: Context, given: Doc) -> Doc:
    """Store and return a new payment method from ``payment_method_data`` or the parameters of its creation.

    Raises the refusals of a type that is not given, not known, or not described.
    """
    type = given.get("type") or ("card" if given.get("card") else None)
    if type is None:
        raise errors.type_missing()
    if type not in types():
        raise wording.not_in_enum("type", list(types()))
    if type == "card":
        card = given.get("card") or {}
        if card.get("token"):
            return from_plastic(ctx, await cards.from_token(ctx, card["token"], inside_card=True), given)
        return from_plastic(ctx, cards.typed(ctx, card), given)
    if type in described() and not given.get(type):
        raise missing_param(type)
    bank_numbers.check(type, given.get(type) or {})
    billing = shapes.billing_details(given.get("billing_details"))
    details = {**(ctx.nested_blank(KIND, type) or {}), **_bank_details(type, given.get(type) or {})}
    doc = shapes.payment_method(
        ctx.new_id(KIND), type, details, billing=billing, now=ctx.now, livemode=ctx.livemode, more=given
    )
    return ctx.put(KIND, doc)


@cache
def types() -> tuple[str, ...]:
    """Return the types that can be made (the API description), in its order."""
    known = catalogue()
    members: dict[str, int] = known.node(known.operations["PostPaymentMethods"].input)["p"]
    return tuple(known.node(members["type"])["enum"])


@cache
def described() -> frozenset[str]:
    """Return the types whose member has something required, and so has to be given itself (the API description)."""
    known = catalogue()
    members: dict[str, int] = known.node(known.operations["PostPaymentMethods"].input)["p"]
    return frozenset(name for name, index in members.items() if known.node(index).get("req"))


async def resolve(ctx: Context, id: str, param: str = KIND) -> Doc:
    """Return the payment method that a parameter names; ``pm_card_...`` is a new one each time it is named."""
    found = await _otherwise(ctx, id)
    return found if found is not None else await ctx.need(KIND, id, param)


async def at_path(ctx: Context, id: str) -> Doc:
    """Return the payment method of a URL, or raise its 404."""
    found = await _otherwise(ctx, id)
    return found if found is not None else await ctx.at_path(KIND, id)


async def join(ctx: Context, method: Doc, customer: str) -> Doc:
    """Attach a payment method to a customer and return it as stored; nothing happens when it is theirs already.

    Raises the refusal of a declining card (402), of one that another customer has, of one that was used up.
    """
    if method["customer"] == customer:
        return method
    if method["customer"] is not None:
        raise errors.attached_elsewhere()
    if await is_spent(ctx, method["id"]):
        raise errors.spent()
    card = card_of(method)
    if card is not None and card.attach is not None:
        raise errors.declined_at_attach(card.attach)
    return ctx.put(KIND, changed(shapes.checked(method, card), customer=customer))


async def is_spent(ctx: Context, id: str) -> bool:
    """Tell whether a payment method was used without a customer, or detached from one."""
    return await ctx.find(SPENT, id) is not None


def spend(ctx: Context, id: str) -> None:
    """Remember that a payment method may not be used again."""
    ctx.put(SPENT, {"id": id})


async def is_set_up(ctx: Context, id: str) -> bool:
    """Tell whether a payment method was prepared for payments without the customer."""
    return await ctx.find(SET_UP, id) is not None


def set_up(ctx: Context, id: str) -> None:
    """Remember that a payment method was prepared for payments without the customer."""
    ctx.put(SET_UP, {"id": id})


async def is_verified(ctx: Context, id: str) -> bool:
    """Tell whether a bank account was proven to be the customer's."""
    return await ctx.find(VERIFIED, id) is not None


def verify(ctx: Context, id: str) -> None:
    """Remember that a bank account was proven to be the customer's."""
    ctx.put(VERIFIED, {"id": id})


# ---- operations


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/payment_methods (facts billing 5.3).

    Raises the refusal of ``customer`` without a payment method to be cloned.
    """
    if params.get("customer") is not None and params.get(KIND) is None:
        raise errors.customer_at_creation()
    if params.get(KIND) is not None:
        # Copies to a connected account; here the copy stays in the same world.
        original = await resolve(ctx, params[KIND])
        return ctx.put(KIND, changed(original, id=ctx.new_id(KIND), created=ctx.now, customer=None))
    return await build(ctx, params)


async def retrieve(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """GET /v1/payment_methods/{payment_method}."""
    return await at_path(ctx, ids[KIND])


async def update(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/payment_methods/{payment_method}: only what a customer has can be changed (facts billing 5.3).

    Raises the refusal of others.
    """
    method = await at_path(ctx, ids[KIND])
    if method["customer"] is None:
        raise errors.save_before_update()
    given = {name: value for name, value in params.items() if name in method}
    if "card" in given:
        dated = {**method["card"], **given["card"]}
        month, year = cards.expiry(ctx, dated["exp_month"], dated["exp_year"])
        given["card"] = {**given["card"], "exp_month": month, "exp_year": year}
    return ctx.put(KIND, updates.apply(method, given))


async def attach(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/payment_methods/{payment_method}/attach (facts billing 5.3).

    Raises the refusal of a missing customer.
    """
    method = await at_path(ctx, ids[KIND])
    customer = params.get("customer")
    if customer is None:
        raise errors.customer_missing()
    await ctx.need("customer", customer, "customer")
    return await join(ctx, method, customer)


async def detach(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/payment_methods/{payment_method}/detach (facts billing 5.3)."""
    return await leave(ctx, await at_path(ctx, ids[KIND]))


async def leave(ctx: Context, method: Doc) -> Doc:
    """Detach a payment method and clear what pointed to it; raises when no customer has it."""
    customer_id = method["customer"]
    if customer_id is None:
        raise errors.not_attached()
    id = method["id"]
    result = ctx.put(KIND, changed(method, customer=None))
    spend(ctx, id)
    customer = await ctx.find("customer", customer_id)
    if customer is not None and customer["invoice_settings"]["default_payment_method"] == id:
        settings = changed(customer["invoice_settings"], default_payment_method=None)
        ctx.put("customer", changed(customer, invoice_settings=settings))
    for subscription in await ctx.select("subscription", customer=customer_id):
        if subscription["default_payment_method"] == id:
            ctx.put("subscription", changed(subscription, default_payment_method=None))
    return result


async def index(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """GET /v1/payment_methods: an empty page without a customer (facts billing 1.7)."""
    customer = params.get("customer")
    if customer is not None:
        await ctx.need("customer", customer, "customer")
    return await listed(ctx, KIND, params, "/v1/payment_methods", customer=customer or "")


async def index_of_customer(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """GET /v1/customers/{customer}/payment_methods."""
    customer = await ctx.at_path("customer", ids["customer"])
    url = f"/v1/customers/{customer['id']}/payment_methods"
    return await listed(ctx, KIND, params, url, customer=customer["id"])


async def retrieve_of_customer(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """GET /v1/customers/{customer}/payment_methods/{payment_method} (facts billing 1.6).

    Raises the refusal of somebody else's.
    """
    customer = await ctx.at_path("customer", ids["customer"])
    method = await ctx.at_path(KIND, ids[KIND])
    if method["customer"] != customer["id"]:
        raise errors.foreign_child()
    return method


async def _otherwise(ctx: Context, id: str) -> Doc | None:
    """Return the payment method of an id that is a test name or an older object's, None for any other."""
    if id.startswith(MAGIC_PREFIXES) and (found := await _magic(ctx, id)) is not None:
        return found
    return await _legacy(ctx, id) if id.startswith(LEGACY_PREFIXES) else None


async def _magic(ctx: Context, id: str) -> Doc | None:
    """Return a new payment method of a test name."""
    account = test_accounts.book().by_name.get(id)
    if account is not None:
        method = await build(ctx, test_accounts.parameters(account))
        verify(ctx, method["id"])
        return method
    plastic = cards.named(ctx, id) if id.startswith("pm_card_") else None
    return None if plastic is None else from_plastic(ctx, plastic, {})


async def _legacy(ctx: Context, id: str) -> Doc | None:
    """Return a legacy card or bank account in the shape of a payment method."""
    account = await ctx.find("bank_account", id) if id.startswith("ba_") else None
    if account is not None:
        return _bank_as_method(ctx, account)
    source = await ctx.find("card", id)
    if source is None:
        return None
    plastic = cards.of_stored(source)
    return shapes.card_as_method(source, plastic.card, now=ctx.now, livemode=ctx.livemode)


def _bank_as_method(ctx: Context, account: Doc) -> Doc:
    type = "us_bank_account"
    shown = ("account_holder_type", "bank_name", "fingerprint", "last4", "routing_number")
    details = {**BANK_FACTS[type], **{name: account[name] for name in shown}}
    billing = shapes.billing_details({"name": account["account_holder_name"]})
    more = {"metadata": account["metadata"]}
    made = shapes.payment_method(
        account["id"], type, details, billing=billing, now=ctx.now, livemode=ctx.livemode, more=more
    )
    return {**made, "customer": account["customer"]}


def _bank_details(type: str, given: Doc) -> Doc:
    """Return the member of a bank account or wallet: what the caller may see again, and what the bank says."""
    shown = {name: value for name, value in given.items() if name not in SECRET_MEMBERS}
    number = str(given.get("account_number") or given.get("iban") or "").replace(" ", "").upper()
    if number:
        shown["last4"] = number[-4:]
    if number and type != "nz_bank_account":
        shown["fingerprint"] = mark_of(type, number)
    if type == "sepa_debit":
        shown |= {"bank_code": number[4:12], "country": number[:2]}
    return {**BANK_FACTS.get(type, {}), **shown}
