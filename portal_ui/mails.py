"""Decides the words of mails: what is stored of one are its facts; here they become a text in the reader's language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import escape

from emulator.kernel.documents import Doc
from portal_ui import i18n
from portal_ui.i18n import Words

PAGE = '<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title></head><body>\n{body}\n</body></html>\n'


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in words: paragraphs, the ``strong`` one of which is what it is about; ``code`` and ``links`` are in them."""

    subject: str
    paragraphs: tuple[str, ...]
    strong: str | None = None
    code: str | None = None
    links: tuple[str, ...] = ()


def written(mail: Doc) -> Doc:
    """Return ``subject``, ``text``, ``html``, ``links`` and ``code`` of a stored mail."""
    words = i18n.words(i18n.choose(None, mail["locales"], ""))
    letter = LETTERS[mail["about"]](words, mail["facts"])
    return {
        "subject": letter.subject,
        "text": "\n\n".join(letter.paragraphs) + "\n",
        "html": _html(words, letter),
        "links": list(letter.links),
        "code": letter.code,
    }


def _html(words: Words, letter: Letter) -> str:
    body = "\n".join(
        f"<p><strong>{escape(one)}</strong></p>" if one == letter.strong else f"<p>{escape(one)}</p>"
        for one in letter.paragraphs
    )
    return PAGE.format(lang=words.tag, title=escape(letter.subject), body=body)


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
    paragraphs = (
        words.gettext("Amount due: %(amount)s", amount=amount),
        words.gettext("Open your invoice here:"),
        facts["url"],
        words.gettext("You did not ask for it? Then there is nothing to do."),
    )
    return Letter(subject, paragraphs, strong=facts["url"], links=(facts["url"],))


LETTERS: dict[str, Callable[[Words, Doc], Letter]] = {"invoice_link": invoice_link, "login_code": login_code}
