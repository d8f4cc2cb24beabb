"""Decides how a Checkout session is made, changed, listed and expired (facts billing 11.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import invoice_shipping, selection
from emulator.checkout import baskets, checks, errors, shapes
from emulator.customers import tax
from emulator.kernel.documents import changed
from emulator.payments import intent_params, payment_intents, setup_intents, transitions
from emulator.resources.listing import listed
from emulator.resources.updates import merge_map

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.checkout.baskets import Pick
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context, Page

KIND = "checkout.session"
# What a session knows and does not show: how to pay and subscribe, and how far the customer got.
BEHIND = "_checkout_session"
# An intent -> the session that waits for it.
WAITING = "_checkout_intent"
KEPT = (
    "allowed_payment_method_types", "customer_update", "discounts", "payment_intent_data", "payment_method_data",
    "setup_intent_data", "subscription_data",
)  # fmt: skip


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/checkout/sessions; raises the refusals of facts billing 11.2."""
    return await offer(ctx, params)


async def offer(ctx: Context, params: Doc, **shown: object) -> Doc:
    """Store a new session; ``shown`` are members that no parameter gives, as those of a payment link."""
    mode = checks.parameters(params, ctx.now, ctx.server_now)
    customer = None
    if params.get("customer") is not None:
        customer = await ctx.need("customer", params["customer"], "customer")
    await _check_tax(ctx, params, customer)
    picks = await baskets.picked(
        ctx, params.get("line_items") or (), params.get("currency"), archived=mode == "payment"
    )
    checks.kinds(mode, picks)
    session = shapes.session(ctx, shapes.session_id(ctx, mode), mode, params, customer)
    currency = picks[0].price["currency"] if picks else params.get("currency")
    session["currency"] = currency
    types = await intent_params.method_types(ctx, {**params, "automatic_payment_methods": None}, None, currency)
    types = types if types.get("automatic_payment_methods") or params.get("allowed_payment_method_types") else (
        await intent_params.method_types(ctx, {"automatic_payment_methods": {"enabled": True}}, None, currency)
    )  # fmt: skip
    types.pop("automatic_payment_methods", None)
    session |= types
    behind: Doc = {
        "id": session["id"], **{name: params.get(name) for name in KEPT}, "customer": None, "picks": [],
        "payment_intent": None, "payment_method": None, "setup_intent": None, "subscription": None,
    }  # fmt: skip
    if mode == "setup":
        session["setup_intent"] = (await _setup(ctx, session, params))["id"]
        ctx.put(WAITING, {"id": session["setup_intent"], "session": session["id"]})
        behind["setup_intent"] = session["setup_intent"]
    else:
        session = await _shipped(ctx, session, params.get("shipping_options") or ())
        session, behind = await filled(ctx, session, behind, picks)
        checks.total(session["amount_total"], str(currency))
    session |= shown
    ctx.put(BEHIND, behind)
    return ctx.put(KIND, session)


async def _check_tax(ctx: Context, params: Doc, customer: Doc | None) -> None:
    place = "subscription_data[default_tax_rates]"
    await selection.tax_rates(ctx, params.get("subscription_data") or {}, place, name="default_tax_rates")
    if customer is None or not (params.get("automatic_tax") or {}).get("enabled"):
        return
    wish = params.get("customer_update") or {}
    if "auto" in {wish.get("address"), wish.get("shipping")}:
        return
    if (await tax.of(ctx, customer))["location"] is None:
        raise errors.tax_needs_address()


async def filled(ctx: Context, session: Doc, behind: Doc, picks: Sequence[Pick]) -> tuple[Doc, Doc]:
    """Return a session with these line items and what they come to, and what stands behind it."""
    customer = await ctx.find("customer", session["customer"]) if session["customer"] else None
    data = behind["subscription_data"] or {}
    trial = bool(data.get("trial_period_days") or data.get("trial_end"))
    picks = [pick._replace(free=trial and bool(pick.price["recurring"])) for pick in picks]
    plain = await baskets.summed(ctx, picks)
    given = behind["discounts"]
    found = await baskets.redeemed(
        ctx, given, session["currency"], session["customer"], plain.figures["amount_subtotal"]
    )
    rates = [
        await ctx.need("tax_rate", one, f"subscription_data[default_tax_rates][{index}]")
        for index, one in enumerate(data.get("default_tax_rates") or ())
    ]
    shipping = session["shipping_cost"]["amount_total"] if session["shipping_cost"] else None
    basket = await baskets.summed(
        ctx, picks, found, customer=customer, taxed=session["automatic_tax"]["enabled"], rates=rates,
        shipping=shipping,
    )  # fmt: skip
    url = f"/v1/checkout/sessions/{session['id']}/line_items"
    discounts = [
        {"coupon": coupon["id"] if not one["promotion_code"] else None, "promotion_code": one["promotion_code"]}
        for one, coupon in found
    ]
    session = {**session, **basket.figures, "discounts": discounts, "line_items": baskets.listed(basket.items, url)}
    rows = [
        {
            "id": pick.id,
            "price": pick.price["id"],
            "quantity": pick.quantity,
            "rates": pick.rates,
            "params": pick.params,
        }
        for pick in picks
    ]
    return session, {**behind, "picks": rows}


