"""What can be called: which operation is behaviour, which is generic, and which is not emulated."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Literal

from emulator.operations import accounts, compose, connected, events, files, generic_tier, owner, searching

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context, Discarded, Page
    from emulator.spec.catalogue import Catalogue, Operation

    Behaviour = Callable[[Context, dict[str, str], Doc], Awaitable[Doc | Page | Discarded]]

Tier = Literal["behaviour", "generic", "not_emulated"]

# Rooms that have behaviour: each lists it as OPERATIONS, operation id -> function.
ROOMS = tuple(
    f"emulator.{room}"
    for room in (
        "catalog.operations",
        "customers.identity",
        "customers.operations",
        "payments.application_fees",
        "payments.issuing",
        "payments.payouts",
        "payments.transfers",
        "payments.operations",
        "billing.operations",
        "billing.schedules",
        "billing.meters",
        "billing.tax_operations",
        "checkout.operations",
        "portal.operations",
        "portal.invoices.pages",
        "webhooks.operations",
    )
)
OWN: dict[str, Behaviour] = {
    "GetAccount": accounts.retrieve,
    "GetBalance": accounts.balance,
    "PostAccounts": connected.create,
    "PostAccountsAccount": connected.update,
    "DeleteAccountsAccount": connected.delete,
    "GetEvents": events.listed,
    "GetEventsId": events.retrieve,
    **files.OPERATIONS,
    **owner.OPERATIONS,
}


@cache
def behaviours() -> dict[str, Behaviour]:
    """Return every operation that has behaviour of its own; two packages never claim the same one."""
    result: dict[str, Behaviour] = dict(OWN)
    for room in ROOMS:
        for id, function in import_module(room).OPERATIONS.items():
            if id in result:
                msg = f"{id} has two behaviours"
                raise RuntimeError(msg)
            result[id] = function
    result.update(compose.OPERATIONS)
    return compose.with_consequences(result)


def tier(operation: Operation) -> Tier:
    """Return how far an operation is emulated."""
    if operation.id in behaviours():
        return "behaviour"
    return "generic" if generic_tier.covers(operation) else "not_emulated"


def resolve(operation: Operation) -> Behaviour:
    """Return the function of an operation; for one that is not emulated, one that says so."""
    return behaviours().get(operation.id) or _generic(operation)


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
