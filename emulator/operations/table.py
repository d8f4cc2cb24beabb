"""What can be called: which operation is behaviour, which is generic, and which is not emulated."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from emulator.billing import operations as billing
from emulator.checkout import operations as checkout
from emulator.kernel.errors import StripeError
from emulator.kernel.named import named
from emulator.operations import generic_tier, searching

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context, Discarded, Page
    from emulator.spec.catalogue import Catalogue, Operation

    Behaviour = Callable[[Context, dict[str, str], Doc], Awaitable[Doc | Page | Discarded]]

Tier = Literal["behaviour", "generic", "not_emulated"]

# Rooms that have behaviour: each lists it as OPERATIONS in its module of that name, operation id -> function.
ROOMS = ("catalog", "customers", "payments", "billing", "clocks", "checkout", "portal", "webhooks")
OWN = {
    "GetAccount": "accounts.retrieve",
    "GetBalance": "accounts.balance",
    "PostAccounts": "connected.create",
    "PostAccountsAccount": "connected.update",
    "DeleteAccountsAccount": "connected.delete",
    "GetEvents": "events.listed",
    "GetEventsId": "events.retrieve",
    "PostFiles": "files.create",
    "PostFileLinks": "files.create_link",
    "PostFileLinksLink": "files.update_link",
    "file:link": "files.shared",
    "file:picture": "files.picture",
    "dashboard:save_brand": "owner.apply_brand",
    "DeleteTestHelpersTestClocksTestClock": "compose.delete_clock",
}
# What spans several rooms stands before what one of them does alone.
COMPOSED = {
    "PostCustomers": "compose.create_customer",
    "PostCustomersCustomer": "compose.update_customer",
    "DeleteCustomersCustomer": "compose.delete_customer",
}


@cache
def places() -> dict[str, tuple[str, str]]:
    """Return where every operation with behaviour of its own has its function: the room and the name in it.

    Two rooms never claim the same one; the composition of several rooms comes before each of them. Raises
    RuntimeError where they do.
    """
    result = {id: ("operations", name) for id, name in OWN.items()}
    for room in ROOMS:
        for id, name in import_module(f"emulator.{room}.operations").OPERATIONS.items():
            if id in result:
                msg = f"{id} has two behaviours"
                raise RuntimeError(msg)
            result[id] = room, name
    return result | {id: ("operations", name) for id, name in COMPOSED.items()}


# What was called for already; its room is loaded by then.
LOADED: dict[str, Behaviour] = {}


def behaviour(id: str) -> Behaviour:
    """Return the function of an operation with behaviour of its own, followed by what upper rooms do then.

    Raises KeyError for another operation.
    """
    found = LOADED.get(id)
    if found is None:
        found = LOADED[id] = _with_consequences(id, named(*places()[id]))
    return found


def _with_consequences(id: str, behaviour: Any) -> Any:
    """Return a behaviour followed by what upper rooms do then: a paid intent pays its invoice, then its session."""
    for room, after in (("billing", billing.AFTER), ("checkout", checkout.AFTER)):
        if id in after:
            behaviour = _followed(behaviour, named(room, after[id]))
    return behaviour


def _followed(behaviour: Any, then: Callable[[Context, Doc], Awaitable[None]]) -> Any:
    async def run(ctx: Context, ids: dict[str, str], params: Doc) -> Any:
        try:
            result = await behaviour(ctx, ids, params)
        except StripeError as refusal:
            intent = await ctx.find("payment_intent", ids.get("intent", "")) if refusal.keep else None
            if intent is not None:
                await then(ctx, intent)
            raise
        await then(ctx, result)
        return result

    return run


def tier(operation: Operation) -> Tier:
    """Return how far an operation is emulated."""
    if operation.id in places():
        return "behaviour"
    return "generic" if generic_tier.covers(operation) else "not_emulated"


def resolve(operation: Operation) -> Behaviour:
    """Return the function of an operation; for one that is not emulated, one that says so."""
    return behaviour(operation.id) if operation.id in places() else _generic(operation)


@cache
def _generic(operation: Operation) -> Behaviour:
    return searching.behaviour(operation) if operation.form == "search" else generic_tier.behaviour(operation)


def coverage(catalogue: Catalogue) -> dict[str, object]:
    """Return how many operations stand in which tier, and what is not emulated by name."""
    tiers = {operation.id: tier(operation) for operation in catalogue.operations.values()}
    missing = sorted(
        f"{catalogue.operations[id].method} {catalogue.operations[id].path}"
        for id, one in tiers.items()
        if one == "not_emulated"
    )
    return {
        "total": len(tiers),
        "behaviour": sum(one == "behaviour" for one in tiers.values()),
        "generic": sum(one == "generic" for one in tiers.values()),
        "not_emulated": missing,
    }
