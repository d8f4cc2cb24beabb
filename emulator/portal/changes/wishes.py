"""Decides what a customer asks a subscription to become, and whether that may be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emulator.billing import selection
from emulator.kernel.documents import at
from emulator.portal import errors, permissions, visits
from emulator.portal.changes import errors as update_errors
from emulator.portal.changes import promotions
from emulator.portal.permissions import Reason
from emulator.portal.subscriptions import deferral, subjects

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.portal.permissions import Subject
    from emulator.portal.subscriptions.deferral import Terms
    from emulator.portal.visits import Visit
    from emulator.resources.context import Context

CONFIRM = "subscription_update_confirm"
# Of a quantity that is typed where the merchant set no maximum: as many as Checkout lets adjust (docs.stripe.com/api/checkout
# /sessions); that it holds here too is a choice.
MOST = 999_999
MOST_DIGITS = 12
PROMOTION = "promotion_code"


class Wish(NamedTuple):
    """A change that may be asked for: what is billed before and after, and the ``discounts`` that come with it.

    ``code`` is what the customer typed. ``waits``: the change is put off to the end of the period.
    """

    before: Terms
    after: Terms
    discounts: tuple[Doc, ...]
    code: str | None
    waits: bool

    @property
    def changes(self) -> bool:
        """Whether anything would change: a discount alone is not offered (facts portal 5.5)."""
        return self.is_not(self.before.price["id"], self.before.quantity)

    def is_not(self, price: str, quantity: int | None) -> bool:
        """Say whether price or quantity are others."""
        return (self.after.price["id"], self.after.quantity) != (price, quantity)


async def subject(ctx: Context, visit: Visit, params: Doc) -> Subject:
    """Return the subscription that is to change; raises 404 for a stranger's and 403 where it may not be changed.

    The merchant's own link to confirm a change needs no list of prices to choose from.
    """
    found = await subjects.subject(
        ctx, await visits.own(ctx, visit, params.get("subscription")), visit.configuration, visit.customer
    )
    reason = permissions.may_update(found, visit.configuration["features"]["subscription_update"])
    if reason is Reason.NOTHING_OFFERED and linked(visit, found) is not None:
        reason = None
    if reason is not None:
        raise errors.not_permitted("updated", reason)
    return found


def linked(visit: Visit, it: Subject) -> Doc | None:
    """Return the branch of the session's flow when it asks to confirm a change of this subscription."""
    branch: Doc | None = at(visit.session, f"flow.{CONFIRM}")
    return branch if branch is not None and branch["subscription"] == it.subscription["id"] else None


async def read(ctx: Context, visit: Visit, it: Subject, params: Doc) -> Wish:
    """Return the change that ``params`` (price, quantity, promotion_code) ask for.

    Absent or empty is what the subscription has. What a merchant's link names may be asked for whatever the customer
    could choose alone (a choice). Raises the refusals of ``changes.errors``.
    """
    item, feature = it.items[0], visit.configuration["features"]["subscription_update"]
    id_ = _text(params, "price") or item["price"]
    currency = it.subscription["currency"]
    before = deferral.Terms(await selection.currency_option(ctx, item["price"], currency), item["quantity"])
    branch = linked(visit, it)
    asked = branch["items"][0] if branch is not None else {}
    by_link = branch is not None and id_ == (asked.get("price") or item["price"])
    if id_ != item["price"] and not by_link and id_ not in permissions.offered_prices(it, feature):
        raise update_errors.price_not_offered(id_)
    if by_link and "quantity" in asked and _text(params, "quantity") in {None, str(asked["quantity"])}:
        quantity = asked["quantity"]
    else:
        quantity = _quantity(params, before.quantity, permissions.quantity_bounds(it, feature, id_))
    after = deferral.Terms(await selection.currency_option(ctx, id_, currency), quantity)
    conditions = feature["schedule_at_period_end"]["conditions"]
    wish = Wish(before, after, (), None, deferral.waits(conditions, before, after))
    if branch is not None and by_link:
        named = ({key: value for key, value in one.items() if value} for one in branch["discounts"] or ())
        return wish._replace(discounts=tuple(named))
    return await _with_code(ctx, it, wish, _text(params, PROMOTION), allowed=takes_codes(feature))


def takes_codes(feature: Doc) -> bool:
    """Say whether customers may type promotion codes while they change their plan."""
    return PROMOTION in feature["default_allowed_updates"]


async def _with_code(ctx: Context, it: Subject, wish: Wish, text: str | None, *, allowed: bool) -> Wish:
    if text is None:
        return wish
    if not allowed:
        raise update_errors.code_refused(promotions.NOT_HERE)
    code = await promotions.found(ctx, text, it, wish.after.charged)
    new = () if await promotions.redeemed_by(ctx, it.subscription, code["id"]) else ({PROMOTION: code["id"]},)
    return wish._replace(code=code["code"], discounts=new)


def _text(params: Doc, name: str) -> str | None:
    """Return a member as text, None when it is absent or empty; numbers are taken as they are written."""
    value = params.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise update_errors.wrong_type(name)
    return str(value).strip() or None


def _quantity(params: Doc, present: int, bounds: tuple[int, int | None] | None) -> int:
    """Return the quantity that is asked for: the present one is kept when a price changes (a choice)."""
    text = _text(params, "quantity")
    if text is None and bounds is None:
        return present
    minimum, maximum = bounds or (present, present)
    if text is not None and not (text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS):
        raise update_errors.quantity_outside(minimum, maximum)
    quantity = present if text is None else int(text)
    if quantity > MOST and quantity != present:
        raise update_errors.quantity_outside(minimum, MOST if maximum is None else min(maximum, MOST))
    if bounds is None and quantity != present:
        raise update_errors.quantity_fixed()
    if quantity < minimum or (maximum is not None and quantity > maximum):
        raise update_errors.quantity_outside(minimum, maximum)
    return quantity
