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
from emulator.control.background import Background
from emulator.control.call import PREFIX, Call, limit_of, seconds_of
from emulator.kernel.documents import Doc
from emulator.operations.engine import Engine
from emulator.operations.space import Space
from emulator.resources.mailbox import KIND
from emulator.store.port import Query

DEFAULT_WAIT, LONGEST_WAIT = 10.0, 60.0
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


async def wait(background: Background, space: Space, query: Mapping[str, str]) -> Doc:
    """Return the newest mail (to ``to``), or the first after the one that ``since`` names, as soon as it is there; raises 408."""
    seconds = seconds_of(query.get("timeout"), "timeout", DEFAULT_WAIT, LONGEST_WAIT)
    engine, since = background.engine, query.get("since")
    if since is not None:
        await _kept(engine, space, since, "since")

    async def look() -> Doc | None:
        found = await _found(engine, space, query.get("to"), since)
        return None if not found else found[0 if since is None else -1]

    came: Doc | None = await background.until(space, look, seconds)
    if came is None:
        what = " ".join(f"{name}={query[name]}" for name in ("to", "since") if name in query) or "any"
        hint = "GET /_emulator/mail shows what was sent"
        raise errors.ControlError(f"no mail came within {seconds:g} s: {what}", status=408, hint=hint)
    return shown(engine, came)


async def one(engine: Engine, space: Space, id: str) -> Doc:
    """Return one mail; raises 404."""
    return shown(engine, await _kept(engine, space, id))


async def _kept(engine: Engine, space: Space, id: str, param: str | None = None) -> Doc:
    async with engine.store.begin(space.store_name) as unit:
        mail = await unit.get(KIND, id)
    if mail is None:
        raise errors.ControlError(f"no such mail: {id}", status=404, param=param)
    return mail


async def read(engine: Engine, space: Space, call: Call) -> Doc | web.Response:
    """Answer with the mails of a world: as a page for browsers."""
    found = await listed(engine, space, call.query())
    return _answer(engine, space, call, found, found["data"])


async def read_one(engine: Engine, space: Space, call: Call) -> Doc | web.Response:
    """Answer with one mail: as a page for browsers. Raises 404."""
    found = await one(engine, space, call.places["id"])
    return _answer(engine, space, call, found, [found])


def _answer(engine: Engine, space: Space, call: Call, found: Doc, mails: Sequence[Doc]) -> Doc | web.Response:
    key = call.request.query.get("key", space.key)
    return page(key, mails, engine.mail_goes_to) if wants_page(call.request) else found


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


async def _found(engine: Engine, space: Space, to: str | None, since: str | None = None) -> list[Doc]:
    wanted = to.lower() if to is not None else None

    def keep(mail: Doc) -> bool:
        return wanted is None or mail["to"].lower() == wanted

    async with engine.store.begin(space.store_name) as unit:
        return (await unit.page(KIND, Query(before=since, keep=keep))).docs


def wants_page(request: web.Request) -> bool:
    """Say whether a browser asks: it names HTML before anything else."""
    return request.headers.get("Accept", "").startswith("text/html")


def page(key: str, mails: Sequence[Doc], goes_to: str | None = None) -> web.Response:
    """Return the mailbox as a page; ``goes_to`` is the mail server that gets it too."""
    name = escape(key)
    articles = "\n".join(_article(key, mail) for mail in mails)
    left = "Nothing of it left this machine." if goes_to is None else f"It is passed on to {escape(goes_to)} too."
    empty = "" if mails else "<p>No mail yet. Ask for a login code, and it will be here.</p>"
    text = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Mailbox of {name}</title><link rel="icon" href="data:,"><style>{STYLE}</style></head><body><main>
<h1>Mailbox</h1>
<p>What the emulator would have mailed in the world of {name}. {left}</p>
<form method="get" action="{PREFIX}/mail"><label>Key of the world<br><input name="key" value="{name}"></label>
<button type="submit">Show</button></form>
{empty}{articles}
</main></body></html>
"""
    return web.Response(text=text, content_type="text/html", headers=_headers())


def _article(key: str, mail: Doc) -> str:
    at = datetime.fromtimestamp(mail["at"], UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    address = f"{PREFIX}/mail/{mail['id']}?{urlencode({'key': key})}"
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
