"""Decides what the owner's branding page shows and does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web
from aiohttp.web_request import FileField

from emulator.kernel.documents import at, patched
from emulator.kernel.errors import StripeError
from emulator.operations import owner as acts
from portal_ui import branding as brand
from portal_ui import csrf, desk, render
from portal_ui.addresses import BRANDING
from portal_ui.desk import Owner
from portal_ui.session import ForgedError, see_other
from portal_ui.views.dashboard import BrandPicture, BrandSettings, FormPart, Setting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.kernel.documents import Doc
    from emulator.operations.owner import Upload
    from portal_ui.hosted import Guest

MULTIPART = "multipart/form-data"
LARGEST = 4 * 1024 * 1024  # bytes of the whole form, so that what is too large is told at its field
DETAILS = ("name", "support_email", "support_phone", "support_url")
LOOKS = ("primary_color", "secondary_color")
STYLE = ("font_family", "border_style")


async def branding(guest: Guest) -> web.Response:
    """Show the brand."""
    owner = await desk.owner(guest)
    answer = await owner.ask("dashboard:settings")
    return _page(owner, answer, answer["account"], None)


async def save(guest: Guest) -> web.Response:
    """Save the brand; what is refused stands at its field."""
    owner = await desk.owner(guest)
    fields, pictures = await _posted(owner)
    answer = await owner.ask("dashboard:settings")
    style = {name: fields[name] for name in STYLE if name in fields}
    try:
        await acts.save_brand(owner.guest.engine, owner.space, _params(fields), pictures, style)  # type: ignore[arg-type]
    except StripeError as refusal:
        return _page(owner, answer, _typed(answer["account"], fields), refusal)
    return see_other(owner.url(BRANDING, done="saved"))


async def _posted(owner: Owner) -> tuple[dict[str, str], dict[str, Upload]]:
    """Return texts and chosen files of the form; raises ForgedError when it is not this Dashboard's."""
    request = owner.guest.request
    if request.content_type != MULTIPART or not 0 < (request.content_length or 0) <= LARGEST:
        raise ForgedError
    sent = await request.post()
    fields = {name: value for name, value in sent.items() if isinstance(value, str)}
    owner.proved(fields.get(csrf.FIELD))
    files = {
        name: acts.upload(value.filename, value.file.read())
        for name, value in sent.items()
        if name in acts.PICTURES and isinstance(value, FileField) and value.filename
    }
    return fields, files


def _params(fields: Mapping[str, str]) -> Doc:
    """Return the form as parameters of the API's account update."""
    profile = {name: fields[name].strip() for name in DETAILS if name in fields}
    plain = fields.get("default_colors") == "on"
    look = {name: "" if plain else fields[name] for name in LOOKS if name in fields}
    look |= {name: "" for name in acts.PICTURES if fields.get(f"remove.{name}") == "on"}
    return {"business_profile": profile, "settings": {"branding": look}}


def _typed(account: Doc, fields: Mapping[str, str]) -> Doc:
    """Return the account as the form describes it."""
    profile = {name: fields[name] for name in DETAILS if name in fields}
    look = {name: fields[name] for name in (*LOOKS, *STYLE) if name in fields}
    return patched(account, {"business_profile": profile, "settings": {"branding": look}})


def _page(owner: Owner, answer: Doc, account: Doc, refusal: StripeError | None) -> web.Response:
    words = owner.words
    told = words.gettext("Your brand has been saved.") if owner.guest.request.query.get("done") == "saved" else None
    problem = words.gettext("Nothing was saved. %(problem)s", problem=refusal.message) if refusal else None
    page = BrandSettings(
        shell=owner.shell(answer["account"], words.gettext("Branding"), BRANDING),
        done=told,
        problem=problem,
        form=owner.form(BRANDING),
        pictures=_pictures(owner, answer["account"], refusal),
        looks=(*_colours(owner, account, refusal), *_styles(owner, account, refusal)),
        details=_details(owner, account, refusal),
        sample=desk.sample(words, account, answer["configuration"]),
    )
    return render.response(words, page, 400 if refusal else 200)


def _said(refusal: StripeError | None, param: str) -> str | None:
    return refusal.message if refusal is not None and refusal.param == param else None


def _pictures(owner: Owner, account: Doc, refusal: StripeError | None) -> tuple[BrandPicture, ...]:
    words = owner.words
    hint = words.gettext("PNG, JPEG or GIF, at most 512 KB.")
    names = {"icon": words.gettext("Icon"), "logo": words.gettext("Logo")}
    hints = {
        "icon": words.gettext("A square, shown beside your name."),
        "logo": words.gettext("Shown in place of icon and name."),
    }
    return tuple(
        BrandPicture(name, label, f"{hints[name]} {hint}", brand.image(account, name),
                     _said(refusal, f"{acts.BRANDING}[{name}]"))
        for name, label in names.items()
    )  # fmt: skip


def _colours(owner: Owner, account: Doc, refusal: StripeError | None) -> tuple[FormPart, ...]:
    words = owner.words
    first, second = brand.colours(account)
    labels = {
        "primary_color": (words.gettext("Brand color"), words.gettext("The panel beside the portal."), first),
        "secondary_color": (words.gettext("Accent color"), words.gettext("Buttons and links."), second),
    }
    return tuple(
        FormPart("color", name, label, hint, value, None, (), _said(refusal, f"{acts.BRANDING}[{name}]"))
        for name, (label, hint, value) in labels.items()
    )


def _styles(owner: Owner, account: Doc, refusal: StripeError | None) -> tuple[FormPart, ...]:
    words = owner.words
    font, corners = brand.style(account)
    fonts = {
        "default": words.gettext("Sans serif"),
        "noto_serif": words.gettext("Serif"),
        "nunito": words.gettext("Round"),
        "ubuntu_mono": words.gettext("Monospace"),
    }
    shapes = {
        "rounded": words.gettext("Rounded"),
        "rectangular": words.gettext("Square"),
        "pill": words.gettext("Pill"),
    }

    def radios(name: str, label: str, options: dict[str, str], chosen: str) -> FormPart:
        drawn = tuple(Setting(name, value, text, "", value == chosen) for value, text in options.items())
        return FormPart("radios", name, label, "", chosen, None, drawn, _said(refusal, name))

    known = {**fonts, **({font: font.replace("_", " ").title()} if font not in fonts else {})}
    return (
        radios("font_family", words.gettext("Font"), known, font),
        radios("border_style", words.gettext("Corners"), shapes, corners),
    )


def _details(owner: Owner, account: Doc, refusal: StripeError | None) -> tuple[FormPart, ...]:
    words = owner.words
    labels = {
        "name": ("text", words.gettext("Business name")),
        "support_email": ("email", words.gettext("Support email")),
        "support_phone": ("tel", words.gettext("Support phone")),
        "support_url": ("url", words.gettext("Support website")),
    }
    return tuple(
        FormPart(shape, name, label, "", at(account, f"business_profile.{name}") or "", None, (),
                 _said(refusal, f"business_profile[{name}]"))
        for name, (shape, label) in labels.items()
    )  # fmt: skip
