"""Decides which usage is taken in: the checks of a meter event, its place in the store, and how it is taken back."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from emulator.billing import meter_errors
from emulator.billing.meter_usage import EVENT, number, place
from emulator.kernel.errors import missing_param
from emulator.resources.context import timestamp

if TYPE_CHECKING:
    from emulator.kernel.documents import Doc
    from emulator.resources.context import Context

METER = "billing.meter"
DAY = 86_400
PAST, FUTURE = 35 * DAY, 300  # how far a timestamp may lie from now (docs.stripe.com/api/billing/meter-event/create)
UNIQUE = DAY  # "at least 24 hours" an identifier is taken (docs.stripe.com/api/billing/meter-event/create)
CANCELABLE = DAY
HEX = "0123456789abcdef"


async def create(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Take in a meter event (``POST /v1/billing/meter_events``, facts billing 6.15).

    Checked at once are the meter, the timestamp, the identifier, the customer and the value; the real API reports some
    of these later by an event of its own.
    """
    row = await _taken(ctx, params, params.get("timestamp"), coded=False)
    return {
        **ctx.blank("billing.meter_event"),
        "event_name": row["event_name"],
        "identifier": row["identifier"],
        "payload": params["payload"],
        "timestamp": row["created"],
    }


async def create_v2(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Take in a meter event (``POST /v2/billing/meter_events``): the same event, times as text, refusals with codes."""
    row = await _taken(ctx, params, _instant(params.get("timestamp")), coded=True)
    return {
        **ctx.blank("v2.billing.meter_event"),
        "event_name": row["event_name"],
        "identifier": row["identifier"],
        "payload": params["payload"],
        "timestamp": timestamp(row["created"]),
    }


async def stream(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Take in many events at once (``POST /v2/billing/meter_event_stream``); one that is refused refuses all."""
    for one in params["events"]:
        await _taken(ctx, one, _instant(one.get("timestamp")), coded=True)
    return {}


def _instant(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())


async def _taken(ctx: Context, params: Doc, at: int | None, *, coded: bool) -> Doc:
    """Store an event and return its row; raises the first refusal."""
    name = params["event_name"]
    meter = await _meter(ctx, name, coded=coded)
    payload: dict[str, Any] = params["payload"]
    customer = await _customer(ctx, meter, payload, coded=coded)
    now = await _now(ctx, customer)
    at = now if at is None else at
    if at < now - PAST:
        raise meter_errors.too_old(now - PAST, coded=coded)
    if at > now + FUTURE:
        raise meter_errors.too_early(now + FUTURE, coded=coded)
    identifier = params.get("identifier") or _identifier(ctx)
    for one in await ctx.select(EVENT, limit=1, lookup_key=identifier):
        if now - one["received"] < UNIQUE:
            raise meter_errors.duplicate(identifier, coded=coded)
    return ctx.put(EVENT, {
        "id": ctx.text(24),
        "code": place(meter["id"], customer["id"]),
        "created": at,  # the store keeps rows by it, so that they come in the order of their time
        "event_name": name,
        "identifier": identifier,
        "lookup_key": identifier,
        "received": now,
        "value": str(_value(meter, payload, coded=coded)),
    })  # fmt: skip


async def _meter(ctx: Context, name: str, *, coded: bool) -> Doc:
    found = [one for one in await ctx.select(METER) if one["event_name"] == name]
    for meter in found:
        if meter["status"] == "active":
            return meter
    raise meter_errors.archived_meter(name) if found and coded else meter_errors.no_meter(name, coded=coded)


async def _customer(ctx: Context, meter: Doc, payload: dict[str, Any], *, coded: bool) -> Doc:
    key = meter["customer_mapping"]["event_payload_key"]
    if not payload.get(key):
        raise meter_errors.no_customer(key, coded=coded)
    return await ctx.need("customer", str(payload[key]), f"payload[{key}]")


async def _now(ctx: Context, customer: Doc) -> int:
    """Return the customer's time: that of its test clock, if it is on one."""
    clock = customer.get("test_clock")
    found = await ctx.find("test_helpers.test_clock", clock) if clock else None
    return ctx.now if found is None else int(found["frozen_time"])


def _value(meter: Doc, payload: dict[str, Any], *, coded: bool) -> Fraction:
    if meter["default_aggregation"]["formula"] == "count":
        return Fraction(1)
    key = meter["value_settings"]["event_payload_key"]
    text = payload.get(key)
    if text is None or text == "":
        raise meter_errors.no_value(key, coded=coded)
    value = number(str(text))
    if value is None:
        raise meter_errors.bad_value(key, str(text), coded=coded)
    return value


def _identifier(ctx: Context) -> str:
    text = ctx.text(32, HEX)
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


async def adjust(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Take an event back within 24 hours (``POST /v1/billing/meter_event_adjustments``)."""
    await _cancelled(ctx, params)
    return {
        **ctx.blank("billing.meter_event_adjustment"),
        "cancel": {"identifier": params["cancel"]["identifier"]},
        "event_name": params["event_name"],
        "status": "pending",  # the real API works on it afterwards; here it is done
        "type": params["type"],
    }


async def adjust_v2(ctx: Context, ids: dict[str, str], params: Doc) -> Doc:
    """Take an event back (``POST /v2/billing/meter_event_adjustments``)."""
    await _cancelled(ctx, params)
    return {
        **ctx.blank("v2.billing.meter_event_adjustment"),
        "id": ctx.new_id("v2.billing.meter_event_adjustment"),
        "cancel": {"identifier": params["cancel"]["identifier"]},
        "event_name": params["event_name"],
        "status": "pending",
        "type": params["type"],
    }


async def _cancelled(ctx: Context, params: Doc) -> None:
    identifier = (params.get("cancel") or {}).get("identifier")
    if identifier is None:
        raise missing_param("cancel[identifier]")
    found = await ctx.select(EVENT, lookup_key=identifier)
    row = next((one for one in found if one["event_name"] == params["event_name"] and one["code"]), None)
    if row is None:
        raise meter_errors.unknown_event(identifier)
    customer = await ctx.find("customer", row["code"].partition("/")[2])
    now = ctx.now if customer is None else await _now(ctx, customer)
    if now - row["received"] > CANCELABLE:
        raise meter_errors.cancelled_too_late()
    ctx.put(EVENT, {**row, "code": None})  # not counted any more; its identifier stays taken
