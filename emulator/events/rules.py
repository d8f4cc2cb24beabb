"""Decides what is announced: for each kind, the event types and the before/after that each of them means.

The order of a kind's rules is the order of its events for one write. Kinds without rules are announced plainly:
by the ``.created``, ``.updated`` and ``.deleted`` that the API description has for them (facts billing 9, portal 9).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.kernel.documents import Doc

    Test = Callable[[Doc | None, Doc | None], bool]


class Rule(NamedTuple):
    """An event type and when a write means it; ``previous`` asks for previous_attributes."""

    type: str
    when: Test
    previous: bool = False


class Rules(NamedTuple):
    """The rules of a kind that may mean a write: of a new object, of one that was there, of one that goes."""

    new: tuple[Rule, ...]
    changed: tuple[Rule, ...]
    gone: tuple[Rule, ...]

    def asked(self, before: Doc | None, after: Doc | None) -> tuple[Rule, ...]:
        """Return the rules that may mean a write; a write that leaves everything as it was means nothing."""
        if before is None:
            return self.new
        if after is None:
            return self.gone
        return () if before == after else self.changed


def created(before: Doc | None, after: Doc | None) -> bool:
    """Say whether the object is new."""
    return before is None and after is not None


def deleted(before: Doc | None, after: Doc | None) -> bool:
    """Say whether the object went away."""
    return before is not None and after is None


def updated(before: Doc | None, after: Doc | None) -> bool:
    """Say whether an object that was there has changed: writes that leave everything as it was are never asked about."""
    return before is not None and after is not None


# Tests that hold of new objects only, and those that never do: most rules need not be asked about a write.
_ONLY_NEW: set[Test] = {created}
_NEVER_NEW: set[Test] = {deleted, updated}


def _never_new(test: Test) -> Test:
    _NEVER_NEW.add(test)
    return test


def became(field: str, *values: Any) -> Test:
    """Return the test of a field taking one of the values, at creation too."""

    def test(before: Doc | None, after: Doc | None) -> bool:
        return after is not None and after.get(field) in values and (before is None or before.get(field) not in values)

    return test


def changed_to(field: str, *values: Any) -> Test:
    """Return the test of a field taking one of the values on an object that was there."""
    inner = became(field, *values)
    return _never_new(lambda before, after: before is not None and inner(before, after))


def both(*tests: Test) -> Test:
    """Return the test that all of the tests pass."""
    result: Test
    if len(tests) == 2:  # the common case, without a loop: rules run for every write
        first, second = tests
        result = lambda before, after: first(before, after) and second(before, after)  # noqa: E731
    else:
        result = lambda before, after: all(test(before, after) for test in tests)  # noqa: E731
    for known in (_ONLY_NEW, _NEVER_NEW):
        if not known.isdisjoint(tests):
            known.add(result)
    return result


def neither(*tests: Test) -> Test:
    """Return the test that none of the tests passes."""
    if len(tests) == 1:
        only = tests[0]
        return lambda before, after: not only(before, after)
    return lambda before, after: not any(test(before, after) for test in tests)


def same(field: str) -> Test:
    """Return the test that a field stayed what it was."""
    return _never_new(
        lambda before, after: before is not None and after is not None and before.get(field) == after.get(field)
    )


def gained(field: str) -> Test:
    """Return the test that a field went from nothing to something."""
    return lambda before, after: after is not None and bool(after.get(field)) and not (before or {}).get(field)


def lost(field: str) -> Test:
    """Return the test that a field went from something to nothing."""
    return _never_new(
        lambda before, after: (
            before is not None and after is not None and bool(before.get(field)) and not after.get(field)
        )
    )


def grew(field: str) -> Test:
    """Return the test that a number became larger."""
    return lambda before, after: after is not None and (after.get(field) or 0) > ((before or {}).get(field) or 0)


def crud(prefix: str, *, remove: bool = True) -> tuple[Rule, ...]:
    """Return the three plain rules under another name than the kind's."""
    rules = (Rule(f"{prefix}.created", created), Rule(f"{prefix}.updated", updated, previous=True))
    return (*rules, Rule(f"{prefix}.deleted", deleted)) if remove else rules


ended = changed_to("status", "canceled")
_tax_id_of_customer: Test = lambda before, after: (after or before or {}).get("customer") is not None  # noqa: E731
_recurring: Test = lambda before, after: (after or before or {}).get("type") == "recurring"  # noqa: E731
_owned: Test = lambda before, after: (after or before or {}).get("customer") is not None  # noqa: E731
paid_now = became("status", "paid")


def _more_than_delinquent(before: Doc | None, after: Doc | None) -> bool:
    """Say whether more of a customer has changed than whether money is owed, which is not announced."""
    if before is None or after is None or before == after:
        return False
    return before.get("delinquent") == after.get("delinquent") or {**before, "delinquent": after["delinquent"]} != after


