"""Decides what the page of one invoice shows, and what its form does."""

from __future__ import annotations

from urllib.parse import urlencode

from aiohttp import web

from emulator.kernel.documents import Doc
from emulator.kernel.errors import StripeError
from portal_ui import bills, contacts, declines, frame, history, links, methods, render
from portal_ui.hosted import Guest
from portal_ui.i18n import Words
from portal_ui.session import see_other
from portal_ui.views.bills import Choice, Download, Invoice, Pay
from portal_ui.views.shared import Form, Frame, InfoRow

PAYABLE = frozenset({"open", "uncollectible"})
NEEDS_ACTION = "invoice_payment_intent_requires_action"
KEPT = ("s", "locale", "t")  # of the query: where a link comes from, its language, when it was shown


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


def _pay(guest: Guest, words: Words, answer: Doc, chosen: str | None) -> Pay | None:
    """Return the form with the saved payment methods, the default or ``chosen`` one first marked."""
    invoice, saved = answer["invoice"], answer["payment_methods"]
    if invoice["status"] not in PAYABLE or not saved or _processing(answer):
        return None
    known = [found["id"] for found in saved]
    first = next((id for id in (chosen, answer["default_payment_method"]) if id in known), known[0])
    amount = words.money(invoice["amount_remaining"], invoice["currency"])
    return Pay(
        form=Form(here(guest), guest.code(_proof(guest))),
        button=words.gettext("Pay %(amount)s", amount=amount),
        choices=tuple(
            Choice(found["id"], methods.method(words, found, answer["default_payment_method"]), found["id"] == first)
            for found in saved
        ),
    )


def _processing(answer: Doc) -> bool:
    return any((one["intent"] or {}).get("status") == "processing" for one in answer["payments"])


def _unpayable(words: Words, answer: Doc) -> str | None:
    """Return why an open invoice cannot be paid here."""
    if answer["invoice"]["status"] not in PAYABLE:
        return None
    if _processing(answer):
        return words.gettext("Your payment is being processed.")
    if not answer["payment_methods"]:
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


async def _answer(guest: Guest) -> Doc:
    token = guest.part("token")
    shown = links.shown_at(guest.secret, token, guest.request.query)
    return await guest.ask(guest.space(), "invoice:page", token=token, shown_at=shown)


def _proof(guest: Guest) -> str:
    return f"invoice {guest.part('token')}"


def _drawn(
    guest: Guest, answer: Doc, problem: str | None = None, status: int = 200, chosen: str | None = None
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
        pay=_pay(guest, words, answer, chosen),
        unpayable=_unpayable(words, answer),
        bill=bills.bill(words, answer),
        contacts=contacts.links(account),
        contact_label=contacts.label(words, account),
    )
    return render.response(words, page, status)


def _last_problem(words: Words, answer: Doc) -> str:
    """Return why the last attempt did not succeed."""
    errors = ((one["intent"] or {}).get("last_payment_error") for one in answer["payments"])
    return declines.told(words, next((error for error in errors if error), {}))


async def invoice(guest: Guest) -> web.Response:
    """Show an invoice."""
    answer = await _answer(guest)
    failed = "failed" in guest.request.query and answer["invoice"]["status"] in PAYABLE
    problem = _last_problem(guest.words(answer["customer"]), answer) if failed else None
    return _drawn(guest, answer, problem)


async def pay(guest: Guest) -> web.Response:
    """Pay an invoice with a saved method; sent twice it is paid once. A decline is told in place."""
    fields = await guest.form(_proof(guest))
    answer = await _answer(guest)
    words, chosen = guest.words(answer["customer"]), fields.get("payment_method")
    if answer["invoice"]["status"] not in PAYABLE or _processing(answer):
        return see_other(here(guest, done="paid"))
    if chosen not in [found["id"] for found in answer["payment_methods"]]:
        return _drawn(guest, answer, words.gettext("Choose a payment method."), 400)
    params: Doc = {"payment_method": chosen, "off_session": False}
    try:
        await guest.engine.run(
            guest.space(), "PostInvoicesInvoicePay", params, actor="portal", invoice=answer["invoice"]["id"]
        )
    except StripeError as error:
        if error.code == NEEDS_ACTION:
            secret = error.extra["payment_intent"]["client_secret"]
            return see_other(f"/3d_secure/{secret}?{urlencode({'back': here(guest)})}")
        return await _refused(guest, error, chosen)
    return see_other(here(guest, done="paid"))


async def _refused(guest: Guest, error: StripeError, chosen: str | None) -> web.Response:
    answer = await _answer(guest)
    if answer["invoice"]["status"] not in PAYABLE:
        return see_other(here(guest, done="paid"))
    words = guest.words(answer["customer"])
    if error.status == 402:
        return _drawn(guest, answer, declines.told(words, {"code": error.code, **error.extra}), 402, chosen)
    problem = words.gettext("That did not work, and nothing was changed. Please try again.")
    return _drawn(guest, answer, problem, 409, chosen)
