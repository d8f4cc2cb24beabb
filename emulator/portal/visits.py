"""Decides how long a portal link lives and whose it is: 5 minutes until it is opened, an hour after the last activity.

Source: docs.stripe.com/customer-management/integrate-customer-portal; facts portal 2. A visit is the server's side of a
link: it is found by the hash of the token only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emulator.kernel.documents import at, changed
from emulator.kernel.errors import StripeError
from emulator.kernel.ids import fingerprint
from emulator.portal import errors, urls
from emulator.portal.settings import brands, configurations

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

KIND = "_portal_visit"
SESSION = "billing_portal.session"
UNUSED_SECONDS = 5 * 60
IDLE_SECONDS = 60 * 60
OPEN, ARRIVED, COMPLETED = "open", "arrived", "completed"
# What a link is once its flow is done: the whole portal, or over. That a link which ended in a confirmation page or at
# the merchant's own address opens nothing more is a choice (facts portal 3.10 names no rule).
AFTER_FLOW = {"hosted_confirmation": COMPLETED, "portal_homepage": ARRIVED, "redirect": COMPLETED}


INFORMATION = ("name", "email", "address", "shipping", "phone", "tax_id")  # docs.stripe.com/api: allowed_updates


class Visit(NamedTuple):
    """A live session with its configuration and customer."""

    session: Doc
    configuration: Doc
    customer: Doc
    preview: bool = False  # the owner looks at the settings: whatever is done is refused
    by_email: bool = False  # begun by a code that was sent to the customer's address

    @property
    def editable(self) -> tuple[str, ...]:
        """What of the billing information may be changed; the address that let somebody in cannot (facts portal 13)."""
        feature = self.configuration["features"]["customer_update"]
        allowed = (feature["allowed_updates"] or ()) if feature["enabled"] else ()
        return tuple(name for name in INFORMATION if name in allowed and not (name == "email" and self.by_email))

    @property
    def return_url(self) -> str | None:
        """Where "Return to ..." leads: the session's address, else the configuration's, else nowhere."""
        own: str | None = self.session["return_url"]
        return own if own is not None else self.configuration["default_return_url"]


def begin(ctx: Context, session: Doc, token: str, *, preview: Doc | None = None) -> Doc:
    """Write down that ``token`` opens ``session``; the token itself is not kept with it.

    ``preview`` is the customer to show when the owner only looks; such a session is stored nowhere else.
    """
    return ctx.put(
        KIND,
        {
            "created": ctx.server_now,
            "first_seen": None,
            "id": fingerprint(token),
            "last_seen": None,
            "object": KIND,
            "preview": None if preview is None else {"customer": preview, "session": session},
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


async def enter(ctx: Context, shown: str, *, afterwards: bool = False) -> Visit:
    """Return what a token opens and count this as activity; raises 410 ``portal_session_expired`` for a dead link.

    The session of a flow that is done has none any more. ``afterwards`` lets the page in that says what was done, for
    as long as a visit lasts.
    """
    visit = await ctx.find(KIND, fingerprint(urls.bare(shown)))
    preview = visit.get("preview") if visit else None
    session = preview["session"] if preview else await ctx.find(SESSION, visit["session"]) if visit else None
    if visit is None or session is None:
        raise errors.session_dead("unknown")
    if preview:
        ctx.sealed = errors.only_a_preview()
    configuration = await ctx.find(configurations.KIND, session["configuration"])
    reason = death({**visit, "state": OPEN} if afterwards else visit, ctx.server_now)
    if reason is not None or configuration is None:
        raise await _dead(ctx, reason or "unknown", session, configuration, shown)
    customer = preview["customer"] if preview else await ctx.find("customer", session["customer"])
    if customer is None:
        raise await _dead(ctx, "unknown", session, configuration, shown)
    if visit["last_seen"] != ctx.server_now:
        first = visit["first_seen"] if visit["first_seen"] is not None else ctx.server_now
        ctx.put(KIND, changed(visit, first_seen=first, last_seen=ctx.server_now))
    shown_session = changed(session, flow=None) if visit["state"] == ARRIVED else session
    by_email = bool(visit.get("by_email"))
    return Visit(shown_session, configuration, customer, preview=bool(preview), by_email=by_email)


def belongs(visit: Visit, doc: Doc) -> bool:
    """Say whether a subscription or invoice is this visitor's, and of the account that the session names."""
    account = visit.session["on_behalf_of"]
    owner: bool = doc["customer"] == visit.customer["id"]
    return owner and (account is None or doc.get("on_behalf_of") == account)


async def own(ctx: Context, visit: Visit, id_: object) -> Doc:
    """Return this visitor's subscription; raises 404, with the same words for one that is another's."""
    found = await ctx.find("subscription", id_) if isinstance(id_, str) else None
    if found is None or not belongs(visit, found):
        raise errors.no_subscription(str(id_), "subscription", status=404)
    return found


async def complete(ctx: Context, shown: str, kind: str) -> None:
    """Write down that a link's flow is done; ``kind`` is that of its ``after_completion``."""
    visit = await ctx.need(KIND, fingerprint(urls.bare(shown)), "token")
    if visit["state"] == OPEN:
        ctx.put(KIND, changed(visit, state=AFTER_FLOW[kind]))


async def completed(ctx: Context, shown: str) -> bool:
    """Say whether a link's flow is done."""
    visit = await ctx.find(KIND, fingerprint(urls.bare(shown)))
    return visit is not None and visit["state"] != OPEN


async def account(ctx: Context, on_behalf_of: str | None = None) -> Doc | None:
    """Return the account whose business the pages speak for, with its brand."""
    return await brands.account(ctx, on_behalf_of)


def recoverable(session: Doc, now: int) -> bool:
    """Say whether the customer of a link that ran out may log in for another one (docs.stripe.com/changelog: endive).

    ``now`` in unix seconds; without a deadline it may be done at any time.
    """
    after: Doc | None = session.get("after_expiration")
    deadline = at(after, "customer_login.expires_at")
    return after is not None and (deadline is None or now < deadline)


def _login_url(ctx: Context, reason: str, session: Doc, configuration: Doc, shown: str) -> str | None:
    """Return where a dead link leads on: to a login for this very session, else to the configuration's, else nowhere."""
    if reason in {"idle", "unused"} and recoverable(session, ctx.server_now):
        return urls.login_url(ctx.base_url, urls.bare(shown), livemode=ctx.livemode)
    found: str | None = at(configuration, "login_page.url")
    return found


async def _dead(ctx: Context, reason: str, session: Doc, configuration: Doc | None, shown: str) -> StripeError:
    business = await account(ctx, session["on_behalf_of"])
    name = at(business, "business_profile.name") or at(business, "settings.dashboard.display_name")
    configuration = configuration or {}
    return errors.session_dead(
        reason,
        return_url=session["return_url"] or configuration.get("default_return_url"),
        login_url=_login_url(ctx, reason, session, configuration, shown),
        business_name=name,
    )
