"""Decides how the costs of a change are told: prorated lines in pairs, sums, what is paid from when on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.kernel.documents import Doc, at
from portal_ui import bills, history, prices
from portal_ui.i18n import Words
from portal_ui.session import Visit
from portal_ui.views.costs import CostLine, Costs
from portal_ui.views.shared import InfoRow


def costs(words: Words, told: Doc, heading: str) -> Costs:
    """Return how an invoice of a preview comes about; ``told`` is it with what its lines name."""
    return Costs(heading, tuple(lines(words, told)), bills.bill(words, told, payments=False).sums)


async def waiting(visit: Visit, words: Words, entry: Mapping[str, Any]) -> Costs | None:
    """Return how the next invoice of the overview's subscription comes about, when it bills a change as well."""
    if not entry.get("prorated"):
        return None
    found = (await visit.ask("portal:upcoming", subscription=entry["subscription"]["id"]))["upcoming"]
    return upcoming(words, found) if found else None


def upcoming(words: Words, told: Doc) -> Costs:
    """Return how the next invoice comes about."""
    day = words.long_day(told["invoice"]["created"])
    return costs(words, told, words.gettext("Your next invoice on %(date)s", date=day))


def lines(words: Words, told: Doc) -> Iterator[CostLine]:
    """Yield the lines, whole periods first: suites on the real pages read the plan's amount there.

    Credit and debit of an item whose quantity alone changes are one, as on the real pages.
    """
    waiting = sorted(told["invoice"]["lines"]["data"], key=lambda line: bool(_details(line).get("proration")))
    while waiting:
        line = waiting.pop(0)
        twin = next((other for other in waiting if _pair(line, other)), None)
        if twin is None:
            yield _line(words, line, told)
        else:
            waiting.remove(twin)
            yield _together(words, line, twin, told)


def _details(line: Doc) -> Doc:
    parent = line.get("parent") or {}
    return parent.get("subscription_item_details") or parent.get("invoice_item_details") or {}


def _pair(line: Doc, other: Doc) -> bool:
    """Say whether two lines are the credit and the debit of one item at one price."""
    one, two = _details(line), _details(other)
    if not (one.get("proration") and two.get("proration")) or line["amount"] * other["amount"] > 0:
        return False
    same = ("pricing.price_details.price", "period.start", "period.end")
    item = one.get("subscription_item")
    alike = all(at(line, path) == at(other, path) for path in same)
    return bool(item is not None and item == two.get("subscription_item") and alike)


def _product(line: Doc, told: Doc) -> str:
    return str(told["products"].get(at(line, "pricing.price_details.product")) or line.get("description") or "")


def _together(words: Words, credit: Doc, debit: Doc, told: Doc) -> CostLine:
    amount = credit["amount"] + debit["amount"]
    product, currency = _product(debit, told), told["invoice"]["currency"]
    name = (
        words.gettext("Prorated charge for %(product)s", product=product)
        if amount >= 0
        else words.gettext("Prorated credit for %(product)s", product=product)
    )
    counts = {"before": words.number(credit["quantity"]), "after": words.number(debit["quantity"])}
    return CostLine(name, words.gettext("Qty %(before)s → %(after)s", **counts), words.money(amount, currency))


def _line(words: Words, line: Doc, told: Doc) -> CostLine:
    product, amount = _product(line, told), words.money(line["amount"], told["invoice"]["currency"])
    period, count = line["period"], line.get("quantity")
    if not _details(line).get("proration"):
        detail = words.gettext("Qty %(number)s", number=words.number(count)) if count is not None else ""
        return CostLine(history.line_name(line, told["products"]), detail, amount)
    name = (
        words.gettext("Unused time on %(product)s", product=product)
        if line["amount"] < 0
        else words.gettext("Remaining time on %(product)s", product=product)
    )
    return CostLine(name, words.span(period["start"], period["end"]), amount)


def facts(words: Words, answer: Doc) -> tuple[InfoRow, ...]:
    """Return what is paid later: the next invoice where it bills more than the plan, and the plan from then on."""
    following, regular = answer["next"], answer["regular"]
    if following is None:
        return ()
    rows = []
    invoice = following["invoice"]
    if regular is not None and regular["invoice"]["id"] != invoice["id"]:
        label = words.gettext("Your next invoice on %(date)s", date=words.long_day(invoice["created"]))
        rows.append(InfoRow(label, (words.money(invoice["amount_due"], invoice["currency"]),)))
    steady = (regular or following)["invoice"]
    label = prices.pay_from(words, answer["price"]["recurring"], words.long_day(steady["created"]))
    return (*rows, InfoRow(label, (words.money(steady["total"], steady["currency"]),)))
