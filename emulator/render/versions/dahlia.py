"""Decides how the 2026 spring and summer releases (dahlia) look to callers from before them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from emulator.kernel.documents import Doc, changed
from emulator.render.versions.change import Change, Retired

_NEW_MODES = {"hosted": "hosted_page", "embedded": "embedded_page", "custom": "elements"}
_OLD_MODES = {new: old for old, new in _NEW_MODES.items()}


class CheckoutModeNames(Change):
    """The values of ``ui_mode`` of a Checkout Session were renamed; the new ones work only since.

    Source: docs.stripe.com/changelog/dahlia/2026-03-25/updates-available-checkout-session-ui-modes. A value that came
    later (``form``) has no older name and stays.
    """

    since = "2026-03-25.dahlia"
    kinds = ("checkout.session",)
    operations = ("PostCheckoutSessions",)

    def down(self, doc: Doc) -> Doc:
        """Return the session with the older name of its mode."""
        mode = doc.get("ui_mode")
        return changed(doc, ui_mode=_OLD_MODES[mode]) if mode in _OLD_MODES else doc

    def up(self, _operation_id: str, params: Doc, /) -> Doc:
        """Return the parameters with the newer name of the mode."""
        mode = params.get("ui_mode")
        return changed(params, ui_mode=_NEW_MODES[mode]) if isinstance(mode, str) and mode in _NEW_MODES else params


_SPEED = ("payment_method_options.us_bank_account.preferred_settlement_speed",)


class RetiredInMarch(Retired):
    """Payment Intents no longer take a settlement speed; source: the SDK releases 14.4.2 and 15.0.0."""

    since = "2026-03-25.dahlia"
    dropped: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "PostPaymentIntents": _SPEED,
        "PostPaymentIntentsIntent": _SPEED,
        "PostPaymentIntentsIntentConfirm": _SPEED,
    }
    operations = tuple(dropped)


class RetiredInJuly(Retired):
    """Checkout lines no longer take ``dynamic_tax_rates``; source: the SDK releases 15.3.1 and 15.4.0."""

    since = "2026-07-29.dahlia"
    dropped: ClassVar[Mapping[str, tuple[str, ...]]] = {"PostCheckoutSessions": ("line_items[].dynamic_tax_rates",)}
    operations = tuple(dropped)


CHANGES: tuple[Change, ...] = (CheckoutModeNames(), RetiredInMarch(), RetiredInJuly())
