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


def stored_as(account: str, *, livemode: bool, platform: str | None = None) -> str:
    """Return the name under which the objects of an account in one mode are stored.

    A copy of a platform's world has connected accounts of the same ids, so theirs begin with the platform's id.
    """
    owner = "" if platform is None else f"{platform}/"
    return f"{owner}{account}:{'live' if livemode else 'test'}"


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
        "account", "clock", "clocked", "endpoints", "event_ids", "faults", "fixture", "ids", "in_flight", "key", "livemode", "naming", "platform",
        "rendered", "settings", "snapshots", "store_name", "world",
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
        platform: Space | None = None,
    ) -> None:
        self.key = key
        self.account = account
        self.livemode = livemode
        self.clock = clock
        self.settings = settings
        self.fixture = fixture
        self.ids = ids
        self.event_ids = ids.apart("events")  # events are made when somebody looks for them
        self.platform = platform  # whose connected account this is
        owner = None if platform is None else platform.account
        self.store_name = stored_as(account, livemode=livemode, platform=owner)
        self.world = World(account, livemode, settings, ids, base_url, platform=owner)
        self.in_flight: set[str] = set()  # idempotency keys of calls that are running
        self.rendered: dict[str, Printed] = {}
        self.endpoints: list[Doc] | None = None  # webhook endpoints, read again after one changed
        self.clocked = False  # whether there ever was a test clock
        self.snapshots: dict[str, Any] = {}
        self.naming: Any = None  # what names the account, for copies (emulator/control/worlds.py)
        self.faults: Any = None  # what a test wants to go wrong here (emulator/control/faults.py), None for nothing

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
        objects = {kind: [_of_mode(doc, self.livemode) for doc in docs] for kind, docs in objects.items()}
        self.clocked = bool(objects.get("test_helpers.test_clock"))
        await engine.store.create(self.store_name, objects, due)


def _of_mode(doc: Doc, livemode: bool) -> Doc:
    return {**doc, "livemode": livemode} if doc.get("livemode") is (not livemode) else doc
