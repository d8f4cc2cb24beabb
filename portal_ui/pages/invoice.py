"""Decides what the page of one invoice shows, and what its form does."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple
from urllib.parse import urlencode

from aiohttp import web

from emulator.kernel.documents import Doc
from emulator.kernel.errors import StripeError
from portal_ui import (
    bills,
    contacts,
    declines,
    frame,
    headers,
    history,
    links,
    method_entry,
    method_forms,
    methods,
    render,
)
from portal_ui.hosted import Guest, asked_at
from portal_ui.i18n import Words
from portal_ui.pages import invoice_link
from portal_ui.session import see_other
from portal_ui.views.bills import Choice, Download, Invoice, Pay
from portal_ui.views.methods import CardFrame, NewMethod
from portal_ui.views.shared import Form, Frame, InfoRow, Link, MethodRow

PAYABLE = frozenset({"open", "uncollectible"})
NEEDS_ACTION = "invoice_payment_intent_requires_action"
NEW, CARD = "new", "card"
KEPT = ("s", "locale", "t")  # of the query: where a link comes from, its language, when it was shown


class Typed(NamedTuple):
    """What was sent: the chosen method, and the type, fields and mistakes of a new one."""

    chosen: str | None = None
    type: str | None = None
    values: dict[str, str] | None = None
    problems: dict[str, str] | None = None


UNTYPED = Typed()


def here(guest: Guest, **more: str) -> str:
    """Return the address of the invoice with what of its query lasts."""
    query = {name: value for name in KEPT if (value := guest.request.query.get(name))} | more
    path = f"/i/{guest.part('account')}/{guest.part('token')}"
    return f"{path}?{urlencode(query)}" if query else path


def of_merchant(words: Words, answer: Doc, title: str) -> Frame:
    """Return the frame of a page that stands outside of the portal."""
    livemode = (answer.get("invoice") or answer.get("charge") or answer.get("intent") or {}).get("livemode", False)
    return frame.drawn(
        words,
        title=title,
        account=answer["account"],
        configuration={},
        headline=False,
        return_url=None,
        home_url=None,
        test=not livemode,
    )


def _heading(words: Words, account: Doc) -> str:
    business = frame.business_name(account)
    return words.gettext("Invoice from %(business)s", business=business) if business else words.gettext("Invoice")


def _sentence(words: Words, invoice: Doc, now: int) -> str:
    """Return the state of an invoice in words."""
    status, due = invoice["status"], invoice["due_date"]
    paid_at = invoice["status_transitions"]["paid_at"]
    if status == "paid":
        return words.gettext("Paid on %(date)s", date=words.long_day(paid_at)) if paid_at else ""
    if status == "void":
        return words.gettext("This invoice was canceled. There is nothing to pay.")
    if due is None:
        return words.gettext("Due now")
    if due < now:
        return words.gettext("Was due on %(date)s", date=words.long_day(due))
    return words.gettext("Due on %(date)s", date=words.long_day(due))


def _facts(words: Words, answer: Doc) -> tuple[InfoRow, ...]:
    invoice = answer["invoice"]
    moments = invoice["status_transitions"]
    paid, due = moments["paid_at"], invoice["due_date"]
    issued = invoice["effective_at"] or moments["finalized_at"] or invoice["created"]
    charge = next((one["charge"] for one in answer["payments"] if one["charge"] and one["charge"]["paid"]), None)
    told = [
        (words.gettext("Invoice number"), invoice["number"]),
        (words.gettext("Date of issue"), words.long_day(issued)),
        (words.gettext("Due date"), words.long_day(due) if due and not paid else ""),
        (words.gettext("Payment date"), words.long_day(paid) if paid else ""),
        (words.gettext("Payment method"), bills.method_name(words, charge) if paid else ""),
        *((field["name"], field["value"]) for field in invoice["custom_fields"] or ()),
    ]
    return tuple(InfoRow(label, (value,)) for label, value in told if value)


def _shown_amount(invoice: Doc) -> int:
    amount: int = invoice["amount_paid"] if invoice["status"] == "paid" else invoice["amount_remaining"]
    return invoice["total"] if invoice["status"] == "void" else amount


def _pay(guest: Guest, words: Words, answer: Doc, typed: Typed) -> Pay | None:
    """Return the form with the saved payment methods, the default or chosen one first marked, and one for another."""
    invoice, saved = answer["invoice"], answer["payment_methods"]
    new = _new(guest, words, answer, typed)
    if invoice["status"] not in PAYABLE or _processing(answer) or not (saved or new):
        return None
    known = [found["id"] for found in saved]
    first = next((id for id in (typed.chosen, answer["default_payment_method"]) if id in known), next(iter(known), NEW))
    if new and (typed.chosen == NEW or {"type", "test"} & set(guest.request.query)):
        first = NEW
    choices = [
        Choice(found["id"], methods.method(words, found, answer["default_payment_method"]), found["id"] == first)
        for found in saved
    ]
    if choices and new:
        choices.append(Choice(NEW, MethodRow(CARD, words.gettext("Another payment method"), "", False), first == NEW))
    amount = words.money(invoice["amount_remaining"], invoice["currency"])
    return Pay(
        form=Form(here(guest), guest.code(proof(guest))),
        button=words.gettext("Pay %(amount)s", amount=amount),
        choices=tuple(choices),
        new=new,
    )


def _new(guest: Guest, words: Words, answer: Doc, typed: Typed) -> NewMethod | None:
    """Return the fields of a payment method that is not saved yet, None where none is taken."""
    types: list[Doc] = answer.get("types") or []
    type = method_entry.chosen(types, typed.type or guest.request.query.get("type"))
    if type is None:
        return None
    started = method_entry.started(type, guest.request.query, answer["customer"], answer["account"])
    return method_entry.drawn(
        words,
        type,
        types=types,
        values=started if typed.values is None else typed.values,
        problems=typed.problems,
        business=frame.business_name(answer["account"]),
        url=partial(here, guest),
        card_url=f"/i/{guest.part('account')}/{guest.part('token')}/card",
    )


def _waiting(guest: Guest, words: Words, answer: Doc) -> Link | None:
    """Return what a payment that was begun still needs from the customer, where that is not asked at once."""
    if answer["invoice"]["status"] not in PAYABLE:
        return None
    told = {
        "boleto_display_details": words.gettext("Your boleto has not been paid yet. View it"),
        "verify_with_microdeposits": words.gettext("Your bank account has to be verified first. Verify it"),
    }
    for one in answer["payments"]:
        intent = one["intent"] or {}
        kind = (intent.get("next_action") or {}).get("type")
        if intent.get("status") == "requires_action" and kind in told:
            return Link(asked_at(intent, here(guest)), told[kind])
    return None


def _processing(answer: Doc) -> bool:
    return any((one["intent"] or {}).get("status") == "processing" for one in answer["payments"])


def _unpayable(words: Words, answer: Doc) -> str | None:
    """Return why an open invoice cannot be paid here."""
    if answer["invoice"]["status"] not in PAYABLE:
        return None
    if _processing(answer):
        return words.gettext("Your payment is being processed.")
    if not answer["payment_methods"] and not answer.get("types"):
        return words.gettext("No payment method has been saved to pay this invoice with.")
    return None


def _receipt(guest: Guest, answer: Doc) -> str | None:
    paid = any(one["charge"] and one["charge"]["paid"] for one in answer["payments"])
    if answer["invoice"]["status"] != "paid" or not paid:
        return None
    return f"/receipts/invoices/{guest.part('account')}/{guest.part('token')}"


def _downloads(guest: Guest, words: Words, answer: Doc, receipt: str | None) -> tuple[Download, ...]:
    """Return the documents: none before there are PDFs."""
    pdf = frame.safe_url(answer["invoice"]["invoice_pdf"])
    if not guest.documents or pdf is None:
        return ()
    query = urlencode(
        {name: value for name in KEPT if (value := guest.request.query.get(name))} | {links.LOCALE: words.tag}
    )
    bare = pdf.partition("?")[0]
    found = [Download(f"{bare}?{query}", words.gettext("Download invoice"), "download-invoice-pdf-button")]
    if receipt:
        found.append(
            Download(
                f"{receipt}/pdf?{links.LOCALE}={words.tag}",
                words.gettext("Download receipt"),
                "download-invoice-receipt-pdf-button",
            )
        )
    return tuple(found)


async def read(guest: Guest) -> Doc:
    """Return what the address opens; raises 404, and 410 after the link's time."""
    return await guest.ask(guest.space(), "invoice:page", **_link(guest))


