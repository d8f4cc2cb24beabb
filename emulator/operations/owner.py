"""Decides what the owner's forms do: the API's own operations on the default configuration and the account, and settings.

The settings of a world are what Stripe keeps in its Dashboard only; they are set when the operation is done.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from emulator.kernel.errors import StripeError, invalid_request
from emulator.operations import connected, files
from emulator.portal import dashboard
from emulator.portal.settings import brands
from emulator.portal.subscriptions import retention
from emulator.resources import contents

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.kernel.documents import Doc
    from emulator.operations.engine import Engine
    from emulator.operations.space import Space
    from emulator.resources.context import Context

Upload = contents.Upload  # a chosen file, as `save_brand` takes it
ACTOR = "dashboard"
PORTAL, ACCOUNT = "PostBillingPortalConfigurationsConfiguration", "PostAccountsAccount"
BRANDING = "settings[branding]"
PICTURES = brands.PICTURES
COLOURS = ("primary_color", "secondary_color")
FONTS = ("default", "noto_serif", "nunito", "ubuntu_mono")  # of Checkout's `font_family`: one of each kind
CORNERS = ("rounded", "rectangular", "pill")  # Checkout's `border_style`
STYLES = {"font_family": FONTS, "border_style": CORNERS}
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def _checked(engine: Engine, operation: str, params: Doc) -> Doc:
    """Return parameters checked as those of an operation of the API; raises its refusals."""
    result: Doc = engine.checkers.operation(engine.operations[operation].input)(params)
    return result


def upload(filename: str, content: bytes) -> Upload:
    """Return a chosen file as `save_brand` takes it."""
    return Upload.of(filename, content)


async def save_portal(engine: Engine, space: Space, params: Doc, retention_coupon: str | None = None) -> Doc:
    """Save the portal's settings and return the default configuration, made when there was none.

    ``params`` are those of the API's update, as they come from a form. Raises the API's refusals; nothing is stored then.
    """
    asked = {"configuration": _checked(engine, PORTAL, params), "retention_coupon": retention_coupon}
    saved = await engine.run(space, "dashboard:save", asked, actor=ACTOR)
    space.settings[dashboard.SAVED] = True
    space.settings[retention.SETTING] = retention_coupon
    return saved


async def switch_link(engine: Engine, space: Space, *, on: bool) -> Doc:
    """Activate or deactivate the login page; returns the default configuration, made when there was none."""
    params = {"login_page": {"enabled": on}}
    return await save_portal(engine, space, params, space.settings.get(retention.SETTING))


async def save_brand(
    engine: Engine, space: Space, params: Doc, pictures: Mapping[str, Upload], style: Mapping[str, str]
) -> Doc:
    """Save the brand and return the account.

    ``params`` are those of the API's account update, ``pictures`` new files for ``icon`` and ``logo``, ``style`` the
    ``font_family`` and ``border_style``. Raises refusals; nothing is stored then.
    """
    checked = _checked(engine, ACCOUNT, params)
    _check_style(style, space.settings.get(brands.SETTING) or {})
    saved = await engine.run(space, "dashboard:save_brand", {"account": checked, "pictures": pictures}, actor=ACTOR)
    # What the account says from now on stands in the account; the settings keep what it has no fields for.
    space.settings[brands.SETTING] = {**_no_colours(space.settings.get(brands.SETTING)), **style}
    return saved


async def apply_brand(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """``dashboard:save_brand`` (account, pictures): store new pictures as files and name them in the account."""
    branding: Doc = {**((params["account"].get("settings") or {}).get("branding") or {})}
    for name in COLOURS:
        if branding.get(name) is not None and not _COLOUR.fullmatch(branding[name]):
            raise no_colour(name)
    for name, upload in params["pictures"].items():
        if len(upload.content) > contents.MOST_KEPT or contents.picture_type(upload.content) is None:
            raise no_picture(name)
    for name, upload in params["pictures"].items():
        file = await files.create(ctx, {}, {"file": upload, "purpose": f"business_{name}"})
        branding[name] = file["id"]
    settings = {**(params["account"].get("settings") or {}), "branding": branding}
    return await connected.update(ctx, {"account": ctx.account}, {**params["account"], "settings": settings})


def _check_style(style: Mapping[str, str], present: Mapping[str, Any]) -> None:
    """Refuse what is neither offered nor, from a world file, there already."""
    for name, value in style.items():
        if value not in STYLES.get(name, ()) and value != present.get(name):
            raise invalid_request(f"Invalid {name}: must be one of {', '.join(STYLES.get(name, ()))}", param=name)


def _no_colours(settings: Any) -> Doc:
    kept: Doc = dict(settings or {})
    return {**kept, **dict.fromkeys((*COLOURS, *PICTURES))}


def no_colour(name: str) -> StripeError:
    """Build the refusal of a colour that is none; words are a choice."""
    return invalid_request("Invalid color: must be six hexadecimal digits after #.", param=f"{BRANDING}[{name}]")


def no_picture(name: str) -> StripeError:
    """Build the refusal of an upload that cannot be shown; words are a choice."""
    return invalid_request(
        f"The file must be a PNG, JPEG or GIF image of at most {contents.MOST_KEPT // 1024} KB.",
        param=f"{BRANDING}[{name}]",
    )
