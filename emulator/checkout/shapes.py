"""Decides what a new Checkout session looks like: a literal in the newest shape (facts billing 11.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.documents import changed

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

DAY = 86_400
TAIL = 40  # random characters of a session's id
# What is shown as it was given.
PLAIN = (
    "allow_promotion_codes", "billing_address_collection", "cancel_url", "client_reference_id", "consent_collection",
    "customer_email", "integration_identifier", "locale", "origin_context", "payment_method_options", "permissions",
    "return_url", "shipping_address_collection", "submit_type", "success_url", "wallet_options",
)  # fmt: skip
NO_TEXTS: Doc = {"after_submit": None, "shipping_address": None, "submit": None, "terms_of_service_acceptance": None}
NO_DETAILS: Doc = {
    "address": None, "business_name": None, "email": None, "individual_name": None, "name": None, "phone": None,
    "tax_exempt": "none", "tax_ids": None,
}  # fmt: skip
BRANDING: Doc = {
    "background_color": "#ffffff", "border_style": "rounded", "button_color": "#0074d4", "display_name": "",
    "font_family": "default", "icon": None, "logo": None,
}  # fmt: skip


def session_id(ctx: Context, mode: str) -> str:
    """Return a new id: ``cs_test_`` and 58 characters of which the first two are ``a1``, in setup mode ``c1``.

    The account's id stands in it, so that the address of a page leads to its world (a choice; it looks as random).
    """
    live = "live" if ctx.livemode else "test"
    family = "c1" if mode == "setup" else "a1"
    return f"cs_{live}_{family}{ctx.account.removeprefix('acct_')}{ctx.token(TAIL)}"


def account_of(session_id: str) -> str:
    """Return the account that a session's id names."""
    return "acct_" + session_id.split("_", 2)[-1][2:18]


def session(ctx: Context, id: str, mode: str, params: Doc, customer: Doc | None) -> Doc:
    """Return an open session without line items and amounts."""
    hosted = (params.get("ui_mode") or "hosted_page") == "hosted_page"
    now = ctx.server_now
    doc: Doc = {
        "id": id,
        **ctx.blank("checkout.session"),
        **{name: params.get(name) for name in PLAIN if params.get(name) is not None},
        "adaptive_pricing": {"enabled": bool((params.get("adaptive_pricing") or {}).get("enabled", False))},
        "after_expiration": _recovery(params.get("after_expiration")),
        "automatic_tax": automatic_tax(params.get("automatic_tax"), customer),
        "branding_settings": _branding(ctx, params.get("branding_settings")),
        "client_secret": None if hosted else f"{id}_secret_{ctx.token(58)}",
        "collected_information": {"business_name": None, "individual_name": None, "shipping_details": None},
        "created": now,
        "custom_fields": [custom_field(one) for one in params.get("custom_fields") or ()],
        "custom_text": {**NO_TEXTS, **(params.get("custom_text") or {})},
        "customer": customer["id"] if customer else None,
        "customer_account": params.get("customer_account"),
        "customer_creation": _creation(mode, params, customer),
        "customer_details": _details(params, customer),
        "discounts": None,
        "expires_at": params.get("expires_at") or now + DAY,
        "metadata": {key: value for key, value in (params.get("metadata") or {}).items() if value is not None},
        "mode": mode,
        "payment_method_collection": "always" if mode != "subscription" else params.get("payment_method_collection") or "always",
        "payment_method_options": params.get("payment_method_options") or {},
        "payment_status": "no_payment_required" if mode == "setup" else "unpaid",
        "phone_number_collection": {"enabled": bool((params.get("phone_number_collection") or {}).get("enabled"))},
        "saved_payment_method_options": _saving(mode, params, customer),
        "shipping_options": [],
        "status": "open",
        "ui_mode": params.get("ui_mode") or "hosted_page",
        "url": page_url(ctx, id) if hosted else None,
    }  # fmt: skip
    if mode != "payment":
        doc["invoice_creation"] = None
    else:
        doc["invoice_creation"] = invoice_creation(params.get("invoice_creation"))
    for name in ("name_collection", "excluded_payment_method_types"):
        if params.get(name):
            doc[name] = _named(params[name]) if name == "name_collection" else params[name]
    if params.get("tax_id_collection"):
        doc["tax_id_collection"] = {"required": "never", **params["tax_id_collection"]}
    if not hosted:
        doc["redirect_on_completion"] = params.get("redirect_on_completion") or "always"
    return doc


