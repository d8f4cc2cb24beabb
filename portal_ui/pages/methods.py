"""Decides what the page of all payment methods shows, and what is asked before one is deleted or another one used."""

from __future__ import annotations

from aiohttp import web

from emulator.kernel.documents import Doc
from emulator.kernel.errors import StripeError
from portal_ui import flows, frame, methods, notices, render, subscriptions
from portal_ui.i18n import Words
from portal_ui.session import Visit, see_other
from portal_ui.views.methods import Manage
from portal_ui.views.shared import Form, InfoRow
from portal_ui.views.tasks import Confirm

HOME_SAYS = "?done="


def back_url(visit: Visit, answer: Doc) -> str | None:
    """Return where the way back leads, None inside a flow."""
    return None if flows.inside(answer["session"]) else visit.base


async def manage(visit: Visit) -> web.Response:
    """Show all payment methods."""
    answer = await visit.ask("portal:payment_methods")
    words = frame.words_for(answer, visit.accept)
    block = methods.block(words, answer, visit)
    if block is None or not answer["configuration"]["features"]["payment_method_update"]["enabled"]:
        return notices.forbidden(words, answer, visit.base)
    title = words.gettext("Payment methods")
    page = Manage(
        frame=frame.of_answer(words, answer, f"{title} · {words.gettext('Billing')}", visit.base),
        back_url=back_url(visit, answer),
        methods=block,
    )
    return render.response(words, page)


async def make_default(visit: Visit) -> web.Response:
    """Pay with this method from now on; sent twice it is done once."""
    await visit.form()
    answer = await visit.ask("portal:make_default", payment_method=visit.request.match_info["method"])
    return see_other(await flows.done(visit, answer["session"], f"{visit.base}{HOME_SAYS}method_default"))


async def delete(visit: Visit) -> web.Response:
    """Ask whether to delete a payment method."""
    return await _asked(visit, visit.request.match_info["method"])


async def delete_now(visit: Visit) -> web.Response:
    """Delete a payment method; sent twice it is done once, and the second answer is the first one's."""
    await visit.form()
    id = visit.request.match_info["method"]
    try:
        await visit.ask("portal:remove_payment_method", payment_method=id)
    except StripeError as error:
        if error.status == 403:
            return await _asked(visit, id)
        if error.status != 404:
            raise
    return see_other(f"{visit.base}{HOME_SAYS}method_deleted")


async def _asked(visit: Visit, id: str) -> web.Response:
    answer = await visit.run("portal:payment_methods")
    flows.keep_inside(visit, answer["session"])
    words = frame.words_for(answer, visit.accept)
    found = next((one for one in answer["payment_methods"] if one["id"] == id), None)
    if found is None:
        return notices.lost_in(words, answer, visit.base)
    if not (answer["payment_method_acts"].get(id) or {}).get("remove"):
        return notices.forbidden(words, answer, visit.base)
    row = methods.method(words, found, answer["default_payment_method"])
    lines = tuple(line for line in (row.title, row.detail) if line)
    return _page(
        visit,
        words,
        answer,
        words.gettext("Delete payment method"),
        words.gettext("It will be removed from your account and cannot be used for payments any more."),
        (InfoRow(words.gettext("Payment method"), lines),),
        f"{visit.base}/payment-methods/{id}/delete",
        danger=True,
    )


async def fall_back(visit: Visit) -> web.Response:
    """Ask whether a subscription should be paid with the customer's default."""
    answer = await visit.ask("portal:payment_methods")
    words = frame.words_for(answer, visit.accept)
    if visit.subscription not in answer["payment_method_overrides"]:
        return see_other(visit.base)
    block = next((one for one in answer["subscriptions"] if one["subscription"]["id"] == visit.subscription), None)
    if block is None:
        return notices.lost_in(words, answer, visit.base)
    saved = {one["id"]: methods.method(words, one, None).title for one in answer["payment_methods"]}
    default = saved.get(answer["default_payment_method"], "")
    subscription = block["subscription"]
    told = (
        (words.gettext("Subscription"), subscriptions.full_name(words, subscription)),
        (words.gettext("Now"), saved.get(subscription["default_payment_method"] or "", "")),
        (words.gettext("From now on"), default),
    )
    return _page(
        visit,
        words,
        answer,
        words.gettext("Use your default payment method"),
        words.gettext("Coming invoices of this subscription will be paid with your default payment method."),
        tuple(InfoRow(label, (value,)) for label, value in told if value),
        f"{visit.base}/payment-methods/subscriptions/{visit.subscription}",
        danger=False,
    )


async def fall_back_now(visit: Visit) -> web.Response:
    """Let a subscription be paid with the customer's default; sent twice it is done once."""
    await visit.form()
    await visit.ask("portal:use_customer_default", subscription=visit.subscription)
    return see_other(f"{visit.base}{HOME_SAYS}method_fallback")


def _page(
    visit: Visit,
    words: Words,
    answer: Doc,
    title: str,
    lead: str,
    facts: tuple[InfoRow, ...],
    action: str,
    *,
    danger: bool,
) -> web.Response:
    page = Confirm(
        frame=frame.of_answer(words, answer, f"{title} · {words.gettext('Billing')}", visit.base),
        eyebrow=None,
        heading=title,
        lead=lead,
        facts=facts,
        note=None,
        problem=None,
        form=Form(action, visit.code),
        button=title,
        danger=danger,
        back_url=back_url(visit, answer),
    )
    return render.response(words, page)
