"""Decides what the owner's settings page of the portal shows and does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aiohttp import web

from emulator.kernel.errors import StripeError
from emulator.operations import owner as acts
from portal_ui import desk, render
from portal_ui.addresses import BRANDING, SETTINGS
from portal_ui.desk import Owner
from portal_ui.pages import dashboard_form as form
from portal_ui.pages import dashboard_sections
from portal_ui.pages.dashboard_sections import Sheet
from portal_ui.session import see_other
from portal_ui.views.dashboard import PortalSettings, ShareLink

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from portal_ui.hosted import Guest

DONE = "done"
LIVE_ADDRESS = "/settings/billing/portal"
SAVED, LINKED, UNLINKED = "saved", "link", "nolink"


async def settings(guest: Guest) -> web.Response:
    """Show the settings."""
    owner = await desk.owner(guest)
    answer = await owner.ask("dashboard:settings")
    return _page(owner, Sheet(owner.words, answer["configuration"], answer, answer["retention_coupon"]))


async def save(guest: Guest) -> web.Response:
    """Save the settings; what the API refuses stands at its field, with what was typed."""
    owner = await desk.owner(guest)
    fields = await owner.posted()
    answer = await owner.ask("dashboard:settings")
    draft = form.draft(fields, answer["configuration"], answer["plans"])
    coupon = fields.get(form.COUPON) or None
    try:
        await acts.save_portal(owner.guest.engine, owner.space, form.params(draft), coupon)  # type: ignore[arg-type]
    except StripeError as refusal:
        return _page(owner, Sheet(owner.words, draft, answer, coupon, refusal))
    return see_other(owner.url(SETTINGS, done=SAVED))


async def switch_link(guest: Guest) -> web.Response:
    """Activate or deactivate the link that needs no code."""
    owner = await desk.owner(guest)
    on = (await owner.posted()).get("enabled") == "true"
    await acts.switch_link(owner.guest.engine, owner.space, on=on)  # type: ignore[arg-type]
    return see_other(owner.url(SETTINGS, done=LINKED if on else UNLINKED))


async def preview(guest: Guest) -> web.Response:
    """Open the portal as customers see it, to look at only."""
    owner = await desk.owner(guest)
    await owner.posted()
    try:
        session = await owner.ask("dashboard:preview")
    except StripeError as refusal:
        answer = await owner.ask("dashboard:settings")
        sheet = Sheet(owner.words, answer["configuration"], answer, answer["retention_coupon"], refusal)
        return _page(owner, sheet)
    return see_other(urlsplit(session["url"]).path)


async def elsewhere(guest: Guest) -> web.Response:
    """Lead from the addresses that the API's messages name to the settings: /test/... is test mode, else live mode."""
    owner = await desk.owner(guest)
    if owner.key is None and guest.request.path == LIVE_ADDRESS:
        owner = replace(owner, key=desk.twin(owner.space.key))
    return see_other(owner.url(SETTINGS))


def _page(owner: Owner, sheet: Sheet) -> web.Response:
    words, answer = owner.words, sheet.answer
    drawn = dashboard_sections.sections(sheet)
    saved: Doc = answer["configuration"]
    page = PortalSettings(
        shell=owner.shell(answer["account"], words.gettext("Customer portal"), SETTINGS),
        done=_done(owner),
        problem=_problem(sheet),
        saved=answer["saved"],
        link=ShareLink(owner.form(SETTINGS + "/link"), saved["login_page"]["url"]),
        form=owner.form(SETTINGS),
        sections=drawn,
        preview=owner.form(SETTINGS + "/preview") if answer["saved"] else None,
        sample=desk.sample(words, answer["account"], sheet.draft),
        branding_url=owner.url(BRANDING),
    )
    return render.response(words, page, 200 if sheet.refusal is None else 400)


def _done(owner: Owner) -> str | None:
    words = owner.words
    told = {
        SAVED: words.gettext("Your settings have been saved."),
        LINKED: words.gettext("The link is active."),
        UNLINKED: words.gettext("The link has been deactivated."),
    }
    return told.get(owner.guest.request.query.get(DONE, ""))


def _problem(sheet: Sheet) -> str | None:
    """Return what stands above the form when it was refused: what the API says, at its field as well where there is one."""
    if sheet.refusal is None:
        return None
    return sheet.words.gettext("Nothing was saved. %(problem)s", problem=sheet.refusal.message)
