"""Decides what the papers say that payments point to: a mandate, a boleto, where to send money, a code to scan."""

from __future__ import annotations

import struct
import zlib
from functools import cache

from aiohttp import web

from emulator.kernel.documents import Doc, at
from portal_ui import frame, method_words, methods, render
from portal_ui.documents import contents
from portal_ui.hosted import Guest, nowhere
from portal_ui.i18n import Words
from portal_ui.pages.challenge import FAILED, target_of
from portal_ui.pages.documents import file
from portal_ui.pages.invoice import of_merchant
from portal_ui.views.bills import Sheet
from portal_ui.views.shared import Badge, InfoRow, Link

BOLETO, TRANSFER = "boleto_display_details", "display_bank_transfer_instructions"
DONE = frozenset({"succeeded", "processing"})
SIDE, SCALE = 29, 8  # of the picture of a code, in modules and pixels of each


def _rows(*told: tuple[str, str | None]) -> tuple[InfoRow, ...]:
    return tuple(InfoRow(label, (value,)) for label, value in told if value)


async def mandate(guest: Guest) -> web.Response:
    """Show what a customer agreed to."""
    _, answer = await guest.find("mandate:page", mandate=guest.part("mandate"))
    words, paper, method = guest.words(answer["customer"]), answer["mandate"], answer["method"]
    type, business = method["type"], frame.business_name(answer["account"])
    own = paper["payment_method_details"][type] or {}
    active = paper["status"] == "active"
    told = words.gettext("Active") if active else words.gettext("Not active")
    page = Sheet(
        frame=of_merchant(words, {**answer, "intent": paper}, words.gettext("Mandate")),
        eyebrow=methods.type_name(words, type),
        heading=words.gettext("Mandate"),
        amount=None,
        state=Badge(told, "ok" if active else "neutral", "mandate-status-badge"),
        lead=method_words.mandate(words, type, business, methods.type_name(words, type)),
        facts=_rows(
            (words.gettext("Merchant"), business),
            (words.gettext("Reference"), own.get("reference")),
            (words.gettext("Payment method"), methods.method(words, method, None).title),
            (words.gettext("Full name"), method["billing_details"]["name"]),
            (words.gettext("Accepted on"), words.long_day(paper["customer_acceptance"]["accepted_at"])),
        ),
        links=(),
    )
    return render.response(words, page)


def _state(words: Words, intent: Doc, waiting: bool) -> Badge:
    """Return how far a payment is, as a label."""
    if waiting:
        return Badge(words.gettext("Waiting for payment"), "wait", "payment-status-badge")
    if intent["status"] in DONE:
        return Badge(words.gettext("Paid"), "ok", "payment-status-badge")
    told = words.gettext("Canceled") if intent["status"] == "canceled" else words.gettext("Expired")
    return Badge(told, "bad" if intent["status"] in FAILED else "neutral", "payment-status-badge")


def _on(guest: Guest, words: Words, answer: Doc) -> tuple[Link, ...]:
    target = target_of(guest, answer)
    return (Link(target, words.gettext("Continue")),) if target.startswith("/") else ()


async def _voucher(guest: Guest) -> tuple[Words, Doc, Doc]:
    """Return the payment that a boleto is for, and what stands on it while it waits; raises 404 for other payments."""
    _, answer = await guest.find("challenge:page", client_secret=guest.part("secret"))
    if (answer["method"] or {"type": "boleto"})["type"] != "boleto":
        raise nowhere()
    return guest.words(answer["customer"]), answer, at(answer["intent"], f"next_action.{BOLETO}") or {}


async def voucher(guest: Guest) -> web.Response:
    """Show a boleto, or that it was paid or has expired."""
    words, answer, told = await _voucher(guest)
    intent, business = answer["intent"], frame.business_name(answer["account"])
    person = (answer["method"] or {}).get("billing_details") or {}
    pdf = Link(f"/vouchers/{guest.part('secret')}/pdf", words.gettext("Download boleto"))
    page = Sheet(
        frame=of_merchant(words, answer, "Boleto"),
        eyebrow="Boleto",
        heading=words.gettext("Pay %(business)s", business=business) if business else words.gettext("Payment"),
        amount=words.money(intent["amount"], intent["currency"]),
        state=_state(words, intent, bool(told)),
        lead=words.gettext(
            "This is a test: no bank takes this number. The payment ends by itself after a while, as the email address"
            " says that the boleto was made with."
        ),
        facts=_rows(
            (words.gettext("Number"), told.get("number")),
            (words.gettext("Due date"), words.long_day(told["expires_at"]) if told else None),
            (words.gettext("Full name"), person.get("name")),
            (words.gettext("Description"), intent.get("description")),
        ),
        links=(*((pdf,) if told and guest.documents else ()), *_on(guest, words, answer)),
    )
    return render.response(words, page)


