"""Decides what a customer is told before a change of plan, and what its form does: done, declined, asked by the bank."""

from __future__ import annotations

from urllib.parse import urlencode

from aiohttp import web

from emulator.kernel.documents import Doc, at
from emulator.kernel.errors import StripeError
from portal_ui import declines, flows, frame, methods, onward, prices, render, subscriptions
from portal_ui.i18n import Words
from portal_ui.pages import update, update_costs
from portal_ui.session import Visit, see_other
from portal_ui.views.bills import Choice
from portal_ui.views.costs import Costs
from portal_ui.views.shared import Form, Link
from portal_ui.views.update import Code, ConfirmUpdate, Paying

CODE, QUANTITY, WAITS = "portal_promotion_code", "portal_quantity", "change_waits"
ADD_METHOD = "/payment-methods/add"
NO_METHOD = "resource_missing"  # what the API answers when nothing could pay


async def asked(visit: Visit) -> web.Response:
    """Lead on to what the merchant's link asks to confirm."""
    answer = await visit.ask("portal:subscription", subscription=visit.subscription)
    branch = at(answer["session"], "flow.subscription_update_confirm")
    found = subscriptions.items(answer["subscription"])
    if branch is None or not found:
        return see_other(f"{update.here(visit)}/update")
    wanted = branch["items"][0]
    quantity = wanted["quantity"] if wanted.get("quantity") is not None else subscriptions.quantity(found[0])
    return see_other(update.preview_url(visit, wanted.get("price") or found[0]["price"]["id"], str(quantity)))


async def confirm(visit: Visit) -> web.Response:
    """Show what a change costs; a change that is done already, after the bank's question, leads on."""
    query = visit.request.query
    quantity, code = query.get("quantity", ""), query.get("code", "")
    try:
        answer = await _look(visit, quantity, code)
    except StripeError as error:
        return await _elsewhere(visit, error, quantity)
    if not answer["changes"]:
        return await _nothing(visit, answer)
    words = frame.words_for(answer, visit.accept)
    failed = answer["failure"] if "failed" in query else None
    return render.response(words, _page(visit, words, answer, code, problem=failed and declines.told(words, failed)))


async def confirm_now(visit: Visit) -> web.Response:
    """Change the plan; sent twice it is done once. A decline is told in place, and another card can be tried."""
    fields = await visit.form()
    quantity, code, method = (fields.get(name, "") for name in ("quantity", "code", "payment_method"))
    try:
        answer = await visit.ask(
            "portal:update",
            subscription=visit.subscription,
            price=_price(visit),
            quantity=quantity,
            promotion_code=code,
            payment_method=method,
            shown_at=fields.get("shown_at", ""),
        )
    except StripeError as error:
        return await _refused(visit, error, quantity, code, method)
    if answer["authenticate"]:
        back = update.preview_url(visit, _price(visit), quantity, **({"code": code} if code else {}))
        return see_other(f"/3d_secure/{answer['authenticate']}?{urlencode({'back': back})}")
    return await _done(visit, answer)


def _price(visit: Visit) -> str:
    return visit.request.match_info["price"]


async def _look(visit: Visit, quantity: str, code: str) -> Doc:
    """Return what a change costs; looking counts as activity of the session, the preview itself leaves no trace."""
    await visit.ask("portal:subscription", subscription=visit.subscription)
    return await visit.ask(
        "portal:update_preview",
        subscription=visit.subscription,
        price=_price(visit),
        quantity=quantity,
        promotion_code=code,
    )


async def _done(visit: Visit, answer: Doc) -> web.Response:
    what = "scheduled" if answer["scheduled"] else "updated"
    return see_other(await flows.done(visit, answer["session"], f"{visit.base}?done={what}"))


async def _nothing(visit: Visit, answer: Doc) -> web.Response:
    """Lead on where nothing changes: on from a change that the bank was asked about, else back to the plans."""
    if visit.request.query.get("done"):
        return await _done(visit, answer)
    return see_other(f"{update.here(visit)}/update")


async def _elsewhere(visit: Visit, error: StripeError, quantity: str) -> web.Response:
    """Return where a change that cannot be asked for leads: to the plans, which say why, or to a page of its own."""
    if error.code == QUANTITY:
        query = urlencode({"price": _price(visit), "quantity": quantity, "go": "1"})
        return see_other(f"{update.here(visit)}/update?{query}")
    if error.extra.get("reason") == WAITS:
        return see_other(f"{update.here(visit)}/update")
    return await update.refused(visit, error)


async def _refused(visit: Visit, error: StripeError, quantity: str, code: str, method: str) -> web.Response:
    """Return the page again with what went wrong, and what was typed and chosen."""
    if error.code == QUANTITY or error.status in {403, 404, 410}:
        return await _elsewhere(visit, error, quantity)
    answer = await _look(visit, quantity, code)
    if not answer["changes"]:
        return await _done(visit, answer)
    words = frame.words_for(answer, visit.accept)
    if error.code == CODE:
        return render.response(words, _page(visit, words, answer, code, method), 400)
    if error.status == 402:
        told = declines.told(words, {"code": error.code, **error.extra})
    elif error.code == NO_METHOD:
        told = words.gettext("No payment method has been saved to pay with.")
    else:
        told = words.gettext("Something went wrong, and we were unable to complete your request")
        return render.response(words, _page(visit, words, answer, code, method, general=told), 409)
    return render.response(words, _page(visit, words, answer, code, method, problem=told), 402)


