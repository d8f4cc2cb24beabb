"""Decides what the owner's customers page shows, and how a portal is opened from it and from the demo."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aiohttp import web

from emulator.kernel.errors import StripeError
from portal_ui import desk, render
from portal_ui.addresses import CUSTOMERS, DEMO
from portal_ui.desk import ACTOR, Owner
from portal_ui.hosted import nowhere
from portal_ui.server import PAGES
from portal_ui.session import see_other
from portal_ui.views.dashboard import CustomerRow, Customers
from portal_ui.views.shared import Badge

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from portal_ui.hosted import Guest

LONGEST = 200  # characters of a search
DEMO_WORLD, DEMO_CUSTOMER = "saas", "cus_demo"
SESSIONS = "PostBillingPortalSessions"
# The subscription that says most about a customer is told first.
RANKS = ("active", "trialing", "past_due", "unpaid", "paused", "incomplete", "canceled", "incomplete_expired")


async def customers(guest: Guest) -> web.Response:
    """Show a page of customers."""
    return await _shown(await desk.owner(guest))


async def open_portal(guest: Guest) -> web.Response:
    """Open a customer's portal, in test mode only (docs.stripe.com/customer-management: quick view).

    Raises the 403 of live mode.
    """
    owner = await desk.owner(guest)
    await owner.posted()
    if owner.space.livemode:
        raise StripeError("The portal cannot be opened for live mode customers.", status=403)
    # The way back names no key: the address is shown to whoever looks at the portal.
    back = {} if owner.key else {"return_url": owner.space.world.base_url + CUSTOMERS}
    try:
        session = await owner.ask(SESSIONS, customer=guest.part("customer"), **back)
    except StripeError as refusal:
        return await _shown(owner, refusal.message)
    return see_other(urlsplit(session["url"]).path)


async def demo(guest: Guest) -> web.Response:
    """Open the portal of a customer in a world of the visitor's own: ``world`` names it, ``key`` copies one's own."""
    pages = guest.request.app[PAGES]
    if pages.desk.demos is None:
        raise nowhere()
    if "key" in guest.request.query:
        space = await pages.desk.demos.copy((await desk.owner(guest)).space.key)
    else:
        space = await pages.desk.demos.open(guest.request.query.get("world", DEMO_WORLD))
    found = await pages.engine.run(space, "dashboard:sample", {"customer": DEMO_CUSTOMER}, actor=ACTOR)
    back = pages.engine.base_url + CUSTOMERS
    session = await pages.engine.run(space, SESSIONS, {"customer": found["id"], "return_url": back}, actor=ACTOR)
    return see_other(urlsplit(session["url"]).path)


async def _shown(owner: Owner, problem: str | None = None) -> web.Response:
    words, query = owner.words, owner.guest.request.query
    search = query.get("search", "")[:LONGEST]
    answer = await owner.ask("dashboard:customers", search=search, after=query.get("after"), before=query.get("before"))
    rows = answer["customers"]
    page = Customers(
        shell=owner.shell(answer["account"], words.gettext("Customers"), CUSTOMERS),
        problem=problem,
        search=search,
        search_url=CUSTOMERS,
        key=owner.key or "",
        count=words.ngettext("%(num)s customer", "%(num)s customers", answer["total"]),
        rows=tuple(_row(owner, row) for row in rows),
        empty=words.gettext("No customer matches.") if search else words.gettext("There are no customers yet."),
        earlier_url=_turned(owner, search, before=rows[0]["customer"]["id"])
        if rows and answer["has_earlier"]
        else None,
        later_url=_turned(owner, search, after=rows[-1]["customer"]["id"]) if rows and answer["has_more"] else None,
        demo_url=DEMO,
    )
    return render.response(words, page, 400 if problem else 200)


def _turned(owner: Owner, search: str, **cursor: str) -> str:
    return owner.url(CUSTOMERS, search=search, **cursor)


def _row(owner: Owner, row: Doc) -> CustomerRow:
    words, customer = owner.words, row["customer"]
    name = customer.get("name") or ""
    return CustomerRow(
        name or customer.get("email") or customer["id"],
        (customer.get("email") or "") if name else "",
        customer["id"],
        words.day(customer["created"]),
        _badge(owner, [one["status"] for one in row["subscriptions"]]),
        None if owner.space.livemode else owner.form(f"{CUSTOMERS}/{customer['id']}/portal"),
    )


def _badge(owner: Owner, statuses: list[str]) -> Badge | None:
    words = owner.words
    status = next((one for one in RANKS if one in statuses), None)
    said = {
        "active": (words.gettext("Active"), "ok"),
        "trialing": (words.gettext("Trial"), "info"),
        "past_due": (words.gettext("Past due"), "bad"),
        "unpaid": (words.gettext("Unpaid"), "bad"),
        "paused": (words.gettext("Paused"), "wait"),
        "incomplete": (words.gettext("Incomplete"), "wait"),
        "canceled": (words.gettext("Canceled"), "neutral"),
        "incomplete_expired": (words.gettext("Canceled"), "neutral"),
    }
    return Badge(*said[status], "customer-status") if status else None
