"""Decides who may enter the portal without a link: whoever reads a code that is sent to the customer's address.

An address that nobody has is answered exactly as one that somebody has. Source:
docs.stripe.com/customer-management/activate-no-code-customer-portal; docs.stripe.com/changelog (endive/2026-10-28,
``after_expiration``); facts portal 13. How long codes are and live, and how often one may ask, are choices.
"""

from __future__ import annotations

import hmac
import re
from typing import TYPE_CHECKING, NamedTuple

from emulator.kernel.documents import changed
from emulator.kernel.ids import fingerprint
from emulator.portal import sessions, urls, visits
from emulator.portal.login import errors
from emulator.portal.settings import brands, configurations
from emulator.resources import mailbox
from emulator.store.port import Query

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

KIND = "_portal_login"  # one per code that was asked for, by the hash of its address's secret
MAIL = "login_code"
DIGITS, CODE_LENGTH = "0123456789", 6
SECRET_LENGTH = 32
CODE_SECONDS = 10 * 60
TRIES = 5  # of one code
# Codes sent, within how many seconds: to one address, and in a whole world.
PER_ADDRESS, ADDRESS_SECONDS = 5, 15 * 60
PER_WORLD, WORLD_SECONDS = 500, 60 * 60
KEPT_SECONDS = WORLD_SECONDS
LONGEST_ADDRESS = 512  # as the API's own
ACTIVE = frozenset({"active", "past_due", "trialing"})
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
NOTHING = {"after_expiration", "customer_account", "flow", "on_behalf_of", "return_url"}


class Door(NamedTuple):
    """What a login address leads to: a configuration's portal, or the session that ran out."""

    configuration: Doc
    session: Doc | None


