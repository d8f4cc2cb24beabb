"""Decides which parameters of a payment or setup intent are kept on the object, and in which form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.documents import patched
from emulator.kernel.errors import not_emulated
from emulator.payments import errors, payment_methods, shapes
from emulator.payments.amounts import LARGEST, smallest
from emulator.resources.updates import merge_map

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

# Since this version an intent takes what the account has switched on unless told otherwise (docs.stripe.com/changelog).
AUTOMATIC_SINCE = "2023-08-16"
# What a test account has switched on without further setup (a choice).
ACCOUNT_TYPES = ("card", "link")
PAYMENT_FIELDS = (
    "application_fee_amount",
    "capture_method",
    "confirmation_method",
    "description",
    "excluded_payment_method_types",
    "hooks",
    "on_behalf_of",
    "payment_details",
    "receipt_email",
    "setup_future_usage",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_data",
    "transfer_group",
)
SETUP_FIELDS = (
    "attach_to_self",
    "description",
    "excluded_payment_method_types",
    "flow_directions",
    "on_behalf_of",
)


def check_amount(amount: int, currency: str) -> None:
    """Raise the refusal of an amount that cannot be charged in ``currency``."""
    if amount <= 0:
        raise errors.amount_not_positive()
    if amount < smallest(currency):
        raise errors.amount_too_small(currency)
    if amount > LARGEST:
        raise errors.amount_too_large(currency)


def kept(params: Doc, before: Doc, fields: tuple[str, ...]) -> Doc:
    """Return what of ``params`` changes an intent that was ``before``."""
    changes = {name: params[name] for name in fields if name in params}
    if "metadata" in params:
        changes["metadata"] = merge_map(before["metadata"], params["metadata"])
    if "shipping" in params:
        given = params["shipping"]
        old = before.get("shipping")
        changes["shipping"] = patched(old, given) if old and given else shapes.shipping(given)
    if params.get("payment_method_options"):
        options = before["payment_method_options"] or {}
        changes["payment_method_options"] = patched(options, params["payment_method_options"])
    if params.get("amount_details"):
        changes["amount_details"] = {"tip": {}, **_without_line_items(params["amount_details"])}
    return changes


def method_types(ctx: Context, params: Doc) -> Doc:
    """Return the members that say which types of payment method an intent takes."""
    allowed = params.get("allowed_payment_method_types")
    named = params.get("payment_method_types") or allowed
    if named:
        return {"allowed_payment_method_types": allowed, "payment_method_types": list(named)}
    automatic = params.get("automatic_payment_methods")
    if automatic is None and (ctx.version and ctx.version < AUTOMATIC_SINCE):
        return {"payment_method_types": ["card"]}
    if automatic is not None and not automatic.get("enabled"):
        return {"payment_method_types": ["card"]}
    redirects = (automatic or {}).get("allow_redirects") or "always"
    excluded = params.get("excluded_payment_method_types") or ()
    return {
        "automatic_payment_methods": {"allow_redirects": redirects, "enabled": True},
        "payment_method_types": [name for name in ACCOUNT_TYPES if name not in excluded],
    }


async def given_method(ctx: Context, params: Doc) -> Doc | None:
    """Return the payment method that the call names or describes, None when it does neither."""
    if params.get("confirmation_token") is not None:
        raise not_emulated("confirmation_token")
    if params.get("payment_method_data"):
        return await payment_methods.build(ctx, params["payment_method_data"])
    if params.get("payment_method") is not None:
        return await payment_methods.resolve(ctx, params["payment_method"])
    return None


def _without_line_items(details: Doc) -> Doc:
    return {name: value for name, value in details.items() if name != "line_items"}
