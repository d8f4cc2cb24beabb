"""Decides what a customer's clicks do with payment methods: adding, proving, making default, deleting.

Everything is done by the functions behind the API: the payment method is made, a SetupIntent for payments without the
customer is confirmed, the method is attached and becomes the customer's default. Sources: docs.stripe.com/customer-management
/integrate-customer-portal, facts portal 6.2, 9. Doing an act twice does it once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.customers import customers
from emulator.kernel.documents import changed
from emulator.kernel.errors import StripeError
from emulator.kernel.ids import fingerprint
from emulator.payments import payment_methods, setup_intents, sources
from emulator.portal import blocks, visits
from emulator.portal.methods import entry, errors, wallet

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.portal.visits import Visit
    from emulator.resources.context import Context

ATTEMPT = "_portal_method_attempt"  # a sent form, so that sending it twice adds one payment method
ATTEMPT_LENGTH = 24
AUTHENTICATE, VERIFY = "authenticate", "verify"
SUCCEEDED = "succeeded"


async def page(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``portal:payment_methods`` (token): what is saved, what may be done with it, what may be added and what that asks.

    Each type comes with its fields and test numbers: ``fill`` is what belongs to the number, ``filled`` what stands in for
    a customer of whom nothing is known. ``attempt`` goes with the form that is drawn from this answer.
    """
    visit = await visits.enter(ctx, params["token"])
    answer = await _answer(ctx, visit)
    types = [entry.described(ctx, type) for type in answer["addable_payment_methods"]]
    return {**answer, "attempt": ctx.token(ATTEMPT_LENGTH), "types": types}


