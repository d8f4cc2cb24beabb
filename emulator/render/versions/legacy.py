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
}
NUMBERS = frozenset({"iterations"})

Heard = list[tuple[str, int | None, str, Any]]  # list, place in it, name, value


def take(operation: str, raw: Doc, version: str | None) -> tuple[Doc, Heard]:
    """Return raw parameters without the old ones, and those; ``version`` None is a caller who names none."""
    heard: Heard = []
    if not any(path.partition("[")[0] in raw for path in LEGACY.get(operation, ())):
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
