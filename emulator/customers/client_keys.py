"""Decides what a customer's own device is given for a while: ephemeral keys and the sessions of embedded components."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from emulator.kernel.errors import missing_param
from emulator.resources import generic

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

KEY: Final = "ephemeral_key"
SESSION: Final = "customer_session"
# What a key is made for, by parameter (the API description).
HOLDERS: Final = {
    "customer": "customer", "issuing_card": "issuing.card", "verification_session": "identity.verification_session",
}  # fmt: skip
KEY_LIFE: Final = 3600  # seconds; recorded 2021-04 and later
SESSION_LIFE: Final = 1800  # seconds (docs.stripe.com/api/customer_sessions)
SECRET_LENGTH: Final = 40  # characters behind the prefix (choice)


async def create_key(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Make a key for an hour (``POST /v1/ephemeral_keys``); its secret is told this once, and opens nothing here.

    Raises the refusals of a key for nobody and of an unknown holder.
    """
    given = {name: params[name] for name in HOLDERS if params.get(name) is not None}
    if not given:
        raise missing_param("customer")
    for name, id in given.items():
        await ctx.need(HOLDERS[name], id, name)
    key = ctx.put(KEY, {**ctx.blank(KEY), "id": ctx.new_id(KEY), "expires": ctx.now + KEY_LIFE})
    mode = "live" if ctx.livemode else "test"
    return {**key, "secret": f"ek_{mode}_{ctx.token(SECRET_LENGTH)}"}


async def delete_key(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """End a key at once (``DELETE /v1/ephemeral_keys/{key}``) and return it; raises its 404."""
    key = await ctx.at_path(KEY, ids["key"], name="key")
    ctx.remove(KEY, key["id"])
    return {**key, "expires": min(key["expires"], ctx.now)}


async def create_session(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Begin a customer session (``POST /v1/customer_sessions``); raises the refusals of nobody and of an unknown customer."""
    if params.get("customer") is None:
        raise missing_param("customer")
    await ctx.need("customer", params["customer"], "customer")
    secret = f"cuss_secret_{ctx.token(SECRET_LENGTH)}"
    return await generic.create(ctx, SESSION, params, client_secret=secret, expires_at=ctx.now + SESSION_LIFE)