def _link(guest: Guest) -> Doc:
    token = guest.part("token")
    return {"token": token, "shown_at": links.shown_at(guest.secret, token, guest.request.query)}


def proof(guest: Guest) -> str:
    """Return what the form's code stands for."""
    return f"invoice {guest.part('token')}"


def _drawn(
    guest: Guest, answer: Doc, problem: str | None = None, status: int = 200, typed: Typed = UNTYPED
) -> web.Response:
    words = guest.words(answer["customer"])
    invoice, account = answer["invoice"], answer["account"]
    heading, receipt = _heading(words, account), _receipt(guest, answer)
    paid = guest.request.query.get("done") == "paid" and invoice["status"] == "paid"
    page = Invoice(
        frame=of_merchant(words, answer, heading),
        done=words.gettext("Payment received. Thank you.") if paid else None,
        problem=problem,
        heading=heading,
        amount=words.money(_shown_amount(invoice), invoice["currency"]),
        state=history.invoice_badge(words, invoice, answer["now"]),
        sentence=_sentence(words, invoice, answer["now"]),
        facts=_facts(words, answer),
        downloads=_downloads(guest, words, answer, receipt),
        receipt_url=receipt,
        pay=_pay(guest, words, answer, typed),
        unpayable=_unpayable(words, answer),
        waiting=_waiting(guest, words, answer),
        bill=bills.bill(words, answer),
        contacts=contacts.links(account),
        contact_label=contacts.label(words, account),
    )
    response = render.response(words, page, status)
    if page.pay and page.pay.new:
        response.headers.update(headers.FRAMING)
    return response


