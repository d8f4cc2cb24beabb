"""Decides what webhook endpoints are: how they are made, changed and deleted, and where their secrets live.

The secret is shown once, in the answer to the create call. It is therefore kept beside the endpoint in a
document of its own, so that no other answer can show it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from emulator.kernel.documents import Doc, changed
from emulator.resources import updates
from emulator.resources.context import Context
from emulator.spec import wording
from emulator.webhooks import errors

KIND = "webhook_endpoint"
# The internal kind that holds {"id": we_..., "secret": whsec_...}.
SECRETS = "_webhook_secret"
# docs.stripe.com/webhooks and the recorded refusal (facts billing 9.3).
MAXIMUM = 16
# An endpoint of this scheme is never called: what it would have been sent is kept for reading (a choice).
RECORD = "record"
SCHEMES = frozenset({"http", "https", RECORD})
# Marks an endpoint made with `connect`: which application id the real API shows there is not recorded (a choice).
CONNECT_APPLICATION = "ca_emulatorConnectApplication"
ENABLED, DISABLED = "enabled", "disabled"


def check_url(url: str) -> str:
    """Return ``url`` when an endpoint may have it; raises the recorded refusals (facts billing 9.3).

    http and private hosts are accepted in both modes: receivers of an emulator are local programs (a choice).
    """
    scheme, separator, _ = url.partition("://")
    if not separator or not scheme:
        raise errors.no_scheme()
    try:
        parts = urlsplit(url)
        valid = parts.scheme in SCHEMES and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        valid = False
    if not valid or not url.isprintable() or " " in url:
        raise errors.invalid_url()
    return url


def check_events(ctx: Context, names: Sequence[str]) -> None:
    """Refuse names that are no event types; the description's own list is open, so that parameters pass unchecked."""
    known = ctx.catalogue.events
    for place, name in enumerate(names):
        if name != "*" and name not in known:
            raise wording.not_in_enum(f"enabled_events[{place}]", ["*", *known])


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Make an endpoint; the answer is the only one that holds ``secret``; raises the refusal of too many."""
    check_url(params["url"])
    check_events(ctx, params["enabled_events"])
    if len(await ctx.select(KIND, MAXIMUM)) >= MAXIMUM:
        raise errors.too_many(MAXIMUM, livemode=ctx.livemode)
    return await add(ctx, params, "whsec_" + ctx.token(32))


async def add(ctx: Context, params: Doc, secret: str) -> Doc:
    """Store an endpoint of checked ``params`` that signs with ``secret``; returns it with the secret."""
    fields = {name: value for name, value in params.items() if name != "connect"}
    blank = ctx.blank(KIND)
    doc = changed(
        updates.apply(blank, fields),
        id=ctx.new_id(KIND),
        status=ENABLED,
        application=CONNECT_APPLICATION if params.get("connect") else None,
    )
    ctx.put(KIND, doc)
    ctx.put(SECRETS, {"id": doc["id"], "object": SECRETS, "created": ctx.now, "secret": secret})
    return changed(doc, secret=secret)


async def update(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Change url, events, description, metadata, or switch the endpoint off and on with ``disabled``."""
    doc = await ctx.at_path(KIND, ids["webhook_endpoint"])
    if "url" in params:
        check_url(params["url"])
    check_events(ctx, params.get("enabled_events", ()))
    fields: dict[str, Any] = {name: value for name, value in params.items() if name != "disabled"}
    if params.get("disabled") is not None:
        fields["status"] = DISABLED if params["disabled"] else ENABLED
    return ctx.put(KIND, updates.apply(doc, fields))


async def delete(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Delete an endpoint for good; attempts that are still to come are not made."""
    doc = await ctx.at_path(KIND, ids["webhook_endpoint"])
    ctx.remove(SECRETS, doc["id"])
    return ctx.remove(KIND, doc["id"])


async def seed(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Add the endpoint of ``serve --webhook`` or of a test: a secret chosen by the caller, by default every event.

    Where an endpoint of that URL is there already, as in a world loaded from a file, nothing is done; with ``anew`` it
    takes the secret, events and version that are given now.
    """
    url = check_url(params["url"])
    names = params.get("enabled_events", ["*"])
    check_events(ctx, names)
    fields = {"url": url, "enabled_events": names, "api_version": params.get("api_version")}
    for known in await ctx.select(KIND):
        if known["url"] == url:
            return _anew(ctx, known, fields, params["secret"]) if params.get("anew") else known
    return await add(ctx, fields, params["secret"])


def _anew(ctx: Context, known: Doc, fields: Doc, secret: str) -> Doc:
    ctx.put(SECRETS, {"id": known["id"], "object": SECRETS, "created": known["created"], "secret": secret})
    return {**ctx.put(KIND, changed(known, **fields, status=ENABLED)), "secret": secret}
