"""What happens by itself: for each kind, when it next does and what is done then."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

    Next = Callable[[Doc], int | tuple[int, str] | None]
    Act = Callable[[Context, Doc], Awaitable[object]]

IDEMPOTENCY = "_idempotency"
# Rooms that have wake-ups: each lists them as WAKEUPS, kind -> (next instant, act).
PACKAGES = tuple(
    f"emulator.{room}"
    for room in (
        "billing.operations",
        "catalog.operations",
        "checkout.operations",
        "customers.operations",
        "payments.operations",
        "payments.payouts",
        "portal.operations",
        "webhooks.operations",
        "operations.compose",
    )
)


async def _prune(ctx: Context, doc: Doc) -> None:
    """Forget an idempotency key 24 hours after its first use (docs.stripe.com/api/idempotent_requests)."""
    ctx.remove(IDEMPOTENCY, doc["id"])


@cache
def table() -> dict[str, tuple[Next, Act]]:
    """Return the table of wake-ups."""
    result: dict[str, tuple[Next, Act]] = {IDEMPOTENCY: (lambda doc: doc["due"], _prune)}
    for name in PACKAGES:
        result.update(getattr(import_module(name), "WAKEUPS", {}))
    return result


def due(kind: str, doc: Doc) -> int | None:
    """Return when something happens to an object by itself (unix seconds), or None."""
    row = table().get(kind)
    if row is None:
        return None
    instant = row[0](doc)
    # Some rooms say with the instant what happens then.
    return instant if instant is None or instant.__class__ is int else instant[0]  # type: ignore[index]
