"""Decides how a customer walks through hosted pages without a browser: links are followed, forms filled in and sent."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode, urljoin, urlsplit

import requests

from emulator.testing.pages import Form, Page

TIMEOUT = 30.0
REDIRECTS = 10
TEMPORARY = (301, 302, 303, 307, 308)


class PortalError(Exception):
    """A hosted page that did not offer or did not do what was wanted; ``page`` is the one that it happened on."""

    def __init__(self, message: str, page: Page) -> None:
        self.page = page
        super().__init__(f"{message} (at {urlsplit(page.url).path or '/'}: {page.heading or page.status})")


class Visitor:
    """One customer's browser without the browser: cookies, redirects, forms; it never leaves the server."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Accept-Language"] = "en"
        self.left_for: str | None = None  # the address outside to which the last page sent the customer

    def get(self, url: str) -> Page:
        """Open an address."""
        return self._go("GET", url, None)

    def follow(self, page: Page, handle: str, containing: str = "") -> Page:
        """Follow the link (or the button that is one) with a test handle; raises PortalError for none or several."""
        found = page.links(handle, containing)
        form = page.form(handle)
        if not found and form is not None and form.method == "get":
            return self.submit(form, handle)
        if not found:
            raise PortalError(f"there is no {handle!r} here", page)
        if len(set(found)) > 1:
            raise PortalError(f"there are {len(set(found))} of {handle!r}: say which one", page)
        return self.get(urljoin(page.url, found[0]))

    def submit(
        self, form: Form, handle: str | None = None, value: str | None = None, fields: dict[str, str] | None = None
    ) -> Page:
        """Fill in a form and press a button of it; raises PortalError for fields and choices that it does not have."""
        page = form.page
        button = form.button(handle, value)
        if button is None:
            raise PortalError(f"there is no button {handle or value or 'to submit'!r}", page)
        values = dict(form.values)
        for name, given in (fields or {}).items():
            if name not in form.names():
                raise PortalError(f"there is no field {name!r}, but {', '.join(sorted(form.names())) or 'none'}", page)
            if name in form.options and given not in form.options[name]:
                raise PortalError(f"{name} offers {', '.join(form.options[name])}, not {given!r}", page)
            values[name] = given
        if button.attrs.get("name"):
            values[button.attrs["name"]] = button.attrs.get("value", "")
        url = urljoin(page.url, button.attrs.get("formaction", form.action))
        if form.method == "post":
            return self._go("POST", url, values)
        return self._go("GET", f"{url.partition('#')[0].partition('?')[0]}?{urlencode(values)}", None)

    def _go(self, method: str, url: str, data: dict[str, str] | None) -> Page:
        self.left_for = None
        url = urljoin(self._base + "/", url)
        for _ in range(REDIRECTS):
            if urlsplit(url).netloc != urlsplit(self._base).netloc:
                self.left_for = url
                return Page(url, 200, "")
            answer = self._session.request(method, url, data=data, timeout=TIMEOUT, allow_redirects=False)
            target = (
                answer.headers.get("Location", "") if answer.status_code in TEMPORARY else _refreshed(answer.headers)
            )
            if not target:
                return Page(url, answer.status_code, answer.text)
            method, url, data = "GET", urljoin(url, target), None
        raise PortalError("the pages send one another in circles", Page(url, 310, ""))

    def close(self) -> None:
        """Close the connections."""
        self._session.close()


def _refreshed(headers: Mapping[str, str]) -> str:
    """Return where a page leads by itself at once, as the end of a flow does; "" for one that stays."""
    delay, _, target = headers.get("Refresh", "").partition("; url=")
    return target if delay == "0" else ""
