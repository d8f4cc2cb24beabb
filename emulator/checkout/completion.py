"""Decides what a customer's yes makes of a Checkout session: customer, payment, subscription, invoice (facts billing 11.1).

Everything is done by the same functions as the API's own calls. A decline leaves the session open; so does a payment
that waits for the customer, and the session is completed when that intent is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.billing import consequences, invoice_items, invoices, settlement, subscriptions
from emulator.billing import errors as billing_errors
from emulator.billing.selection import KNOWN_RATES
from emulator.catalog import discounts
from emulator.checkout import baskets, errors, links, sessions, shapes
from emulator.customers import customers
from emulator.kernel.documents import changed
from emulator.kernel.errors import StripeError
from emulator.payments import payment_intents, payment_methods, setup_intents
from emulator.payments.test_cards import must_authenticate

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

PAID = frozenset({"succeeded"})
UNDER_WAY = frozenset({"processing", "requires_capture"})
VOUCHERS = frozenset({"boleto_display_details"})
INTENT_FIELDS = (
    "application_fee_amount", "capture_method", "description", "metadata", "on_behalf_of", "receipt_email",
    "setup_future_usage", "shipping", "statement_descriptor", "statement_descriptor_suffix", "transfer_data",
    "transfer_group",
)  # fmt: skip
SUBSCRIPTION_FIELDS = (
    "application_fee_percent", "billing_cycle_anchor", "billing_cycle_anchor_config", "billing_mode",
    "default_tax_rates", "description", "invoice_settings", "metadata", "on_behalf_of", "pending_invoice_item_interval",
    "proration_behavior", "transfer_data", "trial_end", "trial_period_days", "trial_settings",
)  # fmt: skip


async def complete(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Complete a session with a payment method (an operation of this emulator, and of the command line's triggers).

    ``params``: session (or in the path), payment_method or payment_method_data, and what the page collects: email,
    name, phone, shipping, custom_fields, expected_amount (minor units). Returns the session: complete,
    or still open when the customer has to do something first. Raises the decline; the session stays open then.
    """
    session = await ctx.at_path(sessions.KIND, ids.get("session") or params["session"], name="session")
    if session["status"] != "open":
        raise errors.not_open(session, "completed")
    expected = params.get("expected_amount")
    if expected is not None and expected != session["amount_total"]:
        raise errors.other_amount(expected, session)
    for item in baskets.unchosen((session.get("line_items") or {"data": []})["data"]):
        raise errors.amount_unchosen(item)
    behind = await ctx.need(sessions.BEHIND, session["id"], "session")
    ctx = await _on_clock(ctx, session["customer"] or behind["customer"])
    session = await _collected(ctx, session, params)
    method = await _method(ctx, session, behind, params)
    entered = _entered(session, method, params)
    customer = await _customer(ctx, session, behind, entered)
    known = {"customer": customer["id"] if customer else None, "payment_method": method["id"] if method else None}
    behind = ctx.put(sessions.BEHIND, changed(behind, **known, entered=entered))
    if session["mode"] == "setup":
        return await _set_up(ctx, session, behind, method)
    if session["mode"] == "payment":
        return await _pay(ctx, session, behind, method)
    return await _subscribe(ctx, session, behind, method)


async def _on_clock(ctx: Context, customer: str | None) -> Context:
    """Return the context at the instant that a customer on a test clock lives at."""
    owner = await ctx.find("customer", customer) if customer else None
    clock = (
        await ctx.find("test_helpers.test_clock", owner["test_clock"]) if owner and owner.get("test_clock") else None
    )
    return ctx if clock is None else ctx.at(clock["frozen_time"])


async def _collected(ctx: Context, session: Doc, params: Doc) -> Doc:
    """Return a session with what the page asked for beside the payment."""
    given = {one["key"]: one.get("value") for one in params.get("custom_fields") or ()}
    if given:
        fields = [
            {**one, one["type"]: {**one[one["type"]], "value": given.get(one["key"], one[one["type"]]["value"])}}
            for one in session["custom_fields"]
        ]
        session = changed(session, custom_fields=fields)
    if params.get("shipping"):
        shown = {**session["collected_information"], "shipping_details": params["shipping"]}
        session = changed(session, collected_information=shown)
    return session


