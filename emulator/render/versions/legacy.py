"""Decides which parameters that the newest version no longer has are still heard from older callers, and what they meant.

They are taken out before the check, which would refuse them, and put back after it for the behaviours that know them.
"""

from __future__ import annotations

from typing import Any

from emulator.kernel.documents import Doc
from emulator.render.versions.releases import rank
from emulator.spec import wording

# operation -> parameter ("[]" stands for every element of a list) -> the version that took it away
# (docs.stripe.com/changelog: basil/2025-03-31 deprecate-single-coupon, clover/2025-09-30 remove-iterations).
LEGACY: dict[str, dict[str, str]] = {
    "PostCustomers": {"coupon": "2025-03-31.basil"},
    "PostCustomersCustomer": {"coupon": "2025-03-31.basil"},
    "PostSubscriptionSchedules": {"phases[].iterations": "2025-09-30.clover"},
    "PostSubscriptionSchedulesSchedule": {"phases[].iterations": "2025-09-30.clover"},
    "PostSubscriptions": {},
    "PostSubscriptionsSubscriptionExposedId": {},
    "PostCustomersCustomerSubscriptions": {},
    "PostCustomersCustomerSubscriptionsSubscriptionExposedId": {},
    "PostSubscriptionItems": {},
    "PostSubscriptionItemsItem": {},
    "PostInvoicesCreatePreview": {},
}
_BEGINNINGS = {operation: frozenset(path.partition("[")[0] for path in paths) for operation, paths in LEGACY.items()}
# Where a plan is still taken for a price, by every version: not in the description, but in the official SDKs (stripe-python 16.1.0)
# and in the fixtures of the official command line (github.com/stripe-samples/test-data). No step stands for the parameters themselves.
PLANS: dict[str, tuple[tuple[str, ...], ...]] = {
    "PostSubscriptions": (("items",),),
    "PostSubscriptionsSubscriptionExposedId": (("items",),),
    "PostCustomersCustomerSubscriptions": (("items",),),
    "PostCustomersCustomerSubscriptionsSubscriptionExposedId": (("items",),),
    "PostSubscriptionItems": ((),),
    "PostSubscriptionItemsItem": ((),),
    "PostSubscriptionSchedules": (("phases", "items"),),
    "PostSubscriptionSchedulesSchedule": (("phases", "items"),),
    "PostInvoicesCreatePreview": (("subscription_details", "items"), ("schedule_details", "phases", "items")),
}
LISTS = frozenset({"items", "phases"})
NUMBERS = frozenset({"iterations"})

Heard = list[tuple[str, int | None, str, Any]]  # list, place in it, name, value


def words(operation: str) -> frozenset[str]:
    """Return the parameters of an operation in which something old may be said."""
    return _BEGINNINGS.get(operation, frozenset()) | {(*steps, "plan")[0] for steps in PLANS.get(operation, ())}


def take(operation: str, raw: Doc, version: str | None) -> tuple[Doc, Heard]:
    """Return raw parameters without the old ones, and those; ``version`` None is a caller who names none."""
    heard: Heard = []
    for place in PLANS.get(operation, ()):
        raw = _priced(raw, place)
    if _BEGINNINGS[operation].isdisjoint(raw):
        return raw, heard
    for path, gone in LEGACY.get(operation, {}).items():
        if version is not None and rank(version) >= rank(gone):
            continue
        holder, _, name = path.rpartition("[].")
        if not holder:
            if name in raw:
                heard.append(("", None, name, raw[name]))
                raw = {key: value for key, value in raw.items() if key != name}
            continue
        elements = raw.get(holder)
        if isinstance(elements, dict):
            elements = list(elements.values())
        if isinstance(elements, list):
            heard += [
                (
                    holder,
                    place,
                    name,
                    _number(one[name], f"{holder}[{place}][{name}]") if name in NUMBERS else one[name],
                )
                for place, one in enumerate(elements)
                if isinstance(one, dict) and name in one
            ]
            kept = [
                {key: value for key, value in one.items() if key != name} if isinstance(one, dict) else one
                for one in elements
            ]
            raw = {**raw, holder: kept}
    return raw, heard


def _priced(raw: Doc, place: tuple[str, ...]) -> Doc:
    """Return raw parameters with plans called prices at a place, where no price is named."""
    if not place:
        renamed = "plan" in raw and "price" not in raw
        return {("price" if key == "plan" else key): value for key, value in raw.items()} if renamed else raw
    name, rest = place[0], place[1:]
    held = raw.get(name)
    if name not in LISTS:
        return {**raw, name: _priced(held, rest)} if isinstance(held, dict) else raw
    elements = list(held.values()) if isinstance(held, dict) else held
    if not isinstance(elements, list):
        return raw
    priced = elements
    for index, one in enumerate(elements):
        said = _priced(one, rest) if isinstance(one, dict) else one
        if said is not one:
            priced = [*priced[:index], said, *priced[index + 1 :]]
    return raw if priced is elements else {**raw, name: priced}


def _number(value: Any, param: str) -> int:
    if isinstance(value, int) or (isinstance(value, str) and value.isdigit()):
        return int(value)
    raise wording.invalid_integer(value, param)


def put_back(params: Doc, heard: Heard) -> Doc:
    """Return checked parameters with the old ones in their places."""
    for holder, place, name, value in heard:
        if place is None:
            params = {**params, name: value or None}
        else:
            elements = list(params[holder])
            elements[place] = {**elements[place], name: value}
            params = {**params, holder: elements}
    return params
