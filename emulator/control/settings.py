"""Decides which settings of an account can be read and changed from outside: what Stripe keeps in its Dashboard."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple, get_args

from emulator.billing import dunning
from emulator.control import errors
from emulator.kernel import durations
from emulator.kernel.documents import Doc, patched
from emulator.operations.engine import Engine
from emulator.operations.space import Space
from emulator.render import versions
from emulator.webhooks import retries

BEHAVIORS = ("allow_incomplete", "error_if_incomplete", "pending_if_incomplete")  # of a change in the portal
IN_ACCOUNT = ("icon", "logo", "primary_color", "secondary_color")  # the account's own fields of its branding
OF_ACCOUNT = ("country", "default_currency")  # settings that the account says by the same name
OVERDUE_ACTS = ("cancel", "unpaid", "past_due")


class Setting(NamedTuple):
    """One setting or member of one: what it decides, what a value must be, and which values are that."""

    words: str
    wanted: str
    fits: Callable[[Any], bool]
    members: Mapping[str, Setting] = MappingProxyType({})
    whole: bool = False  # all members are needed


def _one_of(words: str, *values: str | None) -> Setting:
    *most, last = ("null" if value is None else value for value in values)
    return Setting(
        words,
        f"{', '.join(most)} or {last}",
        lambda value: (value is None or isinstance(value, str)) and value in values,
    )


def _flag(words: str) -> Setting:
    return Setting(words, "true or false", lambda value: isinstance(value, bool))


def _text(words: str, wanted: str = "a text", *, null: bool = False) -> Setting:
    return Setting(
        words,
        wanted + (" or null" if null else ""),
        lambda value: (null and value is None) or (isinstance(value, str) and bool(value)),
    )


def _days(words: str) -> Setting:
    return Setting(words, "a number of days or null", lambda value: value is None or _is_days(value))


def _object(words: str, *, null: bool = False, whole: bool = False, **members: Setting) -> Setting:
    wanted = "an object or null" if null else "an object"
    return Setting(words, wanted, lambda value: isinstance(value, dict) or (null and value is None), members, whole)


def _is_days(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 365


def _is_country(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 2 and value.isalpha() and value.isupper()


def _is_currency(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 3 and value.isalpha() and value.islower()


SETTINGS: Final[Mapping[str, Setting]] = MappingProxyType({
    "country": Setting("where the business is", "a country of two capital letters", _is_country),
    "default_currency": Setting("what amounts are in where nothing else says so", "a currency of three small letters", _is_currency),
    "default_api_version": Setting(
        "the version of calls and webhooks that name none; without it the newest", "a known API version or null",
        lambda value: value is None or (isinstance(value, str) and versions.known(value)),
    ),
    "business_name": _text("the name on pages, invoices and mail"),
    "branding": _object("icon, logo, colours, font and shape of the hosted pages"),
    "statement_descriptor": _text("what bank statements say", null=True),
    "email_receipts": _flag("customers are mailed a receipt of what they paid, and paid invoices get a receipt number"),
    "dunning": _object(
        "what follows when a renewal cannot be paid",
        retry_days=Setting(
            "the days between one attempt and the next; [3, 5, 7] without it", "a list of days",
            lambda value: isinstance(value, list) and all(map(_is_days, value)),
        ),
        then=_one_of("what becomes of the subscription when the last attempt has failed; cancel without it", *get_args(dunning.End)),
        pause_after_first=_flag("the subscription pauses when the first attempt has failed"),
        resume=_one_of(
            "a subscription that paused so runs again when that invoice is paid or written off: at its old billing date (unchanged) or at "
            "a new one (now); without it your application resumes it", "unchanged", "now", None,
        ),
    ),
    "upcoming_invoice_days": _days("`invoice.upcoming` is announced so many days before a renewal; not at all without it"),
    "will_be_due_days": _days("`invoice.will_be_due` is announced so many days before an invoice is due; not at all without it"),
    "overdue_days": _days("`invoice.overdue` is announced so many days after an invoice was due; at once without it"),
    "overdue_then": _object(
        "what becomes of a subscription whose invoice stays unpaid", null=True, whole=True,
        days=Setting("so many days after it was due", "a number of days", _is_days),
        act=_one_of("what happens then", *OVERDUE_ACTS),
    ),
    "tax_behavior": _one_of("of prices that do not say it, for automatic tax; exclusive without it", "exclusive", "inclusive", None),
    "webhook_retries": Setting("the waiting times between attempts of a delivery", "a list of durations", lambda _: True),
    "restricted_keys": _object("the permissions of each rk_test_ key; a key that is not named may do everything"),
    "portal_default_configuration": _flag("whether the owner has saved the portal's settings; without it sessions need a configuration"),
    "portal_tax_behavior_rule": _one_of(
        "which prices the portal offers: those of the same tax behaviour, those that say one, or any", "equal", "specified", "any",
    ),
    "portal_return_url_required": _flag("sessions need a return address, as they did in 2022"),
    "portal_payment_behavior": _one_of("what a change in the portal does when it cannot be paid", *BEHAVIORS),
    "portal_retention_coupon": _text("the coupon that the portal offers to whom cancels", "the id of a coupon", null=True),
    "portal_skin": _one_of(
        "the generation of the portal's pages, `b-survey` the one that asks why before a cancellation is confirmed; without it that of the server",
        "b", "b-survey", "c", None,
    ),
    "payment_methods": _object("`custom`: types of payment methods of your own, each with `type` and `display_name`"),
    "emails": _object(
        "what else customers are mailed; nothing without it",
        failed_payments=_flag("a payment that nobody watched has failed"),
        refunds=_flag("money was given back"),
        trial_ending=_flag("a free trial ends soon"),
        upcoming_renewals=_flag("a subscription renews soon (`upcoming_invoice_days`)"),
    ),
})  # fmt: skip


def change(space: Space, body: Doc) -> Doc:
    """Merge ``body`` into the settings of a world and return them all; raises 400 and changes nothing for a bad one."""
    check(body, space.settings)
    merged = patched(space.settings, body)
    space.settings.update(merged)
    return dict(space.settings)


def check(body: Doc, held: Doc) -> None:
    """Raise 400 for settings that are not among those ``held`` or have no value that they can have."""
    names = sorted({*SETTINGS, *held})
    if unknown := [name for name in body if name not in names]:
        raise errors.unknown_members(unknown, names)
    for name, value in body.items():
        if name == retries.SETTING:
            _check_delays(name, value)
        elif name in SETTINGS:
            _check(name, SETTINGS[name], value)


async def shown(engine: Engine, space: Space, body: Doc) -> None:
    """Let the account object say what was just set of it: pages, invoices and mail read name and brand there."""
    said: Doc = {name: body[name] for name in OF_ACCOUNT if name in body}
    if "business_name" in body:
        said |= {
            "business_profile": {"name": body["business_name"]},
            "settings": {"dashboard": {"display_name": body["business_name"]}},
        }
    look = {name: value for name, value in (body.get("branding") or {}).items() if name in IN_ACCOUNT}
    if look:
        said = patched(said, {"settings": {"branding": look}})
    if not said:
        return
    async with engine.store.begin(space.store_name) as unit:
        account = await unit.get("account", space.account)
        if account is not None:
            unit.put("account", patched(account, said))
        await unit.commit()


def _check(name: str, setting: Setting, value: Any) -> None:
    if not setting.fits(value):
        raise errors.bad_value(name, setting.wanted)
    if setting.members and value is not None:
        if unknown := [member for member in value if member not in setting.members]:
            raise errors.bad_value(name, f"an object of {', '.join(setting.members)}, without {unknown[0]}")
        if setting.whole and (absent := [member for member in setting.members if member not in value]):
            raise errors.missing(f"{name}.{absent[0]}")
        for member, inner in value.items():
            _check(f"{name}.{member}", setting.members[member], inner)


def _check_delays(name: str, value: Any) -> None:
    try:
        retries.delays({name: value})
    except ValueError as error:
        raise errors.ControlError(str(error), param=name, hint=durations.HINT) from None