async def add(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``portal:add_payment_method`` (token, type, details, attempt, user_agent, ip_address): save a payment method.

    ``details`` are texts by the names of the type's fields. The answer's ``action`` is None when the method is saved and
    the default, "authenticate" when its bank or wallet asks first at ``/3d_secure/<challenge>``, "verify" when small
    deposits have to prove it. Raises refusals whose ``fields`` hold the code of what is wrong with each answer.
    """
    visit = await _manager(ctx, params)
    type, details = _text(params, "type"), params.get("details")
    if type not in await wallet.offered(ctx, visit):
        raise errors.type_not_offered(type)
    if not isinstance(details, dict):
        raise errors.not_text("details")
    mark = _mark(visit, params)
    done = await ctx.find(ATTEMPT, mark) if mark else None
    if done is not None:
        return await _progress(ctx, visit, await ctx.need(setup_intents.KIND, done["setup_intent"], "attempt"))
    intent = await _begin(ctx, visit, type, details, params)
    if mark:
        ctx.put(ATTEMPT, {"created": ctx.now, "id": mark, "object": ATTEMPT, "setup_intent": intent["id"]})
    customer = visit.customer["id"]
    ctx.put(
        wallet.SETUP,
        {"created": ctx.now, "customer": customer, "id": intent["id"], "object": wallet.SETUP, "state": wallet.OPEN},
    )
    return await _progress(ctx, visit, intent)


async def finish(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``portal:finish_payment_method`` (token, setup_intent): what became of a setup whose customer was asked elsewhere.

    A saved method becomes the default. Raises 402 when the customer did not pass the bank's question.
    """
    visit = await _manager(ctx, params)
    intent = await _own_setup(ctx, visit, params.get("setup_intent"))
    if intent["status"] not in {SUCCEEDED, wallet.WAITING}:
        raise errors.authentication_failed()
    return await _progress(ctx, visit, intent)


async def verify(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``portal:verify_payment_method`` (token, setup_intent, descriptor_code or first_amount and second_amount).

    Proves an account by the code or the amounts (in cents) of its small deposits; it then is the default. Raises the
    API's own refusals.
    """
    visit = await _manager(ctx, params)
    intent = await _own_setup(ctx, visit, params.get("setup_intent"))
    if intent["status"] == wallet.WAITING:
        code = params.get("descriptor_code")
        if code is not None:
            said: Doc = {"descriptor_code": _text(params, "descriptor_code").strip()}
        else:
            said = {"amounts": [_cents(params, "first_amount"), _cents(params, "second_amount")]}
        try:
            intent = await setup_intents.verify_microdeposits(ctx, {"intent": intent["id"]}, said)
        except StripeError as refusal:
            raise errors.shown_at(refusal, "descriptor_code" if code is not None else "first_amount") from None
    return await _progress(ctx, visit, intent)


async def make_default(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``portal:make_default`` (token, payment_method): pay invoices with this method unless a subscription has its own.

    Raises the refusal of a type that no invoice is paid with.
    """
    visit = await _manager(ctx, params)
    purse = await wallet.open_wallet(ctx, visit)
    method = _own_method(purse, params.get("payment_method"))
    if not purse.may_be_default(method):
        raise errors.type_not_supported(method["type"])
    return await _answer(ctx, await _with_default(ctx, visit, method["id"]))


async def remove(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``portal:remove_payment_method`` (token, payment_method): detach it; a legacy card is deleted.

    Raises 403 for the default one and for one that a subscription needs, 404 for what is not (or not any more) saved.
    """
    visit = await _manager(ctx, params)
    purse = await wallet.open_wallet(ctx, visit)
    method = _own_method(purse, params.get("payment_method"))
    if method["id"] == purse.default:
        raise errors.is_default()
    if purse.needed(method):
        raise errors.is_needed()
    if await ctx.find(payment_methods.KIND, method["id"]) is None:
        await sources.delete(ctx, {"customer": visit.customer["id"], "id": method["id"]}, {})
    else:
        await payment_methods.leave(ctx, method)
    return await _answer(ctx, visit)


async def use_customer_default(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``portal:use_customer_default`` (token, subscription): drop a subscription's own payment method (facts portal 6.2).

    Raises the refusals of a subscription that is managed elsewhere and of a customer without a default.
    """
    visit = await _manager(ctx, params)
    subscription = await blocks.own(ctx, visit, params.get("subscription"))
    if wallet.managed(subscription):
        raise errors.managed_elsewhere()
    if wallet.overriding(subscription) is not None:
        if (await wallet.open_wallet(ctx, visit)).default is None:
            raise errors.no_default_to_use()
        ctx.put("subscription", changed(subscription, default_payment_method=None, default_source=None))
    return await _answer(ctx, visit)


# ---- the parts


async def _begin(ctx: Context, visit: Visit, type: str, details: Doc, params: Doc) -> Doc:
    """Return the confirmed SetupIntent of a new payment method; raises refusals with the fields that they are about."""
    given = entry.parameters(ctx, type, details)
    feature = visit.configuration["features"]["payment_method_update"]
    try:
        method = await payment_methods.build(ctx, given)
        return await setup_intents.create(
            ctx,
            {},
            {
                "confirm": True,
                "customer": visit.customer["id"],
                "mandate_data": {"customer_acceptance": {"online": entry.agreed(params), "type": "online"}},
                "payment_method": method["id"],
                "payment_method_configuration": feature["payment_method_configuration"],
                "usage": "off_session",
                "use_stripe_sdk": True,
            },
        )
    except StripeError as refusal:
        raise errors.shown_at(refusal, entry.number_of(type)) from None


async def _progress(ctx: Context, visit: Visit, intent: Doc) -> Doc:
    """Return the answer about a setup; what is saved for the first time becomes the default."""
    mark = await ctx.need(wallet.SETUP, intent["id"], "setup_intent")
    action = None
    if intent["status"] == wallet.WAITING:
        action = VERIFY if intent["next_action"]["type"] == wallet.DEPOSITS else AUTHENTICATE
    elif intent["status"] == SUCCEEDED and mark["state"] == wallet.OPEN:
        ctx.put(wallet.SETUP, changed(mark, state=wallet.DONE))
        visit = await _with_default(ctx, visit, intent["payment_method"])
    return {
        **await _answer(ctx, visit),
        "action": action,
        "challenge": intent["client_secret"] if action == AUTHENTICATE else None,
        "payment_method": await ctx.find(payment_methods.KIND, intent["payment_method"] or ""),
        "setup_error": intent["last_setup_error"],
        "setup_intent": intent["id"],
    }


async def _with_default(ctx: Context, visit: Visit, method: str) -> Visit:
    """Make a method the customer's default, by the API's own operation; nothing is written when it is already."""
    if visit.customer["invoice_settings"]["default_payment_method"] == method:
        return visit
    wish = {"invoice_settings": {"default_payment_method": method}}
    return visit._replace(customer=await customers.update(ctx, {"customer": visit.customer["id"]}, wish))


async def _answer(ctx: Context, visit: Visit) -> Doc:
    """Return what pages about payment methods draw; ``subscriptions`` are those that do not use the default."""
    purse = await wallet.open_wallet(ctx, visit)
    own = [await blocks.subscription_page(ctx, visit, one) for one in purse.overrides() if blocks.belongs(visit, one)]
    pages = [{"permissions": one["permissions"], "subscription": one["subscription"]} for one in own]
    return {**await blocks.common(ctx, visit), **await wallet.told(ctx, visit, purse), "subscriptions": pages}


async def _manager(ctx: Context, params: Doc) -> Visit:
    """Return the visit of somebody who may manage payment methods; raises 410 and 403."""
    visit = await visits.enter(ctx, params["token"])
    if not wallet.managed_here(visit):
        raise errors.not_managed()
    return visit


async def _own_setup(ctx: Context, visit: Visit, id: object) -> Doc:
    mark = await ctx.find(wallet.SETUP, id) if isinstance(id, str) else None
    intent = await ctx.find(setup_intents.KIND, mark["id"]) if mark else None
    if intent is None or intent["customer"] != visit.customer["id"]:
        raise errors.unknown_setup(str(id))
    return intent


def _own_method(purse: wallet.Wallet, id: object) -> Doc:
    method = purse.find(id)
    if method is None:
        raise errors.unknown_method(str(id))
    return method


def _text(params: Doc, name: str) -> str:
    value = params.get(name)
    if not isinstance(value, str):
        raise errors.not_text(name)
    return value


def _cents(params: Doc, name: str) -> int:
    text = _text(params, name).strip().removeprefix("0.").removeprefix("0,")
    if not (text.isascii() and text.isdecimal() and 1 <= len(text) <= 2):
        raise errors.flawed({name: "invalid_amount"})
    return int(text)


def _mark(visit: Visit, params: Doc) -> str | None:
    """Return the id under which a sent form is remembered, None for one without an ``attempt``."""
    attempt = params.get("attempt")
    if not isinstance(attempt, str) or not attempt:
        return None
    return fingerprint(f"{visit.session['id']} {attempt}")
