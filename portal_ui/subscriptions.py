"""Decides how a subscription is told: its name, its price, what happens next and which acts are offered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from emulator.kernel.documents import Doc
from portal_ui import bidi, prices, reductions
from portal_ui.i18n import Words
from portal_ui.views.home import ItemLine, SubscriptionCard
from portal_ui.views.shared import Badge

if TYPE_CHECKING:
    from portal_ui.skins import Skin
    from portal_ui.views.costs import Costs

OVER = frozenset({"canceled", "incomplete_expired"})
CANCELS = "subscription-cancel-at-period-end-badge"
CHANGES = "subscription-scheduled-update-badge"  # choice: no suite on the real pages names it


def items(subscription: Doc) -> list[Doc]:
    """Return the items of a subscription."""
    return list((subscription.get("items") or {}).get("data") or ())


def _product(item: Doc) -> Doc:
    """Return the product of an item, wherever the answer holds it."""
    for found in (item.get("product"), item["price"].get("product")):
        if isinstance(found, dict):
            return found
    return {}


def product_name(item: Doc) -> str:
    """Return the name of an item's product."""
    return bidi.isolated(str(_product(item).get("name") or item["price"].get("nickname") or item["price"]["id"]))


def quantity(item: Doc) -> int:
    """Return the quantity of an item; usage-based items have none."""
    count = item.get("quantity")
    return 1 if count is None else int(count)


def times(item: Doc) -> str:
    """Return how many of an item there are, empty for one."""
    return f"(×{quantity(item)})" if quantity(item) != 1 else ""  # noqa: RUF001 - the sign the page prints


def name(words: Words, subscription: Doc) -> str:
    """Return the names of all products: ``A, B, and C``."""
    return words.listed([product_name(item) for item in items(subscription)])


def full_name(words: Words, subscription: Doc) -> str:
    """Return the names of all products with their quantities: ``Seats (×3) and Storage``."""  # noqa: RUF002 - as above
    return words.listed([f"{product_name(item)} {times(item)}".strip() for item in items(subscription)])


def price(words: Words, subscription: Doc) -> str:
    """Return the price line."""
    found = items(subscription)
    return prices.together(words, [(item["price"], quantity(item)) for item in found]) if found else ""


def period_end(subscription: Doc) -> int | None:
    """Return the end of the current period: items hold it, older shapes the subscription."""
    ends = [item["current_period_end"] for item in items(subscription) if item.get("current_period_end")]
    return max(ends) if ends else subscription.get("current_period_end")


def ends_at(subscription: Doc) -> int | None:
    """Return when a subscription will be canceled, None when it goes on; both billing modes are looked at."""
    if subscription["status"] in OVER:
        return None
    if subscription.get("cancel_at"):
        return int(subscription["cancel_at"])
    return period_end(subscription) if subscription.get("cancel_at_period_end") else None


def leaving(subscription: Doc) -> bool:
    """Say whether a subscription is canceled or will be."""
    return subscription["status"] == "canceled" or ends_at(subscription) is not None


def _status_badge(words: Words, subscription: Doc) -> Badge | None:
    status = subscription["status"]
    if status == "trialing" and subscription.get("trial_end"):
        day = words.short_day(subscription["trial_end"])
        return Badge(words.gettext("Trial ends %(day)s"), "info", "trial-ending-badge", day)
    if status == "active":
        return None
    told = {
        "past_due": (words.gettext("Past due"), "bad"),
        "unpaid": (words.gettext("Unpaid"), "bad"),
        "incomplete": (words.gettext("Incomplete"), "wait"),
        "paused": (words.gettext("Paused"), "wait"),
    }.get(status)
    return Badge(*told, f"subscription-{status.replace('_', '-')}-badge") if told else None


