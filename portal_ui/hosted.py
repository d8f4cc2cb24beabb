"""Decides what pages outside of a portal session start from: a secret in the address, and the worlds it may be of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from emulator.kernel.documents import Doc
from emulator.kernel.errors import StripeError
from portal_ui import csrf, i18n
from portal_ui.i18n import Words
from portal_ui.server import PAGES
from portal_ui.session import Engine, ForgedError, posted

LIVE = "live_"
# Pages of ours by the ``next_action`` that leads there; everything else is asked by a bank or wallet.
PLACES = {
    "boleto_display_details": "vouchers",
    "display_bank_transfer_instructions": "payment_instructions",
    "verify_with_microdeposits": "microdeposit",
}


@dataclass(frozen=True, slots=True)
class Guest:
    """One request for a hosted page."""

    request: web.Request

    @property
    def engine(self) -> Engine:
        """The one door."""
        engine: Engine = self.request.app[PAGES].engine
        return engine

    @property
    def secret(self) -> bytes:
        """What signs forms and links."""
        return self.request.app[PAGES].secret

    @property
    def documents(self) -> bool:
        """Whether invoices and receipts can be had as PDF."""
        return self.request.app[PAGES].documents

    def part(self, name: str) -> str:
        """Return a part of the address."""
        return self.request.match_info[name]

    def words(self, customer: Mapping[str, Any] | None) -> Words:
        """Return the language: the address's, else the customer's, else the browser's."""
        preferred = (customer or {}).get("preferred_locales") or ()
        accept = self.request.headers.get("Accept-Language", "")
        return i18n.words(i18n.choose(self.request.query.get("locale"), preferred, accept))

    def space(self) -> Any:
        """Return the world of an address that names its account; raises 404."""
        account, token = self.part("account"), self.part("token")
        space = self.engine.space_of_token(token)
        if space is None or space.account != account:
            space = self.engine.space_of(account, livemode=token.startswith(LIVE))
        if space is None:
            raise nowhere()
        return space

    async def ask(self, space: Any, operation: str, **params: Any) -> Doc:
        """Run an operation of hosted pages; raises StripeError."""
        return await self.engine.run(space, operation, params, actor="portal")

    async def find(self, operation: str, **params: Any) -> tuple[Any, Doc]:
        """Return the world that knows what ``params`` name, and the operation's answer; raises 404."""
        for space in list(self.engine.by_store.values()):
            try:
                return space, await self.ask(space, operation, **params)
            except StripeError as error:
                if error.status != 404:
                    raise
        raise nowhere()

    async def form(self, proof: str) -> dict[str, str]:
        """Return the fields of a posted form that carries the code of ``proof``; raises ForgedError."""
        fields = await posted(self.request)
        if not csrf.right(self.secret, proof, fields.get(csrf.FIELD)):
            raise ForgedError
        return fields

    def code(self, proof: str) -> str:
        """Return the code that a form carries."""
        return csrf.code(self.secret, proof)


def mailbox(space: Any, *, livemode: bool) -> str | None:
    """Return where the emulator keeps the mails of a test world; its publishable key names it."""
    key = getattr(space, "key", "")
    if livemode or not key.startswith("sk_test_") or "/" in key:
        return None
    return f"/_emulator/mail?key=pk{key.removeprefix('sk')}"


def asked_at(intent: Doc, back: str) -> str:
    """Return the page on which a customer does what an intent waits for; its answer leads ``back``."""
    place = PLACES.get((intent["next_action"] or {}).get("type", ""), "3d_secure")
    return f"/{place}/{intent['client_secret']}?{urlencode({'back': back})}"


def nowhere() -> StripeError:
    """Build the refusal of an address that opens nothing."""
    return StripeError("There is nothing at this address.", status=404, code="resource_missing")
