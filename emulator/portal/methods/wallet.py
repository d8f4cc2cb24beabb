"""Decides what is told of a customer's saved payment methods, and what may be done with each.

Source: docs.stripe.com/customer-management (supported methods), facts portal 6.2. That the default one cannot be deleted
follows from the name of the real pages' button; that a subscription's own method stays while it is all that the
subscription could be paid with is a choice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.kernel.documents import at
from emulator.payments import payment_method_configurations, payment_methods
from emulator.portal import permissions
from emulator.portal.methods import kinds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.kernel.documents import Doc
    from emulator.portal.visits import Visit
    from emulator.resources.context import Context

SETUP = "_portal_method_setup"  # one per setup that the portal began, by the setup intent's id
OPEN, DONE = "open", "done"
LEGACY = ("card", "bank_account")  # saved by the API of old; shown and used like the others
WAITING = "requires_action"
DEPOSITS = "verify_with_microdeposits"
# World setting `payment_methods`: {"custom": [{"type": "cpmt_...", "display_name": "Store credit"}]}; Stripe keeps custom
# types in its Dashboard only (facts portal 6.3).
CUSTOM_SETTING = ("payment_methods", "custom")


@dataclass(frozen=True, slots=True)
class Wallet:
    """A customer's saved payment methods, newest first, the default one's id, and the subscriptions that live."""

    methods: Sequence[Doc]
    default: str | None
    subscriptions: Sequence[Doc]

    def find(self, id: object) -> Doc | None:
        """Return a saved method by its id."""
        return next((method for method in self.methods if method["id"] == id), None)

    def may_be_default(self, method: Doc) -> bool:
        """Tell whether a method can be made the default one, or is."""
        return method["type"] in permissions.SUPPORTED_METHODS

    def needed(self, method: Doc) -> bool:
        """Tell whether a subscription would be left without anything to be paid with."""
        if not self.subscriptions:
            return False
        if len(self.methods) == 1:
            return True
        own = any(subscription["default_payment_method"] == method["id"] for subscription in self.subscriptions)
        return own and self.default is None

    def may_be_removed(self, method: Doc) -> bool:
        """Tell whether a method can be deleted."""
        return method["id"] != self.default and not self.needed(method)

    def overrides(self) -> list[Doc]:
        """Return the subscriptions that are paid with something else than the customer's default (facts portal 6.2)."""
        return [
            subscription
            for subscription in self.subscriptions
            if overriding(subscription) not in {None, self.default} and self.default and not managed(subscription)
        ]


async def open_wallet(ctx: Context, visit: Visit) -> Wallet:
    """Return the wallet of a visitor."""
    customer: Doc = visit.customer
    methods = await ctx.select("payment_method", customer=customer["id"])
    for kind in LEGACY:
        for source in await ctx.select(kind, customer=customer["id"]):
            methods.append({**await payment_methods.resolve(ctx, source["id"]), "customer": customer["id"]})
    subscriptions = [
        one
        for one in await ctx.select("subscription", customer=customer["id"])
        if one["status"] not in permissions.ENDED
    ]
    default = customer["invoice_settings"]["default_payment_method"] or customer["default_source"]
    return Wallet(methods, default, subscriptions)


async def told(ctx: Context, visit: Visit, wallet: Wallet | None = None) -> Doc:
    """Return what a page draws of the wallet; acts and offers only where the configuration lets customers manage it."""
    wallet = wallet or await open_wallet(ctx, visit)
    managing = managed_here(visit)
    return {
        "addable_payment_methods": await offered(ctx, visit) if managing else [],
        "default_payment_method": wallet.default,
        "payment_method_acts": {
            method["id"]: {
                "make_default": method["id"] != wallet.default and wallet.may_be_default(method),
                "remove": wallet.may_be_removed(method),
            }
            for method in wallet.methods
        }
        if managing
        else {},
        "payment_method_overrides": [one["id"] for one in wallet.overrides()] if managing else [],
        "payment_methods": list(wallet.methods),
        "pending_payment_methods": await pending(ctx, visit.customer["id"]) if managing else [],
    }


async def pending(ctx: Context, customer: str) -> list[Doc]:
    """Return the setups of accounts whose small deposits are on their way, each with its payment method."""
    found = []
    for mark in await ctx.select(SETUP, customer=customer, state=OPEN):
        intent = await ctx.find("setup_intent", mark["id"])
        if intent is None or intent["status"] != WAITING or at(intent, "next_action.type") != DEPOSITS:
            continue
        method = await ctx.find("payment_method", intent["payment_method"])
        if method is not None:
            found.append({"payment_method": method, "setup_intent": intent["id"]})
    return found


async def offered(ctx: Context, visit: Visit) -> list[str]:
    """Return the types that this customer may add: supported, switched on, of this currency and country."""
    feature = visit.configuration["features"]["payment_method_update"]
    configuration = await payment_method_configurations.named(ctx, feature["payment_method_configuration"])
    currency = visit.customer["currency"] or ctx.settings["default_currency"]
    switched_on = payment_method_configurations.offered(configuration, None)
    if custom_types(ctx):
        switched_on = [*switched_on, "custom"]
    return kinds.allowed(switched_on, currency, ctx.settings["country"])


def custom_types(ctx: Context) -> list[Doc]:
    """Return the account's own types of payment method, with ``type`` and ``display_name`` each."""
    room, name = CUSTOM_SETTING
    listed = (ctx.settings.get(room) or {}).get(name) or []
    return [one for one in listed if isinstance(one, dict) and isinstance(one.get("type"), str)]


def managed_here(visit: Visit) -> bool:
    """Tell whether customers may manage their payment methods."""
    return bool(visit.configuration["features"]["payment_method_update"]["enabled"])


def overriding(subscription: Doc) -> str | None:
    """Return what a subscription is paid with instead of the customer's default."""
    own: str | None = subscription["default_payment_method"] or subscription.get("default_source")
    return own


def managed(subscription: Doc) -> bool:
    """Tell whether Stripe sells a subscription in the merchant's place (Managed Payments)."""
    return bool(at(subscription, "managed_payments.enabled"))
