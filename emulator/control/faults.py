"""Decides what goes wrong because a test wants it to: for API calls, for payments and for webhooks of one world."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any, NamedTuple

from emulator.control import errors, fault_errors, fault_lag, fault_rules
from emulator.control.fault_rules import Rule
from emulator.kernel.clock import wall
from emulator.kernel.documents import Doc
from emulator.operations import idempotency
from emulator.operations.broken import BrokenConnectionError
from emulator.operations.engine import Engine
from emulator.operations.execute import Answer, execute
from emulator.operations.plans import Call
from emulator.operations.space import Space
from emulator.webhooks.faulty import Verdict

PREFIX = "flt"
# Calls that take money, or prepare a method for it, in every case, and those that do when they are to `confirm`.
PAYING = frozenset(
    {
        "PostCharges", "PostCustomersCustomerSubscriptions", "PostCustomersCustomerSubscriptionsSubscriptionExposedId",
        "PostInvoicesInvoiceFinalize", "PostInvoicesInvoicePay", "PostPaymentIntentsIntentConfirm",
        "PostSetupIntentsIntentConfirm", "PostSubscriptionItems", "PostSubscriptionItemsItem", "PostSubscriptions",
        "PostSubscriptionsSubscriptionExposedId", "PostSubscriptionsSubscriptionResume",
    }
)  # fmt: skip
CONFIRMING = frozenset({"PostPaymentIntents", "PostSetupIntents"})


class Caller(NamedTuple):
    """What a rule may ask of the call that is under way."""

    method: str
    path: str
    keys: tuple[str | None, ...]


_UNDER_WAY: ContextVar[Caller | None] = ContextVar("call_under_way", default=None)


class Faults:
    """The rules of one world, in the order in which they were given."""

    def __init__(self) -> None:
        self.rules: dict[str, Rule] = {}
        self._made = 0

    def add(self, body: Doc) -> Rule:
        """Take up a rule; raises 400."""
        rule = fault_rules.read(body, f"{PREFIX}_{self._made + 1}", wall())
        self._made += 1
        self.rules[rule.id] = rule
        return rule

    def _live(self) -> Iterator[Rule]:
        now = wall()
        return (rule for rule in list(self.rules.values()) if not rule.over(now))

    # ------------------------------------------------------------------------------------------ API calls
    async def around(self, engine: Engine, space: Space, call: Call, api_key: str) -> Answer:
        """Execute a call, disturbed by the rules that fit it; raises what the rules want to be raised."""
        caller = Caller(call.operation.method, call.path, (api_key, call.request.idempotency_key))
        fired = self._fired(call, caller)
        if waiting := sum(fault_rules.seconds(rule.action.get("latency", 0), "latency") for rule in fired):
            await _hold(space, call, waiting)
        error = next((rule.action["error"] for rule in fired if "error" in rule.action), None)
        if error is not None:
            key = call.request.idempotency_key
            raise fault_errors.named(error, livemode=space.livemode, idempotency_key=key)
        breaks = next((rule.action["connection"] for rule in fired if "connection" in rule.action), None)
        if breaks == "reset_before":
            raise BrokenConnectionError(breaks)
        lag = next((rule.action["search_lag"] for rule in fired if "search_lag" in rule.action), None)
        token = _UNDER_WAY.set(caller)
        try:
            if lag is not None:
                async with fault_lag.lagging(engine, space, call.operation.kind, lag) as earlier:
                    answer: Answer = await execute(engine, earlier, call)
            else:
                answer = await execute(engine, space, call)
        finally:
            _UNDER_WAY.reset(token)
        if breaks is not None:
            raise BrokenConnectionError(breaks, answer if breaks == "truncate" else None)
        return answer

    def _fired(self, call: Call, caller: Caller) -> list[Rule]:
        """Return the rules that act on a call, up to the first that answers it."""
        fired = []
        for rule in self._live():
            if rule.webhook is not None or not rule.fits_call(*caller) or not rule.fits_object((call.ids, call.raw)):
                continue
            if rule.decline is not None and not _at_the_door(rule, call):
                continue
            if "search_lag" in rule.action and call.operation.form != "search":
                continue
            if rule.fires():
                fired.append(rule)
                if "error" in rule.action or "connection" in rule.action:
                    break
        return fired

    # ------------------------------------------------------------------------------------------ payments
    def decline(self, about: tuple[Any, ...]) -> str | None:
        """Return the code with which the payment that is being tried is to be declined; ``about`` are its ids."""
        caller = _UNDER_WAY.get()
        for rule in self._live():
            if rule.decline is None or not rule.fits_object(about):
                continue
            by_call = any(name in rule.match for name in fault_rules.OF_CALLS)
            fits = not by_call if caller is None else rule.fits_call(*caller)
            if fits and rule.fires():
                return rule.decline
        return None

    # ------------------------------------------------------------------------------------------ webhooks
    def of_delivery(self, row: Doc, event: Doc) -> Verdict | None:
        """Return what is to happen to a delivery that is about to be sent for the first time."""
        for rule in self._live():
            if rule.webhook is not None and rule.fits_delivery(row, event) and rule.fires():
                late = rule.action.get("latency", fault_rules.DELAY)
                return Verdict(rule.id, rule.webhook, fault_rules.duration(late, "latency").after(0))
        return None


def _at_the_door(rule: Rule, call: Call) -> bool:
    """Say whether a decline answers a call outright: one that the rule names, and that takes no money itself."""
    if not any(name in rule.match for name in fault_rules.OF_CALLS):
        return False
    id = call.operation.id
    return id not in PAYING and not (id in CONFIRMING and str(call.raw.get("confirm")).lower() == "true")


async def _hold(space: Space, call: Call, seconds: float) -> None:
    """Let a call wait; its idempotency key is in use meanwhile, as it is while a slow call runs."""
    key = call.request.idempotency_key if call.operation.method == "POST" else None
    if key is None:
        await asyncio.sleep(seconds)
        return
    if key in space.in_flight:
        raise idempotency.in_flight(key)
    space.in_flight.add(key)
    try:
        await asyncio.sleep(seconds)
    finally:
        space.in_flight.discard(key)


# ------------------------------------------------------------------------------------------------ from outside
def add(space: Space, body: Doc) -> Doc:
    """Add a rule to a world and return it; raises 400."""
    faults = space.faults or Faults()
    rule = faults.add(body)
    space.faults = faults
    space.world = space.world._replace(decline=faults.decline)
    return rule.shown()


def listed(space: Space) -> Doc:
    """Return a world's rules, those included that act no more, with how often each matched and acted."""
    return {"data": [rule.shown() for rule in space.faults.rules.values()] if space.faults else []}


def remove(space: Space, id: str) -> None:
    """Take a rule back; raises 404."""
    if space.faults is None or id not in space.faults.rules:
        raise errors.ControlError(f"no such fault: {id}", status=404, hint="GET /_emulator/faults lists them")
    del space.faults.rules[id]
    if not space.faults.rules:
        clear(space)


def clear(space: Space) -> None:
    """Take all rules of a world back."""
    space.faults = None
    space.world = space.world._replace(decline=None)
