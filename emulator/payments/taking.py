"""Decides which way a payment takes: a card is asked at once, a debit is sent off, a wallet asks its owner first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.payments import aftermath, attempts, bank_transfers, debits, microdeposits, payment_methods
from emulator.payments.test_accounts import DELAYED

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.payments.attempts import Manner
    from emulator.resources.context import Context

# Kinds of payment whose customer agrees on a page of somebody else's (the API description, next_action).
REDIRECTED = frozenset(
    {
        "affirm",
        "afterpay_clearpay",
        "alipay",
        "alma",
        "amazon_pay",
        "bancontact",
        "billie",
        "cashapp",
        "eps",
        "fpx",
        "giropay",
        "grabpay",
        "ideal",
        "klarna",
        "mobilepay",
        "p24",
        "paypal",
        "revolut_pay",
        "satispay",
        "sofort",
        "twint",
    }
)
# How long a code on the screen can be scanned (a choice).
SCAN_SECONDS = 3600


async def take(ctx: Context, intent: Doc, method: Doc, manner: Manner) -> attempts.Attempt:
    """Try to take the money of ``intent`` with ``method``, whatever kind of payment that is."""
    if method["type"] != "card":
        attempt = await _without_card(ctx, intent, method, manner)
        if attempt is not None:
            return attempt
    attempt = await attempts.run(ctx, intent, method, manner)
    if attempt.charge is not None and attempt.error is None and attempt.charge["captured"]:
        await aftermath.follow(ctx, attempt.charge)
    return attempt


async def must_agree(ctx: Context, method: Doc) -> bool:
    """Tell whether the owner of a wallet has to agree first: not again once they did."""
    if method["type"] not in REDIRECTED or method["customer"] is not None:
        return False
    return not await payment_methods.is_set_up(ctx, method["id"])


def needs_return_url(intent: Doc, params: Doc) -> bool:
    """Tell whether a confirmation has to say where the customer comes back to: some type on offer takes them away."""
    automatic = intent["automatic_payment_methods"]
    if automatic is None or automatic["allow_redirects"] == "never":
        return False
    if params.get("return_url") is not None or params.get("off_session") or params.get("use_stripe_sdk"):
        return False
    return any(name in REDIRECTED for name in intent["payment_method_types"])


def agreement(ctx: Context, intent: Doc, method: Doc, return_url: str | None) -> Doc:
    """Return the ``next_action`` that sends the customer to the page where they agree."""
    url = f"{ctx.base_url}{attempts.CHALLENGE_PATH}{intent['client_secret']}"
    if method["type"] == "cashapp":
        code = {
            "expires_at": ctx.now + SCAN_SECONDS,
            "image_url_png": f"{url}/qr.png",
            "image_url_svg": f"{url}/qr.svg",
        }
        details = {"hosted_instructions_url": url, "mobile_auth_url": url, "qr_code": code}
        kind = "cashapp_handle_redirect_or_display_qr_code"
        return {kind: details, "type": kind}
    return {"redirect_to_url": {"return_url": return_url, "url": url}, "type": "redirect_to_url"}


async def _without_card(ctx: Context, intent: Doc, method: Doc, manner: Manner) -> attempts.Attempt | None:
    absent = manner.off_session or manner.authenticated
    if method["type"] == bank_transfers.TYPE:
        return await bank_transfers.take(ctx, intent, method)
    if method["type"] in DELAYED:
        if not absent and await microdeposits.wanted(ctx, intent, method):
            return attempts.wait(ctx, intent, method, await microdeposits.ask(ctx, intent, method))
        return await debits.start(ctx, intent, method)
    if not absent and await must_agree(ctx, method):
        if not manner.waiting_allowed:
            return attempts.refuse_action(ctx, intent, method)
        return attempts.wait(ctx, intent, method, agreement(ctx, intent, method, manner.return_url))
    return None
