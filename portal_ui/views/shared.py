"""Decides what several pages are given: what stands around them, labels, ways on, forms."""

from __future__ import annotations

from typing import NamedTuple

from markupsafe import Markup


class Frame(NamedTuple):
    """What stands around every page."""

    lang: str
    title: str
    business: str
    monogram: str
    logo: str | None
    icon: str | None
    headline: str
    home_url: str | None
    return_url: str | None
    return_label: str
    terms_url: str | None
    privacy_url: str | None
    learn_more_url: str | None
    test_mode: bool
    preview: bool
    languages: Markup
    styles: tuple[str, ...]
    script: str


class Badge(NamedTuple):
    """A small coloured label; ``day`` is put into ``text`` where it says ``%(day)s``."""

    text: str
    tone: str
    test_id: str
    day: str = ""


class Link(NamedTuple):
    """A way on."""

    url: str
    label: str


class Form(NamedTuple):
    """Where a form goes and the code that proves it is ours."""

    action: str
    code: str


class InfoRow(NamedTuple):
    """One line of the billing information: a label and its value's lines."""

    label: str
    lines: tuple[str, ...]


class MethodMenu(NamedTuple):
    """What can be done with a payment method; ``id`` is its own, ``default`` the form that makes it the default."""

    id: str
    default: Form | None
    delete_url: str | None


class MethodRow(NamedTuple):
    """One payment method."""

    mark: str
    title: str
    detail: str
    default: bool
    menu: MethodMenu | None = None
