"""Decides how a test points webhooks at its application, waits for them, and says what it expects."""

from __future__ import annotations

import asyncio
import json
from types import TracebackType
from typing import Any, Self

from emulator.testing.wire import Wire

Doc = dict[str, Any]
# The secret that endpoints of tests sign with unless they are given another: an application can know it beforehand.
SECRET = "whsec_stripe_emulator_tests"  # noqa: S105 - nobody's secret
RECORD = "record://test"
WITHIN = 5.0
TOLD = 5  # failed deliveries that a failed expectation tells of


class ExpectationError(AssertionError):
    """What came is not what was expected; the message shows the difference."""


class Expected:
    """What is expected of the block that it surrounds, with ``with`` or ``async with``."""

    def __init__(self, webhooks: Webhooks, body: Doc, of: str | None, endpoint: str | None) -> None:
        self._webhooks = webhooks
        self._body = body
        self._of = of
        self._endpoint = endpoint
        self.came: list[Doc] = []

    def __enter__(self) -> Self:
        latest = self._webhooks.wire.control("GET", "/events", last=1)["data"]
        if latest:
            self._body["since"] = latest[0]["id"]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        __tracebackhide__ = True
        if kind is None:
            self._check()

    async def __aenter__(self) -> Self:
        return await asyncio.to_thread(self.__enter__)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        __tracebackhide__ = True
        if kind is None:
            await asyncio.to_thread(self._check)

    def _check(self) -> None:
        __tracebackhide__ = True
        wire = self._webhooks.wire
        endpoint = self._endpoint or self._webhooks.endpoint
        of = self._of or ("deliveries" if endpoint is not None else "events")
        if of == "deliveries":
            self._body["endpoint"] = endpoint
        told = wire.control("POST", "/expectations", {**self._body, "of": of})
        self.came = told["came"]
        if not told["met"]:
            raise ExpectationError("\n".join(["", told["diff"], *self._failed(endpoint)]))

    def _failed(self, endpoint: str | None) -> list[str]:
        """Return what is to be said of deliveries that were made in vain."""
        rows = self._webhooks.wire.control("GET", "/deliveries", status="failed", endpoint=endpoint)["data"]
        lines = []
        for row in rows[-TOLD:]:
            body = ((row["response"] or {}).get("body") or "").strip()[:200]
            lines.append(f"  failed: {row['type']} to {row['url']}: {row['error']}{f': {body}' if body else ''}")
        return lines


class Webhooks:
    """The webhooks of one world."""

    def __init__(self, wire: Wire, secret: str = SECRET) -> None:
        self.wire = wire
        self.secret = secret
        self.endpoint: str | None = (
            None  # the endpoint that expectations are about: the first that was pointed anywhere
        )

    # ------------------------------------------------------------------------------------------ where they go
    def forward_to(
        self, url: str, *, events: list[str] | None = None, secret: str | None = None, api_version: str | None = None
    ) -> Doc:
        """Deliver there what happens in this world, signed with ``secret``; returns the endpoint."""
        body = {"url": url, "secret": secret or self.secret, "api_version": api_version}
        if events is not None:
            body["enabled_events"] = events  # type: ignore[assignment]
        made = self.wire.control("POST", "/endpoints", body)
        self.endpoint = self.endpoint or made["id"]
        return made

    def record(self, events: list[str] | None = None) -> Doc:
        """Keep what would be delivered, with headers and signatures, without sending it; returns the endpoint."""
        return self.forward_to(RECORD, events=events)

    # ------------------------------------------------------------------------------------------ what came
    def deliveries(self, type: str | None = None, **filters: Any) -> list[Doc]:
        """Return deliveries, oldest first: ``object``, ``customer``, ``event``, ``endpoint``, ``status``, ``after``, ``before``."""
        rows: list[Doc] = self.wire.control("GET", "/deliveries", type=type, limit=10_000, **filters)["data"]
        return rows

    def wait(self, type: str | None = None, *, timeout: float = 10.0, **filters: Any) -> Doc:
        """Return the first event that was delivered (or happened, where no endpoint is set); raises RefusedError (408).

        ``filters``: ``object``, ``customer``, ``status`` ...
        """
        __tracebackhide__ = True
        if self.endpoint is None:
            return self.wire.awaited("/events/wait", type=type, timeout=timeout, **filters)
        given = {"endpoint": self.endpoint, **filters}
        rows = self.wire.awaited("/deliveries/wait", type=type, timeout=timeout, **given)["data"]
        event: Doc = json.loads(rows[0]["request"]["body"])
        return event

    async def wait_async(self, type: str | None = None, *, timeout: float = 10.0, **filters: Any) -> Doc:  # noqa: ASYNC109
        """Do as ``wait``, without blocking the event loop that the application may run in."""
        return await asyncio.to_thread(self.wait, type, timeout=timeout, **filters)

    def expect(
        self,
        *types: str,
        exactly: bool = False,
        any_order: bool = False,
        none_of: tuple[str, ...] | list[str] = (),
        object: str | None = None,
        customer: str | None = None,
        within: float | None = None,
        of: str | None = None,
        endpoint: str | None = None,
    ) -> Expected:
        """Expect webhooks of the block: ``types`` in this order, others between them.

        ``exactly``: nothing else either. ``none_of``: types or families that must not come. ``within`` (seconds, 5):
        how long it may take after the block. Deliveries count that reached their receiver; events, where no
        endpoint is set or ``of`` is "events". Raises ExpectationError with the difference.
        """
        body: Doc = {"none_of": list(none_of)}
        if exactly or types:
            body["exactly" if exactly else "any_order" if any_order else "contains"] = list(types)
        about = {"object": object, "customer": customer, "within": within}
        body |= {name: value for name, value in about.items() if value is not None}
        return Expected(self, body, of, endpoint)

    # ------------------------------------------------------------------------------------------ once more
    def replay(self, delivery: str) -> Doc:
        """Make a further attempt of a delivery and return it."""
        return self.wire.control("POST", f"/deliveries/{delivery}/replay")

    def resend(self, event: str, endpoint: str | None = None) -> list[Doc]:
        """Send an event again and return the deliveries."""
        body = {} if endpoint is None else {"endpoint": endpoint}
        rows: list[Doc] = self.wire.control("POST", f"/events/{event}/resend", body)["data"]
        return rows

    def clear(self) -> None:
        """Forget the deliveries so far."""
        self.wire.control("DELETE", "/deliveries")
