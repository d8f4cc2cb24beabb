"""Decides how a test points webhooks at its receiver: an endpoint with a secret of its own choice."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from emulator.control import errors
from emulator.control.call import text_of
from emulator.kernel.documents import Doc
from emulator.kernel.errors import StripeError
from emulator.operations.engine import Engine
from emulator.operations.events import wanted
from emulator.operations.space import Space


async def add(engine: Engine, space: Space, body: Doc) -> Doc:
    """Add an endpoint (``http``, ``https``, or ``record`` for what is only kept) and return it; one of its URL keeps its id.

    ``enabled_events`` may name families such as ``customer.*``; the endpoint gets all types that are in them.
    Raises the refusals of the API's own create call.
    """
    given = {"url": text_of(body, "url"), "secret": text_of(body, "secret")}
    names = _types(engine, body.get("enabled_events", ["*"]))
    if body.get("api_version") is not None:
        given["api_version"] = text_of(body, "api_version")
    try:
        return await engine.run(
            space, "webhooks:seed", {**given, "enabled_events": names, "anew": True}, actor="control"
        )
    except StripeError as refusal:
        raise errors.ControlError(refusal.message, param=refusal.param) from None


def _types(engine: Engine, names: Any) -> list[str]:
    """Return the event types that names and families stand for; raises 400 with the nearest name for one that is none."""
    if not isinstance(names, list) or not names or not all(isinstance(one, str) for one in names):
        raise errors.bad_value("enabled_events", "a list of event types")
    known = engine.catalogue.events
    found: dict[str, None] = {}
    for place, name in enumerate(names):
        fitting = ["*"] if name == "*" else [type for type in known if wanted(name, type)]
        if not fitting:
            near = get_close_matches(name, known, 1)
            raise errors.bad_value(
                f"enabled_events[{place}]", f"an event type, a family such as customer.*, or *, not {name!r}",
                hint=f"did you mean {near[0]}?" if near else None,
            )  # fmt: skip
        found.update(dict.fromkeys(fitting))
    return list(found)
