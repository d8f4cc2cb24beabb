"""Decides how long a portal link lives and whose it is: 5 minutes until it is opened, an hour after the last activity.

Source: docs.stripe.com/customer-management/integrate-customer-portal; facts portal 2. A visit is the server's side of a
link: it is found by the hash of the token only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emulator.kernel.documents import at, changed
from emulator.kernel.errors import StripeError
from emulator.kernel.ids import fingerprint
from emulator.portal import configurations, errors, urls

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

KIND = "_portal_visit"
SESSION = "billing_portal.session"
UNUSED_SECONDS = 5 * 60
IDLE_SECONDS = 60 * 60
OPEN, COMPLETED = "open", "completed"


class Visit(NamedTuple):
    """A live session with its configuration and customer."""

    session: Doc
    configuration: Doc
    customer: Doc

    @property
    def return_url(self) -> str | None:
        """Where "Return to ..." leads: the session's address, else the configuration's, else nowhere."""
        own: str | None = self.session["return_url"]
        return own if own is not None else self.configuration["default_return_url"]


def begin(ctx: Context, session: Doc, token: str) -> Doc:
    """Write down that ``token`` opens ``session``; the token itself is not kept with it."""
    return ctx.put(
        KIND,
        {
            "created": ctx.now,
            "first_seen": None,
            "id": fingerprint(token),
            "last_seen": None,
            "object": KIND,
            "session": session["id"],
            "state": OPEN,
        },
    )


def death(visit: Doc, now: int) -> str | None:
    """Return why a visit is over at ``now`` (unix seconds): completed, unused, idle; None while it lives."""
    if visit["state"] == COMPLETED:
        return "completed"
    if visit["last_seen"] is None:
        return "unused" if now - visit["created"] >= UNUSED_SECONDS else None
    return "idle" if now - visit["last_seen"] >= IDLE_SECONDS else None


async def enter(ctx: Context, shown: str) -> Visit:
    """Return what a token opens and count this as activity; raises 410 ``portal_session_expired`` for a dead link."""
    visit = await ctx.find(KIND, fingerprint(urls.bare(shown)))
    session = await ctx.find(SESSION, visit["session"]) if visit else None
    if visit is None or session is None:
        raise errors.session_dead("unknown")
    configuration = await ctx.find(configurations.KIND, session["configuration"])
    reason = death(visit, ctx.now)
    if reason is not None or configuration is None:
        raise await _dead(ctx, reason or "unknown", session, configuration)
    customer = await ctx.find("customer", session["customer"])
    if customer is None:
        raise await _dead(ctx, "unknown", session, configuration)
    if visit["last_seen"] != ctx.now:
        first = visit["first_seen"] if visit["first_seen"] is not None else ctx.now
        ctx.put(KIND, changed(visit, first_seen=first, last_seen=ctx.now))
    return Visit(session, configuration, customer)


async def account(ctx: Context) -> Doc | None:
    """Return the account whose business the portal speaks for."""
    return await ctx.find("account", ctx.account)


async def _dead(ctx: Context, reason: str, session: Doc, configuration: Doc | None) -> StripeError:
    business = await account(ctx)
    name = at(business, "business_profile.name") or at(business, "settings.dashboard.display_name")
    configuration = configuration or {}
    return errors.session_dead(
        reason,
        return_url=session["return_url"] or configuration.get("default_return_url"),
        login_url=at(configuration, "login_page.url"),
        business_name=name,
    )
