"""Decides how a bank account is proven outside of the portal: by the address that a PaymentIntent or SetupIntent gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from emulator.kernel.documents import Doc, at
from emulator.kernel.errors import StripeError
from portal_ui import method_kinds, method_proofs, methods, notices, render
from portal_ui.hosted import Guest
from portal_ui.pages.challenge import FAILED, PAYMENT, led, proof, proved, target_of
from portal_ui.pages.invoice import of_merchant
from portal_ui.session import see_other
from portal_ui.views.methods import VerifyMethod
from portal_ui.views.shared import Form, InfoRow, Link
from portal_ui.views.tasks import Notice

DEPOSITS = "verify_with_microdeposits"
FIRST = {True: method_proofs.CODE[0], False: method_proofs.AMOUNTS[0]}
ACTS = {
    True: "PostPaymentIntentsIntentVerifyMicrodeposits",
    False: "PostSetupIntentsIntentVerifyMicrodeposits",
}


def _waiting(answer: Doc) -> bool:
    return bool(at(answer["intent"], "next_action.type") == DEPOSITS)


def _page(
    guest: Guest,
    answer: Doc,
    target: str,
    values: Mapping[str, str],
    problems: Mapping[str, str],
    status: int = 200,
) -> web.Response:
    words = guest.words(answer["customer"])
    secret, type = guest.part("secret"), answer["method"]["type"]
    here = f"/microdeposit/{secret}"
    kept = {"back": target} if target == guest.request.query.get("back") else {}
    page = VerifyMethod(
        frame=of_merchant(words, answer, words.gettext("Verify bank account")),
        back_url=None,
        lead=method_proofs.lead(words, type),
        facts=(InfoRow(words.gettext("Payment method"), (methods.method(words, answer["method"], None).title,)),),
        form=Form(here, guest.code(proof(secret, target))),
        target=target,
        asked=method_proofs.asked(words, type, values, problems),
        trials=method_proofs.trials(words, type, f"{here}?{urlencode({**kept, 'test': ''})}"),
    )
    return render.response(words, page, status)


async def verify(guest: Guest) -> web.Response:
    """Show what proves the account, or what became of it."""
    _, answer = await guest.find("challenge:page", client_secret=guest.part("secret"))
    target = target_of(guest, answer)
    if not _waiting(answer):
        return _over(guest, answer, target)
    filled = method_proofs.filled(answer["method"]["type"], guest.request.query.get("test"))
    return _page(guest, answer, target, filled, {})


async def verify_now(guest: Guest) -> web.Response:
    """Take the proof; sent twice it is done once."""
    secret = guest.part("secret")
    target = await proved(guest, secret)
    space, answer = await guest.find("challenge:page", client_secret=secret)
    if not _waiting(answer):
        return _ended(guest, answer, target)
    typed = method_proofs.said({key: str(value) for key, value in (await guest.request.post()).items()})
    type, intent = answer["method"]["type"], answer["intent"]
    params, problems = method_proofs.meant(type, typed)
    if problems:
        return _page(guest, answer, target, typed, problems, 400)
    try:
        await _prove(guest, space, intent, params)
    except StripeError as error:
        if error.status not in method_proofs.REFUSED:
            raise
        _, answer = await guest.find("challenge:page", client_secret=secret)
        if not _waiting(answer):
            return _over(guest, answer, target)
        return _page(guest, answer, target, typed, {FIRST[method_kinds.of(type).coded]: error.code or ""}, 400)
    _, answer = await guest.find("challenge:page", client_secret=secret)
    return _ended(guest, answer, target)


async def _prove(guest: Guest, space: Any, intent: Doc, params: Doc) -> None:
    act = ACTS[intent["object"] == PAYMENT]
    await guest.engine.run(space, act, params, actor="portal", intent=intent["id"])


def _ended(guest: Guest, answer: Doc, target: str) -> web.Response:
    if target.startswith("/") and answer["intent"]["status"] not in FAILED:
        return see_other(led(target, answer["intent"]))
    return _over(guest, answer, target)


def _over(guest: Guest, answer: Doc, target: str) -> web.Response:
    """Return the page of a proof that is not asked for any more."""
    words = guest.words(answer["customer"])
    failed = answer["intent"]["status"] in FAILED
    if failed:
        heading = words.gettext("This account could not be verified")
        why = words.gettext("Add the bank account again, or choose another payment method.")
    else:
        heading = words.gettext("Your bank account is verified")
        why = words.gettext("You can close this window.")
    ways = (Link(target, words.gettext("Continue")),) if target.startswith("/") else ()
    sign = notices.ALERT if failed else notices.DONE
    return render.response(words, Notice(of_merchant(words, answer, heading), sign, heading, (why,), ways, None))
