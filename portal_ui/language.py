"""Decides how a reader changes the language of the pages: a menu, remembered in a cookie of this browser."""

from __future__ import annotations

from functools import lru_cache

from aiohttp import web
from markupsafe import Markup

from portal_ui.i18n import ALIASES, LOCALES

FIELD, COOKIE = "lang", "portal_language"
YEAR = 365 * 86_400
OPTION = Markup('<option value="{0}" lang="{0}"{2}>{1}</option>')


@lru_cache(256)
def menu(tag: str) -> Markup:
    """Return the options of the menu; that of ``tag``, or the one it is a variety of, is the chosen one."""
    own = ALIASES.get(tag, tag)
    chosen = own if own in LOCALES else own.partition("-")[0]
    return Markup("\n").join(
        OPTION.format(one, name, Markup(" selected") if one == chosen else "") for one, name in LOCALES.items()
    )


def remembered(request: web.Request) -> str | None:
    """Return the language that was chosen in this browser, None when none was."""
    tag = request.cookies.get(COOKIE)
    return tag if tag in LOCALES else None


def switched(request: web.Request) -> web.Response | None:
    """Return the way back to a page in the language that the menu sent, None when it sent none."""
    if request.method != "GET" or FIELD not in request.query:
        return None
    rest = [(name, value) for name, value in request.query.items() if name != FIELD]
    response = web.Response(status=303, headers={"Location": str(request.rel_url.with_query(rest))})
    tag = request.query[FIELD]
    if tag in LOCALES:
        response.set_cookie(COOKIE, tag, max_age=YEAR, path="/", httponly=True, samesite="Lax")
    return response