def _page(
    visit: Visit,
    words: Words,
    answer: Doc,
    typed: str,
    method: str = "",
    *,
    problem: str | None = None,
    general: str | None = None,
) -> ConfirmUpdate:
    inside = at(answer["session"], "flow.type") == "subscription_update_confirm"
    heading, due = words.gettext("Confirm your updates"), _due(answer)
    price, count = answer["price"], answer["quantity"]
    told = {"price": price, "quantity": count}
    paying = _paying(visit, words, answer, method, problem, due)
    return ConfirmUpdate(
        frame=frame.of_answer(words, answer, f"{heading} · {words.gettext('Billing')}", visit.base),
        back_url=None
        if inside
        else f"{update.here(visit)}/update?{urlencode({'price': price['id'], 'quantity': count})}",
        heading=heading,
        problem=general,
        name=subscriptions.product_name(told),
        times=subscriptions.times(told),
        price=prices.in_words(words, price, count),
        before=_before(words, answer),
        notes=tuple(_notes(words, answer)),
        due=words.money(due, price["currency"]),
        facts=update_costs.facts(words, answer),
        costs=_costs(words, answer),
        code=_code(visit, words, answer, typed),
        form=Form(f"{update.here(visit)}/preview/{_quoted(visit)}", visit.code),
        sent=tuple(_sent(answer)),
        paying=paying,
        terms=_terms(words, answer),
        button=None if paying is not None and not paying.choices and due else _button(words, due),
    )


def _quoted(visit: Visit) -> str:
    return visit.request.rel_url.raw_parts[-1]


def _due(answer: Doc) -> int:
    today = answer["today"]
    return int(today["invoice"]["amount_remaining"]) if today else 0


def _button(words: Words, due: int) -> str:
    return words.gettext("Subscribe and pay") if due else words.gettext("Confirm")


def _before(words: Words, answer: Doc) -> str:
    subscription = answer["subscription"]
    return words.gettext(
        "Until now: %(plan)s, %(price)s",
        plan=subscriptions.full_name(words, subscription),
        price=subscriptions.price(words, subscription),
    )


def _notes(words: Words, answer: Doc) -> list[str]:
    """Return what has to be said about when the change takes effect and what it ends."""
    subscription, found = answer["subscription"], []
    if answer["deferred_until"]:
        found.append(
            words.gettext(
                "Your subscription will be updated at the end of your current billing period on %(date)s.",
                date=words.long_day(answer["deferred_until"]),
            )
        )
    if answer["trial_ends"]:
        found.append(words.gettext("Your free trial ends with this change."))
    elif subscription["status"] == "trialing":
        day = words.long_day(subscription["trial_end"])
        found.append(words.gettext("Your free trial continues until %(date)s.", date=day))
    return found


def _costs(words: Words, answer: Doc) -> Costs | None:
    """Return the details of what is due today, else of the next invoice."""
    if answer["today"]:
        return update_costs.costs(words, answer["today"], words.gettext("Due today"))
    if answer["next"] is None:
        return None
    return update_costs.upcoming(words, answer["next"])


def _code(visit: Visit, words: Words, answer: Doc, typed: str) -> Code | None:
    if not answer["promotion_codes"]:
        return None
    count = str(answer["quantity"])
    told = {
        "expired": words.gettext("This code has expired."),
        "used_up": words.gettext("This code has been used up."),
        "below_minimum": words.gettext("Your order does not reach the minimum of this code."),
        "not_first": words.gettext("This code is for first orders only."),
    }
    reason = answer["code_problem"]
    return Code(
        action=f"{update.here(visit)}/preview/{_quoted(visit)}",
        count=count,
        typed=typed if reason else "",
        applied=answer["code"] or "",
        remove_url=update.preview_url(visit, _price(visit), count),
        problem=told.get(reason, words.gettext("This code is invalid.")) if reason else None,
    )


def _sent(answer: Doc) -> list[tuple[str, str]]:
    """Return the hidden fields: what is asked for, and the instant whose amounts are shown."""
    fields = [("quantity", str(answer["quantity"])), ("shown_at", str(answer["now"]))]
    return [*fields, *_with_code(answer).items()]


def _with_code(answer: Doc) -> dict[str, str]:
    return {"code": answer["code"]} if answer["code"] else {}


def _paying(visit: Visit, words: Words, answer: Doc, method: str, problem: str | None, due: int) -> Paying | None:
    saved, default = answer["payment_methods"], answer["default_payment_method"]
    here = update.preview_url(visit, _price(visit), str(answer["quantity"]), **_with_code(answer))
    query = urlencode(onward.after(visit, here))
    add = Link(f"{visit.base}{ADD_METHOD}?{query}", words.gettext("Add payment method"))
    if not saved:
        if default is not None and not problem:  # an older kind of source pays
            return None
        missing = words.gettext("No payment method has been saved to pay with.") if due else None
        return Paying((), add, problem or missing)
    known = [found["id"] for found in saved]
    chosen = next((id_ for id_ in (method, default) if id_ in known), known[0])
    choices = (Choice(one["id"], methods.method(words, one, default), one["id"] == chosen) for one in saved)
    return Paying(tuple(choices), add, problem)


def _terms(words: Words, answer: Doc) -> Link | None:
    """Return the terms that go with a change where the merchant has any (docs.stripe.com configure-portal)."""
    url = frame.safe_url(at(answer["configuration"], "business_profile.terms_of_service_url"))
    if url is None:
        return None
    business = frame.business_name(answer["account"])
    if business:
        return Link(url, words.gettext("%(business)s's terms", business=business))
    return Link(url, words.gettext("Terms"))
