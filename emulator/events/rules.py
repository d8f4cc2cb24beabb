"""Decides what is announced: for each kind, the event types and the before/after that each of them means.

The order of a kind's rules is the order of its events for one write. Kinds without rules are announced plainly:
by the ``.created``, ``.updated`` and ``.deleted`` that the API description has for them (facts billing 9, portal 9).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from emulator.events.conditions import (
    Write,
    became,
    both,
    changed_to,
    created,
    deleted,
    gained,
    grew,
    lost,
    neither,
    same,
    settled,
    updated,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.events.conditions import Test
    from emulator.kernel.documents import Doc


class Rule(NamedTuple):
    """An event type and when a write means it; ``previous`` asks for previous_attributes."""

    type: str
    when: Test
    previous: bool = False


class Asked(NamedTuple):
    """A rule that may mean a write; ``when`` is None where it is known to."""

    type: str
    when: Test | None
    previous: bool


KEPT = 64  # ways of a kind to be written that are remembered: a few statuses, new and old


class Rules:
    """The rules of a kind, and which of them are to be asked about which writes."""

    __slots__ = ("_asked", "rules")

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self.rules = rules
        self._asked: dict[tuple[str, bool, str | None], tuple[Asked, ...]] = {}

    def asked(self, before: Doc | None, after: Doc | None) -> tuple[Asked, ...]:
        """Return the rules that may mean a write, in their order: what a status alone can tell is settled already.

        A write that leaves everything as it was means nothing.
        """
        status = None if after is None else after.get("status")
        if status.__class__ is not str:
            status = None
        # The members of a Write, which is made of them where they come for the first time.
        if before is None:
            write = ("new", True, status)
        elif after is None:
            write = ("gone", True, None)
        elif before == after:
            return ()
        else:
            write = ("changed", before.get("status") != after.get("status"), status)
        found = self._asked.get(write)
        if found is None:
            found = tuple(self._settled(Write(*write)))
            if len(self._asked) < KEPT:
                self._asked[write] = found
        return found

    def _settled(self, write: Write) -> Iterator[Asked]:
        for rule in self.rules:
            test = settled(rule.when, write)
            if test is not False:
                yield Asked(rule.type, None if test is True else test, rule.previous)


def crud(prefix: str, *, remove: bool = True) -> tuple[Rule, ...]:
    """Return the three plain rules under another name than the kind's."""
    rules = (Rule(f"{prefix}.created", created), Rule(f"{prefix}.updated", updated, previous=True))
    return (*rules, Rule(f"{prefix}.deleted", deleted)) if remove else rules


ended = changed_to("status", "canceled")
_tax_id_of_customer: Test = lambda before, after: (after or before or {}).get("customer") is not None  # noqa: E731
_recurring: Test = lambda before, after: (after or before or {}).get("type") == "recurring"  # noqa: E731
_sent_by_platform: Test = lambda _, after: after is not None and after.get("source_transfer") is not None  # noqa: E731
_owned: Test = lambda before, after: (after or before or {}).get("customer") is not None  # noqa: E731
paid_now = became("status", "paid")


def _more_than_delinquent(before: Doc | None, after: Doc | None) -> bool:
    """Say whether more of a customer has changed than whether money is owed, which is not announced."""
    if before is None or after is None or before == after:
        return False
    return before.get("delinquent") == after.get("delinquent") or {**before, "delinquent": after["delinquent"]} != after


def _waited(before: Doc | None, after: Doc | None) -> bool:
    """Say whether a draft is finalized that had an hour to wait: it is told as updated first (facts billing 9.2, renewals).

    One that is finalized where it is made, as that of a first payment, is not (recorded 2022 to 2026).
    """
    return (
        before is not None
        and after is not None
        and before["status"] == "draft"
        and before["automatically_finalizes_at"] is not None
        and after["status"] in ("open", "paid")
    )


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
        # What a platform sends to a connected account is no charge to it (docs.stripe.com/connect/destination-charges).
        Rule("charge.succeeded", both(became("status", "succeeded"), neither(_sent_by_platform))),
        Rule("charge.failed", became("status", "failed")),
        Rule("charge.captured", changed_to("captured", True)),
        Rule("charge.refunded", both(grew("amount_refunded"), neither(_sent_by_platform))),
        Rule("charge.updated", both(updated, same("status"), same("captured"), same("amount_refunded")), previous=True),
    ),
    "invoice": (
        Rule("invoice.created", created),
        Rule("invoice.updated", both(updated, same("status"), neither(grew("attempt_count"))), previous=True),
        Rule("invoice.updated", both(changed_to("status", "open", "paid"), _waited), previous=True),
        Rule(
            "invoice.finalized",
            # A credit that is given up at a cancellation stays without a number: it never was finalized.
            both(
                became("status", "open", "paid", "uncollectible"),
                lambda b, a: (b is None or b["status"] == "draft") and (a or {}).get("number", "") is not None,
            ),
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
    "application_fee": (
        Rule("application_fee.created", created),
        Rule("application_fee.refunded", grew("amount_refunded")),
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
