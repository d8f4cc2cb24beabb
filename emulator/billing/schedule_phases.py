"""Decides what the phases of a schedule are: when each begins and ends, and what it makes of its subscription."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from emulator.billing import (
    automatic_tax,
    connect,
    errors,
    periods,
    schedule_errors,
    schedule_extras,
    selection,
    subscription_settings,
)
from emulator.kernel.durations import END_OF_TIME
from emulator.resources import updates

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

NO_TAX: Doc = {"disabled_reason": None, "enabled": False, "liability": None}
# What a phase says as its subscription would, and what a schedule's default_settings say for phases that do not.
SHARED = ("application_fee_percent", "billing_thresholds", "default_payment_method", "description", "on_behalf_of", "transfer_data")  # fmt: skip
INVOICE = ("account_tax_ids", "custom_fields", "description", "footer", "issuer")


def default_settings(ctx: Context, given: Doc | None) -> Doc:
    """Return ``default_settings`` of a new schedule."""
    blank: Doc = ctx.blank("subscription_schedule")["default_settings"]
    settings = {
        **blank,
        "automatic_tax": NO_TAX,
        "billing_cycle_anchor": "automatic",
        "collection_method": "charge_automatically",
        "invoice_settings": {**blank["invoice_settings"], "issuer": {"type": "self"}},
    }
    return with_settings(settings, given)


def with_settings(settings: Doc, given: Doc | None) -> Doc:
    """Return ``default_settings`` after those of an update."""
    if not given:
        return settings
    after = updates.merged(settings, given)
    return {**after, "automatic_tax": automatic_tax.of_subscription(after["automatic_tax"])}


class Owner(NamedTuple):
    """Whose phases are laid out: the customer, what the schedule says for phases that do not, and its billing mode."""

    customer: Doc
    settings: Doc
    mode: Doc


async def check_method(ctx: Context, customer: Doc, method: str | None, place: str) -> None:
    """Refuse a default payment method that is not there, or somebody else's."""
    if method is None:
        return
    found = await ctx.need("payment_method", method, place)
    if found["customer"] != customer["id"]:
        raise errors.foreign_payment_method(method, place)


async def laid_out(
    ctx: Context, owner: Owner, given: Sequence[Doc], start: int, known: Sequence[Doc] = ()
) -> list[Doc]:
    """Return the phases that ``phases`` asks for, the first from ``start`` (unix seconds), each where the last one ends.

    ``known``: phases of the schedule so far; their prices stay allowed when they were archived meanwhile. Raises the
    refusals of a gap between two phases and of too many to come.
    """
    result: list[Doc] = []
    begin = start
    for index, one in enumerate(given):
        wanted = instant(ctx, one.get("start_date"))
        if index and wanted is not None and wanted != begin:
            raise schedule_errors.gap(index)
        following = given[index + 1] if index + 1 < len(given) else {}
        phase = await _phase(ctx, owner, index, one, begin, instant(ctx, following.get("start_date")), known)
        _check_trial(index, phase)
        result.append(phase)
        begin = phase["end_date"]
    if sum(phase["end_date"] > ctx.now for phase in result) > schedule_errors.MOST_PHASES:
        raise schedule_errors.too_many_phases()
    return result


def instant(ctx: Context, value: int | str | None) -> int | None:
    """Return a time of a phase; "now" is this instant."""
    return ctx.now if value == "now" else value  # type: ignore[return-value]


