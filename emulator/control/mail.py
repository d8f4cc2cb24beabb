"""Decides how a world's mailbox is read and emptied: as JSON by tests, as a page by somebody at a browser."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from html import escape
from urllib.parse import urlencode

from aiohttp import web

from emulator.control import errors
from emulator.control.call import limit_of
from emulator.kernel.documents import Doc
from emulator.operations.engine import Engine
from emulator.operations.space import Space
from emulator.resources.mailbox import KIND
from emulator.store.port import Query

UNWORDED: Doc = {"subject": "", "text": "", "html": "", "links": [], "code": None}
STYLE = """
:root{color-scheme:light dark;--line:#e3e8ee;--muted:#566074;--wash:#f6f8fa}
@media (prefers-color-scheme:dark){:root{--line:#3b4256;--muted:#a3acba;--wash:#242838}}
body{max-width:680px;margin:0 auto;padding:32px 16px;font:16px/24px system-ui,sans-serif;overflow-wrap:anywhere}
*{box-sizing:border-box}h1{font-size:24px;line-height:32px}h2{margin:0;font-size:16px;line-height:24px}
article{margin:16px 0;padding:16px 20px;border:1px solid var(--line);border-radius:8px}
p,dl{margin:4px 0;color:var(--muted);font-size:14px;line-height:20px}
.code{margin:12px 0;font-size:28px;line-height:36px;letter-spacing:.16em;color:inherit;font-weight:600;user-select:all}
pre{margin:12px 0 0;padding:12px 16px;border-radius:6px;background:var(--wash);font:14px/20px system-ui,sans-serif;white-space:pre-wrap}
a{color:inherit}h2 a{text-decoration:none}h2 a:hover{text-decoration:underline}
form{display:flex;flex-wrap:wrap;gap:8px;align-items:end;margin:16px 0}label{font-size:14px}
input,button{font:inherit;min-height:44px;padding:8px 12px;border:1px solid #8792a2;border-radius:6px;background:none;color:inherit}
"""


async def listed(engine: Engine, space: Space, query: Mapping[str, str]) -> Doc:
    """Return what ``GET /mail`` answers: the mails of a world, newest first; ``to`` is the address of the reader."""
    limit = limit_of(query)
    found = await _found(engine, space, query.get("to"))
    return {"data": [shown(engine, mail) for mail in found[:limit]], "has_more": len(found) > limit}


async def one(engine: Engine, space: Space, id: str) -> Doc:
    """Return one mail; raises 404."""
    async with engine.store.begin(space.store_name) as unit:
        mail = await unit.get(KIND, id)
    if mail is None:
        raise errors.ControlError(f"no such mail: {id}", status=404)
    return shown(engine, mail)


async def clear(engine: Engine, space: Space, query: Mapping[str, str]) -> None:
    """Forget the mails of a world, or those to one address."""
    found = await _found(engine, space, query.get("to"))
    async with engine.store.begin(space.store_name) as unit:
        for mail in found:
            unit.remove(KIND, mail["id"])
        await unit.commit()


def shown(engine: Engine, mail: Doc) -> Doc:
    """Return a mail with its words; those are the pages' (``Engine.letters``)."""
    words = engine.letters(mail) if engine.letters is not None else UNWORDED
    return {"id": mail["id"], "at": mail["created"], "to": mail["to"], "about": mail["about"], **words}


async def _found(engine: Engine, space: Space, to: str | None) -> list[Doc]:
    wanted = to.lower() if to is not None else None

    def keep(mail: Doc) -> bool:
        return wanted is None or mail["to"].lower() == wanted

    async with engine.store.begin(space.store_name) as unit:
        return (await unit.page(KIND, Query(keep=keep))).docs


def wants_page(request: web.Request) -> bool:
    """Say whether a browser asks: it names HTML before anything else."""
    return request.headers.get("Accept", "").startswith("text/html")


def page(key: str, mails: Sequence[Doc], prefix: str) -> web.Response:
    """Return the mailbox as a page."""
    name = escape(key)
    articles = "\n".join(_article(key, mail, prefix) for mail in mails)
    empty = "" if mails else "<p>No mail yet. Ask for a login code, and it will be here.</p>"
    text = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Mailbox of {name}</title><link rel="icon" href="data:,"><style>{STYLE}</style></head><body><main>
<h1>Mailbox</h1>
<p>What the emulator would have mailed in the world of {name}. Nothing of it left this machine.</p>
<form method="get" action="{prefix}/mail"><label>Key of the world<br><input name="key" value="{name}"></label>
<button type="submit">Show</button></form>
{empty}{articles}
</main></body></html>
"""
    return web.Response(text=text, content_type="text/html", headers=_headers())


def _article(key: str, mail: Doc, prefix: str) -> str:
    at = datetime.fromtimestamp(mail["at"], UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    address = f"{prefix}/mail/{mail['id']}?{urlencode({'key': key})}"
    code = f'<p class="code" data-testid="mail-code">{escape(mail["code"])}</p>' if mail["code"] else ""
    return (
        f'<article data-testid="mail"><h2><a href="{escape(address)}">{escape(mail["subject"])}</a></h2>'
        f"<p>To {escape(mail['to'])} · {at}</p>{code}<pre>{escape(mail['text'])}</pre></article>"
    )


@cache
def _headers() -> Mapping[str, str]:
    """Return what browsers may do with the page: show it, with its own style."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    return {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
