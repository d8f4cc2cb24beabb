"""Decides which settings of an account can be read and changed from outside: what Stripe keeps in its Dashboard."""

from __future__ import annotations

from typing import Any

from emulator.control import errors
from emulator.kernel import durations
from emulator.kernel.documents import Doc, patched
from emulator.operations.space import Space, default_settings
from emulator.render import versions
from emulator.webhooks import retries

MORE = (retries.SETTING,)
TAX_RULES = ("equal", "specified", "any")  # which prices the portal offers
SKINS = (None, "b", "c")
BEHAVIORS = ("allow_incomplete", "error_if_incomplete", "pending_if_incomplete")  # of a change in the portal


def change(space: Space, body: Doc) -> Doc:
    """Merge ``body`` into the settings of a world and return them all; raises 400 and changes nothing for a bad one."""
    defaults = default_settings()
    names = sorted({*defaults, *space.settings, *MORE})
    if unknown := [name for name in body if name not in names]:
        raise errors.unknown_members(unknown, names)
    for name, value in body.items():
        _check(name, value, defaults.get(name))
    merged = patched(space.settings, body)
    space.settings.update(merged)
    return dict(space.settings)


def _check(name: str, value: Any, default: Any) -> None:
    if name == retries.SETTING:
        try:
            retries.delays({name: value})
        except ValueError as error:
            raise errors.ControlError(str(error), param=name, hint=durations.HINT) from None
    elif name == "portal_skin":
        if value not in SKINS:
            raise errors.bad_value(name, "b, c or null")
    elif name == "portal_tax_behavior_rule":
        if value not in TAX_RULES:
            raise errors.bad_value(name, "one of " + ", ".join(TAX_RULES))
    elif name == "portal_payment_behavior":
        if value not in BEHAVIORS:
            raise errors.bad_value(name, "one of " + ", ".join(BEHAVIORS))
    elif name == "portal_retention_coupon":
        if value is not None and not (isinstance(value, str) and value):
            raise errors.bad_value(name, "the id of a coupon or null")
    elif name == "default_api_version":
        if value is not None and not (isinstance(value, str) and versions.known(value)):
            raise errors.bad_value(name, "a known API version or null")
    elif isinstance(default, bool):
        if not isinstance(value, bool):
            raise errors.bad_value(name, "true or false")
    elif isinstance(default, dict):
        if not isinstance(value, dict):
            raise errors.bad_value(name, "an object")
    elif name in {"country", "default_currency"}:
        wanted = (2, str.isupper, "a country of two capital letters") if name == "country" else _CURRENCY
        if not isinstance(value, str) or len(value) != wanted[0] or not wanted[1](value) or not value.isalpha():
            raise errors.bad_value(name, wanted[2])
    elif isinstance(default, str) and (not isinstance(value, str) or not value):
        raise errors.bad_value(name, "a text")


_CURRENCY = (3, str.islower, "a currency of three small letters")
