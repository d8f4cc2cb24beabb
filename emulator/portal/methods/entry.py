"""Decides what a form asks of a new payment method, and how what somebody typed becomes one.

The portal, the page of an invoice and Checkout ask the same things in the same way.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from emulator.portal.methods import errors, kinds, trials, wallet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

LONGEST_AGENT = 500
NUMBERS = ("number", "iban", "account_number", "nz_account", "tax_id", "email")


def described(ctx: Context, type: str) -> dict[str, Any]:
    """Return a type of payment method with its fields and test numbers.

    ``fill`` is what belongs to a number, ``filled`` what stands in for a customer of whom nothing is known. Live mode has
    neither, though test numbers can be typed there as well.
    """
    fields = [
        {"name": field.name, "optional": field.optional, "options": list(field.options), "secret": field.secret}
        for field in kinds.FIELDS[type]
    ]
    name = wallet.custom_types(ctx)[0].get("display_name") if type == "custom" else None
    told: dict[str, Any] = {"fields": fields, "filled": {}, "name": name, "trials": [], "type": type}
    if ctx.livemode:
        return told
    filled = trials.filled(type)
    offered = [
        {
            "code": one.code,
            "does": one.does,
            "fill": {key: text for key, text in one.fill.items() if filled.get(key) != text},
            "number": one.number,
        }
        for one in trials.trials(type, _today(ctx)[0])
    ]
    return {**told, "filled": filled, "trials": offered}


def parameters(ctx: Context, type: str, details: object) -> Doc:
    """Return the parameters of a payment method from what was typed, texts by the names of the type's fields.

    Raises a refusal whose ``fields`` hold the code of what is wrong with each answer.
    """
    if not isinstance(details, dict) or not all(isinstance(text, str) for text in details.values()):
        raise errors.not_text("details")
    kept, flaws = kinds.checked(type, details, _today(ctx))
    if flaws:
        raise errors.flawed(flaws)
    given = kinds.parameters(type, kept)
    if type == "custom":
        given["custom"] = {"logo": None, "display_name": None, **wallet.custom_types(ctx)[0]}
    return given


def number_of(type: str) -> str | None:
    """Return the field at which a refusal without one of its own is shown: that of the number."""
    names = [field.name for field in kinds.FIELDS[type]]
    return next((name for name in NUMBERS if name in names), None)


def agreed(params: Doc) -> dict[str, str]:
    """Return how the customer agreed to the mandate: in a browser (``user_agent``), from an address (``ip_address``)."""
    named = {name: params.get(name) for name in ("ip_address", "user_agent")}
    return {name: value[:LONGEST_AGENT] for name, value in named.items() if isinstance(value, str)}


def offered(ctx: Context, switched_on: Iterable[str], currency: str) -> list[str]:
    """Return which of the types that are ``switched_on`` a form can ask for; what is processed elsewhere is none."""
    found = kinds.allowed(switched_on, currency, ctx.settings["country"])
    return [type for type in found if type != "custom"]


async def types(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``method:types`` (types, currency): those of the types that a form can ask for, each with what it asks."""
    wanted: list[str] = params["types"]
    return {"types": [described(ctx, type) for type in offered(ctx, wanted, params["currency"])]}


async def checked(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``method:checked`` (type, details): the parameters of a payment method; nothing is stored.

    Raises refusals whose ``fields`` hold the code of what is wrong with each answer.
    """
    type = params.get("type")
    if not isinstance(type, str) or type not in kinds.FIELDS or type == "custom":
        raise errors.type_not_offered(str(type))
    return parameters(ctx, type, params.get("details"))


def _today(ctx: Context) -> tuple[int, int]:
    today = datetime.fromtimestamp(ctx.now, UTC)
    return today.year, today.month
