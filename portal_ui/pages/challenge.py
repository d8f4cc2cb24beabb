"""Decides what stands in for the bank's page of 3D Secure, and where its answer leads.

On the way of a hosted page it asks about a card in a frame, as the real ones do; who is redirected there gets a whole page.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

from aiohttp import web

from emulator.kernel.documents import Doc
from portal_ui import frame, headers, methods, notices, render
from portal_ui.hosted import Guest, nowhere
from portal_ui.i18n import Words
from portal_ui.pages.invoice import of_merchant
from portal_ui.session import ForgedError, see_other
from portal_ui.views.bills import Challenge, InnerFrame, OuterFrame
from portal_ui.views.shared import Form, InfoRow
from portal_ui.views.tasks import Notice

WAITING = "requires_action"
FAILED = frozenset({"requires_payment_method", "canceled"})
PAYMENT, CARD = "payment_intent", "card"
# Other types whose customers agree on a page of their bank, and not of a wallet or a lender.
BANKS = frozenset({"bancontact", "eps", "fpx", "giropay", "ideal", "p24", "sofort"})
CHECKOUT, WEB = "/c/pay/", ("https", "http")
# Pages of ours that an answer may lead back to.
_OWN = re.compile(
    r"(/i/[A-Za-z0-9_]+/[A-Za-z0-9_=-]+|/p/session/[A-Za-z0-9_-]+/subscriptions/\w+/preview/[A-Za-z0-9_.%-]+"
    r"|/p/session/[A-Za-z0-9_-]+/payment-methods/returned|/c/pay/cs_[A-Za-z0-9_]+)"
    r"(\?[A-Za-z0-9_=&.%+-]*)?",
    re.ASCII,
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")


def with_query(url: str, **more: str) -> str:
    """Return ``url`` with ``more`` added to its query."""
    parts = urlsplit(url)
    kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in more]
    return parts._replace(query=urlencode([*kept, *more.items()])).geturl()


def target_of(guest: Guest, answer: Doc) -> str:
    """Return where the answer will lead: a page of ours, the address the intent was confirmed with, or nowhere."""
    back = guest.request.query.get("back", "")
    if _OWN.fullmatch(back):
        return back
    return frame.safe_url(answer["return_url"]) or ""


def asked_in_a_frame(answer: Doc, target: str) -> bool:
    """Say whether the question stands in a frame: a card's, on the way of a page of ours; wallets have whole pages."""
    return target.startswith("/") and by_card(answer)


def by_card(answer: Doc) -> bool:
    """Say whether a card is asked about: what wallets ask on their own pages is not 3D Secure."""
    return bool((answer["method"] or {}).get("type", CARD) == CARD)


def proof(secret: str, target: str) -> str:
    """Return what a form's code stands for: the payment and the address, so that nobody else chooses it."""
    return f"challenge {secret} {target}"


def _facts(words: Words, answer: Doc) -> tuple[InfoRow, ...]:
    by = methods.method(words, answer["method"], None).title if answer["method"] else ""
    told = [
        (words.gettext("Merchant"), frame.business_name(answer["account"])),
        (words.gettext("Payment method"), by),
        (words.gettext("Description"), answer["intent"].get("description")),
    ]
    return tuple(InfoRow(label, (value,)) for label, value in told if value)


def _lead(words: Words, answer: Doc) -> str | None:
    """Return whose page this stands in for: a bank's, unless a wallet asks."""
    if not by_card(answer) and answer["method"]["type"] not in BANKS:
        return None
    return words.gettext("This test page stands in for the page of your bank. Choose how the authentication ends.")


async def challenge(guest: Guest) -> web.Response:
    """Ask whether the payment is the customer's."""
    secret = guest.part("secret")
    _, answer = await guest.find("challenge:page", client_secret=secret)
    intent = answer["intent"]
    words = guest.words(answer["customer"])
    if intent["status"] != WAITING:
        return _over(words, answer)
    target = target_of(guest, answer)
    framed = asked_in_a_frame(answer, target)
    payment = intent["object"] == PAYMENT
    heading = words.gettext("Confirm your payment") if payment else words.gettext("Confirm your payment method")
    page = Challenge(
        frame=of_merchant(words, answer, heading),
        eyebrow=words.gettext("3D Secure") if by_card(answer) else None,
        heading=heading,
        amount=words.money(intent["amount"], intent["currency"]) if payment else None,
        lead=_lead(words, answer),
        facts=_facts(words, answer),
        form=_form(guest, target),
        target=target,
        inside=_inside(guest, target, "frame") if framed else None,
    )
    response = render.response(words, page)
    response.headers.update(headers.FRAMING if framed else headers.leaving(schemes(target)))
    return response