async def page(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``portal:login`` (token): what the login page draws; raises 404."""
    return await _shown(ctx, await _door(ctx, params["token"]))


async def ask(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``portal:login_code`` (token, email, locale, language): send a code to a customer's address.

    ``locale`` is what the address of the page asked for, ``language`` that of the page. The answer's ``attempt`` is
    the secret of the page that takes the code, whether or not anybody has the address. Raises 429 for too many.
    """
    door = await _door(ctx, params["token"])
    email = params.get("email")
    if not isinstance(email, str) or len(email) > LONGEST_ADDRESS or not _EMAIL.fullmatch(email):
        raise errors.not_an_address()
    await _check_rates(ctx, email.lower())
    customer = await _customer(ctx, door, email)
    attempt, code = ctx.token(SECRET_LENGTH), ctx.token(CODE_LENGTH, DIGITS)
    locale = _locale(ctx, params.get("locale"))
    ctx.put(
        KIND,
        {
            "id": fingerprint(attempt),
            "object": KIND,
            "address": email.lower(),
            "code": _hashed(attempt, code),
            "configuration": door.configuration["id"],
            "created": ctx.server_now,
            "customer": customer["id"] if customer else None,
            "email": email,
            "locale": locale,
            "opened": None,
            "replaces": door.session["id"] if door.session else None,
            "tries": 0,
        },
    )
    shown = await _shown(ctx, door)
    if customer is not None:
        languages = (locale, *(customer.get("preferred_locales") or ()), params.get("language"))
        facts = {**brands.letterhead(ctx, shown["account"]), "code": code, "minutes": CODE_SECONDS // 60}
        # To the address that is known, not as it was typed: nobody else gets the code.
        mailbox.post(ctx, MAIL, customer["email"], locales=languages, facts=facts)
    return {**shown, "attempt": attempt}


async def attempted(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``portal:login_attempt`` (token, attempt): what the page that takes the code draws; raises 404.

    ``email`` is the address as it was typed, ``over`` why the code cannot be used any more: expired, locked or None.
    """
    door = await _door(ctx, params["token"])
    attempt = await _attempt(ctx, door, params.get("attempt"))
    return {**await _shown(ctx, door), "email": attempt["email"], "over": _over(attempt, ctx.server_now)}


async def enter(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``portal:login_finish`` (token, attempt, code): begin a session for whoever read the code.

    Returns its ``url``; the right code given again leads to the same session. Raises 400 for a code that is wrong,
    expired, or tried too often.
    """
    door = await _door(ctx, params["token"])
    secret = params.get("attempt")
    attempt = await _attempt(ctx, door, secret)
    over = _over(attempt, ctx.server_now)
    if over is not None:
        raise errors.code_expired() if over == "expired" else errors.no_more_tries()
    code = params.get("code")
    typed = re.sub(r"[\s-]", "", code) if isinstance(code, str) else ""
    customer = await ctx.find("customer", attempt["customer"] or "")
    right = hmac.compare_digest(_hashed(str(secret), typed), attempt["code"])
    if not right or customer is None:
        tries = attempt["tries"] + 1
        ctx.put(KIND, changed(attempt, tries=tries))
        raise errors.wrong_code(TRIES - tries) if tries < TRIES else errors.no_more_tries()
    opened = await ctx.find(sessions.KIND, attempt["opened"] or "")
    if opened is None:
        opened = _open(ctx, door, customer, attempt["locale"])
        ctx.put(KIND, changed(attempt, opened=opened["id"]))
    return {"url": opened["url"]}


def _open(ctx: Context, door: Door, customer: Doc, locale: str | None) -> Doc:
    """Begin a session: a new one, or one in the place of that which ran out."""
    if door.session is not None:
        again = {name: value for name, value in door.session.items() if name not in {"id", "object", "url"}}
        session, visit = sessions.opened(ctx, **again)
    else:
        session, visit = sessions.opened(
            ctx,
            configuration=door.configuration["id"],
            customer=customer["id"],
            locale=locale,
            **dict.fromkeys(NOTHING),
        )
    ctx.put(visits.KIND, changed(visit, by_email=True))
    return session


async def _door(ctx: Context, shown: object) -> Door:
    """Return what a login address leads to: the token is a configuration's, or that of a session to be replaced."""
    token = urls.bare(shown) if isinstance(shown, str) else ""
    visit = await ctx.find(visits.KIND, fingerprint(token))
    done = visit is None or visit["state"] == visits.COMPLETED
    session = None if visit is None or done else await ctx.find(sessions.KIND, visit["session"])
    if visit and session and visits.recoverable(session, ctx.server_now):
        if visit["state"] == visits.ARRIVED:
            session = changed(session, flow=None)
        configuration = await ctx.find(configurations.KIND, session["configuration"])
        if configuration is not None:
            return Door(configuration, session)
    for configuration in await ctx.select(configurations.KIND, active=True):
        own = configuration["login_page"]["url"] if configuration["login_page"]["enabled"] else None
        if own and hmac.compare_digest(urls.bare(own.rpartition("/")[2]).encode(), token.encode()):
            return Door(configuration, None)
    raise errors.no_such_page()


async def _shown(ctx: Context, door: Door) -> Doc:
    owner = door.session["on_behalf_of"] if door.session else None
    account = await visits.account(ctx, owner)
    return {"account": account, "configuration": door.configuration, "livemode": ctx.livemode, "session": door.session}


async def _customer(ctx: Context, door: Door, email: str) -> Doc | None:
    """Return who has an address: the session's own customer, else the newest one with an active subscription.

    Without any active subscription it is the newest (choice). Capitals do not matter (choice).
    """
    wanted = email.lower()

    def keep(customer: Doc) -> bool:
        return (customer.get("email") or "").lower() == wanted

    if door.session is not None:
        own = await ctx.find("customer", door.session["customer"])
        return own if own is not None and keep(own) else None
    found, _ = await ctx.page("customer", Query(keep=keep))
    for customer in found:
        for subscription in await ctx.select("subscription", customer=customer["id"]):
            if subscription["status"] in ACTIVE:
                return customer
    return found[0] if found else None


async def _attempt(ctx: Context, door: Door, secret: object) -> Doc:
    found = await ctx.find(KIND, fingerprint(secret)) if isinstance(secret, str) else None
    replaces = door.session["id"] if door.session else None
    if found is None or (found["configuration"], found["replaces"]) != (door.configuration["id"], replaces):
        raise errors.no_such_attempt()
    return found


def _over(attempt: Doc, now: int) -> str | None:
    """Return why a code cannot be used at ``now`` (unix seconds), None while it can."""
    if now - attempt["created"] >= CODE_SECONDS:
        return "expired"
    return "locked" if attempt["tries"] >= TRIES else None


def _hashed(attempt: str, code: str) -> str:
    """Return how a code is kept: with the secret of its page, so that the few codes there are cannot be tried out."""
    return fingerprint(f"{attempt}:{code}")


def _locale(ctx: Context, given: object) -> str | None:
    """Return a locale that sessions may have, None for any other."""
    shape = ctx.catalogue.node(ctx.catalogue.operations["PostBillingPortalSessions"].input)
    known: list[str] = ctx.catalogue.node(shape["p"]["locale"])["enum"]
    return given if isinstance(given, str) and given in known else None


async def _check_rates(ctx: Context, address: str) -> None:
    """Raise 429 when more codes were asked for than are sent: for one address, or in the whole world."""
    for most, seconds, where in (
        (PER_ADDRESS, ADDRESS_SECONDS, {"address": address}),
        (PER_WORLD, WORLD_SECONDS, {}),
    ):
        asked = await ctx.select(KIND, most, **where)
        if len(asked) == most and (left := asked[-1]["created"] + seconds - ctx.server_now) > 0:
            raise errors.too_many_codes(left)


def next_instant(attempt: Doc) -> int:
    """Return when an attempt is forgotten (unix seconds)."""
    instant: int = attempt["created"] + KEPT_SECONDS
    return instant


async def forget(ctx: Context, attempt: Doc) -> None:
    """Forget an attempt."""
    ctx.remove(KIND, attempt["id"])
