"""Decides what a token holds: a card that was typed once and can be used once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.errors import missing_param, not_emulated
from emulator.payments import cards

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

KIND = "token"
ELSEWHERE = ("account", "bank_account", "cvc_update", "person", "pii")


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """POST /v1/tokens with ``card``: numbers, or the id of a stored card."""
    for name in ELSEWHERE:
        if params.get(name) is not None:
            raise not_emulated(f"A token of {name}")
    given = params.get("card")
    if given is None:
        raise missing_param("card")
    if isinstance(given, dict):
        card = cards.legacy(ctx, cards.typed(ctx, given), None)
    else:
        card = {**await ctx.need("card", given, "card"), "customer": None}
    token = {
        "id": ctx.new_id(KIND),
        "object": KIND,
        "card": card,
        "client_ip": "127.0.0.1",
        "created": ctx.now,
        "livemode": ctx.livemode,
        "type": "card",
        "used": False,
    }
    return ctx.put(KIND, token)
