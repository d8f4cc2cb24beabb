"""Decides what one world is: an account in one mode, with its clock, settings and ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.operations.wakeups import due
from emulator.resources.context import World

if TYPE_CHECKING:
    from emulator.kernel.clock import Clock
    from emulator.kernel.documents import Doc
    from emulator.kernel.ids import IdSource
    from emulator.operations.engine import Engine


def default_settings() -> dict[str, Any]:
    """Return what the Dashboard of a fresh account holds (the control API's ``/settings``)."""
    return {
        "portal_default_configuration": True,
        "portal_tax_behavior_rule": "equal",
        "portal_return_url_required": False,
        "portal_payment_behavior": "pending_if_incomplete",
        "portal_retention_coupon": None,
        "portal_skin": None,
        "country": "US",
        "default_currency": "usd",
        "default_api_version": None,
        "business_name": "Acme",
        "restricted_keys": {},
        "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
        "dunning": {},
        "emails": {},
        "payment_methods": {},
    }


class Printed:
    """The printed forms of one version of an object."""

    __slots__ = ("_member", "body", "doc")

    def __init__(self, doc: Doc, body: bytes) -> None:
        self.doc = doc
        self.body = body
        self._member: bytes | None = None

    def member(self) -> bytes:
        """Return the object as it stands in a list: two levels in."""
        if self._member is None:
            self._member = b"    " + self.body.replace(b"\n", b"\n    ")
        return self._member


class Space:
    """One world."""

    __slots__ = (
        "account", "clock", "clocked", "endpoints", "faults", "fixture", "ids", "in_flight", "key", "livemode", "platform", "rendered", "settings",
        "snapshots", "store_name", "world",
    )  # fmt: skip

    def __init__(
        self,
        key: str,
        account: str,
        livemode: bool,
        clock: Clock,
        settings: dict[str, Any],
        fixture: str | dict[str, Any],
        ids: IdSource,
        base_url: str,
    ) -> None:
        self.key = key
        self.account = account
        self.livemode = livemode
        self.clock = clock
        self.settings = settings
        self.fixture = fixture
        self.ids = ids
        self.store_name = f"{account}:{'live' if livemode else 'test'}"
        self.world = World(account, livemode, settings, ids, base_url)
        self.in_flight: set[str] = set()  # idempotency keys of calls that are running
        self.rendered: dict[str, Printed] = {}
        self.endpoints: list[Doc] | None = None  # webhook endpoints, read again after one changed
        self.clocked = False  # whether there ever was a test clock
        self.snapshots: dict[str, Any] = {}
        self.platform: Space | None = None  # set by `belong`
        self.faults: Any = None  # what a test wants to go wrong here (emulator/control/faults.py), None for nothing

    def belong(self, platform: Space | None) -> None:
        """Make this the world of a connected account of ``platform``."""
        self.platform = platform
        self.world = self.world._replace(platform=None if platform is None else platform.account)

    async def seed(self, engine: Engine, objects: dict[str, list[Doc]], meta: dict[str, Any]) -> None:
        """Fill the world's space with objects by kind, and with what every account has."""
        overrides = meta.get("account") or {}
        if overrides.get("country"):
            self.settings["country"] = overrides["country"]
        if overrides.get("default_currency"):
            self.settings["default_currency"] = overrides["default_currency"]
        objects = {kind: list(docs) for kind, docs in objects.items()}
        accounts = objects.setdefault("account", [])
        if not any(doc["id"] == self.account for doc in accounts):
            from emulator.operations.accounts import own_account

            accounts.insert(0, own_account(engine, self, overrides))
        if self.livemode:
            objects = {kind: [_live(doc) for doc in docs] for kind, docs in objects.items()}
        self.clocked = bool(objects.get("test_helpers.test_clock"))
        await engine.store.create(self.store_name, objects, due)


def _live(doc: Doc) -> Doc:
    return {**doc, "livemode": True} if doc.get("livemode") is False else doc
