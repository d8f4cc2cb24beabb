"""Somebody at a browser without scripts: opens pages, sends their forms, follows nothing by itself."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from tests.support.client import Api


def asking(page: str) -> str:
    """Return the address of the frame in which a page of 3D Secure asks."""
    place, _, query = page.partition("?")
    return f"{place}/challenge?{query}"


class Visitor:
    """One reader of hosted pages."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.html = ""
        self.status = 0
        self.headers: Any = {}
        self.at = ""

    async def ask(self, method: str, url: str, **fields: str) -> str:
        """Open or send; returns where a redirect leads, or an empty text."""
        parts = urlsplit(url)
        self.at = parts._replace(scheme="", netloc="").geturl()
        async with self.api.client.request(
            method, self.at, data=fields or None, headers={"User-Agent": "Reader/1"}, allow_redirects=False
        ) as answer:
            self.html, self.status, self.headers = await answer.text(), answer.status, answer.headers
        return str(self.headers.get("Location", ""))

    async def see(self, url: str) -> str:
        """Open a page and return its words."""
        assert await self.ask("GET", url) == "", "a page, no redirect"
        return self.words()

    def words(self) -> str:
        """Return what the page says."""
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", self.html.partition("<body>")[2])).split())

    def form(self, mark: str = "") -> tuple[str, dict[str, str]]:
        """Return the action and the fields of the first form whose inside holds ``mark``."""
        for action, inside in re.findall(
            r'(?s)<form[^>]*method="post"[^>]*action="([^"]+)"[^>]*>(.*?)</form>', self.html
        ):
            if mark in inside:
                return unescape(action), _fields(inside)
        raise AssertionError(f"no form with {mark!r}")

    async def send(self, mark: str = "", **fields: str) -> str:
        """Send the form that holds ``mark`` with what it is filled with, and ``fields``."""
        action, held = self.form(mark)
        return await self.ask("POST", action, **{**held, **fields})

    def alerts(self) -> list[str]:
        """Return what is told as wrong."""
        return [unescape(text) for text in re.findall(r'role="alert"[^>]*>([^<]+)<', self.html)]


def _fields(inside: str) -> dict[str, str]:
    """Return what a browser would send: inputs, chosen radios and boxes, selects."""
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", inside):
        named = dict(re.findall(r'(\w[\w-]*)="([^"]*)"', tag))
        off = named.get("type") in {"radio", "checkbox"} and not re.search(r"\schecked[\s>]", tag)
        if "name" in named and not off:
            found[named["name"]] = unescape(named.get("value", ""))
    for tag, options in re.findall(r"(?s)(<select[^>]*>)(.*?)</select>", inside):
        named = dict(re.findall(r'(\w[\w-]*)="([^"]*)"', tag))
        chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        found[named["name"]] = unescape(chosen[1]) if chosen else ""
    return found
