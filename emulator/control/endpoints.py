"""Decides how a test points webhooks at its receiver: an endpoint with a secret of its own choice."""

from __future__ import annotations

from emulator.control import errors
from emulator.control.call import text_of
from emulator.kernel.documents import Doc
from emulator.kernel.errors import StripeError
from emulator.operations.engine import Engine
from emulator.operations.space import Space


async def add(engine: Engine, space: Space, body: Doc) -> Doc:
    """Add an endpoint (``http``, ``https``, or ``record`` for what is only kept) and return it; one of its URL stays."""
    given = {"url": text_of(body, "url"), "secret": text_of(body, "secret")}
    names = body.get("enabled_events", ["*"])
    if not isinstance(names, list) or not names or not all(isinstance(one, str) for one in names):
        raise errors.bad_value("enabled_events", "a list of event types")
    if body.get("api_version") is not None:
        given["api_version"] = text_of(body, "api_version")
    try:
        return await engine.run(space, "webhooks:seed", {**given, "enabled_events": names}, actor="control")
    except StripeError as refusal:
        raise errors.ControlError(refusal.message, param=refusal.param) from None