async def _shipped(ctx: Context, session: Doc, options: Sequence[Doc]) -> Doc:
    """Return a session with its ways of shipping, the first one chosen."""
    costs = [await invoice_shipping.cost(ctx, one, session["currency"]) for one in options]
    shown = [{"shipping_amount": one["amount_total"], "shipping_rate": one["shipping_rate"]} for one in costs if one]
    return changed(session, shipping_options=shown, shipping_cost=costs[0] if costs else None)


async def _setup(ctx: Context, session: Doc, params: Doc) -> Doc:
    data = params.get("setup_intent_data") or {}
    wish: Doc = {name: data[name] for name in ("description", "metadata", "on_behalf_of") if data.get(name)}
    if params.get("allowed_payment_method_types"):
        wish["allowed_payment_method_types"] = params["allowed_payment_method_types"]
    else:
        wish["automatic_payment_methods"] = {"enabled": True}
    return await setup_intents.create(ctx, {}, {**wish, "customer": session["customer"]})


async def line_items(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """GET /v1/checkout/sessions/{session}/line_items."""
    session = await ctx.at_path(KIND, ids["session"], name="session")
    items = (session.get("line_items") or {"data": []})["data"]
    return baskets.page(items, params, f"/v1/checkout/sessions/{session['id']}/line_items")


async def index(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """GET /v1/checkout/sessions: filters look at the session's own fields."""
    return await listed(ctx, KIND, params, "/v1/checkout/sessions")


async def update(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/checkout/sessions/{session}: metadata always, everything else while it is open.

    Raises the refusal of what else is changed then.
    """
    session = await ctx.at_path(KIND, ids["session"], name="session")
    if "metadata" in params:
        session = changed(session, metadata=merge_map(session["metadata"], params["metadata"]))
    others = {name for name in params if name not in ("metadata", "expand")}
    if not others:
        return ctx.put(KIND, session)
    if session["status"] != "open":
        raise errors.not_open(session, "updated")
    behind = await ctx.need(BEHIND, session["id"], "session")
    if params.get("payment_intent_data"):
        given = {**(behind["payment_intent_data"] or {}), **params["payment_intent_data"]}
        behind = changed(behind, payment_intent_data=given)
    if params.get("collected_information"):
        shown = {**session["collected_information"], **params["collected_information"]}
        session = changed(session, collected_information=shown)
    if "shipping_options" in params:
        session = await _shipped(ctx, session, params["shipping_options"] or ())
    picks = await stored_picks(ctx, behind)
    if params.get("line_items"):
        picks = await _changed_picks(ctx, session, picks, params["line_items"])
    if {"line_items", "shipping_options"} & others:
        session, behind = await filled(ctx, session, behind, picks)
        checks.total(session["amount_total"], session["currency"])
    ctx.put(BEHIND, behind)
    return ctx.put(KIND, session)


async def stored_picks(ctx: Context, behind: Doc) -> list[Pick]:
    """Return what is in a session's basket."""
    return [
        baskets.Pick(row["id"], await ctx.need("price", row["price"], "price"), row["quantity"], row["params"], row["rates"])
        for row in behind["picks"]
    ]  # fmt: skip


async def _changed_picks(ctx: Context, session: Doc, before: Sequence[Pick], given: Sequence[Doc]) -> list[Pick]:
    """Return the basket after ``line_items`` of an update: who is not named goes (docs.stripe.com/payments/checkout)."""
    known = {pick.id: pick for pick in before}
    result = []
    for index, entry in enumerate(given):
        id = entry.get("id")
        if id is None:
            result += await baskets.picked(ctx, [entry], session["currency"], archived=session["mode"] == "payment")
        elif id not in known:
            raise errors.no_such_line_item(id, f"line_items[{index}][id]")
        else:
            pick = known[id]
            quantity = entry.get("quantity", pick.quantity)
            result.append(pick._replace(quantity=quantity, params={**pick.params, **entry}))
    checks.kinds(session["mode"], result)
    return result


async def adjust(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Change what the customer may change on the page of an open session (an operation of this emulator).

    ``params``: session; promotion_code (its text, None takes it away), line_items (id, and quantity or the ``amount`` in
    minor units where the customer chooses it), shipping_rate.
    Raises the refusals of promotion codes, and of what the session does not let the customer do.
    """
    session = await ctx.at_path(KIND, params["session"], name="session")
    if session["status"] != "open":
        raise errors.not_open(session, "updated")
    behind = await ctx.need(BEHIND, session["id"], "session")
    picks = await stored_picks(ctx, behind)
    if "promotion_code" in params:
        if not session["allow_promotion_codes"]:
            raise errors.no_codes_here()
        behind = changed(behind, discounts=await _code(ctx, params["promotion_code"]))
    if params.get("line_items"):
        picks = [_adjusted(pick, params["line_items"]) for pick in picks]
    if params.get("shipping_rate") is not None:
        offered = {one["shipping_rate"]: one["shipping_amount"] for one in session["shipping_options"]}
        if params["shipping_rate"] not in offered:
            raise errors.shipping_not_offered(params["shipping_rate"])
        cost = await invoice_shipping.cost(ctx, {"shipping_rate": params["shipping_rate"]}, session["currency"])
        session = changed(session, shipping_cost=cost)
    session, behind = await filled(ctx, session, behind, picks)
    checks.total(session["amount_total"], session["currency"])
    ctx.put(BEHIND, behind)
    return ctx.put(KIND, session)


async def _code(ctx: Context, text: str | None) -> list[Doc]:
    if text is None:
        return []
    found = [one for one in await ctx.select("promotion_code", code=text) if one["active"]]
    if not found:
        raise errors.unknown_code(text)
    return [{"promotion_code": found[0]["id"]}]


def _adjusted(pick: Pick, wishes: Sequence[Doc]) -> Pick:
    """Return a pick with the quantity, or the amount, that the customer wants, within what the session allows."""
    wish = next((one for one in wishes if one["id"] == pick.id), None)
    if wish is None:
        return pick
    if wish.get("amount") is not None:
        least, most = baskets.bounds(pick.price) or (1, 0)
        if not least <= wish["amount"] <= most:
            raise errors.amount_outside(pick.id)
        return pick._replace(params={**pick.params, baskets.CHOSEN: wish["amount"]})
    bounds = baskets.adjustable(pick.params.get("adjustable_quantity"))
    quantity = int(wish["quantity"])
    if bounds is None or not max(1, bounds["minimum"]) <= quantity <= bounds["maximum"]:
        raise errors.quantity_fixed(pick.id)
    return pick._replace(quantity=quantity)


async def expire(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/checkout/sessions/{session}/expire: only what is open; raises the refusal of others."""
    session = await ctx.at_path(KIND, ids["session"], name="session")
    if session["status"] != "open":
        raise errors.cannot_expire(session)
    return await expired(ctx, session)


async def expired(ctx: Context, session: Doc) -> Doc:
    """Store that a session is over without a purchase; what was begun for it is canceled."""
    behind = await ctx.find(BEHIND, session["id"]) or {}
    intent = await ctx.find("payment_intent", behind.get("payment_intent") or "")
    if intent is not None and intent["status"] in transitions.CONFIRMABLE and not behind.get("subscription"):
        payment_intents.abandon(ctx, intent, None)
    recovery = (session["after_expiration"] or {}).get("recovery")
    after = session["after_expiration"]
    if recovery and recovery["enabled"]:
        url = f"{ctx.base_url}/r/{session['id']}"
        after = {"recovery": {**recovery, "expires_at": ctx.server_now + 30 * shapes.DAY, "url": url}}
    return ctx.put(KIND, changed(session, after_expiration=after, status="expired", url=None))


def due(session: Doc) -> int | None:
    """Return when a session expires (unix seconds), None when it is over."""
    return session["expires_at"] if session["status"] == "open" else None


async def wake(ctx: Context, session: Doc) -> None:
    """Expire a session whose time is over."""
    if session["status"] == "open":
        await expired(ctx, session)
