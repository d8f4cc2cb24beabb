"""Decides which clock a call lives on: that of the customer it is about, if the customer is on a test clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.clocks import test_clocks

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.store.port import UnitOfWork

# Kinds by the first part of their ids: those that are on a clock themselves or lead to one that is.
KINDS = {
    "cus": "customer", "sub": "subscription", "in": "invoice", "ii": "invoiceitem", "sched": "subscription_schedule", "clock": test_clocks.KIND,
    "pm": "payment_method", "cn": "credit_note", "di": "discount", "qt": "quote",
}  # fmt: skip
NAMES = ("customer", "subscription", "invoice", "schedule", "from_subscription", "test_clock")


async def clock_of(uow: UnitOfWork, ids: dict[str, str], params: Doc) -> Doc | None:
    """Return the test clock that a call's objects are on, or None."""
    owner = params.get("owner")
    named = owner.get("customer") if isinstance(owner, dict) else None
    for id in (*ids.values(), *(params.get(name) for name in NAMES), named):
        if isinstance(id, str):
            clock = await _of(uow, id)
            if clock is not None:
                return clock
    return None


async def _of(uow: UnitOfWork, id: str) -> Doc | None:
    if id.startswith("si_"):
        from emulator.store.port import Query

        owners = (await uow.page("subscription", Query({"items": id}, 1))).docs
        return await _named(uow, owners[0]) if owners else None
    prefix = "sched" if id.startswith("sub_sched_") else id.partition("_")[0]
    kind = KINDS.get(prefix)
    doc = await uow.get(kind, id) if kind else None
    if doc is None or kind == test_clocks.KIND:
        return doc
    return await _named(uow, doc)


async def _named(uow: UnitOfWork, doc: Doc) -> Doc | None:
    """Return the clock that an object, or its customer, names."""
    clock: Any = doc.get("test_clock")
    customer = doc.get("customer")
    if clock is None and isinstance(customer, str):
        owner = await uow.get("customer", customer)
        clock = (owner or {}).get("test_clock")
    return await uow.get(test_clocks.KIND, clock) if isinstance(clock, str) else None