async def _phase(
    ctx: Context, owner: Owner, index: int, given: Doc, begin: int, following: int | None, known: Sequence[Doc]
) -> Doc:  # fmt: skip
    used = {item["price"] for phase in known for item in phase["items"]}
    choices = await _choices(ctx, owner.mode, index, given, used)
    end = _end(ctx, index, given, begin, following, [one.recurring for one in choices])
    if end <= begin:
        raise schedule_errors.ends_before_start(index)
    if end > END_OF_TIME:
        raise schedule_errors.ends_too_late(index)
    trial = instant(ctx, given.get("trial_end"))
    extra = [item for phase in known for item in phase["add_invoice_items"]]
    had = [rate for phase in known for one in (phase, *phase["items"]) for rate in _rates(one)]
    await _check_collection(ctx, owner, given, f"phases[{index}]")
    phase: Doc = {
        **ctx.blank("subscription_schedule_phase_configuration"),
        **{name: given.get(name) for name in (*SHARED, "billing_cycle_anchor", "collection_method", "invoice_settings")},
        "add_invoice_items": await schedule_extras.laid_out(
            ctx, given.get("add_invoice_items"), f"phases[{index}][add_invoice_items]", extra
        ),
        "automatic_tax": _taxed(owner, given),
        "currency": choices[0].price["currency"],
        "default_tax_rates": await selection.tax_rates(
            ctx, given, "default_tax_rates", had, name="default_tax_rates"
        ),
        "discounts": await schedule_extras.holders(ctx, given.get("discounts"), f"phases[{index}][discounts]", minimum=index == 0),
        "end_date": end,
        "items": [
            await _item(ctx, one, f"phases[{index}][items][{place}]", had) for place, one in enumerate(choices)
        ],
        "metadata": updates.merge_map(None, given.get("metadata")),
        "proration_behavior": given.get("proration_behavior") or "create_prorations",
        "start_date": begin,
        "trial_end": end if given.get("trial") else trial,
    }  # fmt: skip
    if phase["invoice_settings"] is not None:
        whole = ctx.blank("invoice_setting_subscription_schedule_phase_setting")
        phase["invoice_settings"] = {**whole, **phase["invoice_settings"]}
    return phase


def _taxed(owner: Owner, given: Doc) -> Doc:
    """Return automatic tax of a phase: what it says, else what the schedule says for all (docs.stripe.com phases)."""
    wish = given.get("automatic_tax")
    settings: Doc = owner.settings["automatic_tax"]
    return settings if wish is None else automatic_tax.of_subscription(wish)


async def _check_collection(ctx: Context, owner: Owner, given: Doc, place: str) -> None:
    await check_method(ctx, owner.customer, given.get("default_payment_method"), f"{place}[default_payment_method]")
    await connect.check(ctx, given, place)
    await automatic_tax.check(ctx, owner.customer, _taxed(owner, given))
    method = given.get("collection_method") or owner.settings["collection_method"]
    days = (given.get("invoice_settings") or {}).get("days_until_due")
    if days is None:
        days = owner.settings["invoice_settings"].get("days_until_due")
    subscription_settings.check_collection(method, days if method == "send_invoice" else None, owner.customer)


async def _choices(ctx: Context, mode: Doc, index: int, given: Doc, used: set[str]) -> list[selection.Choice]:
    """Return the items of a phase; raises at once what would be refused of a subscription when the phase begins."""
    place = f"phases[{index}][items]"
    result = await selection.choices(ctx, given, place, used)
    subscription_settings.check_count(ctx, mode, len(result), place)
    selection.check_intervals([one.price for one in result], mode["type"], place)
    return result


def _rates(one: Doc) -> Sequence[Doc]:
    """Return the tax rates of a phase, or of an item of it."""
    return one.get("default_tax_rates") or one.get("tax_rates") or ()


async def _item(ctx: Context, one: selection.Choice, place: str, had: Sequence[Doc]) -> Doc:
    row: Doc = {
        "billing_thresholds": one.params.get("billing_thresholds"),
        "discounts": await schedule_extras.holders(ctx, one.params.get("discounts"), f"{place}[discounts]"),
        "metadata": updates.merge_map(None, one.params.get("metadata")),
        "price": one.price["id"],
        "tax_rates": await selection.tax_rates(ctx, one.params, f"{place}[tax_rates]", had),
    }
    if one.quantity is not None:
        row["quantity"] = one.quantity
    return row


def _end(
    ctx: Context, index: int, given: Doc, begin: int, following: int | None, recurrings: Sequence[Mapping[str, Any]]
) -> int:
    """Return when a phase ends: as it says, where the next one begins, or after one billing period.

    ``iterations`` counts billing periods; only versions before 2025-09-30 can say it.
    """
    end, duration, iterations = instant(ctx, given.get("end_date")), given.get("duration"), given.get("iterations")
    said = [name for name in ("duration", "end_date", "iterations") if given.get(name) is not None]
    if len(said) > 1:
        raise schedule_errors.two_ends(index, said[0], said[1])
    if end is not None:
        return end
    if duration is not None:
        return periods.plus(begin, duration["interval"], duration.get("interval_count") or 1)
    if following is not None and iterations is None:
        return following
    interval, count = periods.shortest(recurrings)
    return periods.plus(begin, interval, count * (iterations or 1))


def _check_trial(index: int, phase: Doc) -> None:
    trial = phase["trial_end"]
    if trial is not None and not phase["start_date"] <= trial <= phase["end_date"]:
        raise schedule_errors.trial_outside(index)