def _form(guest: Guest, target: str) -> Form:
    secret = guest.part("secret")
    return Form(f"/3d_secure/{secret}", guest.code(proof(secret, target)))


def _inside(guest: Guest, target: str, name: str) -> str:
    return f"/3d_secure/{guest.part('secret')}/{name}?{urlencode({'back': target})}"


async def _framed(guest: Guest) -> tuple[Words, Doc, str]:
    """Return what a frame is made of; raises 404 unless a page of ours asks on the way to somewhere."""
    _, answer = await guest.find("challenge:page", client_secret=guest.part("secret"))
    target = target_of(guest, answer)
    if not asked_in_a_frame(answer, target):
        raise nowhere()
    return guest.words(answer["customer"]), answer, target


async def outer_frame(guest: Guest) -> web.Response:
    """Show the frame around the frame that asks: suites for the real pages go through both (facts portal 3.8)."""
    words, answer, target = await _framed(guest)
    inside = _inside(guest, target, "challenge")
    response = render.response(words, OuterFrame(of_merchant(words, answer, ""), inside))
    response.headers.update(headers.NESTING)
    return response


async def inner_frame(guest: Guest) -> web.Response:
    """Ask in a frame; the answer leads the whole window on."""
    words, answer, target = await _framed(guest)
    response = render.response(words, InnerFrame(of_merchant(words, answer, ""), _form(guest, target), target))
    response.headers.update(headers.leaving(schemes(target), framed=True))
    return response


def schemes(target: str) -> tuple[str, ...]:
    """Return the schemes that a form's answer leads through on the way to ``target``."""
    if target.startswith(CHECKOUT):
        return WEB  # its page leads on to the merchant
    scheme = urlsplit(target).scheme
    if not _SCHEME.fullmatch(scheme):
        return ()
    return tuple(dict.fromkeys((*WEB, scheme)))


async def authenticate(guest: Guest) -> web.Response:
    """Take the answer, once, and lead on to where the payment came from."""
    secret = guest.part("secret")
    target = await proved(guest, secret)
    space, answer = await guest.find("challenge:page", client_secret=secret)
    intent = answer["intent"]
    if intent["status"] == WAITING:
        outcome = "succeed" if (await guest.request.post()).get("outcome") == "succeed" else "fail"
        act = "authenticate_payment" if intent["object"] == PAYMENT else "authenticate_setup"
        await guest.engine.run(space, f"payments:{act}", {"outcome": outcome}, actor="portal", intent=intent["id"])
        _, answer = await guest.find("challenge:page", client_secret=secret)
    if not target:
        return _over(guest.words(answer["customer"]), answer)
    return see_other(led(target, answer["intent"]))


async def proved(guest: Guest, secret: str) -> str:
    """Return the address that the form's own code stands for; raises ForgedError."""
    target = (await guest.request.post()).get("target")
    if not isinstance(target, str):
        raise ForgedError
    await guest.form(proof(secret, target))
    return target


def led(target: str, intent: Doc) -> str:
    """Return ``target`` with what the merchant reads there (docs.stripe.com/payments/3d-secure/authentication-flow)."""
    failed = intent["status"] in FAILED
    if target.startswith("/"):
        return with_query(target, **({"failed": "1"} if failed else {"done": "paid"}))
    name = intent["object"]
    told = {name: intent["id"], f"{name}_client_secret": intent["client_secret"]}
    return with_query(target, **told, redirect_status="failed" if failed else "succeeded")


def _over(words: Words, answer: Doc) -> web.Response:
    """Return the page of a question that has been answered."""
    failed = answer["intent"]["status"] in FAILED
    heading = words.gettext("Authentication failed") if failed else words.gettext("Authentication complete")
    why = words.gettext("You can close this window.")
    sign = notices.ALERT if failed else notices.DONE
    return render.response(words, Notice(of_merchant(words, answer, heading), sign, heading, (why,), (), None))