def badges(words: Words, subscription: Doc, canceled: str = "", scheduled: Doc | None = None) -> tuple[Badge, ...]:
    """Return the badges of a subscription; a coming end, in the words of ``canceled``, replaces the trial's.

    ``scheduled`` is what it will change to.
    """
    found = []
    end = ends_at(subscription)
    if end is not None:
        found.append(Badge(canceled or words.gettext("Cancels %(day)s"), "neutral", CANCELS, words.short_day(end)))
    status = _status_badge(words, subscription)
    if status and not (end is not None and subscription["status"] == "trialing"):
        found.append(status)
    if scheduled is not None:
        found.append(Badge(words.gettext("Changes %(day)s"), "info", CHANGES, words.short_day(scheduled["at"])))
    return tuple(found)


def change(words: Words, scheduled: Doc | None) -> str:
    """Return what a subscription will change to by itself, in a sentence; empty when it will not."""
    if scheduled is None:
        return ""
    return words.gettext(
        "It changes to %(plan)s, %(price)s, on %(date)s.",
        plan=f"{product_name(scheduled)} {times(scheduled)}".strip(),
        price=prices.in_words(words, scheduled["price"], quantity(scheduled)),
        date=words.long_day(scheduled["at"]),
    )


def sentence(words: Words, subscription: Doc, resumes_at: int | None = None) -> str:
    """Return what happens next, in a sentence; ``resumes_at`` is when a pause ends by itself."""
    end = ends_at(subscription)
    status = subscription["status"]
    if status in OVER:
        return ""
    if end is not None:
        return words.gettext("Your subscription will be canceled on %(date)s.", date=words.long_day(end))
    if status == "paused" and resumes_at is not None:
        return words.gettext(
            "This subscription is paused. You are not being charged. It continues on %(date)s.",
            date=words.long_day(resumes_at),
        )
    if status in ("past_due", "unpaid"):
        return words.gettext("Your last payment did not go through.")
    if status == "incomplete":
        return words.gettext("Your first payment has not been completed yet.")
    if status == "paused":
        return words.gettext("This subscription is paused. You are not being charged.")
    if status == "trialing" and subscription.get("trial_end"):
        return words.gettext("Your free trial ends on %(date)s.", date=words.long_day(subscription["trial_end"]))
    due = period_end(subscription)
    return words.gettext("Your subscription renews on %(date)s.", date=words.long_day(due)) if due else ""


def card(
    words: Words, entry: Mapping[str, Any], base: str, skin: Skin | None = None, costs: Costs | None = None
) -> SubscriptionCard:
    """Return the home page's card of one subscription; only permitted acts get an address.

    Where plans have pages of their own the card leads there, and the acts are there. ``costs`` are those of the next
    invoice when it bills a change too.
    """
    subscription = entry["subscription"]
    pages = skin is not None and skin.pages
    may = {} if pages else {**entry["permissions"], "resume": entry.get("resumable")}
    found = items(subscription)
    lines = (
        ItemLine(product_name(item), times(item), prices.in_words(words, item["price"], quantity(item)))
        for item in (found if len(found) > 1 else ())
    )
    here = f"{base}/subscriptions/{subscription['id']}"
    return SubscriptionCard(
        id=subscription["id"],
        name=name(words, subscription),
        quantity=times(found[0]) if len(found) == 1 else "",
        price=price(words, subscription),
        discounts=reductions.running(words, entry.get("discounts") or (), subscription.get("currency") or ""),
        figure=any(prices.fixed(item["price"], quantity(item)) is not None for item in found),
        items=tuple(lines),
        badges=badges(words, subscription, skin.canceled_badge if skin else "", entry.get("scheduled")),
        sentence=sentence(words, subscription, entry.get("resumes_at")),
        change=change(words, entry.get("scheduled")),
        change_url=f"{here}/update" if may.get("update") and entry.get("scheduled") else None,
        costs=costs,
        plan_url=here if pages else None,
        update_url=f"{here}/update" if may.get("update") else None,
        pause_url=f"{here}/pause" if may.get("pause") else None,
        resume_url=f"{here}/resume" if may.get("resume") else None,
        cancel_url=f"{here}/cancel" if may.get("cancel") else None,
        renew_url=f"{here}/renew" if may.get("renew") else None,
    )
