"""Decides what every test bank account is and does: a table of account numbers, read once from a data file.

Pure: nothing here reads a world or writes one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from emulator.kernel.data import data_path
from emulator.payments.test_cards import fingerprint

if TYPE_CHECKING:
    from pathlib import Path

# Kinds of payment whose money arrives, or does not, some time after the call.
DELAYED = frozenset(
    {"acss_debit", "au_becs_debit", "bacs_debit", "boleto", "nz_bank_account", "sepa_debit", "us_bank_account"}
)
# Kinds whose typed account numbers are proven by small deposits (docs.stripe.com/payments/ach-direct-debit).
VERIFIED_BY_DEPOSITS = frozenset({"acss_debit", "us_bank_account"})
SHORTLY = "shortly"
LATER = "later"
EXPIRY = "expiry"
NEVER = "never"
# Seconds until the bank answers. What comes at once in a test account takes a moment there (a choice);
# three minutes are documented; a voucher ends with the third day.
SHORT = 1
WAITS: dict[str, int | None] = {SHORTLY: SHORT, LATER: 180, EXPIRY: 3 * 86_400, NEVER: None}


@dataclass(frozen=True, slots=True)
class Account:
    """What one account number, or the payer of a voucher, does.

    ``failure`` is the code with which a payment comes back, ``dispute`` the reason for which one that went
    through is contested, ``setup`` the code with which saving the account is refused, ``mandate`` what becomes of
    its mandate, ``microdeposits`` "fail" when the deposits do not arrive.
    """

    type: str
    number: str
    names: tuple[str, ...] = ()
    when: str = SHORTLY
    failure: str | None = None
    dispute: str | None = None
    setup: str | None = None
    mandate: str | None = None
    microdeposits: str | None = None

    @property
    def wait(self) -> int | None:
        """Seconds until the bank answers, None when it never does."""
        return WAITS[self.when]


@dataclass(frozen=True, slots=True)
class AccountBook:
    """All test accounts by the mark that a stored payment method has of them, and by their names."""

    failures: dict[str, str]
    by_mark: dict[tuple[str, str], Account]
    by_name: dict[str, Account]
    vouchers: dict[str, Account]

    def of(self, method: dict[str, Any]) -> Account:
        """Return the test account of a stored payment method; any other number belongs to an account that pays."""
        type = method["type"]
        if type == "boleto":
            return self.voucher(method["billing_details"]["email"])
        details = method.get(type) or {}
        for mark in (details.get("fingerprint"), _ending(type, details)):
            found = self.by_mark.get((type, mark or ""))
            if found is not None:
                return found
        return Account(type, "")

    def voucher(self, email: str | None) -> Account:
        """Return what the payer of a voucher does, by the end of the first part of their e-mail address."""
        local = (email or "").partition("@")[0]
        for ending, account in self.vouchers.items():
            if local.endswith(ending):
                return account
        return Account("boleto", "", when=LATER)


def load(path: Path) -> AccountBook:
    """Read the table of test accounts from a file; raises what reading and decoding it raises."""
    table = json.loads(path.read_text(encoding="utf-8"))
    accounts = [_account(row) for row in table["accounts"]]
    marks: dict[tuple[str, str], Account] = {}
    # The first of an ending wins, so that the plain account is found before its special namesakes.
    for account in reversed(accounts):
        marks[account.type, _mark(account)] = account
    for account in accounts:
        marks[account.type, mark_of(account.type, account.number)] = account
    return AccountBook(
        failures=table["failures"],
        by_mark=marks,
        by_name={name: account for account in accounts for name in account.names},
        vouchers={
            row["ending"]: Account("boleto", row["ending"], when=row["when"], failure=row.get("failure"))
            for row in table["vouchers"]
        },
    )


@cache
def book() -> AccountBook:
    """Return the table that ships with the emulator, read on first use."""
    return load(data_path("fixtures", "test_accounts.json"))


def mark_of(type: str, number: str) -> str:
    """Return the fingerprint of an account number."""
    return fingerprint(f"{type} {number}")


def parameters(account: Account) -> dict[str, Any]:
    """Return the parameters with which the payment method of a test account is made."""
    number = account.number
    given: dict[str, Any] = {
        "us_bank_account": {"account_number": number, "routing_number": "110000000"},
        "sepa_debit": {"iban": number},
        "bacs_debit": {"account_number": number, "sort_code": "108800"},
        "nz_bank_account": {
            "account_number": number[:7],
            "bank_code": "11",
            "branch_code": "0000",
            "suffix": number[8:],
        },
    }[account.type]
    return {"type": account.type, account.type: given}


def _account(row: dict[str, Any]) -> Account:
    fields = {key: value for key, value in row.items() if key != "choice"}
    return Account(**{**fields, "names": tuple(row.get("names", ()))})


def _mark(account: Account) -> str:
    number, _, suffix = account.number.partition("-")
    return _ending(account.type, {"last4": number[-4:], "suffix": suffix})


def _ending(type: str, details: dict[str, Any]) -> str:
    """Return how an account without a fingerprint is known, such as a hand-written one."""
    last4 = str(details.get("last4") or "")
    # New Zealand's accounts tell themselves apart by the suffix.
    return f"{last4}-{details.get('suffix') or ''}" if type == "nz_bank_account" else last4
