"""Decides how the basket of a Checkout session is told: what it is called, its lines, its sums, what may be changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from emulator.kernel.documents import Doc
from emulator.kernel.money import decimals
from portal_ui import frame, prices
from portal_ui.i18n import Words
from portal_ui.views.bills import Sum
from portal_ui.views.checkout import Amount, Code, Order, OrderLine, Rate
from portal_ui.views.shared import Form

SUBSCRIPTION, SETUP = "subscription", "setup"
RANGE = " \u2013 "  # an en dash, between the least and the most


def order(
    words: Words, answer: Doc, adjust: Form, typed: Mapping[str, str], problems: Mapping[str, str]
) -> Order | None:
    """Return what is bought, None where only a payment method is saved; ``problems`` are those of a refused change."""
    session = answer["session"]
    if session["mode"] == SETUP:
        return None
    amount, note = _headline(words, answer)
    return Order(
        title=title(words, answer),
        amount=amount,
        note=note,
        lines=tuple(_line(words, item, typed, problems) for item in answer["items"]),
        sums=tuple(_sums(words, answer)),
        adjust=adjust,
        code=Code(tuple(answer["codes"]), typed.get("promotion_code", ""), problems.get("promotion_code"))
        if session["allow_promotion_codes"]
        else None,
        rates=_rates(words, answer),
    )


def title(words: Words, answer: Doc) -> str:
    """Return what the whole is called: ``Subscribe to Team``, ``Pay Acme``, the name of the only thing."""
    items, session = answer["items"], answer["session"]
    names = words.listed([item["description"] or "" for item in items])
    if session["mode"] == SUBSCRIPTION:
        names = words.listed([item["description"] or "" for item in items if item["price"]["recurring"]])
        if _free_days(answer) is not None:
            return words.gettext("Try %(products)s", products=names)
        return words.gettext("Subscribe to %(products)s", products=names)
    if len(items) == 1:
        return names
    business = frame.business_name(answer["account"])
    return words.gettext("Pay %(business)s", business=business) if business else names


def _free_days(answer: Doc) -> int | None:
    """Return how long a trial is in days, None without one."""
    trial: Doc = answer["trial"]
    if trial["days"]:
        return int(trial["days"])
    if trial["end"]:
        return int(-(-(trial["end"] - answer["session"]["created"]) // 86_400))
    return None


def _headline(words: Words, answer: Doc) -> tuple[str, str]:
    """Return the largest figure and what stands under it."""
    session = answer["session"]
    total = words.money(session["amount_total"], session["currency"])
    if session["mode"] != SUBSCRIPTION:
        return total, ""
    recurring = [(item["price"], item["quantity"] or 1) for item in answer["items"] if item["price"]["recurring"]]
    later = prices.together(words, recurring)
    days = _free_days(answer)
    if days is not None:
        free = words.ngettext("%(num)s day free", "%(num)s days free", days)
        return free, words.gettext("Then %(price)s", price=later) if later else ""
    return later or total, ""


def _line(words: Words, item: Doc, typed: Mapping[str, str], problems: Mapping[str, str]) -> OrderLine:
    price, count = item["price"], item["quantity"]
    told = []
    if price["recurring"]:
        told.append(prices.in_words(words, price, 1))
    elif count is not None and count > 1:
        each = prices.fixed(price, 1)
        told.append(words.gettext("%(price)s each", price=words.money(each, price["currency"])) if each else "")
    bounds, asked = item["adjustable_quantity"], price.get("custom_unit_amount")
    if asked and asked["minimum"] and asked["maximum"]:
        told.append(RANGE.join(words.money(asked[name], price["currency"]) for name in ("minimum", "maximum")))
    if count is not None and not (bounds or count == 1):
        told.insert(0, words.gettext("Qty %(number)s", number=words.number(count)))
    return OrderLine(
        name=item["description"] or "",
        detail=" · ".join(part for part in told if part),
        amount=words.money(item["amount_subtotal"], item["currency"]),
        quantity=_chosen(words, item, typed, problems) or _amount(words, item, bounds, typed, problems),
    )


def minor(text: str, currency: str) -> int | None:
    """Return a typed amount in minor units, None for what is none: decimals by comma or point, as many as there are."""
    plain = text.strip().replace(",", ".")
    whole, _, part = plain.partition(".")
    places = decimals(currency)
    digits = whole + part
    if not (digits.isascii() and digits.isdecimal() and len(part) <= places and len(whole) < 10):
        return None
    scale: int = 10**places
    return int(whole or "0") * scale + int(part.ljust(places, "0") or "0")


def _major(amount: int, currency: str) -> str:
    places = decimals(currency)
    return str(Decimal(amount).scaleb(-places)) if places else str(amount)


def _chosen(words: Words, item: Doc, typed: Mapping[str, str], problems: Mapping[str, str]) -> Amount | None:
    """Return the field in which the customer chooses what they pay, None for a price that is fixed."""
    asked, currency = item["price"].get("custom_unit_amount"), item["currency"]
    if not asked:
        return None
    each = item["amount_subtotal"] // (item["quantity"] or 1)
    return Amount(
        item=item["id"],
        name="amount",
        handle="line-item-custom-amount",
        label=words.gettext("Amount"),
        value=typed.get(item["id"], _major(each, currency) if each else ""),
        minimum=_major(asked["minimum"] or 0, currency),
        maximum=_major(asked["maximum"], currency) if asked["maximum"] else "",
        step=_major(1, currency),
        problem=problems.get(item["id"]),
    )


def _amount(
    words: Words, item: Doc, bounds: Doc | None, typed: Mapping[str, str], problems: Mapping[str, str]
) -> Amount | None:
    if not bounds:
        return None
    text = typed.get(item["id"], "")
    wished = int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else item["quantity"]
    return Amount(
        item=item["id"],
        name="quantity",
        handle="line-item-quantity",
        label=words.gettext("Quantity"),
        value=str(wished),
        minimum=str(max(1, bounds["minimum"])),
        maximum=str(bounds["maximum"]),
        step="1",
        problem=problems.get(item["id"]),
    )


def _sums(words: Words, answer: Doc) -> Iterator[Sum]:
    session = answer["session"]
    details = session["total_details"]

    def amount(minor: int) -> str:
        return words.money(minor, session["currency"])

    yield Sum(words.gettext("Subtotal"), amount(session["amount_subtotal"]), strong=False)
    for one in details["breakdown"]["discounts"]:
        label = answer["codes"][0] if answer["codes"] else words.gettext("Discount")
        yield Sum(label, amount(-one["amount"]), strong=False)
    if answer["shipping_rates"]:
        yield Sum(words.gettext("Shipping"), amount(details["amount_shipping"]), strong=False)
    for one in details["breakdown"]["taxes"]:
        rate = one["rate"]
        percent = words.percent(Decimal(str(rate["percentage"])))
        name = rate["display_name"] or words.gettext("Tax")
        yield Sum(
            words.gettext("%(name)s (%(percent)s)", name=name, percent=percent), amount(one["amount"]), strong=False
        )
    today = session["mode"] == SUBSCRIPTION
    label = words.gettext("Total due today") if today else words.gettext("Total due")
    yield Sum(label, amount(session["amount_total"]), strong=True)


def _rates(words: Words, answer: Doc) -> tuple[Rate, ...]:
    session = answer["session"]
    chosen = (session["shipping_cost"] or {}).get("shipping_rate")
    return tuple(
        Rate(
            one["id"],
            one["name"] or words.gettext("Shipping"),
            words.money(one["amount"], session["currency"]) if one["amount"] else words.gettext("Free"),
            one["id"] == chosen,
        )
        for one in answer["shipping_rates"]
    )
