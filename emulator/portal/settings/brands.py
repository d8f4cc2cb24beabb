"""Decides whose brand the hosted pages wear, and with which pictures.

Source: docs.stripe.com/api/customer_portal/sessions (``on_behalf_of``), docs.stripe.com/get-started/account/branding;
facts portal 11, 12.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kernel.documents import at, patched
from emulator.resources import contents

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

SETTING = "branding"  # world setting: what the Dashboard keeps beside the account object
PICTURES = ("icon", "logo")
# The API's account has no fields for these two (facts portal 11); names and values are those of Checkout's
# `branding_settings`. They stand in the world's settings only.
STYLE = ("font_family", "border_style")
PICTURE_URL = "/portal-files/{file}"


async def account(ctx: Context, on_behalf_of: str | None = None) -> Doc | None:
    """Return the account whose brand is shown, as pages draw it.

    A picture is the address it can be had at, or None where its content is not here; ``font_family`` and
    ``border_style`` are members of the branding. Fields that the own account leaves empty are those of the world's
    settings. What a platform has said of its connected account goes before what is known in the account's own world.
    """
    found = await ctx.find("account", on_behalf_of or ctx.account)
    if found is None:
        return await account(ctx) if on_behalf_of and on_behalf_of != ctx.account else None
    branding: Doc = dict(at(found, "settings.branding") or {})
    if found["id"] == ctx.account:
        kept = ctx.settings.get(SETTING) or {}
        branding = {**{name: kept.get(name) for name in (*branding, *STYLE)}, **_given(branding)}
    for name in PICTURES:
        branding[name] = await _picture(ctx, branding.get(name))
    drawn = patched(found, {"settings": {"branding": branding}})
    introduced = await ctx.introduced() if found["id"] == ctx.account else None
    return drawn if introduced is None else patched(drawn, _said(introduced))


def letterhead(ctx: Context, account: Doc | None) -> Doc:
    """Return what a mail holds of its sender: ``business``, colours and logo, as they are when it is sent."""
    branding = at(account or {}, "settings.branding") or {}
    logo = branding.get("logo")
    return {
        "brand": {name: branding.get(name) for name in ("primary_color", "secondary_color")},
        "business": at(account or {}, "business_profile.name"),
        "logo": f"{ctx.base_url}{logo}" if isinstance(logo, str) and logo.startswith("/") else None,
    }


def _said(introduced: Doc) -> Doc:
    """Return what a platform's account object says of name, contact and brand (the Accounts API; facts portal 12)."""
    settings = introduced.get("settings") or {}
    return {
        "business_profile": _given(introduced.get("business_profile") or {}),
        "settings": {name: _given(settings.get(name) or {}) for name in ("branding", "dashboard")},
    }


def _given(branding: Doc) -> Doc:
    return {name: value for name, value in branding.items() if value is not None}


async def _picture(ctx: Context, file: object) -> object:
    """Return where a file's picture is; what is no file id (a world's own data address) stays."""
    if not (isinstance(file, str) and file.startswith("file_")):
        return file
    return PICTURE_URL.format(file=file) if await contents.is_picture(ctx, file) else None
