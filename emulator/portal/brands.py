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
    settings.
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
    return patched(found, {"settings": {"branding": branding}})


def _given(branding: Doc) -> Doc:
    return {name: value for name, value in branding.items() if value is not None}


async def _picture(ctx: Context, file: object) -> object:
    """Return where a file's picture is; what is no file id (a world's own data address) stays."""
    if not (isinstance(file, str) and file.startswith("file_")):
        return file
    return PICTURE_URL.format(file=file) if await contents.is_picture(ctx, file) else None
