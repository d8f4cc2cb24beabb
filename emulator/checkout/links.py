"""Decides what a payment link offers, and the session that opening it makes (facts billing 11.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.billing import invoice_shipping
from emulator.checkout import baskets, checks, errors, sessions, shapes
from emulator.kernel.documents import changed
from emulator.kernel.errors import missing_param
from emulator.resources.updates import merge_map

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.checkout.baskets import Pick
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context, Page

KIND = "payment_link"
BEHIND = "_payment_link"  # what is in a link's basket, as it was asked for
PLAIN = (
    "active", "allow_promotion_codes", "application_fee_amount", "application_fee_percent",
    "billing_address_collection", "consent_collection", "customer_creation", "inactive_message", "on_behalf_of",
    "payment_method_collection", "payment_method_options", "payment_method_types", "shipping_address_collection",
    "submit_type", "transfer_data",
)  # fmt: skip
# What opening a link hands on to its session.
HANDED_ON = (
    "allow_promotion_codes", "billing_address_collection", "consent_collection", "custom_text", "invoice_creation",
    "metadata", "phone_number_collection", "shipping_address_collection", "submit_type", "tax_id_collection",
)  # fmt: skip


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/payment_links; raises the refusal of one without line items."""
    if not params.get("line_items"):
        raise missing_param("line_items")
    picks = await baskets.picked(ctx, params["line_items"], params.get("currency"))
    mode = _mode(picks)
    checks.kinds(mode, picks)
    id = ctx.new_id(KIND)
    currency = picks[0].price["currency"]
    link: Doc = {
        "id": id,
        **ctx.blank(KIND),
        "active": True,
        "after_completion": {"hosted_confirmation": {"custom_message": None}, "type": "hosted_confirmation"},
        "allow_promotion_codes": False,
        "automatic_tax": {"enabled": False, "liability": None},
        "billing_address_collection": "auto",
        "currency": currency,
        "custom_fields": [],
        "custom_text": shapes.NO_TEXTS,
        "customer_creation": "always" if mode == "subscription" else "if_required",
        "invoice_creation": shapes.invoice_creation(None) if mode == "payment" else None,
        "metadata": {},
        "payment_method_collection": "always",
        "phone_number_collection": {"enabled": False},
        "submit_type": "auto",
        "subscription_data": _subscription({}) if mode == "subscription" else None,
        "tax_id_collection": {"enabled": False, "required": "never"},
        "url": f"{ctx.base_url}/b/{id}",
    }
    link = await _with(ctx, link, params)
    return await _stored(ctx, link, picks)


def _mode(picks: Sequence[Pick]) -> str:
    return "subscription" if any(pick.price["recurring"] for pick in picks) else "payment"


async def _with(ctx: Context, link: Doc, params: Doc) -> Doc:
    """Return a link with the parameters of a create or an update."""
    changes: Doc = {name: params[name] for name in PLAIN if params.get(name) is not None}
    changes |= {name: None for name in PLAIN if name in params and params[name] is None and link[name] is None}
    for name in ("inactive_message", "payment_method_types", "shipping_address_collection"):
        if name in params:
            changes[name] = params[name]
    if "metadata" in params:
        changes["metadata"] = merge_map(link["metadata"], params["metadata"])
    if params.get("after_completion"):
        changes["after_completion"] = _afterwards(params["after_completion"])
    if params.get("automatic_tax"):
        given = params["automatic_tax"]
        liability = given.get("liability") or ({"type": "self"} if given["enabled"] else None)
        changes["automatic_tax"] = {"enabled": given["enabled"], "liability": liability}
    if "custom_fields" in params:
        changes["custom_fields"] = [shapes.custom_field(one, values=False) for one in params["custom_fields"] or ()]
    if params.get("custom_text"):
        changes["custom_text"] = {**link["custom_text"], **params["custom_text"]}
    if params.get("invoice_creation"):
        changes["invoice_creation"] = shapes.invoice_creation(params["invoice_creation"])
    if params.get("name_collection"):
        given = params["name_collection"]
        changes["name_collection"] = {name: {"optional": False, **one} for name, one in given.items() if one}
    if params.get("payment_intent_data"):
        changes["payment_intent_data"] = _payment(
            {**(link["payment_intent_data"] or {}), **params["payment_intent_data"]}
        )
    if params.get("phone_number_collection"):
        changes["phone_number_collection"] = params["phone_number_collection"]
    if "restrictions" in params:
        before = (link["restrictions"] or {}).get("completed_sessions") or {"count": 0}
        given = params["restrictions"]
        changes["restrictions"] = {"completed_sessions": {**before, **given["completed_sessions"]}} if given else None
    if params.get("subscription_data"):
        changes["subscription_data"] = _subscription(
            {**(link["subscription_data"] or {}), **params["subscription_data"]}
        )
    if params.get("tax_id_collection"):
        changes["tax_id_collection"] = {"required": "never", **params["tax_id_collection"]}
    if "optional_items" in params:
        changes["optional_items"] = [
            {**one, "adjustable_quantity": one.get("adjustable_quantity")} for one in params["optional_items"] or ()
        ]
    if "shipping_options" in params:
        costs = [await invoice_shipping.cost(ctx, one, link["currency"]) for one in params["shipping_options"] or ()]
        changes["shipping_options"] = [
            {"shipping_amount": one["amount_total"], "shipping_rate": one["shipping_rate"]} for one in costs if one
        ]
    return {**link, **changes}