RULES: dict[str, tuple[Rule, ...]] = {
    "subscription": (
        Rule("customer.subscription.created", created),
        Rule("customer.subscription.deleted", ended),
        Rule("customer.subscription.paused", changed_to("status", "paused")),
        Rule(
            "customer.subscription.resumed",
            both(
                updated,
                lambda b, a: (
                    b is not None
                    and b["status"] == "paused"
                    and a is not None
                    and a["status"] not in ("paused", "canceled")
                ),
            ),
        ),
        Rule("customer.subscription.updated", both(updated, neither(ended)), previous=True),
    ),
    "customer": (
        Rule("customer.created", created),
        Rule("customer.updated", _more_than_delinquent, previous=True),
        Rule("customer.deleted", deleted),
    ),
    "discount": (
        Rule("customer.discount.created", both(created, _owned)),
        Rule("customer.discount.updated", both(updated, _owned), previous=True),
        Rule("customer.discount.deleted", both(deleted, _owned)),
    ),
    "tax_id": (
        Rule("customer.tax_id.created", both(created, _tax_id_of_customer)),
        Rule("customer.tax_id.updated", both(updated, _tax_id_of_customer), previous=True),
        Rule("customer.tax_id.deleted", both(deleted, _tax_id_of_customer)),
    ),
    "card": crud("customer.source"),
    "bank_account": crud("customer.source"),
    "price": (
        Rule("plan.created", both(created, _recurring)),
        Rule("price.created", created),
        Rule("plan.updated", both(updated, _recurring), previous=True),
        Rule("price.updated", updated, previous=True),
        Rule("plan.deleted", both(deleted, _recurring)),
        Rule("price.deleted", deleted),
    ),
    "plan": (),
    "coupon": (
        Rule("coupon.created", created),
        Rule("coupon.updated", both(updated, same("times_redeemed"), same("valid")), previous=True),
        Rule("coupon.deleted", deleted),
    ),
    "promotion_code": (
        Rule("promotion_code.created", created),
        Rule("promotion_code.updated", both(updated, same("times_redeemed")), previous=True),
    ),
    "payment_method": (
        Rule("payment_method.attached", gained("customer")),
        Rule("payment_method.detached", lost("customer"), previous=True),
        Rule("payment_method.updated", both(updated, neither(gained("customer"), lost("customer"))), previous=True),
    ),
    "setup_intent": (
        Rule("setup_intent.created", created),
        Rule("setup_intent.requires_action", became("status", "requires_action")),
        Rule("setup_intent.succeeded", became("status", "succeeded")),
        Rule("setup_intent.setup_failed", both(updated, gained("last_setup_error"))),
        Rule("setup_intent.canceled", became("status", "canceled")),
    ),
    "payment_intent": (
        Rule("payment_intent.created", created),
        Rule("payment_intent.requires_action", became("status", "requires_action")),
        Rule("payment_intent.processing", became("status", "processing")),
        Rule("payment_intent.amount_capturable_updated", grew("amount_capturable")),
        Rule("payment_intent.succeeded", became("status", "succeeded")),
        Rule(
            "payment_intent.payment_failed",
            lambda b, a: (
                a is not None
                and bool(a.get("last_payment_error"))
                and a["status"] in ("requires_payment_method", "requires_source")
                and (b is None or b.get("last_payment_error") != a["last_payment_error"])
            ),
        ),
        Rule("payment_intent.canceled", became("status", "canceled")),
    ),
    "charge": (
        Rule("charge.pending", became("status", "pending")),
        Rule("charge.succeeded", became("status", "succeeded")),
        Rule("charge.failed", became("status", "failed")),
        Rule("charge.captured", changed_to("captured", True)),
        Rule("charge.refunded", grew("amount_refunded")),
        Rule("charge.updated", both(updated, same("status"), same("captured"), same("amount_refunded")), previous=True),
    ),
    "invoice": (
        Rule("invoice.created", created),
        Rule("invoice.updated", both(updated, same("status"), neither(grew("attempt_count"))), previous=True),
        Rule(
            "invoice.finalized",
            both(became("status", "open", "paid", "uncollectible"), lambda b, _: b is None or b["status"] == "draft"),
        ),
        Rule(
            "invoice.payment_failed", both(grew("attempt_count"), lambda _, a: a is not None and a["status"] == "open")
        ),
        Rule("invoice.voided", became("status", "void")),
        Rule("invoice.marked_uncollectible", became("status", "uncollectible")),
        Rule("invoice.paid", paid_now),
        Rule("invoice.payment_succeeded", paid_now),
        Rule("invoice.deleted", deleted),
    ),
    "invoice_payment": (Rule("invoice_payment.paid", became("status", "paid")),),
    "invoiceitem": (Rule("invoiceitem.created", created), Rule("invoiceitem.deleted", deleted)),
    "credit_note": (*crud("credit_note", remove=False), Rule("credit_note.voided", changed_to("status", "void"))),
    "dispute": (
        Rule("charge.dispute.created", created),
        Rule("charge.dispute.updated", updated, previous=True),
        Rule("charge.dispute.closed", changed_to("status", "won", "lost", "warning_closed")),
    ),
    "refund": (
        Rule("refund.created", created),
        Rule("charge.refund.updated", updated, previous=True),
        Rule("refund.updated", both(updated, neither(became("status", "failed"))), previous=True),
        Rule("refund.failed", changed_to("status", "failed")),
    ),
    "subscription_schedule": (
        Rule("subscription_schedule.created", created),
        Rule("subscription_schedule.canceled", changed_to("status", "canceled")),
        Rule("subscription_schedule.completed", changed_to("status", "completed")),
        Rule("subscription_schedule.released", changed_to("status", "released")),
        Rule("subscription_schedule.updated", both(updated, same("status")), previous=True),
    ),
    "billing.meter": (
        *crud("billing.meter", remove=False),
        Rule("billing.meter.deactivated", changed_to("status", "inactive")),
        Rule("billing.meter.reactivated", changed_to("status", "active")),
    ),
    "checkout.session": (
        Rule("checkout.session.completed", changed_to("status", "complete")),
        Rule("checkout.session.async_payment_succeeded", both(same("status"), changed_to("payment_status", "paid"))),
        Rule("checkout.session.expired", changed_to("status", "expired")),
    ),
    "quote": (
        Rule("quote.created", created),
        Rule("quote.finalized", changed_to("status", "open")),
        Rule("quote.accepted", changed_to("status", "accepted")),
        Rule("quote.canceled", changed_to("status", "canceled")),
    ),
    "test_helpers.test_clock": (
        Rule("test_helpers.test_clock.created", created),
        Rule("test_helpers.test_clock.advancing", changed_to("status", "advancing")),
        Rule("test_helpers.test_clock.ready", changed_to("status", "ready")),
        Rule("test_helpers.test_clock.internal_failure", changed_to("status", "internal_failure")),
        Rule("test_helpers.test_clock.deleted", deleted),
    ),
    "payout": (
        *crud("payout", remove=False),
        Rule("payout.paid", changed_to("status", "paid")),
        Rule("payout.canceled", changed_to("status", "canceled")),
    ),
    "topup": (
        Rule("topup.created", created),
        Rule("topup.succeeded", changed_to("status", "succeeded")),
        Rule("topup.canceled", changed_to("status", "canceled")),
    ),
    "transfer": (
        Rule("transfer.created", created),
        Rule("transfer.reversed", grew("amount_reversed")),
        Rule("transfer.updated", both(updated, same("amount_reversed")), previous=True),
    ),
    "identity.verification_session": (
        Rule("identity.verification_session.created", created),
        Rule("identity.verification_session.canceled", changed_to("status", "canceled")),
        Rule("identity.verification_session.redacted", gained("redaction")),
    ),
    "event": (),
    "source": (),
    "webhook_endpoint": (),
}