def _last_problem(words: Words, answer: Doc) -> str:
    """Return why the last attempt did not succeed."""
    errors = ((one["intent"] or {}).get("last_payment_error") for one in answer["payments"])
    return declines.told(words, next((error for error in errors if error), {}))


async def invoice(guest: Guest) -> web.Response:
    """Show an invoice; a link that has had its time says what to do."""
    try:
        answer = await read(guest)
    except StripeError as error:
        if error.code != "invoice_link_expired" or not error.extra.get("mailed"):
            raise
        return invoice_link.expired(guest, error.extra)
    failed = "failed" in guest.request.query and answer["invoice"]["status"] in PAYABLE
    problem = _last_problem(guest.words(answer["customer"]), answer) if failed else None
    return _drawn(guest, answer, problem)


async def card(guest: Guest) -> web.Response:
    """Show the empty page that scripts put the fields of a card into; only our own pages may frame it."""
    answer = await read(guest)
    words = guest.words(answer["customer"])
    response = render.response(words, CardFrame(of_merchant(words, answer, "")))
    response.headers.update(headers.FRAMED)
    return response


async def pay(guest: Guest) -> web.Response:
    """Pay an invoice with a saved method or another one; sent twice it is paid once. What is wrong is told in place."""
    fields = await guest.form(proof(guest))
    answer = await read(guest)
    words, typed = guest.words(answer["customer"]), _typed(fields)
    if answer["invoice"]["status"] not in PAYABLE or _processing(answer):
        return see_other(here(guest, done="paid"))
    if typed.chosen != NEW and typed.chosen not in [found["id"] for found in answer["payment_methods"]]:
        return _drawn(guest, answer, words.gettext("Choose a payment method."), 400, typed)
    by: Doc = {"payment_method": typed.chosen}
    if typed.chosen == NEW:
        by = {"type": typed.type, "details": typed.values}
    try:
        done = await guest.engine.run(
            guest.space(), "invoice:pay", {**_link(guest), **by}, actor="portal", invoice=answer["invoice"]["id"]
        )
    except StripeError as error:
        return await _refused(guest, error, typed)
    intent = done["intent"]
    return see_other(here(guest, done="paid") if intent is None else asked_at(intent, here(guest)))


def _typed(fields: dict[str, str]) -> Typed:
    chosen = fields.get("payment_method")
    if chosen != NEW:
        return Typed(chosen)
    own = {"csrf_token", "payment_method", "type"}
    details = method_entry.details({name: text for name, text in fields.items() if name not in own})
    return Typed(chosen, fields.get("type", ""), details)


async def _refused(guest: Guest, error: StripeError, typed: Typed) -> web.Response:
    answer = await read(guest)
    if answer["invoice"]["status"] not in PAYABLE:
        return see_other(here(guest, done="paid"))
    words = guest.words(answer["customer"])
    problems = error.extra.get("fields")
    if problems and error.status in {400, 402}:
        return _drawn(guest, answer, None, error.status, typed._replace(problems=problems))
    if error.status == 402:
        problem = method_forms.problem(words, str(error.extra.get("decline_code") or error.code or ""), "")
        return _drawn(guest, answer, problem, 402, typed)
    problem = words.gettext("That did not work, and nothing was changed. Please try again.")
    return _drawn(guest, answer, problem, 409, typed)