async def of_subscription(ctx: Context, subscription: Doc, end: int) -> Doc:
    """Return the one phase that ``from_subscription`` begins with: what the subscription is now, until ``end``."""
    rows = subscription["items"]["data"]
    settings = subscription["invoice_settings"]
    whole = ctx.blank("invoice_setting_subscription_schedule_phase_setting")
    days = subscription["days_until_due"]
    return {
        **ctx.blank("subscription_schedule_phase_configuration"),
        **{name: subscription[name] for name in SHARED},
        "automatic_tax": subscription["automatic_tax"],
        "collection_method": subscription["collection_method"],
        "currency": subscription["currency"],
        "default_tax_rates": subscription["default_tax_rates"],
        "discounts": _kept(subscription["discounts"]),
        "end_date": end,
        "invoice_settings": {**whole, "issuer": settings.get("issuer"), "days_until_due": days},
        "items": [_kept_item(row) for row in rows],
        "metadata": {},
        "proration_behavior": "create_prorations",
        "start_date": min(row["current_period_start"] for row in rows),
        "trial_end": subscription["trial_end"] if subscription["status"] == "trialing" else None,
    }


def _kept(discounts: Sequence[str]) -> list[Doc]:
    return [{"coupon": None, "discount": one, "promotion_code": None} for one in discounts]


def _kept_item(row: Doc) -> Doc:
    item = {
        "billing_thresholds": row["billing_thresholds"],
        "discounts": _kept(row["discounts"]),
        "metadata": row["metadata"],
        "price": row["price"],
        "tax_rates": row["tax_rates"],
    }
    return item if row.get("quantity") is None else {**item, "quantity": row["quantity"]}


def wishes(schedule: Doc, phase: Doc) -> Doc:
    """Return what a phase wants of its subscription besides items, as parameters of a subscription's update.

    What neither the phase nor the default settings say is left alone; discounts and tax rates are always the phase's.
    """
    defaults = schedule["default_settings"]
    result: Doc = {}
    for name in SHARED:
        value = phase[name] if phase[name] is not None else defaults[name]
        if value is not None:
            result[name] = value
    method = phase["collection_method"] or defaults["collection_method"] or "charge_automatically"
    settings = phase["invoice_settings"] or {}
    own = {name: settings.get(name) for name in (*INVOICE, "days_until_due")}
    invoice = {name: defaults["invoice_settings"].get(name) if value is None else value for name, value in own.items()}
    days = invoice.pop("days_until_due")
    result |= {"collection_method": method, "days_until_due": days if method == "send_invoice" else None}
    if any(value is not None for value in invoice.values()):
        result["invoice_settings"] = {name: value for name, value in invoice.items() if value is not None}
    if phase["metadata"]:
        result["metadata"] = phase["metadata"]
    result["automatic_tax"] = {name: phase["automatic_tax"][name] for name in ("enabled", "liability")}
    result["default_tax_rates"] = [one["id"] for one in phase["default_tax_rates"] or ()]
    result[selection.KNOWN_RATES] = True
    result["discounts"] = named(phase["discounts"])
    return result


def named(discounts: Sequence[Doc]) -> list[Doc]:
    """Return stored discounts as parameters name them."""
    return [{kind: value for kind, value in one.items() if value is not None} for one in discounts]


def item_params(item: Doc) -> Doc:
    """Return an item of a phase as a parameter of its subscription."""
    result: Doc = {
        "price": item["price"],
        selection.KNOWN: True,
        "tax_rates": [one["id"] for one in item["tax_rates"] or ()],
    }
    if item.get("quantity") is not None:
        result["quantity"] = item["quantity"]
    if item["metadata"]:
        result["metadata"] = item["metadata"]
    result["discounts"] = named(item["discounts"])
    return result


def matched(rows: Sequence[Doc], phase: Doc) -> list[Doc]:
    """Return the ``items`` of an update that makes a subscription's items those of a phase.

    An item of the same price stays; the others change their price in order, the surplus goes (choice: nobody recorded
    which item ids survive a phase).
    """
    left = {row["price"]: row["id"] for row in rows}
    here = [(item, left.pop(item["price"], None)) for item in phase["items"]]
    spare = list(left.values())
    result = []
    for item, known in here:
        identifier = known or (spare.pop(0) if spare else None)
        entry = item_params(item)
        result.append({"id": identifier, **entry} if identifier else entry)
    return result + [{"id": one, "deleted": True} for one in spare]
