"""Decides what stands around a page: the merchant's name, colours and links, and the way back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from emulator.kernel.documents import Doc, at
from portal_ui import assets, branding, i18n, language
from portal_ui.i18n import Words
from portal_ui.views.shared import Frame

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
# Where the real footer leads who wants to know more; privacy where the merchant names no page of its own.
LEARN_MORE = "https://stripe.com/billing"
PRIVACY = "https://stripe.com/privacy"
_RUNNABLE = frozenset({"javascript", "data", "vbscript", "blob", "file"})


def safe_url(url: Any) -> str | None:
    """Return ``url`` when following it runs nothing; apps' own schemes are allowed as return addresses."""
    if not isinstance(url, str):
        return None
    match = _SCHEME.match(url.strip())
    return url if match and match[1].lower() not in _RUNNABLE else None


def words_for(answer: Mapping[str, Any], accept: str) -> Words:
    """Return the language of a page from what an operation answered and what the browser asks for."""
    session, customer = answer.get("session") or {}, answer.get("customer") or {}
    return i18n.words(i18n.choose(session.get("locale"), customer.get("preferred_locales") or (), accept))


def business_name(account: Doc) -> str:
    """Return the public name of an account, or an empty text."""
    names = (at(account, path) for path in ("business_profile.name", "settings.dashboard.display_name", "company.name"))
    return next((name for name in names if isinstance(name, str) and name), "")


def _headline(words: Words, configuration: Doc, business: str) -> str:
    own = at(configuration, "business_profile.headline")
    if own:
        return str(own)
    if business:
        # docs.stripe.com/customer-management/configure-portal: the default headline.
        return words.gettext("%(business)s partners with Stripe for simplified billing.", business=business)
    return words.gettext("Manage your billing")


def _sheets(*, hosted: bool) -> tuple[str, ...]:
    """Return the style sheets of a page; those outside of the portal have one more."""
    names = ("portal.css", "hosted.css") if hosted else ("portal.css",)
    return tuple(assets.url(name) for name in names)


def drawn(
    words: Words,
    *,
    title: str,
    account: Doc,
    configuration: Doc,
    return_url: Any,
    home_url: str | None,
    test: bool = True,
    headline: bool = True,
    preview: bool = False,
) -> Frame:
    """Return a frame from the documents it shows; without ``headline`` for pages that are not the portal's.

    ``preview`` is for an owner who only looks: forms are drawn inert.
    """
    business = business_name(account)
    label = words.gettext("Return to %(business)s", business=business) if business else words.gettext("Return")
    profile = configuration.get("business_profile") or {}
    return Frame(
        lang=words.tag,
        title=title,
        business=business,
        monogram=(business or "S")[0].upper(),
        logo=branding.image(account, "logo"),
        icon=branding.image(account, "icon"),
        headline=_headline(words, configuration, business) if headline else "",
        home_url=home_url,
        return_url=safe_url(return_url),
        return_label=label,
        terms_url=safe_url(profile.get("terms_of_service_url")),
        privacy_url=safe_url(profile.get("privacy_policy_url")) or (PRIVACY if headline else None),
        learn_more_url=LEARN_MORE if headline else None,
        test_mode=test,
        preview=preview,
        languages=language.menu(words.tag),
        styles=(*_sheets(hosted=not headline), assets.PREFIX + branding.sheet_name(account)),
        script=assets.url("portal.js"),
    )


def of_answer(words: Words, answer: Mapping[str, Any], title: str, home_url: str) -> Frame:
    """Return the frame of a page that an operation answered for."""
    session, configuration = answer["session"], answer["configuration"]
    return drawn(
        words,
        title=title,
        account=answer["account"],
        configuration=configuration,
        # docs.stripe.com/api/customer_portal/sessions: the session's own address goes before the default.
        return_url=answer.get("return_url") or session.get("return_url") or configuration.get("default_return_url"),
        home_url=home_url,
        test=not session.get("livemode", False),
        preview=bool(answer.get("preview")),
    )
