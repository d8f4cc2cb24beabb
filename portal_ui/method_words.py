"""Decides what a customer agrees to with a payment method, and what the drawer says that a test number does."""

from __future__ import annotations

from typing import Any

from portal_ui import method_forms, method_kinds
from portal_ui.i18n import Words
from portal_ui.views.methods import TrialRow


def mandate(words: Words, type: str, business: str, method: str) -> str:
    """Return what adding a payment method permits; ``method`` is what the type is called."""
    told = {"business": business or words.gettext("the merchant"), "method": method}
    return words.gettext(method_kinds.of(type).mandate, **told)


def lead(words: Words, type: str, method: str) -> str | None:
    """Return what happens after the button, where that is not plain."""
    told = method_kinds.of(type).lead
    return words.gettext(told, method=method) if told else None


def _outcomes(words: Words) -> dict[str, str]:
    return {
        "asks": words.gettext("Asks for 3D Secure"),
        "asks_always": words.gettext("Asks for 3D Secure at every payment"),
        "deposits_fail": words.gettext("The small deposits do not arrive"),
        "disputed": words.gettext("Works, payments are disputed"),
        "mandate_refused": words.gettext("The bank refuses the mandate"),
        "pending": words.gettext("Payments stay in processing"),
        "works": words.gettext("Works"),
        "works_later": words.gettext("Works, payments take three minutes"),
    }


def _failures(words: Words) -> dict[str, str]:
    return {
        "account_closed": words.gettext("Account closed"),
        "charge_exceeds_source_limit": words.gettext("Over the weekly amount"),
        "charge_exceeds_weekly_limit": words.gettext("Over the weekly number of payments"),
        "debit_not_authorized": words.gettext("Debit not authorized"),
        "generic_could_not_process": words.gettext("Could not be processed"),
        "insufficient_funds": words.gettext("Insufficient funds"),
        "invalid_currency": words.gettext("Wrong currency"),
        "no_account": words.gettext("No such account"),
        "payment_method_provider_timeout": words.gettext("Not paid in time"),
        "refer_to_customer": words.gettext("Refer to customer"),
    }


def outcome(words: Words, trial: dict[str, Any]) -> str:
    """Return what a test number does."""
    does, code = trial["does"], trial["code"]
    if does == "refused":
        return method_forms.problem(words, code, trial["number"])
    reason = _failures(words).get(code or "", words.gettext("Card declined"))
    if does == "fails":
        return words.gettext("Payments fail: %(reason)s", reason=reason)
    if does == "fails_later":
        return words.gettext("Payments fail after three minutes: %(reason)s", reason=reason)
    told = _outcomes(words)[does]
    return words.gettext("%(first)s, then payments fail: %(reason)s", first=told, reason=reason) if code else told


def trials(words: Words, listed: list[dict[str, Any]], url: str) -> tuple[TrialRow, ...]:
    """Return the drawer's rows; ``url`` ends where the number of the chosen one is put."""
    return tuple(TrialRow(one["number"], outcome(words, one), f"{url}{place}") for place, one in enumerate(listed))


# Answers to small deposits in test mode (docs.stripe.com/testing).
CODES = ("SM11AA", "SM33CC", "SM44DD")
AMOUNTS = (("0.32", "0.45"), ("0.10", "0.11"), ("0.40", "0.41"))


def proofs(words: Words, url: str, *, by_code: bool) -> tuple[TrialRow, ...]:
    """Return the drawer's rows for an account that has to be proven."""
    told = (
        words.gettext("Works"),
        words.gettext("Too many attempts"),
        words.gettext("Too late"),
    )
    numbers = CODES if by_code else tuple(" + ".join(pair) for pair in AMOUNTS)
    return tuple(
        TrialRow(number, what, f"{url}{place}") for place, (number, what) in enumerate(zip(numbers, told, strict=True))
    )
