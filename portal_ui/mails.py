"""Decides the words of mails: what is stored of one are its facts; here they become a text in the reader's language.

As HTML a mail wears the brand that its sender had; styles stand at the elements, as readers of mail need them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import escape

from emulator.kernel.documents import Doc
from portal_ui import bills, branding, declines, i18n
from portal_ui.i18n import Words
from portal_ui.views.shared import Link

PAGE = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title></head>
<body style="margin:0;padding:24px 12px;background:#f6f8fa;color:#1a1f36;font:16px/24px system-ui,'Noto Sans',sans-serif">
<div style="max-width:520px;margin:0 auto;background:#fff;border:1px solid #e3e8ee">
<div style="background:{brand};color:{brand_text};padding:16px 28px;font-weight:600">{head}</div>
<div style="padding:24px 28px 12px">
{body}
</div></div></body></html>
"""
LOGO = '<img src="{}" alt="{}" style="display:block;max-width:224px;max-height:32px">'
TEXT = '<p style="margin:0 0 12px">{}</p>'
STRONG = '<p style="margin:0 0 12px;font-size:24px;line-height:32px"><strong>{}</strong></p>'
PAIRS = '<table role="presentation" style="margin:0 0 12px;border-collapse:collapse">{}</table>'
PAIR = '<tr><td style="padding:2px 16px 2px 0;color:#566074">{}</td><td style="padding:2px 0">{}</td></tr>'
BUTTON = (
    '<p style="margin:0 0 12px"><a href="{}" style="display:inline-block;padding:10px 16px;border-radius:6px;'
    'text-decoration:none;font-weight:600;background:{};color:{}">{}</a></p>'
)


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in words: paragraphs, the ``strong`` one of which is what it is about; ``code`` is in them.

    ``pairs`` are labels with what they are of, ``links`` the ways on, the first of which is the most important; they
    stand behind the first paragraphs, before the last.
    """

    subject: str
    paragraphs: tuple[str, ...]
    last: str | None = None
    strong: str | None = None
    code: str | None = None
    pairs: tuple[tuple[str, str], ...] = ()
    links: tuple[Link, ...] = ()


def written(mail: Doc) -> Doc:
    """Return ``subject``, ``text``, ``html``, ``links`` and ``code`` of a stored mail."""
    words = i18n.words(i18n.choose(None, mail["locales"], ""))
    letter = LETTERS[mail["about"]](words, mail["facts"])
    pairs = "\n".join(f"{label}: {value}" for label, value in letter.pairs)
    links = tuple(f"{link.label}\n{link.url}" for link in letter.links)
    parts = (*letter.paragraphs, pairs, *links, letter.last)
    return {
        "subject": " ".join(letter.subject.split()),  # one line, whatever names are in it
        "text": "\n\n".join(part for part in parts if part) + "\n",
        "html": _html(words, letter, mail["facts"]),
        "links": [link.url for link in letter.links],
        "code": letter.code,
    }


def _html(words: Words, letter: Letter, facts: Doc) -> str:
    """Return a mail for readers that show HTML; mails of older worlds say nothing of their sender's brand."""
    brand, accent = branding.colours({"settings": {"branding": facts.get("brand") or {}}})
    business, logo = facts.get("business"), facts.get("logo")
    # The logo stands where it does on the pages: on the colour of the brand.
    head = LOGO.format(escape(logo), escape(business or "")) if logo else escape(business or "")
    body = [(STRONG if one == letter.strong else TEXT).format(escape(one)) for one in letter.paragraphs]
    if letter.pairs:
        rows = "".join(PAIR.format(escape(label), escape(value)) for label, value in letter.pairs)
        body.append(PAIRS.format(rows))
    if letter.links:
        first, *more = letter.links
        body.append(BUTTON.format(escape(first.url), accent, branding.text_on(accent), escape(first.label)))
        colour = branding.readable(accent, branding.WHITE)
        body += [
            TEXT.format(f'<a href="{escape(link.url)}" style="color:{colour}">{escape(link.label)}</a>')
            for link in more
        ]
    body += [TEXT.format(escape(letter.last))] if letter.last else []
    title, told = escape(letter.subject), "\n".join(body)
    return PAGE.format(
        lang=words.tag, title=title, brand=brand, brand_text=branding.text_on(brand), head=head, body=told
    )


def login_code(words: Words, facts: Doc) -> Letter:
    """The code that opens the portal; ``facts``: code, business (or None), minutes that it works."""
    code, business = facts["code"], facts["business"]
    if business:
        subject = words.gettext("%(code)s is your billing code for %(business)s", code=code, business=business)
        lead = words.gettext("Use this code to log in to your billing with %(business)s:", business=business)
    else:
        subject = words.gettext("%(code)s is your billing code", code=code)
        lead = words.gettext("Use this code to log in to your billing:")
    paragraphs = (
        lead,
        code,
        words.ngettext("It works for %(num)s minute.", "It works for %(num)s minutes.", facts["minutes"]),
        words.gettext("You did not ask for it? Then there is nothing to do: nobody gets in without the code."),
    )
    return Letter(subject, paragraphs, strong=code, code=code)


