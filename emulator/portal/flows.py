"""Decides which flow a session may open straight into, and how the session says so.

Source: docs.stripe.com/customer-management/portal-deep-links; facts portal 1.7.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.kernel.errors import missing_param, one_of, unknown_param
from emulator.portal import errors, permissions, urls
from emulator.portal.permissions import Reason
from emulator.portal.subscriptions import subjects

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

    Check = Callable[[Context, Doc, Doc, Doc], Awaitable[Any]]

BRANCHES = ("subscription_cancel", "subscription_pause", "subscription_update", "subscription_update_confirm")
DEFAULT_COMPLETION = "portal_homepage"  # choice: what happens when after_completion is left out
MOST_ITEMS = 1
CONFIRM = "flow_data[subscription_update_confirm]"


async def flow(ctx: Context, data: Doc | None, configuration: Doc, customer: Doc) -> Doc | None:
    """Return the session's ``flow`` for ``flow_data``, all branches present and null but the one of its type.

    Raises E4-E9 and the refusals of missing, foreign and misplaced parts.
    """
    if data is None:
        return None
    kind = data["type"]
    for branch in BRANCHES:
        if branch == kind and data.get(branch) is None:
            raise missing_param(f"flow_data[{branch}]")
        if branch != kind and data.get(branch) is not None:
            raise unknown_param(f"flow_data[{branch}]")
    result: Doc = {
        "after_completion": _completion(data.get("after_completion")),
        "customer_update": None,
        **dict.fromkeys(BRANCHES),
        "type": kind,
    }
    branch_of = await CHECKS[kind](ctx, data.get(kind) or {}, configuration, customer)
    if kind in result:
        result[kind] = branch_of
    return result


def _completion(given: Doc | None) -> Doc:
    """Return ``after_completion`` with both branches present (facts portal 1.7)."""
    kind = given["type"] if given else DEFAULT_COMPLETION
    result: Doc = {"hosted_confirmation": None, "redirect": None, "type": kind}
    given = given or {}
    if kind == "redirect":
        param = "flow_data[after_completion][redirect]"
        if given.get("redirect") is None:
            raise missing_param(param)
        address = given["redirect"]["return_url"]
        urls.check_url(address, f"{param}[return_url]")
        result["redirect"] = {"return_url": address}
    if kind == "hosted_confirmation":
        message = (given.get("hosted_confirmation") or {}).get("custom_message")
        result["hosted_confirmation"] = {"custom_message": message}
    return result


async def _customer_update(ctx: Context, branch: Doc, configuration: Doc, customer: Doc) -> Doc:
    if not configuration["features"]["customer_update"]["enabled"]:
        raise errors.feature_disabled("customer", "updated", "customer update")
    return {}


async def _payment_method_update(ctx: Context, branch: Doc, configuration: Doc, customer: Doc) -> None:
    if not configuration["features"]["payment_method_update"]["enabled"]:
        raise errors.feature_disabled("customer's payment method", "updated", "payment method update")


async def _cancel(ctx: Context, branch: Doc, configuration: Doc, customer: Doc) -> Doc:
    param = "flow_data[subscription_cancel]"
    subject = await _subject(ctx, branch, configuration, customer, param)
    refuse(permissions.may_cancel(subject, configuration["features"]["subscription_cancel"]), subject, CANCEL)
    retention = branch.get("retention")
    if retention is not None:
        coupon = retention["coupon_offer"]["coupon"]
        await ctx.need("coupon", coupon, f"{param}[retention][coupon_offer][coupon]")
        retention = {"coupon_offer": {"coupon": coupon}, "type": retention["type"]}
    return {"retention": retention, "subscription": subject.subscription["id"]}


async def _pause(ctx: Context, branch: Doc, configuration: Doc, customer: Doc) -> Doc:
    subject = await _subject(ctx, branch, configuration, customer, "flow_data[subscription_pause]")
    refuse(permissions.may_pause(subject, configuration["features"]["subscription_pause"]), subject, PAUSE)
    return {"subscription": subject.subscription["id"]}


async def _update(ctx: Context, branch: Doc, configuration: Doc, customer: Doc) -> Doc:
    subject = await _subject(ctx, branch, configuration, customer, "flow_data[subscription_update]")
    refuse(permissions.may_update(subject, configuration["features"]["subscription_update"]), subject, UPDATE)
    return {"subscription": subject.subscription["id"]}


async def _confirm(ctx: Context, branch: Doc, configuration: Doc, customer: Doc) -> Doc:
    """Check a confirm flow: one item, a listed price, something that changes (E5, E9).

    What the customer could choose alone (allowed updates, tax behavior) does not bind the merchant's own link: choice.
    """
    subject = await _subject(ctx, branch, configuration, customer, CONFIRM)
    feature = configuration["features"]["subscription_update"]
    reason = permissions.may_update(subject, feature)
    refuse(None if reason is Reason.NOTHING_OFFERED else reason, subject, UPDATE)
    if not branch["items"]:
        raise missing_param(f"{CONFIRM}[items]")
    if len(branch["items"]) > MOST_ITEMS:
        raise errors.too_many(f"{CONFIRM}[items]", MOST_ITEMS)
    wanted = branch["items"][0]
    await _check_change(ctx, wanted, subject.items[0], feature, f"{CONFIRM}[items][0]")
    item = {"id": wanted["id"], "price": wanted.get("price")}
    if wanted.get("quantity") is not None:
        item["quantity"] = wanted["quantity"]
    discounts = await _discounts(ctx, branch.get("discounts"))
    return {"discounts": discounts, "items": [item], "subscription": subject.subscription["id"]}


async def _check_change(ctx: Context, wanted: Doc, item: Doc, feature: Doc, param: str) -> None:
    if wanted["id"] != item["id"]:
        raise errors.no_such_item(wanted["id"], f"{param}[id]")
    price, quantity = wanted.get("price"), wanted.get("quantity")
    if quantity is not None and quantity < 0:
        raise errors.negative(f"{param}[quantity]")
    if price is not None:
        await ctx.need("price", price, f"{param}[price]")
    same_price = price is None or price == item["price"]
    if same_price and quantity in {None, item.get("quantity")}:
        raise errors.nothing_to_confirm()
    listed = {price for entry in feature["products"] or [] for price in entry["prices"]}
    if not same_price and price not in listed:
        raise errors.price_not_listed(str(price), f"{param}[price]")


async def _discounts(ctx: Context, given: list[Doc] | None) -> list[Doc] | None:
    if given is None:
        return None
    stored = []
    for index, discount in enumerate(given):
        param = f"{CONFIRM}[discounts][{index}]"
        coupon, code = discount.get("coupon"), discount.get("promotion_code")
        if coupon is not None and code is not None:
            raise one_of("coupon", "promotion_code", param=param)
        if coupon is not None:
            await ctx.need("coupon", coupon, f"{param}[coupon]")
        if code is not None:
            await ctx.need("promotion_code", code, f"{param}[promotion_code]")
        stored.append({"coupon": coupon, "promotion_code": code})
    return stored


async def _subject(ctx: Context, branch: Doc, configuration: Doc, customer: Doc, param: str) -> permissions.Subject:
    id_, param = branch["subscription"], f"{param}[subscription]"
    subscription = await ctx.find("subscription", id_)
    if subscription is None or subscription["customer"] != customer["id"]:
        raise errors.no_subscription(id_, param)
    return await subjects.subject(ctx, subscription, configuration, customer)


# What the three acts are called in refusals: (done, name of the feature).
CANCEL = ("canceled", "subscription cancel")
PAUSE = ("paused", "subscription pause")
UPDATE = ("updated", "subscription update")


def refuse(reason: Reason | None, subject: permissions.Subject, act: tuple[str, str]) -> None:
    """Raise the answer of the API for why a subscription may not be changed; do nothing for None."""
    if reason is None:
        return
    done, feature = act
    subscription = subject.subscription
    if reason is Reason.FEATURE_DISABLED:
        raise errors.feature_disabled("subscription", done, feature)
    if reason is Reason.MULTIPLE_ITEMS:
        raise errors.several_items(subscription["id"])
    if act is CANCEL and reason is Reason.ALREADY_CANCELING:
        raise errors.already_canceling(subscription["id"])
    if act is CANCEL and reason is Reason.SCHEDULED:
        raise errors.managed_by_schedule(subscription["schedule"])
    raise errors.not_possible(done, reason)


CHECKS: Mapping[str, Check] = {
    "customer_update": _customer_update,
    "payment_method_update": _payment_method_update,
    "subscription_cancel": _cancel,
    "subscription_pause": _pause,
    "subscription_update": _update,
    "subscription_update_confirm": _confirm,
}