def page_url(ctx: Context, id: str) -> str:
    """Return the address of a session's page."""
    return f"{ctx.base_url}/c/pay/{id}"


def _named(given: Doc) -> Doc:
    return {name: {"optional": False, **one} for name, one in given.items() if one}


def _recovery(given: Doc | None) -> Doc | None:
    wish = (given or {}).get("recovery")
    if not wish:
        return None
    allowed = bool(wish.get("allow_promotion_codes"))
    return {"recovery": {"allow_promotion_codes": allowed, "enabled": wish["enabled"], "expires_at": None, "url": None}}


def automatic_tax(given: Doc | None, customer: Doc | None) -> Doc:
    """Return ``automatic_tax`` as sessions and quotes show it: without a known address it waits for one."""
    enabled = bool(given and given["enabled"])
    known = bool(customer and customer["address"])
    status = ("complete" if known else "requires_location_inputs") if enabled else None
    liability = (given or {}).get("liability") or ({"type": "self"} if enabled else None)
    return {"enabled": enabled, "liability": liability, "provider": "stripe" if enabled else None, "status": status}


def _branding(ctx: Context, given: Doc | None) -> Doc:
    name = ctx.settings.get("business_name") or ""
    return {**BRANDING, "display_name": name, **(given or {})}


def _creation(mode: str, params: Doc, customer: Doc | None) -> str | None:
    if customer is not None:
        return None
    chosen = params.get("customer_creation")
    return str(chosen) if chosen else ("always" if mode == "subscription" else "if_required")


def _details(params: Doc, customer: Doc | None) -> Doc | None:
    email = customer["email"] if customer else params.get("customer_email")
    if customer is None and email is None:
        return None
    exempt = customer["tax_exempt"] if customer else "none"
    return {**NO_DETAILS, "email": email, "tax_exempt": exempt}


def _saving(mode: str, params: Doc, customer: Doc | None) -> Doc | None:
    given = params.get("saved_payment_method_options") or {}
    if mode == "setup" and not given:
        return None
    return {
        "allow_redisplay_filters": given.get("allow_redisplay_filters") or ["always"],
        "payment_method_remove": given.get("payment_method_remove") or "disabled",
        "payment_method_save": given.get("payment_method_save"),
    }


def custom_field(given: Doc, *, values: bool = True) -> Doc:
    """Return a custom field as it is shown; ``values``: with the place for what the customer enters."""
    shown: Doc = {
        "key": given["key"], "label": given["label"], "optional": bool(given.get("optional")), "type": given["type"],
    }  # fmt: skip
    kind = given["type"]
    inner = dict(given.get(kind) or {})
    inner.setdefault("default_value", None)
    if kind == "dropdown":
        inner.setdefault("options", [])
    else:
        inner = {"maximum_length": None, "minimum_length": None, **inner}
    if values:
        inner["value"] = None
    return {**shown, kind: inner}


def invoice_creation(given: Doc | None) -> Doc:
    """Return ``invoice_creation`` as it is shown."""
    data: Doc = {
        "account_tax_ids": None, "custom_fields": None, "description": None, "footer": None, "issuer": None,
        "metadata": {}, "rendering_options": None,
    }  # fmt: skip
    return {
        "enabled": bool(given and given["enabled"]),
        "invoice_data": {**data, **((given or {}).get("invoice_data") or {})},
    }


def completed(session: Doc, *, paid: bool | None, details: Doc, **found: object) -> Doc:
    """Return a session that was completed; ``paid`` is None when nothing had to be paid."""
    status = "no_payment_required" if paid is None else "paid" if paid else "unpaid"
    known = {**(session["customer_details"] or NO_DETAILS)}
    shown = {**known, **{name: value for name, value in details.items() if value is not None}}
    return changed(session, customer_details=shown, payment_status=status, status="complete", url=None, **found)