async def voucher_pdf(guest: Guest) -> web.Response:
    """Give a boleto that waits to be paid as a file."""
    words, answer, told = await _voucher(guest)
    if not told:
        raise nowhere()
    due = words.long_day(told["expires_at"])
    return await file(guest, contents.voucher(words, answer, number=told["number"], due=due))


def _places(words: Words) -> dict[str, str]:
    """Return what the parts of a bank's address are called."""
    return {
        "account_holder_name": words.gettext("Account holder"),
        "account_number": words.gettext("Account number"),
        "bank_code": words.gettext("Bank code"),
        "bank_name": words.gettext("Bank"),
        "bic": "BIC",
        "branch_code": words.gettext("Branch code"),
        "branch_name": words.gettext("Branch"),
        "clabe": "CLABE",
        "iban": "IBAN",
        "routing_number": words.gettext("Routing number"),
        "sort_code": words.gettext("Sort code"),
        "swift_code": "SWIFT",
    }


async def instructions(guest: Guest) -> web.Response:
    """Show where a customer sends money, and how much of it is still to come."""
    _, answer = await guest.find("challenge:page", client_secret=guest.part("secret"))
    words, intent = guest.words(answer["customer"]), answer["intent"]
    told = at(intent, f"next_action.{TRANSFER}")
    if told is None and (answer["method"] or {}).get("type") != "customer_balance":
        raise nowhere()
    names = _places(words)
    parts = [one[one["type"]] for one in (told or {}).get("financial_addresses") or ()]
    rows = [(names[name], str(part[name])) for part in parts[:1] for name in names if part.get(name)]
    left = told["amount_remaining"] if told else intent["amount"]
    page = Sheet(
        frame=of_merchant(words, answer, words.gettext("Bank transfer")),
        eyebrow=words.gettext("Bank transfer"),
        heading=words.gettext("Send a bank transfer"),
        amount=words.money(left, intent["currency"]),
        state=_state(words, intent, bool(told)),
        lead=words.gettext(
            "Send this amount to the account below and name the reference. In test mode the money comes by the API's test"
            " helpers."
        ),
        facts=_rows((words.gettext("Reference"), (told or {}).get("reference")), *rows),
        links=_on(guest, words, answer),
    )
    return render.response(words, page)


# ---- the picture of a code: it says that there is none to scan


async def qr(guest: Guest) -> web.Response:
    """Give the picture that stands where an app would scan a code: the frame of one, crossed out (nothing scans here)."""
    await guest.find("challenge:page", client_secret=guest.part("secret"))
    if guest.part("kind") == "png":
        return web.Response(body=_png(), content_type="image/png")
    return web.Response(text=_svg(), content_type="image/svg+xml")


@cache
def _modules() -> tuple[tuple[bool, ...], ...]:
    """Return the dark modules: three corners and a cross."""

    def dark(x: int, y: int) -> bool:
        for left, top in ((1, 1), (SIDE - 8, 1), (1, SIDE - 8)):
            ring = max(abs(x - left - 3), abs(y - top - 3))
            if ring <= 3:
                return ring != 2
        return 8 < x < SIDE - 3 and 8 < y < SIDE - 3 and (x == y or x + y == SIDE + 5)

    return tuple(tuple(dark(x, y) for x in range(SIDE)) for y in range(SIDE))


@cache
def _svg() -> str:
    dots = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(_modules()) for x, dark in enumerate(row) if dark)
    title = "<title>Nothing to scan in the emulator: open the address instead</title>"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}">{title}'
        f'<path fill="#fff" d="M0 0h{SIDE}v{SIDE}H0z"/><path d="{dots}"/></svg>'
    )


@cache
def _png() -> bytes:
    size = SIDE * SCALE
    rows = b"".join(
        (b"\0" + bytes(0 if dark else 255 for dark in row for _ in range(SCALE))) * SCALE for row in _modules()
    )

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
