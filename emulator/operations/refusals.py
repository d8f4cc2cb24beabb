"""Decides how a refusal is printed for a world: the ``error`` object with the link to the request's log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from emulator.kernel.errors import StripeError
    from emulator.operations.space import Space


def body_of(refusal: StripeError, space: Space | None, request_id: str | None) -> bytes:
    """Return the printed body; ``request_log_url`` is there once the key is known (recorded)."""
    members = refusal.members()
    if space is not None and request_id and refusal.logged and refusal.status not in (401, 403):
        mode = "" if space.livemode else "test/"
        members["request_log_url"] = (
            f"https://dashboard.stripe.com/{space.account}/{mode}workbench/logs?object={request_id}"
        )
        members = {key: members[key] for key in sorted(members)}
    return orjson.dumps({"error": members}, option=orjson.OPT_INDENT_2)
