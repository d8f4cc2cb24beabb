"""Decides when a failed delivery is tried again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.kernel.documents import Doc
from emulator.kernel.durations import parse
from emulator.resources.context import Context
from emulator.webhooks import outbox

# "Three times over the course of a few hours" in a sandbox (facts billing 9.3); how the hours are split is a choice.
DELAYS = (600, 3600, 10_800)
# "Up to three days with an exponential back off" in live mode (facts billing 9.3): 63 hours, each twice the one before (choice).
LIVE_DELAYS = tuple(3600 << doubled for doubled in range(6))
# The name under which a world's settings may hold other delays, as a list of durations.
SETTING = "webhook_retries"


def delays(settings: Mapping[str, Any], *, livemode: bool = False) -> tuple[int, ...]:
    """Return the seconds between an attempt that failed and the next; raises ValueError for settings that are none."""
    given = settings.get(SETTING)
    if given is None:
        return LIVE_DELAYS if livemode else DELAYS
    if not isinstance(given, (list, tuple)):
        msg = f"{SETTING} is a list of durations"
        raise ValueError(msg)  # noqa: TRY004 - a wrong setting, not a wrong call
    return tuple(parse(one).after(0) for one in given)


def next_instant(row: Doc) -> int | None:
    """Return when a delivery row wakes up by itself: a planned attempt, at the instant it was planned for."""
    due = row.get("due")
    return due if isinstance(due, int) else None


async def wake(ctx: Context, row: Doc) -> None:
    """Release a planned attempt: the dispatcher sends it when this is committed."""
    ctx.put(outbox.KIND, {**row, "due": None, "at": ctx.now})
