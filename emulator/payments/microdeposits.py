"""Decides how two small deposits prove that a bank account is the customer's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from emulator.kernel.documents import changed
from emulator.payments import debit_errors, debits, errors, payment_methods, transitions
from emulator.payments.test_accounts import SHORT, VERIFIED_BY_DEPOSITS, book

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.kernel.errors import StripeError
    from emulator.resources.context import Context

# How often a customer tried, and deposits that will not arrive; by the id of the intent.
TRIES = "_microdeposit_tries"
FAILING = "_failing_microdeposit"
MOST_TRIES = 10
# Test answers (docs.stripe.com/testing): proven, tried too often, too late; all others do not match.
PROVEN, TOO_OFTEN, TOO_LATE, WRONG = "proven", "too_often", "too_late", "wrong"
AMOUNTS = {(32, 45): PROVEN, (10, 11): TOO_OFTEN, (40, 41): TOO_LATE}
CODES = {"SM11AA": PROVEN, "SM33CC": TOO_OFTEN, "SM44DD": TOO_LATE}
SATURDAY = 5


async def wanted(ctx: Context, intent: Doc, method: Doc) -> bool:
    """Tell whether an account has to be proven before it can be used."""
    type = method["type"]
    if type not in VERIFIED_BY_DEPOSITS or await payment_methods.is_verified(ctx, method["id"]):
        return False
    options = (intent["payment_method_options"] or {}).get(type) or {}
    return options.get("verification_method") != "instant"


async def ask(ctx: Context, intent: Doc, method: Doc) -> Doc:
    """Return the ``next_action`` of an intent while the deposits are on their way."""
    if book().of(method).microdeposits == "fail":
        clock = await debits.clock_of(ctx, intent["customer"])
        ctx.put(FAILING, {"id": intent["id"], "due": ctx.now + SHORT, "intent": intent["object"], "test_clock": clock})
    details = {
        "arrival_date": arrival(ctx.now),
        "hosted_verification_url": f"{ctx.base_url}/microdeposit/{intent['client_secret']}",
        # Canada's banks show no text beside a deposit.
        "microdeposit_type": "descriptor_code" if method["type"] == "us_bank_account" else "amounts",
    }
    return {"type": "verify_with_microdeposits", "verify_with_microdeposits": details}


def arrival(now: int) -> int:
    """Return the midnight of the second business day after ``now`` (unix seconds), when deposits arrive."""
    day = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    left = 2
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < SATURDAY
    return int(day.timestamp())


def outcome(amounts: list[int] | None, code: str | None) -> str:
    """Return what a customer's answer proves; amounts count in either order."""
    if amounts is not None:
        return AMOUNTS.get((min(amounts), max(amounts)), WRONG)
    return CODES.get((code or "").upper(), WRONG)


async def check(ctx: Context, intent: Doc, params: Doc) -> Doc:
    """Return the payment method that the customer's answer proves; raises what the answer is refused with.

    Too many tries, or too late, end the intent's wait: it requires another payment method.
    """
    action = intent["next_action"] or {}
    if intent["status"] != transitions.REQUIRES_ACTION or action.get("type") != "verify_with_microdeposits":
        raise errors.not_awaiting(debit_errors.NOUNS[intent["object"]], intent)
    amounts, code = params.get("amounts"), params.get("descriptor_code")
    if amounts is None and code is None:
        raise debit_errors.nothing_to_verify_with()
    if amounts is not None and len(amounts) != 2:
        raise debit_errors.amounts_invalid()
    result = outcome(amounts, code)
    method = await payment_methods.resolve(ctx, intent["payment_method"])
    if result == PROVEN and book().of(method).microdeposits != "fail":
        payment_methods.verify(ctx, method["id"])
        return method
    raise await _refusal(ctx, intent, result, by_code=amounts is None)


async def fail(ctx: Context, row: Doc) -> None:
    """Store that the deposits did not arrive."""
    ctx.remove(FAILING, row["id"])
    intent = await ctx.find(row["intent"], row["id"])
    if intent is not None and intent["status"] == transitions.REQUIRES_ACTION:
        _end(ctx, intent, debit_errors.DEPOSITS_FAILED_CODE, debit_errors.DEPOSITS_FAILED)


async def _refusal(ctx: Context, intent: Doc, result: str, *, by_code: bool) -> StripeError:
    row = await ctx.find(TRIES, intent["id"])
    tries = 1 + (row["tries"] if row else 0)
    ctx.put(TRIES, {"id": intent["id"], "tries": tries})
    if result == TOO_LATE:
        error = debit_errors.verification_timeout(intent)
    elif result == TOO_OFTEN or tries >= MOST_TRIES:
        error = debit_errors.attempts_exceeded(intent)
    else:
        return (debit_errors.code_mismatch if by_code else debit_errors.amounts_mismatch)(intent, MOST_TRIES - tries)
    error.extra[intent["object"]] = _end(ctx, intent, str(error.code), error.message)
    return error


def _end(ctx: Context, intent: Doc, code: str, message: str) -> Doc:
    kind = intent["object"]
    name = "last_payment_error" if kind == "payment_intent" else "last_setup_error"
    after = changed(intent, next_action=None, payment_method=None, status=transitions.REQUIRES_PAYMENT_METHOD)
    after[name] = debit_errors.failure(code, message)
    return ctx.put(kind, after)