def _afterwards(given: Doc) -> Doc:
    if given["type"] == "redirect":
        url = (given.get("redirect") or {}).get("url")
        if url is None:
            raise missing_param("after_completion[redirect]")
        if not checks.is_url(url):
            raise errors.not_a_url("after_completion[redirect][url]")
        return {"redirect": {"url": url}, "type": "redirect"}
    text = (given.get("hosted_confirmation") or {}).get("custom_message")
    return {"hosted_confirmation": {"custom_message": text}, "type": "hosted_confirmation"}


def _payment(given: Doc) -> Doc:
    names = ("capture_method", "description", "setup_future_usage", "statement_descriptor",
             "statement_descriptor_suffix", "transfer_group")  # fmt: skip
    return {**{name: given.get(name) for name in names}, "metadata": merge_map(None, given.get("metadata"))}


def _subscription(given: Doc) -> Doc:
    settings = {"account_tax_ids": None, "custom_fields": None, "description": None, "footer": None,
                "issuer": {"type": "self"}}  # fmt: skip
    return {
        "description": given.get("description"),
        "invoice_settings": {**settings, **(given.get("invoice_settings") or {})},
        "metadata": merge_map(None, given.get("metadata")),
        "trial_period_days": given.get("trial_period_days"),
        "trial_settings": given.get("trial_settings"),
    }


async def _stored(ctx: Context, link: Doc, picks: Sequence[Pick]) -> Doc:
    basket = await baskets.summed(ctx, picks)
    ctx.put(BEHIND, {"id": link["id"], "picks": [
        {"id": pick.id, "price": pick.price["id"], "quantity": pick.quantity, "params": pick.params} for pick in picks
    ]})  # fmt: skip
    url = f"/v1/payment_links/{link['id']}/line_items"
    return ctx.put(KIND, {**link, "line_items": baskets.listed(basket.items, url)})


async def update(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/payment_links/{payment_link}: prices stay, quantities may change.

    Raises the refusal of line items that the link does not have.
    """
    link = await ctx.at_path(KIND, ids["payment_link"], name="payment_link")
    link = await _with(ctx, link, params)
    if not params.get("line_items"):
        return ctx.put(KIND, link)
    behind = await ctx.need(BEHIND, link["id"], "payment_link")
    picks = []
    wanted = {one["id"]: (index, one) for index, one in enumerate(params["line_items"])}
    for row in behind["picks"]:
        entry = wanted.pop(row["id"], (0, {}))[1]
        price = await ctx.need("price", row["price"], "price")
        quantity = entry.get("quantity", row["quantity"])
        picks.append(baskets.Pick(row["id"], price, quantity, {**row["params"], **entry}, []))
    for id, (index, _) in wanted.items():
        raise errors.no_such_line_item(id, f"line_items[{index}][id]")
    return await _stored(ctx, link, picks)


async def line_items(ctx: Context, ids: dict[str, str], params: Doc) -> Page:
    """GET /v1/payment_links/{payment_link}/line_items."""
    link = await ctx.at_path(KIND, ids["payment_link"], name="payment_link")
    return baskets.page(link["line_items"]["data"], params, link["line_items"]["url"])


async def opened(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Return the new session that opening a link makes (an operation of this emulator).

    ``params``: payment_link, and what its address may carry: prefilled_email, client_reference_id, locale,
    prefilled_promo_code. Raises for a link that is switched off or used up.
    """
    link = await ctx.at_path(KIND, params["payment_link"], name="payment_link")
    if not link["active"]:
        raise errors.link_inactive(link)
    behind = await ctx.need(BEHIND, link["id"], "payment_link")
    mode = "subscription" if link["subscription_data"] is not None else "payment"
    wish: Doc = {name: link[name] for name in HANDED_ON if link[name]}
    wish |= {
        "mode": mode,
        "line_items": [{**row["params"], "price": row["price"], "price_data": None} for row in behind["picks"]],
        "success_url": (link["after_completion"].get("redirect") or {}).get("url") or f"{link['url']}/complete",
        "currency": link["currency"],
        "custom_fields": link["custom_fields"],
        "customer_email": params.get("prefilled_email"),
        "client_reference_id": params.get("client_reference_id"),
        "locale": params.get("locale"),
        "automatic_tax": link["automatic_tax"] if link["automatic_tax"]["enabled"] else None,
        "allowed_payment_method_types": link["payment_method_types"],
        "shipping_options": [{"shipping_rate": one["shipping_rate"]} for one in link["shipping_options"]],
    }
    if mode == "subscription":
        wish["subscription_data"] = {
            name: value for name, value in link["subscription_data"].items() if value is not None
        }
        wish["payment_method_collection"] = link["payment_method_collection"]
    else:
        wish["customer_creation"] = link["customer_creation"]
        wish["payment_intent_data"] = link["payment_intent_data"]
    code = params.get("prefilled_promo_code")
    found = await ctx.select("promotion_code", limit=1, code=code) if code and link["allow_promotion_codes"] else []
    if found:
        wish |= {"allow_promotion_codes": None, "discounts": [{"promotion_code": found[0]["id"]}]}
    return await sessions.offer(ctx, wish, payment_link=link["id"])


async def used(ctx: Context, link_id: str) -> None:
    """Count a completed session of a link; the last one that it allows switches it off."""
    link = await ctx.find(KIND, link_id)
    if link is None or not link["restrictions"]:
        return
    limits = link["restrictions"]["completed_sessions"]
    count = limits["count"] + 1
    shown = {"completed_sessions": {**limits, "count": count}}
    ctx.put(KIND, changed(link, restrictions=shown, active=link["active"] and count < limits["limit"]))
