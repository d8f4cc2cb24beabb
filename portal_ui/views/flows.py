"""Decides what the pages between and after the acts of a flow are given."""

from __future__ import annotations

from dataclasses import dataclass

from portal_ui.views.home import Reasons
from portal_ui.views.registry import drawn_by
from portal_ui.views.shared import Badge, Form, Frame, InfoRow, Link


@drawn_by("offer.html")
@dataclass(frozen=True, slots=True)
class Offer:
    """``offer.html``: a coupon instead of a cancellation; prices are empty where they depend on usage."""

    frame: Frame
    heading: str
    lead: str
    name: str
    price: str
    before: str
    term: str
    note: str
    form: Form
    decline_url: str
    back_url: str | None


@drawn_by("reason.html")
@dataclass(frozen=True, slots=True)
class Reason:
    """``reason.html``: why somebody canceled, asked where there is no home page to ask on."""

    frame: Frame
    reasons: Reasons
    lead: str


@drawn_by("done.html")
@dataclass(frozen=True, slots=True)
class Completed:
    """``done.html``: what was done, the merchant's own words, and the way on: a link elsewhere or a button."""

    frame: Frame
    heading: str
    message: str | None
    facts: tuple[InfoRow, ...]
    link: Link | None
    label: str | None
    button: Link | None


@drawn_by("plan.html")
@dataclass(frozen=True, slots=True)
class Plan:
    """``plan.html``: one plan with what can be done about it."""

    frame: Frame
    heading: str
    price: str
    discounts: tuple[str, ...]
    badges: tuple[Badge, ...]
    sentence: str
    facts: tuple[InfoRow, ...]
    update: Link | None
    acts: tuple[Link, ...]
    back_url: str