async def _method(ctx: Context, session: Doc, behind: Doc, params: Doc) -> Doc | None:
    if params.get("payment_method_data"):
        return await payment_methods.build(ctx, params["payment_method_data"])
    name = params.get("payment_method") or behind["payment_method"]
    if name is not None:
        return await payment_methods.resolve(ctx, name)
    if payable_with_nothing(session):
        return None
    raise errors.method_missing()


def payable_with_nothing(session: Doc) -> bool:
    """Tell whether a session is completed without anything to pay with: nothing is due, and nothing is kept for later."""
    if baskets.unchosen((session.get("line_items") or {"data": []})["data"]):
        return False
    free = session["mode"] == "payment" or session["payment_method_collection"] == "if_required"
    return bool(session["mode"] != "setup" and session["amount_total"] == 0 and free)


def _entered(session: Doc, method: Doc | None, params: Doc) -> Doc:
    """Return who the customer says they are: what the page asked, else what stands with the payment method."""
    billing = method["billing_details"] if method else {}
    known = session["customer_details"] or {}
    found = {
        "email": params.get("email") or known.get("email") or billing.get("email"),
        "name": params.get("name") or billing.get("name"),
        "phone": params.get("phone") or billing.get("phone"),
        "address": billing.get("address"),
    }
    if found["address"] and not any(found["address"].values()):
        found["address"] = None
    return found


async def _customer(ctx: Context, session: Doc, behind: Doc, entered: Doc) -> Doc | None:
    """Return the session's customer, made when the session wants one."""
    known = session["customer"] or behind["customer"]
    if known is not None:
        return await _updated_customer(ctx, await ctx.need("customer", known, "customer"), behind, entered)
    later = (behind["payment_intent_data"] or {}).get("setup_future_usage")
    if session["customer_creation"] != "always" and not later:
        return None
    wish = {name: value for name, value in entered.items() if value is not None}
    if wish.get("address"):
        wish["address"] = {name: value for name, value in wish["address"].items() if value is not None}
    return await customers.create(ctx, {}, wish)


async def _updated_customer(ctx: Context, customer: Doc, behind: Doc, entered: Doc) -> Doc:
    """Return a customer with what ``customer_update`` lets the page change."""
    wish = behind["customer_update"] or {}
    changes = {
        name: entered[name] for name in ("name", "address") if wish.get(name) == "auto" and entered[name] is not None
    }
    return ctx.put("customer", changed(customer, **changes)) if changes else customer


# ---- the three modes


async def _set_up(ctx: Context, session: Doc, behind: Doc, method: Doc | None) -> Doc:
    intent = await ctx.need("setup_intent", session["setup_intent"], "setup_intent")
    if intent["customer"] != behind["customer"]:
        ctx.put("setup_intent", changed(intent, customer=behind["customer"]))
    wish = {"payment_method": (method or {}).get("id"), "return_url": shapes.page_url(ctx, session["id"])}
    intent = await setup_intents.confirm(ctx, {"intent": intent["id"]}, wish)
    return await _after(ctx, session, behind, intent)


async def _pay(ctx: Context, session: Doc, behind: Doc, method: Doc | None) -> Doc:
    if session["amount_total"] == 0 or method is None:
        return await _finish(ctx, session, behind, paid=None)
    if behind["payment_intent"] is None:
        intent = await payment_intents.create(ctx, {}, _intent_params(session, behind))
        behind = ctx.put(sessions.BEHIND, changed(behind, payment_intent=intent["id"]))
        ctx.put(sessions.WAITING, {"id": intent["id"], "session": session["id"]})
    wish = {"payment_method": method["id"], "return_url": shapes.page_url(ctx, session["id"])}
    intent = await payment_intents.confirm(ctx, {"intent": behind["payment_intent"]}, wish)
    return await _after(ctx, session, behind, intent)


def _intent_params(session: Doc, behind: Doc) -> Doc:
    data = behind["payment_intent_data"] or {}
    wish: Doc = {name: data[name] for name in INTENT_FIELDS if data.get(name) is not None}
    wish |= {"amount": session["amount_total"], "currency": session["currency"], "customer": behind["customer"]}
    if behind["allowed_payment_method_types"]:
        wish["allowed_payment_method_types"] = behind["allowed_payment_method_types"]
    else:
        wish["automatic_payment_methods"] = {"enabled": True}
    shipping = session["collected_information"]["shipping_details"]
    if shipping and not wish.get("shipping"):
        wish["shipping"] = shipping
    return wish


