"""What happens by itself: for each kind, when it next does and what is done then."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from emulator.kernel.named import named

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

    Next = Callable[[Doc], int | tuple[int, str] | None]
    Act = Callable[[Context, Doc], Awaitable[object]]

IDEMPOTENCY = "_idempotency"
# Rooms that have wake-ups: each lists them as WAKEUPS in its module `operations`, kind -> (next instant, act).
ROOMS = ("billing", "catalog", "checkout", "customers", "payments", "portal", "webhooks")
OWN = {
    IDEMPOTENCY: ("wakeups.key_due", "wakeups.prune"),
    "test_helpers.test_clock": ("compose.clock_due", "compose.expire_clock"),
    "_pending_payment": ("compose.debit_due", "compose.debit_answered"),
}


def key_due(row: Doc) -> int:
    """Return when an idempotency key is forgotten (unix seconds)."""
    return int(row["due"])


async def prune(ctx: Context, doc: Doc) -> None:
    """Forget an idempotency key 24 hours after its first use (docs.stripe.com/api/idempotent_requests)."""
    ctx.remove(IDEMPOTENCY, doc["id"])


@cache
def places() -> dict[str, tuple[str, str, str]]:
    """Return where each kind has its functions: the room and their names in it."""
    result = {kind: ("operations", *names) for kind, names in OWN.items()}
    for room in ROOMS:
        own = import_module(f"emulator.{room}.operations").WAKEUPS
        result |= {kind: (room, *names) for kind, names in own.items()}
    return result


# When something happens to a kind by itself, looked up when the first object of the kind is stored.
_NEXT: dict[str, Next | None] = {}


def act(kind: str) -> Act:
    """Return what is done when an object of a kind is due; raises KeyError for a kind that never is."""
    room, _, name = places()[kind]
    found: Act = named(room, name)
    return found


def due(kind: str, doc: Doc) -> int | None:
    """Return when something happens to an object by itself (unix seconds), or None."""
    try:
        following = _NEXT[kind]
    except KeyError:
        place = places().get(kind)
        following = _NEXT[kind] = None if place is None else named(place[0], place[1])
    if following is None:
        return None
    instant = following(doc)
    # Some rooms say with the instant what happens then.
    return instant if instant is None or instant.__class__ is int else instant[0]  # type: ignore[index]
