"""Decides when a new subscription's trial and first period end, from the parameters that say so."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emulator.billing import backdating, errors, periods, selection, subscription_errors
from emulator.catalog.values import at_least, within
from emulator.kernel.errors import exclusive

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.billing.selection import Choice
    from emulator.kernel.documents import Doc

LONGEST_TRIAL = 730 * periods.DAY
# What an anchor configuration may say (facts billing 6.7).
CONFIGURED = {"day_of_month": (1, 31), "hour": (0, 23), "minute": (0, 59), "month": (1, 12), "second": (0, 59)}
WITHOUT_DAY_OF_MONTH = frozenset({"day", "week"})


class Terms(NamedTuple):
    """The instants of a subscription: ``trial_end`` is None without a trial; ``anchor`` may lie in the future.

    ``backdate`` is when it began in the past, if it did.
    """

    trial_end: int | None
    anchor: int
    config: Doc | None
    backdate: int | None = None

    def shortened(self, now: int) -> bool:
        """Say whether the first period is cut by an anchor in the future."""
        return self.trial_end is None and self.anchor > now


def terms(params: Doc, items: Sequence[Choice], now: int, *, flexible: bool = True) -> Terms:
    """Return the instants that the parameters of a create ask for (facts billing 6.2, 6.6, 6.7); ``now`` is in unix seconds.

    Raises the refusals of anchors that are over, too late, or given in two ways.
    """
    trial = trial_end(params, items, now)
    backdate = backdating.checked(params, now)
    config = params.get("billing_cycle_anchor_config")
    wanted = params.get("billing_cycle_anchor")
    if wanted is not None and config is not None:
        raise exclusive("billing_cycle_anchor", "billing_cycle_anchor_config")
    begin = now if trial is None or keeps_anchor(params.get("trial_settings")) else trial
    if config is not None:
        shown = {
            name: within(config, name, least, most, "billing_cycle_anchor_config")
            for name, (least, most) in CONFIGURED.items()
        }
        if any(one.recurring["interval"] in WITHOUT_DAY_OF_MONTH for one in items):
            raise subscription_errors.config_of_weeks()
        return Terms(trial, periods.configured_anchor(config, begin), shown)
    if wanted is None:
        # Flexible billing counts from where a backdated subscription began (facts billing 6.16).
        anchor = backdate if flexible and backdate is not None and trial is None else begin
        return Terms(trial, anchor, None, backdate)
    if wanted < now:
        raise errors.past_timestamp("billing_cycle_anchor", wanted)
    latest = selection.first_end(items, begin)
    if wanted > latest:
        raise errors.anchor_too_late(latest)
    return Terms(trial, wanted, None, backdate)


def keeps_anchor(settings: Doc | None) -> bool:
    """Say whether the end of a trial leaves the anchor where it is (``trial_settings``, docs.stripe.com 2026-09-30)."""
    behavior = (settings or {}).get("end_behavior") or {}
    return behavior.get("billing_cycle_anchor") == "unchanged"


def trial_end(params: Doc, items: Sequence[Choice], now: int) -> int | None:
    """Return when the trial ends; None without one, a trial of length zero is none.

    Raises the refusals of trials that are too long or given in two ways.
    """
    end, days = params.get("trial_end"), params.get("trial_period_days")
    if params.get("trial_from_plan"):
        if end is not None or days is not None:
            raise errors.trial_from_plan_conflict()
        days = max((one.recurring.get("trial_period_days") or 0 for one in items), default=0)
    if end is not None and days is not None:
        raise errors.trial_conflict()
    at_least(params, "trial_period_days", 0)
    if days is not None:
        if days * periods.DAY > LONGEST_TRIAL:
            raise errors.trial_too_long("trial_period_days")
        return now + days * periods.DAY if days else None
    if end is None or end == "now":
        return None
    return checked_trial_end(end, now)


def checked_trial_end(end: int, now: int) -> int | None:
    """Return an explicit ``trial_end`` after checking it.

    Raises the refusals of a past instant (unix seconds) and of one that is too far away.
    """
    if end < now:
        raise errors.past_timestamp("trial_end", end)
    if end > now + LONGEST_TRIAL:
        raise errors.trial_too_long("trial_end")
    return end if end > now else None
