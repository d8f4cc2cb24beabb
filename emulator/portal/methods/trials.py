"""Decides which test numbers a form offers to fill itself with, and what each of them does (PURE).

The numbers are those of ``fixtures/test_cards.json`` and ``fixtures/test_accounts.json`` (docs.stripe.com/testing). Which of
the many cards and countries are shown is a choice; any other test number can be typed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.payments import test_accounts, test_cards
from emulator.portal.methods import checks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.payments.test_accounts import Account
    from emulator.payments.test_cards import MagicCard

CARDS = (
    "4242424242424242", "5555555555554444", "378282246310005", "4000002500003155", "4000002760003184", "4000008260003178",
    "4000000000000341", "4000000000000002", "4000000000009995", "4000000000009987", "4000000000000069", "4000000000000127",
    "4000000000000119", "4000000000006975", "4242424242424241",
)  # fmt: skip
EXPIRY_YEARS = 10  # from now on: a form is filled with a card that is good for a while
SHOWN_IBANS = "DE"  # of the many countries' accounts this one shows every outcome, the others only that they work
PERSON = {"email": "jenny.rosen@example.com", "name": "Jenny Rosen"}
HOME = {
    "bacs_debit": {"city": "London", "line1": "12 Test Street", "postal_code": "SW1A 1AA"},
    "boleto": {"city": "São Paulo", "line1": "Rua de Teste 12", "postal_code": "01310-100", "state": "SP"},
}
WITH_PERSON = (
    "us_bank_account",
    "sepa_debit",
    "bacs_debit",
    "au_becs_debit",
    "nz_bank_account",
    "acss_debit",
    "boleto",
    "link",
)
# What stands beside the number of an account on its form.
BESIDE = {
    "acss_debit": {"institution_number": "000", "transit_number": "11000"},
    "au_becs_debit": {"bsb": "000-000"},
    "bacs_debit": {"sort_code": "10-88-00"},
    "us_bank_account": {"account_holder_type": "individual", "account_type": "checking", "routing_number": "110000000"},
}
CPF, CNPJ = "000.000.000-00", "00.000.000/0000-00"
PASSCODES = ("000000", *checks.LINK_CODES)


@dataclass(frozen=True, slots=True)
class Trial:
    """One test number: what fills the form, what then happens, and the code of the failure if one does.

    ``does`` is works, works_later, pending, asks, asks_always, refused, fails, fails_later, disputed, deposits_fail or
    mandate_refused.
    """

    number: str
    fill: dict[str, str]
    does: str = "works"
    code: str | None = None


def trials(type: str, year: int) -> list[Trial]:
    """Return the test numbers of a type; ``year`` is the present one."""
    if type == "card":
        return [_card(number, year) for number in CARDS]
    if type == "boleto":
        return list(_vouchers())
    if type == "link":
        return [
            Trial(code, {**filled("link"), "passcode": code}, "refused" if flaw else "works", flaw)
            for code in PASSCODES
            for flaw in [checks.LINK_CODES.get(code)]
        ]
    return [_account(account) for account in _in_order(type)]


def filled(type: str) -> dict[str, str]:
    """Return what every test number of a type fills a form with besides itself."""
    return {**(PERSON if type in WITH_PERSON else {}), **HOME.get(type, {}), **BESIDE.get(type, {})}


def _in_order(type: str) -> list[Account]:
    """Return the accounts of a type: what works first, then what fails, each at once before later."""
    found = {one.number: one for one in test_accounts.book().by_mark.values() if one.type == type}
    ranks = {"works": 0, "works_later": 1, "fails": 2, "fails_later": 3}
    return sorted(
        (one for one in found.values() if type != "sepa_debit" or _shown(one) or _does(one) == "works"),
        key=lambda one: (ranks.get(_does(one), 4), not _shown(one), one.number),
    )


def _shown(account: Account) -> bool:
    return account.number.startswith((SHOWN_IBANS, "000"))


def _card(number: str, year: int) -> Trial:
    fill = {
        "cvc": "1234" if checks.cvc_length(number) == 4 else "123",
        "expiry": f"12 / {(year + EXPIRY_YEARS) % 100:02}",
        "number": " ".join(_groups(number)),
    }
    card = test_cards.by_raw_number(test_cards.book(), number)
    if isinstance(card, test_cards.Decline):
        return Trial(fill["number"], fill, "refused", _name(card))
    refused = card.attach or card.setup
    if refused is not None:
        return Trial(fill["number"], fill, "refused", _name(refused))
    return Trial(fill["number"], fill, _of_card(card), None if card.charge is None else _name(card.charge))


def _of_card(card: MagicCard) -> str:
    if card.challenge == test_cards.UNLESS_SET_UP:
        return "asks"
    if card.challenge != test_cards.NEVER:
        return "asks_always"
    return "works" if card.charge is None else "fails"


def _name(decline: test_cards.Decline) -> str:
    return decline.code if decline.code == decline.decline_code else decline.decline_code


def _groups(number: str) -> Iterator[str]:
    sizes = (4, 6, 5) if len(number) == 15 else (4, 4, 4, 4, 4)
    start = 0
    for size in sizes:
        if part := number[start : start + size]:
            yield part
        start += size


def _account(account: Account) -> Trial:
    fill = {**filled(account.type)}
    number = account.number
    if account.type == "sepa_debit":
        fill["iban"] = number = " ".join(number[place : place + 4] for place in range(0, len(number), 4))
    elif account.type == "nz_bank_account":
        fill["nz_account"] = number = f"11-0000-{number}"
    else:
        fill["account_number"] = number
    return Trial(number, fill, _does(account), account.setup or account.failure)


def _does(account: Account) -> str:
    if account.setup is not None:
        return "refused"
    if account.mandate == "refused":
        return "mandate_refused"
    if account.microdeposits is not None:
        return "deposits_fail"
    if account.dispute is not None:
        return "disputed"
    late = account.when == test_accounts.LATER
    if account.failure is not None:
        return "fails_later" if late else "fails"
    if account.when == test_accounts.NEVER:
        return "pending"
    return "works_later" if late else "works"


def _vouchers() -> Iterator[Trial]:
    book = test_accounts.book()
    paid = test_accounts.Account("boleto", "", when=test_accounts.LATER)
    for number, ending, account in (
        (CPF, "anybody", paid),
        (CNPJ, "anybody", paid),
        *((CPF, ending, account) for ending, account in book.vouchers.items()),
    ):
        email = f"{ending}@example.com"
        yield Trial(
            f"{number} · {email}" if account is not paid else number,
            {**filled("boleto"), "email": email, "tax_id": number},
            _does(account),
            account.failure,
        )
