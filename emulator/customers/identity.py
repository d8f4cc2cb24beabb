"""Decides the life of an identity verification that nobody goes through: it waits for input, is canceled, is redacted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.documents import changed
from emulator.kernel.errors import StripeError, invalid_request
from emulator.resources import generic

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

KIND = "identity.verification_session"
WAITING, CANCELED = "requires_input", "canceled"
SECRET_LENGTH = 24


def wrong_status(verb: str, status: str) -> StripeError:
    """Build the refusal of an act that a session's status does not allow; words are a choice."""
    return invalid_request(f"You cannot {verb} this VerificationSession because it has a status of {status}.")


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Make a session that waits for documents; there is no page to hand them in, so that ``url`` is null."""
    del ids
    id = ctx.new_id(KIND)
    secret = f"{id}_secret_{'live' if ctx.livemode else 'test'}_{ctx.token(SECRET_LENGTH)}"
    kind = params.get("type") or "document"
    return await generic.create(ctx, KIND, params, id=id, client_secret=secret, status=WAITING, type=kind, url=None)


async def cancel(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Cancel a session that waits (docs.stripe.com/api/identity/verification_sessions/cancel)."""
    del params
    session = await ctx.at_path(KIND, ids["session"])
    if session["status"] != WAITING:
        raise wrong_status("cancel", session["status"])
    return ctx.put(KIND, changed(session, client_secret=None, status=CANCELED, url=None))


async def redact(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Forget what was handed in, at once instead of within days (choice); a session that waits is canceled by it."""
    del params
    session = await ctx.at_path(KIND, ids["session"])
    if session["status"] == "processing":
        raise wrong_status("redact", session["status"])
    if session["status"] == WAITING:
        session = ctx.put(KIND, changed(session, client_secret=None, status=CANCELED, url=None))
    return ctx.put(KIND, changed(session, redaction={"status": "redacted"}))
