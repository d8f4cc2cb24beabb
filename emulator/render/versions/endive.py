"""Decides how the 2026 autumn releases (endive) look to callers from before them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from emulator.kernel.documents import Doc
from emulator.render.versions.change import Change, Retired, collapsed, renamed, replaced, section

_INTENTS = (
    "PostPaymentIntents",
    "PostPaymentIntentsIntent",
    "PostPaymentIntentsIntentConfirm",
    "PostSetupIntents",
    "PostSetupIntentsIntent",
)


class AllowedPaymentMethodTypes(Change):
    """``payment_method_types`` can no longer be written; the list to choose from is ``allowed_payment_method_types``.

    Sources: docs.stripe.com/changelog/endive/2026-09-30/
    removes-the-payment-method-types-parameter-from-payment-intents-and-setup-intents and
    remove-payment-method-types-checkout-sessions. The new field of answers goes with the list of later fields.
    """

    since = "2026-09-30.endive"
    kinds = ()
    operations = (*_INTENTS, "PostCheckoutSessions")
    names: ClassVar[Mapping[str, str]] = {"allowed_payment_method_types": "payment_method_types"}

    def up(self, _operation_id: str, params: Doc, /) -> Doc:
        """Return the parameters with the list under its new name."""
        return renamed(params, "payment_method_types", "allowed_payment_method_types")


class BillingCycleAnchorHash(Change):
    """``billing_cycle_anchor`` became a hash: ``now`` is ``{type: now}``, a time is ``{type: timestamp, timestamp}``.

    Source: docs.stripe.com/changelog/endive/2026-09-30/polymorphic-billing-cycle-anchor. Creating a subscription
    still takes a plain time.
    """

    since = "2026-09-30.endive"
    operations = (
        "PostSubscriptionsSubscriptionExposedId",
        "PostCustomersCustomerSubscriptionsSubscriptionExposedId",
        "PostSubscriptionsSubscriptionResume",
        "PostInvoicesCreatePreview",
    )
    names: ClassVar[Mapping[str, str]] = {
        "billing_cycle_anchor[type]": "billing_cycle_anchor",
        "subscription_details[billing_cycle_anchor][type]": "subscription_details[billing_cycle_anchor]",
        "subscription_details[billing_cycle_anchor][timestamp]": "subscription_details[billing_cycle_anchor]",
    }

    def up(self, operation_id: str, params: Doc, /) -> Doc:
        """Return the parameters with the anchor as a hash."""
        preview = operation_id == "PostInvoicesCreatePreview"
        holder = section(params, "subscription_details") if preview else params
        anchor = (holder or {}).get("billing_cycle_anchor")
        if anchor is None or anchor == "" or isinstance(anchor, dict | list):
            return params
        path = "subscription_details.billing_cycle_anchor" if preview else "billing_cycle_anchor"
        return replaced(params, path, _hash(anchor))


def _hash(anchor: Any) -> Doc:
    if str(anchor).isdigit():
        return {"type": "timestamp", "timestamp": anchor}
    return {"type": anchor}


class CardMandate(Change):
    """``payment_method_details.card.mandate`` of a charge became expandable; before it was an id and nothing else.

    Source: typed difference of the official SDK releases 15.6.2 and 16.0.0.
    """

    since = "2026-09-30.endive"
    kinds = ("charge",)

    def down(self, doc: Doc) -> Doc:
        """Return the charge with the id of the mandate."""
        return collapsed(doc, "payment_method_details.card.mandate")


class RetiredInEndive(Retired):
    """Updating a payment method no longer takes ``payto``; source: typed difference of the official SDK releases."""

    since = "2026-09-30.endive"
    dropped: ClassVar[Mapping[str, tuple[str, ...]]] = {"PostPaymentMethodsPaymentMethod": ("payto",)}
    operations = tuple(dropped)


CHANGES: tuple[Change, ...] = (AllowedPaymentMethodTypes(), BillingCycleAnchorHash(), CardMandate(), RetiredInEndive())
