"""Decides which parameters of a payment or setup intent are kept on the object, and in which form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.catalog import currencies
from emulator.kernel.documents import patched
from emulator.kernel.errors import missing_param
from emulator.payments import debit_errors, errors, payment_method_configurations, payment_methods, shapes
from emulator.payments.amounts import LARGEST, smallest
from emulator.resources.updates import merge_map

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

# Since this version an intent takes what the account has switched on unless told otherwise (docs.stripe.com/changelog).
AUTOMATIC_SINCE = "2023-08-16"
# Since this version a list of types narrows; before it, it named (docs.stripe.com/changelog/endive/2026-09-30).
LISTS_NARROW_SINCE = "2026-09-30.endive"
EXCLUDED_BY_LIST = ("automatic_payment_methods", "excluded_payment_method_types", "payment_method_configuration")
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
    """Raise the refusal of an amount that cannot be charged in ``currency``, or of a currency that does not exist."""
    currencies.check(currency)
    if amount <= 0:
        raise errors.amount_not_positive()
    if amount < smallest(currency):
        raise errors.amount_too_small(currency)
    if amount > LARGEST:
        raise errors.amount_too_large(currency)


def kept(params: Doc, before: Doc, fields: tuple[str, ...]) -> Doc:
    """Return what of ``params`` changes an intent that was ``before``.

    Raises the refusal of ``transfer_data`` without a destination.
    """
    changes = {name: params[name] for name in fields if name in params}
    if params.get("transfer_data") and before.get("transfer_data"):
        changes["transfer_data"] = patched(before["transfer_data"], params["transfer_data"])
    elif params.get("transfer_data") and "destination" not in params["transfer_data"]:
        raise missing_param("transfer_data[destination]")
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


async def method_types(ctx: Context, params: Doc, method: Doc | None, currency: str | None = None) -> Doc:
    """Return the members that say which types of payment method an intent takes.

    Since endive a list only narrows what is compatible (docs.stripe.com/changelog/dahlia/2026-07-29); callers from
    before it named the types. Without a list the configuration decides, and a method that is given is taken too. Raises
    the refusal of a list beside what excludes it.
    """
    named = params.get("payment_method_types") or params.get("allowed_payment_method_types")
    if named:
        if ctx.version < LISTS_NARROW_SINCE:
            return {"allowed_payment_method_types": None, "payment_method_types": list(named)}
        for name in EXCLUDED_BY_LIST:
            if params.get(name) is not None:
                raise debit_errors.only_with_types(name)
        types = [name for name in named if payment_method_configurations.fits(name, currency)]
        return {"allowed_payment_method_types": list(named), "payment_method_types": types}
    automatic = params.get("automatic_payment_methods")
    if automatic is None and (ctx.version and ctx.version < AUTOMATIC_SINCE):
        return {"payment_method_types": ["card"]}
    if automatic is not None and not automatic.get("enabled"):
        return {"payment_method_types": ["card"]}
    return await _automatic(ctx, params, method, currency)


async def _automatic(ctx: Context, params: Doc, method: Doc | None, currency: str | None) -> Doc:
    configuration = await payment_method_configurations.named(ctx, params.get("payment_method_configuration"))
    excluded = params.get("excluded_payment_method_types") or ()
    types = [name for name in payment_method_configurations.offered(configuration, currency) if name not in excluded]
    if method is not None and method["type"] not in types:
        types.append(method["type"])
    redirects = (params.get("automatic_payment_methods") or {}).get("allow_redirects") or "always"
    result: Doc = {
        "automatic_payment_methods": {"allow_redirects": redirects, "enabled": True},
        "payment_method_types": types,
    }
    if configuration is not None:
        details = {"id": configuration["id"], "parent": configuration["parent"]}
        result["payment_method_configuration_details"] = details
    return result


def check_type(intent: Doc, method: Doc) -> None:
    """Raise when an intent that names its types was given a payment method of another one."""
    if intent["automatic_payment_methods"] is None and method["type"] not in intent["payment_method_types"]:
        raise debit_errors.type_not_allowed(method, intent)


async def given_method(ctx: Context, params: Doc) -> Doc | None:
    """Return the payment method that the call names or describes, None when it does neither."""
    if params.get("payment_method_data"):
        return await payment_methods.build(ctx, params["payment_method_data"])
    if params.get("payment_method") is not None:
        return await payment_methods.resolve(ctx, params["payment_method"])
    return None


def _without_line_items(details: Doc) -> Doc:
    return {name: value for name, value in details.items() if name != "line_items"}
