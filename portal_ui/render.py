"""Decides how a page context becomes HTML: Jinja, everything escaped, every name known, compiled once per machine."""

from __future__ import annotations

import re
from dataclasses import fields
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from portal_ui.i18n import Words
from portal_ui.views.registry import TEMPLATES
from portal_ui.views.shared import Badge

FOLDER = Path(__file__).parent / "templates"
WORDS = "words"
_POSTS = re.compile(r'<form(?=[^>]*method="post")')


@pass_context
def _gettext(context: Context, message: str) -> str:
    return context[WORDS].gettext(message)  # type: ignore[no-any-return]


@pass_context
def _ngettext(context: Context, one: str, many: str, num: int) -> str:
    return context[WORDS].ngettext(one, many, num)  # type: ignore[no-any-return]


def _dated(badge: Badge) -> Markup:
    """Return a badge's text with its day in an element of its own."""
    text = Markup("%s") % badge.text
    return Markup(str(text).replace("%(day)s", str(Markup("<span>%s</span>") % badge.day)))  # noqa: S704 - both parts escaped


def _inert_when(content: str, preview: bool) -> str:
    """Return the inside of a page; in a preview no form that would change something can be used."""
    return Markup(_POSTS.sub("<form inert", content)) if preview else content  # noqa: S704 - drawn already


def _cache() -> FileSystemBytecodeCache | None:
    """Return a cache of compiled templates in the user's own temporary folder, None where there is none."""
    try:
        return FileSystemBytecodeCache()
    except (RuntimeError, OSError):
        return None


@cache
def environment() -> Environment:
    """Return the template environment."""
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=_cache(),
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_callables(_gettext, _ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.filters["dated"] = _dated
    made.filters["inert_when"] = _inert_when
    return made


def html(words: Words, page: Any) -> str:
    """Return the page as HTML; ``page`` is of a class that a template draws."""
    context = {field.name: getattr(page, field.name) for field in fields(page)}
    return environment().get_template(TEMPLATES[type(page)]).render(context, **{WORDS: words})


@lru_cache(256)
def encoded(words: Words, page: Any) -> bytes:
    """Return the page as it is sent.

    What a template may use is all in ``page``: the same page is the same text, and a reload is not set again.
    """
    return html(words, page).encode()


def response(words: Words, page: Any, status: int = 200) -> web.Response:
    """Return the page as an answer."""
    return web.Response(
        status=status,
        body=encoded(words, page),
        headers={"Content-Type": "text/html; charset=utf-8", "Content-Language": words.tag, "Vary": "Accept-Language"},
    )