# Announced by noting, for they leave no trace in an object (R3).
NOTED = frozenset(
    {
        "account.application.deauthorized", "balance.available", "cash_balance.funds_available",
        "charge.dispute.funds_reinstated", "charge.dispute.funds_withdrawn", "customer.subscription.trial_will_end",
        "customer.subscription.pending_update_applied", "customer.subscription.pending_update_expired",
        "invoice.finalization_failed", "invoice.overdue", "invoice.overpaid", "invoice.payment_action_required",
        "issuing_authorization.request", "issuing_transaction.purchase_details_receipt_updated",
        "invoice.payment_attempt_required", "invoice.sent", "invoice.upcoming", "invoice.will_be_due",
        "mandate.updated", "payment_intent.partially_funded", "payment_method.automatically_updated",
        "checkout.session.async_payment_failed", "subscription_schedule.aborted", "subscription_schedule.expiring",
    }
)  # fmt: skip


def rules_of(kind: str, known: dict[str, str]) -> tuple[Rule, ...]:
    """Return the rules of a kind: its own, or the plain ones of its name that the API description has."""
    own = RULES.get(kind)
    if own is not None:
        return own
    # The description says of which kind each event tells: `issuing_card.created` of an `issuing.card`.
    families = {type.rpartition(".")[0] for type, kinds in known.items() if kind in kinds.split("|")}
    return tuple(rule for family in sorted(families) for rule in crud(family) if rule.type in known)


def sorted_out(rules: tuple[Rule, ...]) -> Rules:
    """Return which rules are to be asked about which writes, in their order."""
    return Rules(
        new=tuple(rule for rule in rules if rule.when not in _NEVER_NEW),
        changed=tuple(rule for rule in rules if rule.when not in _ONLY_NEW and rule.when is not deleted),
        gone=tuple(rule for rule in rules if rule.when not in _ONLY_NEW and rule.when is not updated),
    )
