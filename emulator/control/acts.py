"""Decides how a test lets the outside world act: by name, at the instant of the object's clock, asked for by nobody."""

from __future__ import annotations

from typing import Final, NamedTuple

from emulator.control import errors
from emulator.control.call import text_of
from emulator.kernel.documents import Doc
from emulator.kernel.errors import StripeError
from emulator.operations import errands, outside
from emulator.operations.clocked import clock_of
from emulator.operations.engine import Engine
from emulator.operations.execute import settle
from emulator.operations.space import Space
from emulator.resources.context import RequestInfo


class Act(NamedTuple):
    """What an act is given beside ``object``, and what it does."""

    takes: dict[str, tuple[str, ...]]
    words: str


ACTS: Final[dict[str, Act]] = {
    "open_dispute": Act({"reason": outside.REASONS}, "the customer's bank contests a charge"),
    "close_dispute": Act({"outcome": outside.VERDICTS}, "the bank decides a dispute"),
    "fail_refund": Act({"reason": outside.REFUND_FAILURES}, "a refund comes back"),
    "verify_tax_id": Act({"outcome": outside.TAX_ANSWERS, "name": (), "address": ()}, "the authority answers"),
    "complete_3ds": Act({"outcome": outside.OUTCOMES}, "the customer answers 3D Secure"),
    "settle_payment": Act({"outcome": outside.OUTCOMES, "code": ()}, "the bank behind a delayed payment answers"),
}


def listed() -> Doc:
    """Return the acts with what they take."""
    return {
        "data": [
            {"act": name, "does": act.words, "takes": {"object": [], **{one: list(known) for one, known in act.takes.items()}}}
            for name, act in ACTS.items()
        ]
    }  # fmt: skip


async def perform(engine: Engine, space: Space, name: str, body: Doc) -> Doc:
    """Perform an act and return the object as it is afterwards; raises what makes it impossible, and nothing is stored."""
    act = ACTS.get(name)
    if act is None:
        raise errors.ControlError(f"no such act: {name}", status=404, hint=f"there are {', '.join(ACTS)}")
    known = ["object", *act.takes]
    if unknown := [one for one in body if one not in known]:
        raise errors.unknown_members(unknown, known)
    object = text_of(body, "object")
    for one in ("name", "address", "code"):
        if body.get(one) is not None:
            text_of(body, one)
    given = {one: value for one, value in body.items() if value is not None}
    try:
        return await _run(engine, space, name, object, given)
    except StripeError as refusal:
        status = refusal.status if refusal.status in (404, 429) else 400
        raise errors.ControlError(refusal.message, status=status, param=refusal.param) from None


async def _run(engine: Engine, space: Space, name: str, object: str, params: Doc) -> Doc:
    async with engine.store.begin(space.store_name) as unit:
        now = instant = space.clock.now()
        clock = await clock_of(unit, {"object": object}, {}) if space.clocked else None
        if clock is not None:
            instant = clock["frozen_time"]
        ctx = engine.context(space, unit, instant, RequestInfo(None, None, "control"), server_now=now)
        try:
            result = await outside.ACTS[name](ctx, {}, params)
        except StripeError as refusal:
            if refusal.keep:
                await settle(engine, space, unit, ctx)
            raise
        await settle(engine, space, unit, ctx)
    await errands.run(engine, space, ctx, settle)
    return result