async def _subscribe(ctx: Context, session: Doc, behind: Doc, method: Doc | None) -> Doc:
    if behind["subscription"] is not None and method is not None:
        wish = {"payment_method": method["id"], "return_url": shapes.page_url(ctx, session["id"])}
        intent = await payment_intents.confirm(ctx, {"intent": behind["payment_intent"]}, wish)
        await consequences.after_payment_intent(ctx, intent)
        return await _after(ctx, session, behind, intent)
    if method is None:
        return await _subscribed(ctx, session, behind, None)
    if session["amount_total"] == 0:
        wish = {"customer": behind["customer"], "payment_method": method["id"], "confirm": True,
                "automatic_payment_methods": {"enabled": True}, "return_url": shapes.page_url(ctx, session["id"])}  # fmt: skip
        intent = await _unkept(setup_intents.create(ctx, {}, wish))
        behind = ctx.put(sessions.BEHIND, changed(behind, setup_intent=intent["id"]))
        ctx.put(sessions.WAITING, {"id": intent["id"], "session": session["id"]})
        return await _after(ctx, session, behind, intent)
    await payment_methods.join(ctx, method, behind["customer"])
    return await _subscribed(ctx, session, behind, method)


async def _unkept(call: Any) -> Doc:
    """Return what a call returns; its decline leaves nothing, for nothing but the session was there before."""
    try:
        result: Doc = await call
    except StripeError as refusal:
        raise billing_errors.kept(refusal, keep=False) from refusal
    return result


async def _subscribed(ctx: Context, session: Doc, behind: Doc, method: Doc | None) -> Doc:
    """Store the subscription; a card that wants 3D Secure is asked while the customer is there."""
    card = payment_methods.card_of(method) if method else None
    asks = (
        bool(session["amount_total"]) and card is not None and must_authenticate(card, off_session=False, set_up=False)
    )
    wish = _subscription_params(session, behind, method)
    wish["payment_behavior"] = "default_incomplete" if asks else "error_if_incomplete"
    subscription = await _unkept(subscriptions.create(ctx, {}, wish))
    behind = changed(behind, subscription=subscription["id"])
    link = await settlement.open_payment(ctx, subscription["latest_invoice"] or "")
    if link is None:
        ctx.put(sessions.BEHIND, behind)
        return await _finish(ctx, session, behind, paid=True if session["amount_total"] else None)
    intent = await ctx.need("payment_intent", link["payment"]["payment_intent"], "payment_intent")
    behind = ctx.put(sessions.BEHIND, changed(behind, payment_intent=intent["id"]))
    ctx.put(sessions.WAITING, {"id": intent["id"], "session": session["id"]})
    if asks and method is not None:
        confirm = {"payment_method": method["id"], "return_url": shapes.page_url(ctx, session["id"])}
        intent = await _unkept(payment_intents.confirm(ctx, {"intent": intent["id"]}, confirm))
        await consequences.after_payment_intent(ctx, intent)
    return await _after(ctx, session, behind, intent)


