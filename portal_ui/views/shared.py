"""Decides what several pages are given: what stands around them, labels, ways on, forms."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Frame:
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


@dataclass(frozen=True, slots=True)
class Badge:
    """A small coloured label; ``day`` is put into ``text`` where it says ``%(day)s``."""

    text: str
    tone: str
    test_id: str
    day: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A way on."""

    url: str
    label: str


@dataclass(frozen=True, slots=True)
class Form:
    """Where a form goes and the code that proves it is ours."""

    action: str
    code: str


@dataclass(frozen=True, slots=True)
class InfoRow:
    """One line of the billing information: a label and its value's lines."""

    label: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MethodMenu:
    """What can be done with a payment method; ``id`` is its own, ``default`` the form that makes it the default."""

    id: str
    default: Form | None
    delete_url: str | None


@dataclass(frozen=True, slots=True)
class MethodRow:
    """One payment method."""

    mark: str
    title: str
    detail: str
    default: bool
    menu: MethodMenu | None = None
