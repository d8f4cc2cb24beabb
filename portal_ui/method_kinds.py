"""Decides all that pages say of a type of payment method: one entry each, by its name in the API.

All sentences are our own: mandates say what the real ones are about, not how they say it.
"""

from __future__ import annotations

from typing import NamedTuple

from portal_ui.i18n import N_

BANK, CARD, WALLET = "bank", "card", "wallet"
PERMISSION = N_("You allow %(business)s to use %(method)s for future payments.")
LEAVES = N_("You continue on the page of %(method)s, and come back here after that.")
DEPOSITS = N_("Small deposits prove that the account is yours. They arrive in one or two business days.")


class Kind(NamedTuple):
    """A type: what it is called, how it is drawn, what a customer agrees to, and what happens after the button.

    ``mandate`` and ``lead`` are messages with ``business`` and ``method`` in them; ``example`` is that of an account's
    number; ``redirected`` is a type whose own page takes the answers; one ``named_by_bank`` is listed by its bank's name;
    ``coded`` is a type whose small deposits carry a code, so that no amounts are asked.
    """

    name: str
    mark: str = WALLET
    mandate: str = PERMISSION
    lead: str | None = None
    example: str | None = None
    redirected: bool = False
    named_by_bank: bool = False
    coded: bool = False


# Names without a translation are proper names.
KINDS = {
    "acss_debit": Kind(
        "Pre-authorized debit",
        BANK,
        N_(
            "You authorize %(business)s to take pre-authorized debits from your account for what you owe. You can end this"
            " agreement at any time by telling them."
        ),
        DEPOSITS,
    ),
    "amazon_pay": Kind("Amazon Pay", lead=LEAVES, redirected=True),
    "au_becs_debit": Kind(
        "BECS Direct Debit",
        BANK,
        N_(
            "You request and authorize %(business)s to debit your account through BECS, and confirm that you have read the"
            " Direct Debit Request service agreement and may sign for this account."
        ),
        example="000123456",
    ),
    "bacs_debit": Kind(
        "Bacs Direct Debit",
        BANK,
        N_(
            "You set up a Direct Debit with %(business)s and confirm that you are the holder of the account and the only"
            " person needed to authorize debits from it. The Direct Debit Guarantee protects your payments."
        ),
        example="00012345",
    ),
    "boleto": Kind(
        "Boleto", mandate=N_("%(business)s sends you a boleto for each payment. Nothing is taken by itself.")
    ),
    "card": Kind(
        N_("Card"),
        CARD,
        N_("By adding your card, you allow %(business)s to charge it for future payments as agreed with you."),
    ),
    "cashapp": Kind("Cash App Pay", lead=LEAVES, redirected=True),
    "custom": Kind(N_("Other")),
    "link": Kind("Link", lead=N_("Link sends a code to your phone. Any six digits work in test mode.")),
    "nz_bank_account": Kind(
        N_("Bank account"),
        BANK,
        N_(
            "You authorize %(business)s to debit your account by direct debit, and confirm that you may sign for it alone."
        ),
        named_by_bank=True,
    ),
    "paypal": Kind("PayPal", lead=LEAVES, redirected=True),
    "revolut_pay": Kind("Revolut Pay"),
    "sepa_debit": Kind(
        "SEPA Direct Debit",
        BANK,
        N_(
            "By giving your IBAN and adding this payment method, you authorize %(business)s to instruct your bank to debit"
            " your account, and your bank to do so. Within eight weeks of a debit you can have it refunded under the terms"
            " of your agreement with your bank."
        ),
    ),
    "us_bank_account": Kind(
        N_("Bank account"),
        BANK,
        N_(
            "You authorize %(business)s to debit your bank account for what you owe, and to correct debits made in error,"
            " until you take this permission back."
        ),
        DEPOSITS,
        named_by_bank=True,
        coded=True,
    ),
}


def of(type: str) -> Kind:
    """Return what is said of a type; one without an entry is called as the API does."""
    known = KINDS.get(type)
    if known is not None:
        return known
    return Kind(type.replace("_", " ").title(), BANK if type.endswith(("_debit", "bank_account")) else WALLET)