def _subscription_params(session: Doc, behind: Doc, method: Doc | None) -> Doc:
    data = behind["subscription_data"] or {}
    wish: Doc = {name: data[name] for name in SUBSCRIPTION_FIELDS if data.get(name) is not None}
    prices = {one["id"]: one["price"] for one in session["line_items"]["data"]}
    amounts = {one["id"]: one["amount_subtotal"] for one in session["line_items"]["data"]}
    rows: dict[bool, list[Doc]] = {True: [], False: []}
    for pick in behind["picks"]:
        entry: Doc = {"price": pick["price"]}
        terms = prices[pick["id"]]
        if terms.get("custom_unit_amount"):  # what the customer chose stands in no price
            data = {"currency": terms["currency"], "product": terms["product"]}
            entry = {"price_data": {**data, "unit_amount": amounts[pick["id"]] // pick["quantity"]}}
        if pick["quantity"] is not None:
            entry["quantity"] = pick["quantity"]
        if pick["rates"]:
            entry |= {"tax_rates": [rate["id"] for rate in pick["rates"]], KNOWN_RATES: True}
        if pick["params"].get("metadata"):
            entry["metadata"] = pick["params"]["metadata"]
        rows[bool(prices[pick["id"]]["recurring"])].append(entry)
    wish |= {"customer": behind["customer"], "currency": session["currency"], "items": rows[True], KNOWN_RATES: True}
    if rows[False]:
        wish["add_invoice_items"] = rows[False]
    if behind["discounts"]:
        wish["discounts"] = behind["discounts"]
    if method is not None:
        wish["default_payment_method"] = method["id"]
    return wish


# ---- afterwards


async def _after(ctx: Context, session: Doc, behind: Doc, intent: Doc) -> Doc:
    """Return the session after its intent moved: complete, or as open as before."""
    status, action = intent["status"], intent["next_action"] or {}
    if intent["object"] == "setup_intent":
        if status != "succeeded":
            return ctx.put(sessions.KIND, session)
        if session["mode"] == "subscription":
            method = await payment_methods.resolve(ctx, intent["payment_method"])
            return await _subscribed(ctx, session, behind, method)
        return await _finish(ctx, session, behind, paid=None)
    if status in PAID:
        return await _finish(ctx, session, behind, paid=True)
    if status in UNDER_WAY or action.get("type") in VOUCHERS:
        return await _finish(ctx, session, behind, paid=False)
    return ctx.put(sessions.KIND, session)


async def _finish(ctx: Context, session: Doc, behind: Doc, *, paid: bool | None) -> Doc:
    """Store a completed session with what came of it."""
    found: Doc = {"customer": behind["customer"]}
    if session["mode"] == "payment":
        found["payment_intent"] = behind["payment_intent"]
        await _redeem(ctx, session, behind)
        if session["invoice_creation"]["enabled"] and behind["customer"] and paid is not False:
            found["invoice"] = await _invoice(ctx, session, behind)
    elif session["mode"] == "subscription":
        subscription = await ctx.need("subscription", behind["subscription"], "subscription")
        found |= {"subscription": subscription["id"], "invoice": subscription["latest_invoice"]}
    done = ctx.put(sessions.KIND, shapes.completed(session, paid=paid, details=behind["entered"], **found))
    if done["payment_link"]:
        await links.used(ctx, done["payment_link"])
    return done


async def _redeem(ctx: Context, session: Doc, behind: Doc) -> None:
    """Count the redemption of a one-time purchase; its discount is no object that lasts."""
    for entry in behind["discounts"] or ():
        await discounts.mint(
            ctx, coupon=entry.get("coupon"), promotion_code=entry.get("promotion_code"), customer=behind["customer"],
            checkout_session=session["id"], currency=session["currency"], store=False,
        )  # fmt: skip


async def _invoice(ctx: Context, session: Doc, behind: Doc) -> str:
    """Store the paid invoice of a one-time purchase and return its id."""
    data = session["invoice_creation"]["invoice_data"]
    names = ("account_tax_ids", "custom_fields", "description", "footer", "metadata")
    wish: Doc = {name: data[name] for name in names if data[name]}
    draft = await invoices.create(ctx, {}, {**wish, "customer": behind["customer"], "currency": session["currency"]})
    for item in session["line_items"]["data"]:
        await invoice_items.create(ctx, {}, {
            "customer": behind["customer"], "invoice": draft["id"], "currency": item["currency"],
            "amount": item["amount_total"], "description": item["description"],
        })  # fmt: skip
    draft = await ctx.need("invoice", draft["id"], "invoice")
    opened = await settlement.finalize(ctx, draft, collecting=False)
    intent = await ctx.find("payment_intent", behind["payment_intent"] or "")
    if opened["status"] == "open" and intent is not None:
        await settlement.paid(ctx, opened, amount=opened["amount_remaining"], payment_intent=intent, attempts=1)
    return str(draft["id"])


async def after_intent(ctx: Context, intent: Doc) -> None:
    """Let an intent that was authenticated, or whose bank has answered, move the session that waits for it."""
    link = await ctx.find(sessions.WAITING, intent["id"])
    session = await ctx.find(sessions.KIND, link["session"]) if link else None
    if session is None:
        return
    behind = await ctx.need(sessions.BEHIND, session["id"], "session")
    if session["status"] == "open":
        await _after(ctx, session, behind, intent)
    elif session["status"] == "complete" and session["payment_status"] == "unpaid":
        if intent["status"] == "succeeded":
            ctx.put(sessions.KIND, changed(session, payment_status="paid"))
        elif intent["status"] in {"requires_payment_method", "canceled"}:
            ctx.note("checkout.session.async_payment_failed", session)


async def page(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Return a session as its page needs it (a call of the command line's triggers)."""
    return await ctx.at_path(sessions.KIND, ids["session"], name="session")
