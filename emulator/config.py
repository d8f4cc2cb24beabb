"""Decides how a server is set up: options with their defaults; the only module that reads the environment."""

from __future__ import annotations

import os
from typing import NamedTuple

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 12111
DEMO_KEY = "sk_test_demo"


class Config(NamedTuple):
    """The options of one server (``stripe-emulator serve --help``)."""

    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    world: str = "empty"
    keys: frozenset[str] | None = None
    key: str = DEMO_KEY  # whose world is shown: by the banner, and by the Dashboard's pages when they are not told
    webhook: str | None = None
    webhook_secret: str | None = None
    seed: str | None = None
    state: str | None = None
    portal_skin: str = "b"
    base_url: str | None = None
    frozen_at: int | None = None
    # Names that control calls and Dashboard pages answer to beside private ones.
    allowed_hosts: frozenset[str] = frozenset()
    smtp: str | None = None  # where mail is passed on to, HOST:PORT or smtp://, smtps://, smtp+starttls://

    @property
    def url(self) -> str:
        """Where the server is reached, without a trailing slash."""
        if self.base_url:
            return self.base_url.rstrip("/")
        host = "localhost" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104 - compared, not bound
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


def uvloop_wanted() -> bool:
    """Say whether uvloop is to be used when it is installed."""
    return os.environ.get("STRIPE_EMULATOR_UVLOOP", "1") != "0"