def invoice_link(words: Words, facts: Doc) -> Letter:
    """A new link to an invoice; ``facts``: url, number, amount (minor units) and currency, business (or None)."""
    told = {"number": facts["number"], "business": facts["business"]}
    if facts["business"]:
        subject = words.gettext("Your link to invoice %(number)s from %(business)s", **told)
    else:
        subject = words.gettext("Your link to invoice %(number)s", number=facts["number"])
    amount = words.money(facts["amount"], facts["currency"])
    return Letter(
        subject,
        (words.gettext("Amount due: %(amount)s", amount=amount), words.gettext("Open your invoice here:")),
        words.gettext("You did not ask for it? Then there is nothing to do."),
        links=(Link(facts["url"], words.gettext("View invoice")),),
    )


def receipt(words: Words, facts: Doc) -> Letter:
    """What was paid; ``facts``: amount, currency, day, method, url of the receipt, invoice and its url, receipt (or None)."""
    business = facts["business"]
    subject = words.gettext("Receipt from %(business)s", business=business) if business else words.gettext("Receipt")
    day, amount = words.long_day(facts["day"]), words.money(facts["amount"], facts["currency"])
    told = words.gettext("%(amount)s paid on %(date)s", amount=amount, date=day)
    return _of_payment(words, facts, subject, told)


def refund(words: Words, facts: Doc) -> Letter:
    """What was given back; ``facts`` as those of a receipt."""
    day, amount = words.long_day(facts["day"]), words.money(facts["amount"], facts["currency"])
    told = words.gettext("%(amount)s refunded on %(date)s", amount=amount, date=day)
    return _of_payment(words, facts, _from(told, facts), told)


def _from(subject: str, facts: Doc) -> str:
    return f"{facts['business']}: {subject}" if facts["business"] else subject


def _of_payment(words: Words, facts: Doc, subject: str, told: str) -> Letter:
    pairs = (
        (words.gettext("Invoice number"), facts["invoice"]),
        (words.gettext("Receipt number"), facts["receipt"]),
        (words.gettext("Payment method"), bills.method_name(words, {"payment_method_details": facts["method"]})),
    )
    ways = ((facts["url"], words.gettext("View receipt")), (facts["invoice_url"], words.gettext("View invoice")))
    return Letter(
        subject,
        (told,),
        strong=told,
        pairs=tuple((label, value) for label, value in pairs if value),
        links=tuple(Link(url, label) for url, label in ways if url),
    )


def payment_failed(words: Words, facts: Doc) -> Letter:
    """What could not be taken; ``facts``: amount, currency, error (code, decline_code), invoice, url, next (or None)."""
    amount = words.money(facts["amount"], facts["currency"])
    subject = words.gettext("Your payment of %(amount)s failed", amount=amount)
    told = [subject, declines.told(words, facts["error"])]
    if facts["next"]:
        told.append(words.gettext("We will try again on %(date)s.", date=words.long_day(facts["next"])))
    told.append(words.gettext("You can also pay now, with this or another payment method:"))
    pay = words.gettext("Pay %(amount)s", amount=amount)
    return Letter(
        _from(subject, facts),
        tuple(told),
        strong=subject,
        pairs=((words.gettext("Invoice number"), facts["invoice"]),) if facts["invoice"] else (),
        links=(Link(facts["url"], pay),) if facts["url"] else (),
    )


def trial_ending(words: Words, facts: Doc) -> Letter:
    """That a free trial ends; ``facts``: day, url of the portal's login (or None)."""
    return _announced(
        words, facts, words.gettext("Your free trial ends on %(date)s.", date=words.long_day(facts["day"]))
    )


def upcoming_renewal(words: Words, facts: Doc) -> Letter:
    """That a subscription renews; ``facts``: day, amount, currency, url of the portal's login (or None)."""
    told = words.gettext("Your subscription renews on %(date)s.", date=words.long_day(facts["day"]))
    amount = words.money(facts["amount"], facts["currency"])
    return _announced(words, facts, told, words.gettext("Amount due: %(amount)s", amount=amount))


def _announced(words: Words, facts: Doc, *told: str) -> Letter:
    links = (Link(facts["url"], words.gettext("Manage your billing")),) if facts["url"] else ()
    return Letter(_from(told[0], facts), told, links=links)


LETTERS: dict[str, Callable[[Words, Doc], Letter]] = {
    "invoice_link": invoice_link,
    "login_code": login_code,
    "payment_failed": payment_failed,
    "receipt": receipt,
    "refund": refund,
    "trial_ending": trial_ending,
    "upcoming_renewal": upcoming_renewal,
}
