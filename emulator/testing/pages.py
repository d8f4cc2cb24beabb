"""Decides how a hosted page is read without a browser: links, forms and test handles, found in its HTML."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

VOID: Final = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})
HANDLES: Final = ("data-testid", "data-test")
TEXTLESS: Final = frozenset({"script", "style", "template", "svg"})
SUBMIT: Final = ("submit", "image")


@dataclass
class Node:
    """One element."""

    tag: str
    attrs: dict[str, str]
    parent: Node | None = None
    children: list[Node | str] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        """Yield this element and all below, in the order of the page; what a template holds is not on the page."""
        yield self
        if self.tag != "template":
            for child in self.children:
                if isinstance(child, Node):
                    yield from child.walk()

    def text(self) -> str:
        """Return the words in this element, blanks put together."""
        return " ".join(" ".join(self.words()).split())

    def words(self) -> Iterator[str]:
        """Yield the pieces of text that a reader sees, in the order of the page."""
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif child.tag not in TEXTLESS:
                yield from child.words()

    def has(self, handle: str) -> bool:
        """Say whether the element carries a test handle."""
        return any(self.attrs.get(name) == handle for name in HANDLES)

    def above(self, tag: str) -> Node | None:
        """Return the nearest element of a tag that this one stands in."""
        node = self.parent
        while node is not None and node.tag != tag:
            node = node.parent
        return node


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self._open = Node("html", {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs}, self._open)
        self._open.children.append(node)
        if tag not in VOID:
            self._open = node

    def handle_endtag(self, tag: str) -> None:
        node: Node | None = self._open
        while node is not None and node.tag != tag:
            node = node.parent
        if node is not None and node.parent is not None:
            self._open = node.parent

    def handle_data(self, data: str) -> None:
        self._open.children.append(data)


class Form:
    """A form: its fields as a browser would send them, and what each may be given."""

    def __init__(self, page: Page, node: Node) -> None:
        self.page = page
        self.node = node
        self.action = node.attrs.get("action") or page.url
        self.method = node.attrs.get("method", "get").lower()
        self.values: dict[str, str] = {}
        self.options: dict[str, list[str]] = {}
        self.parts = [one for one in page.root.walk() if self._mine(one)]
        for one in self.parts:
            self._take(one)

    def _mine(self, node: Node) -> bool:
        if node.tag not in ("input", "select", "textarea", "button"):
            return False
        owner = node.attrs.get("form")
        return owner == self.node.attrs.get("id") if owner else node.above("form") is self.node

    def _take(self, node: Node) -> None:
        name, kind = node.attrs.get("name", ""), node.attrs.get("type", "text").lower()
        if not name or node.tag == "button" or "disabled" in node.attrs or kind in (*SUBMIT, "button", "reset"):
            return
        if node.tag == "select":
            options = [one for one in node.walk() if one.tag == "option"]
            self.options[name] = [one.attrs.get("value", one.text()) for one in options]
            chosen = [one for one in options if "selected" in one.attrs] or options[:1]
            if chosen:
                self.values[name] = chosen[0].attrs.get("value", chosen[0].text())
        elif node.tag == "textarea":
            self.values[name] = node.text()
        elif kind in ("radio", "checkbox"):
            self.options.setdefault(name, []).append(node.attrs.get("value", "on"))
            if "checked" in node.attrs:
                self.values[name] = node.attrs.get("value", "on")
        else:
            self.values[name] = node.attrs.get("value", "")

    def button(self, handle: str | None = None, value: str | None = None) -> Node | None:
        """Return the first button that submits the form, or the one with a handle or a value."""
        for one in self.parts:
            kind = one.attrs.get("type", "submit" if one.tag == "button" else "text").lower()
            submits = kind in SUBMIT and "disabled" not in one.attrs
            fits = (handle is None or one.has(handle)) and (value is None or one.attrs.get("value") == value)
            if submits and fits:
                return one
        return None

    def names(self) -> set[str]:
        """Return the names of the fields that can be filled in."""
        return {*self.values, *self.options}

    def offering(self, value: str) -> str | None:
        """Return the name of the choice that has a value."""
        return next((name for name, known in self.options.items() if value in known), None)


class Page:
    """One page as it was answered."""

    def __init__(self, url: str, status: int, html: str) -> None:
        self.url = url
        self.status = status
        self.html = html
        reader = _Reader()
        reader.feed(html)
        self.root = reader.root

    def all(self, handle: str) -> list[Node]:
        """Return the elements with a test handle (``data-testid`` or ``data-test``)."""
        return [one for one in self.root.walk() if one.has(handle)]

    def has(self, handle: str) -> bool:
        """Say whether there is an element with a test handle."""
        return bool(self.all(handle))

    def links(self, handle: str, containing: str = "") -> list[str]:
        """Return the addresses of links with a test handle."""
        found = (one.attrs.get("href", "") for one in self.all(handle) if one.tag == "a")
        return [url for url in found if url and containing in url]

    @property
    def forms(self) -> list[Form]:
        """The forms, in the order of the page."""
        return [Form(self, one) for one in self.root.walk() if one.tag == "form"]

    def form(self, handle: str) -> Form | None:
        """Return the form that a button with a test handle (or an id) submits."""
        for form in self.forms:
            if any(
                one.tag in ("button", "input") and (one.has(handle) or one.attrs.get("id") == handle)
                for one in form.parts
            ):
                return form
        return None

    def frame(self, id: str) -> str | None:
        """Return the address of a frame by its id."""
        return next(
            (one.attrs.get("src") for one in self.root.walk() if one.tag == "iframe" and one.attrs.get("id") == id),
            None,
        )

    @property
    def problems(self) -> list[str]:
        """What the page says is wrong."""
        return [one.text() for one in self.root.walk() if one.attrs.get("role") == "alert" and one.text()]

    @property
    def heading(self) -> str:
        """The page's first heading."""
        return next((one.text() for one in self.root.walk() if one.tag == "h1"), "")

    @property
    def text(self) -> str:
        """All words of the page."""
        return self.root.text()
