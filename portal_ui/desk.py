"""Decides whose Dashboard a page is: the world of the key in the address, and what proves that a form is the owner's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from emulator.kernel.documents import Doc
from portal_ui import addresses, assets, branding, csrf, frame
from portal_ui.hosted import Guest, nowhere
from portal_ui.i18n import Words
from portal_ui.server import PAGES
from portal_ui.session import ForgedError
from portal_ui.views.dashboard import Sample, Shell, Tab
from portal_ui.views.shared import Form

ACTOR = "dashboard"
KIND = "sk_"
TEST, LIVE = "sk_test_", "sk_live_"


@dataclass(frozen=True, slots=True)
class Owner:
    """One request for a page of one account's Dashboard; ``key`` is the one in the address, if there is one."""

    guest: Guest
    space: Any
    key: str | None
    words: Words

    @property
    def _proof(self) -> str:
        return f"dashboard:{self.space.key}"

    @property
    def code(self) -> str:
        """The code that this Dashboard's forms carry."""
        return self.guest.code(self._proof)

    def url(self, path: str, **query: str) -> str:
        """Return an address of the same Dashboard."""
        asked = {name: value for name, value in (("key", self.key or ""), *query.items()) if value}
        return f"{path}?{urlencode(asked)}" if asked else path

    def form(self, path: str) -> Form:
        """Return where a form goes, with its code."""
        return Form(self.url(path), self.code)

    async def posted(self) -> dict[str, str]:
        """Return the fields of a posted form; raises ForgedError when it is not one of this Dashboard's."""
        return await self.guest.form(self._proof)

    def proved(self, code: object) -> None:
        """Raise ForgedError unless ``code`` is that of this Dashboard's forms."""
        if not csrf.right(self.guest.secret, self._proof, code):
            raise ForgedError

    async def ask(self, operation: str, **params: Any) -> Doc:
        """Run an operation as the owner; raises StripeError."""
        answer: Doc = await self.guest.engine.run(self.space, operation, params, actor=ACTOR)
        return answer

    def shell(self, account: Doc, title: str, here: str) -> Shell:
        """Return what stands around a page of the Dashboard."""
        words = self.words
        tabs = (
            (addresses.CUSTOMERS, words.gettext("Customers")),
            (addresses.SETTINGS, words.gettext("Customer portal")),
            (addresses.BRANDING, words.gettext("Branding")),
        )
        return Shell(
            lang=words.tag,
            title=title,
            business=frame.business_name(account) or words.gettext("Your business"),
            tabs=tuple(Tab(self.url(path), label, path == here) for path, label in tabs),
            mode=words.gettext("LIVE MODE, EMULATED") if self.space.livemode else words.gettext("TEST MODE"),
            key=masked(self.space.key),
            styles=(
                assets.url("portal.css"),
                assets.PREFIX + branding.sheet_name({}),
                assets.url("dashboard.css"),
                assets.PREFIX + branding.sheet_name(account, "sample"),
            ),
            script=assets.url("portal.js"),
        )


def sample(words: Words, account: Doc, configuration: Doc) -> Sample:
    """Return the small picture of the portal as its customers would see it."""
    around = frame.drawn(words, title="", account=account, configuration=configuration, return_url=None, home_url=None)
    return Sample(around.logo, around.icon, around.monogram, around.business, around.headline)


def masked(key: str) -> str:
    """Return a key so that it can be told from others and not be used: short names are no secrets."""
    name = key.partition("/")[0]
    return name if len(name) <= len(TEST) + 4 else f"{name[: len(TEST)]}…{name[-4:]}"


def twin(key: str) -> str:
    """Return the key of the same account in live mode."""
    return LIVE + key.removeprefix(TEST) if key.startswith(TEST) else key


async def owner(guest: Guest) -> Owner:
    """Return whose Dashboard is asked for; raises 404 for a key that opens none.

    Only secret keys count. A world is shown when it is open; of the server's own account both modes are opened here.
    """
    pages = guest.request.app[PAGES]
    home = KIND + pages.desk.key.partition("_")[2]
    given = guest.request.query.get("key")
    key = given or home
    allowed = pages.desk.allowed
    if not key.startswith(KIND) or (allowed is not None and given and given not in allowed):
        raise nowhere()
    space = pages.engine.spaces.get(key)
    if space is None and key in {home, twin(home)}:
        space = await pages.engine.space(key)
    if space is None:
        raise nowhere()
    return Owner(guest, space, None if key == home else key, guest.words(None))
