"""Decides how discounts share out over lines: percent or amount, floored per line with the remainder on the last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.billing import proration
from emulator.billing.pricing import SCALE, scaled
from emulator.kernel import money

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_HUNDRED = 100 * SCALE


@dataclass(frozen=True, slots=True)
class Reduction:
    """One discount: either ``percent`` (scaled by 10^12) or ``amount_off`` (minor units) is not zero.

    ``products``: the products it applies to; None means all.
    """

    id: str
    percent: int = 0
    amount_off: int = 0
    products: frozenset[str] | None = None

    def covers(self, product: str | None) -> bool:
        """Say whether a line of ``product`` is reduced."""
        return self.products is None or product in self.products


def reduction(discount_id: str, coupon: Mapping[str, Any], currency: str) -> Reduction:
    """Return what a coupon takes off in ``currency``; an amount in another currency takes nothing."""
    applies = coupon.get("applies_to")
    products = frozenset(applies["products"]) if applies and applies.get("products") else None
    percent = coupon.get("percent_off")
    if percent is not None:
        return Reduction(discount_id, percent=scaled(str(percent)), products=products)
    if coupon.get("currency") == currency:
        return Reduction(discount_id, amount_off=coupon["amount_off"], products=products)
    option = (coupon.get("currency_options") or {}).get(currency) or {}
    return Reduction(discount_id, amount_off=option.get("amount_off") or 0, products=products)


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """Share ``total`` (at most their sum) over lines by weight: floor for each, the remainder on the last weighted line.

    500 over 1000 and 2000 is 166 and 334 (facts billing 7.2). What the last line cannot bear goes to the one before it.
    """
    whole = sum(weights)
    if whole == 0:
        return [0] * len(weights)
    shares = [total * weight // whole for weight in weights]
    rest = total - sum(shares)
    for index in range(len(weights) - 1, -1, -1):
        more = min(rest, weights[index] - shares[index])
        shares[index] += more
        rest -= more
    return shares


def taken(one: Reduction, amounts: Sequence[int]) -> list[int]:
    """Return what one discount takes off each of ``amounts`` (only positive ones are reduced, never below zero)."""
    weights = [max(0, amount) for amount in amounts]
    whole = sum(weights)
    total = money.round_half_up(whole * one.percent, _HUNDRED) if one.percent else one.amount_off
    return spread(min(total, whole), weights)


def stacked(reductions: Sequence[Reduction], amounts: Sequence[int], products: Sequence[str | None]) -> list[list[int]]:
    """Return, per discount, what it takes off each line; each works on what the ones before it left over."""
    left = list(amounts)
    result = []
    for one in reductions:
        masked = [amount if one.covers(product) else 0 for amount, product in zip(left, products, strict=True)]
        shares = taken(one, masked)
        left = [amount - share for amount, share in zip(left, shares, strict=True)]
        result.append(shares)
    return result


@dataclass(frozen=True, slots=True)
class Step:
    """What one discount takes off a whole period: ``percent`` (scaled by 10^12) of what is left, or ``off`` (scaled)."""

    id: str
    percent: int = 0
    off: int = 0


@dataclass(frozen=True, slots=True)
class Prorated:
    """The cost of a part of a period before and after discounts, and the share of each; signed like the cost."""

    gross: int
    net: int
    shares: tuple[int, ...]


def prorated(cost: int, whole: int, seconds: int, steps: Sequence[Step], *, sign: int = 1) -> Prorated:
    """Return what ``seconds`` out of ``whole`` seconds come to that cost ``cost`` (scaled) before discounts.

    Each step works on what those before it left. A percentage is taken of the rounded amount, of an amount off its part
    for the time is (facts billing 6.10). ``sign`` -1 makes a credit. The shares sum up to gross - net.
    """
    exact = cost
    gross = left = proration.part(sign * cost, whole, seconds)
    shares = []
    for step in steps:
        if step.percent:
            share = sign * money.round_half_up(abs(left) * step.percent, _HUNDRED)
            exact -= exact * step.percent // _HUNDRED
        else:
            after = max(0, exact - step.off)
            share = proration.part(sign * exact, whole, seconds) - proration.part(sign * after, whole, seconds)
            exact = after
        share = sign * min(abs(share), abs(left)) if share * sign > 0 else 0
        left -= share
        shares.append(share)
    return Prorated(gross, left, tuple(shares))


def credited(gross: int, shares: Sequence[int], start: int, end: int, at: int) -> Prorated:
    """Return what is given back from ``at`` on of [start, end), billed at ``gross`` less ``shares`` (minor units).

    What is given back in sum is rounded once; the last discount takes what rounding the others leaves.
    """
    net = proration.credit_of_billed(gross - sum(shares), start, end, at)
    if not shares:
        return Prorated(net, net, ())
    back = proration.credit_of_billed(gross, start, end, at)
    parts = [proration.credit_of_billed(one, start, end, at) for one in shares[:-1]]
    return Prorated(back, net, (*parts, back - net - sum(parts)))


def percent_text(percent: int) -> str:
    """Return a scaled percentage as Stripe prints it: "10.0", "33.333"."""
    whole, fraction = divmod(percent, SCALE)
    digits = f"{fraction:012d}".rstrip("0") or "0"
    return f"{whole}.{digits}"
