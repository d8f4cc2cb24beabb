"""Decides what the owner's pages are given: settings of the portal, the brand, the customers."""

from __future__ import annotations

from dataclasses import dataclass

from portal_ui.views.registry import drawn_by
from portal_ui.views.shared import Badge, Form


@dataclass(frozen=True, slots=True)
class Tab:
    """One page of the Dashboard."""

    url: str
    label: str
    current: bool


@dataclass(frozen=True, slots=True)
class Shell:
    """What stands around a page of the Dashboard."""

    lang: str
    title: str
    business: str
    tabs: tuple[Tab, ...]
    mode: str
    key: str
    styles: tuple[str, ...]
    script: str


@dataclass(frozen=True, slots=True)
class Sample:
    """The small picture of the portal in the merchant's brand."""

    logo: str | None
    icon: str | None
    monogram: str
    business: str
    headline: str


@dataclass(frozen=True, slots=True)
class Setting:
    """Something to be switched on or chosen; ``name`` and ``value`` are what the form sends."""

    name: str
    value: str
    label: str
    hint: str
    on: bool


@dataclass(frozen=True, slots=True)
class FormPart:
    """One question of a form; ``shape`` is ``checks``, ``radios``, ``select``, ``color`` or a type of text box."""

    shape: str
    name: str
    label: str
    hint: str
    value: str
    limit: int | None
    options: tuple[Setting, ...]
    problem: str | None


@dataclass(frozen=True, slots=True)
class PlanSetting:
    """One product that customers may switch to: its prices, and whether and how far the quantity may change."""

    id: str
    name: str
    prices: tuple[Setting, ...]
    adjustable: bool
    minimum: str
    maximum: str


@dataclass(frozen=True, slots=True)
class SettingsSection:
    """One feature of the portal with its switch and what belongs to it."""

    id: str
    heading: str
    lead: str
    switch: Setting | None
    parts: tuple[FormPart, ...]
    plans: tuple[PlanSetting, ...]
    plans_problem: str | None


@dataclass(frozen=True, slots=True)
class ShareLink:
    """The link that needs no code: its address while it is on, and the form that switches it."""

    form: Form
    url: str | None


@drawn_by("dashboard_portal.html")
@dataclass(frozen=True, slots=True)
class PortalSettings:
    """``dashboard_portal.html``: the settings of the portal; ``preview`` when there is something saved to look at."""

    shell: Shell
    done: str | None
    problem: str | None
    saved: bool
    link: ShareLink
    form: Form
    sections: tuple[SettingsSection, ...]
    preview: Form | None
    sample: Sample
    branding_url: str


@dataclass(frozen=True, slots=True)
class BrandPicture:
    """A logo or an icon: the present one, and where another is chosen."""

    name: str
    label: str
    hint: str
    url: str | None
    problem: str | None


@drawn_by("dashboard_brand.html")
@dataclass(frozen=True, slots=True)
class BrandSettings:
    """``dashboard_brand.html``: the look of the hosted pages and what they say about the business."""

    shell: Shell
    done: str | None
    problem: str | None
    form: Form
    pictures: tuple[BrandPicture, ...]
    looks: tuple[FormPart, ...]
    details: tuple[FormPart, ...]
    sample: Sample


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """One customer; ``portal`` is the form that opens the portal for them, where that may be done."""

    name: str
    email: str
    id: str
    since: str
    badge: Badge | None
    portal: Form | None


@drawn_by("dashboard_customers.html")
@dataclass(frozen=True, slots=True)
class Customers:
    """``dashboard_customers.html``: a page of customers."""

    shell: Shell
    problem: str | None
    search: str
    search_url: str
    key: str
    count: str
    rows: tuple[CustomerRow, ...]
    empty: str
    earlier_url: str | None
    later_url: str | None
    demo_url: str
