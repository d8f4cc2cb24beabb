"""Decides nothing: serves the sample worlds on a port, for looking at pages: ``python tests/pages/serve_fake.py 8899``."""

from __future__ import annotations

import sys
from pathlib import Path

from aiohttp import web

sys.path.insert(0, str(Path(__file__).parents[2]))

from portal_ui import routes
from tests.pages.fake_engine import WORLDS, FakeEngine
from tests.pages.fake_invoices import PAGES
from tests.pages.fake_objects import ACCOUNT


def app() -> web.Application:
    """Return a server of the pages over the sample worlds."""
    made = web.Application()
    routes.setup(made, engine=FakeEngine())
    return made


if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8899
    print(*(f"http://127.0.0.1:{port}/p/session/test_{name}" for name in WORLDS), sep="\n", flush=True)  # noqa: T201
    print(*(f"http://127.0.0.1:{port}/i/{ACCOUNT}/test_{name}" for name in PAGES), sep="\n", flush=True)  # noqa: T201
    print(f"http://127.0.0.1:{port}/3d_secure/pi_3Fake_secret_fake", flush=True)  # noqa: T201
    web.run_app(app(), host="127.0.0.1", port=port, print=None)
