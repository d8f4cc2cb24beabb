"""Decides what the same acts are called, and in which order they are asked for, in the two generations of the portal.

"b" is what most public suites on the real pages know, "c" the redesign seen since August 2026 as far as it is known
(facts portal 3.2-3.4, 3.11). "b-survey" is "b" as some accounts have it since 2026: the reasons of a cancellation are
asked over the page that confirms it. A generation is a row of words and switches here, never a page of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from emulator.kernel.documents import Doc
from portal_ui.i18n import Words
from portal_ui.server import PAGES
from portal_ui.session import Visit

SKINS = ("b", "b-survey", "c")
DEFAULT = "b"
Reasons = Literal["after", "on", "over"]  # where a cancellation's reasons are asked: after it, on its page or over it


@dataclass(frozen=True, slots=True)
class Skin:
    """One generation: its words; ``pages`` says that plans have pages of their own."""

    pages: bool
    reasons: Reasons
    update: str
    cancel: str
    cancel_heading: str
    cancel_eyebrow: str | None
    canceled: str
    canceled_badge: str
    renew: str
    renew_button: str
    renew_heading: str
    pause: str
    resume: str


def of(words: Words, visit: Visit, answer: Doc) -> Skin:
    """Return the generation that a page wears: the world's own, else the server's."""
    chosen = answer.get("skin")
    return named(words, chosen if chosen in SKINS else visit.request.app[PAGES].skin)


@lru_cache(256)
def named(words: Words, name: str) -> Skin:
    """Return a generation in a language."""
    if name == "c":
        return Skin(
            pages=True,
            reasons="on",
            update=words.gettext("Update plan"),
            cancel=words.gettext("Cancel plan"),
            cancel_heading=words.gettext("Review your changes"),
            cancel_eyebrow=None,
            canceled=words.gettext("Plan canceled"),
            canceled_badge=words.gettext("Canceled"),
            renew=words.gettext("Reactivate plan"),
            renew_button=words.gettext("Reactivate plan"),
            renew_heading=words.gettext("Review your changes"),
            pause=words.gettext("Pause plan"),
            resume=words.gettext("Resume plan"),
        )
    older = Skin(
        pages=False,
        reasons="after",
        update=words.gettext("Update subscription"),
        cancel=words.gettext("Cancel subscription"),
        cancel_heading=words.gettext("Confirm cancellation"),
        cancel_eyebrow=words.gettext("Cancel your subscription"),
        canceled=words.gettext("Subscription has been canceled"),
        canceled_badge=words.gettext("Cancels %(day)s"),
        renew=words.gettext("Don't cancel subscription"),
        renew_button=words.gettext("Renew subscription"),
        renew_heading=words.gettext("Renew your subscription"),
        pause=words.gettext("Pause subscription"),
        resume=words.gettext("Resume subscription"),
    )
    return replace(older, reasons="over") if name == "b-survey" else older
