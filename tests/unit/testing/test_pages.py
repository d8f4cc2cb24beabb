"""How a page is read without a browser."""

from __future__ import annotations

import pytest

from emulator.testing.pages import Page
from emulator.testing.visitor import PortalError, Visitor

PAGE = Page("http://x.test/here?a=1", 200, """\
<!doctype html><html><body><main>
<h1>Your <b>plan</b></h1><p role="alert">Wrong &amp; late</p><p role="alert"></p>
<a href="/one" data-test="go">1</a><a href="/two" data-testid="go">2</a><a data-test="go">no address</a>
<template><a href="/three" data-test="go">hidden</a><form><button data-test="hidden">x</button></form></template>
<form id="f" method="POST" action="/send">
<input type=hidden name=csrf_token value="c&quot;"><input name=off disabled value=1><input type=submit name=no value=1>
<label><input type=radio name=why value=a> A</label><label><input type=radio name=why value=b checked> B</label>
<input type=checkbox name=box><input type=checkbox name=on checked>
<select name=size><option value=s>S<option value=m selected>M</select><select name=first><option>One</option></select>
<textarea name=note>typed </textarea>
<button type=button data-test="nothing">-</button><button name=act value=save data-testid="save">Save</button>
</form>
<button form="f" name=act value=drop data-test="drop">Drop</button>
<form><input name=q value=1><button data-test="search">?</button></form>
</main></body></html>""")  # fmt: skip


def test_forms_are_sent_as_a_browser_would() -> None:
    form = PAGE.form("save")
    assert form is not None
    assert (form.action, form.method) == ("/send", "post")
    assert form.values == {"csrf_token": 'c"', "why": "b", "on": "on", "size": "m", "first": "One", "note": "typed"}
    assert form.options == {"why": ["a", "b"], "box": ["on"], "on": ["on"], "size": ["s", "m"], "first": ["One"]}
    assert PAGE.form("drop") is not None
    assert form.offering("a") == "why"
    assert form.offering("z") is None
    button = form.button()
    assert button is not None
    assert button.attrs["name"] == "no"
    assert form.button("nothing") is None
    dropping = form.button(value="drop")
    assert dropping is not None
    assert dropping.has("drop")


def test_what_is_on_the_page() -> None:
    assert PAGE.heading == "Your plan"
    assert PAGE.problems == ["Wrong & late"]
    assert PAGE.links("go") == ["/one", "/two"]
    assert PAGE.links("go", "two") == ["/two"]
    assert not PAGE.has("hidden")
    assert PAGE.form("hidden") is None
    assert "hidden" not in PAGE.text
    assert len(PAGE.forms) == 2


def test_what_cannot_be_done_is_told_before_anything_is_sent() -> None:
    visitor = Visitor("http://127.0.0.1:1")
    with pytest.raises(PortalError, match="there is no 'nowhere' here"):
        visitor.follow(PAGE, "nowhere")
    with pytest.raises(PortalError, match="there are 2 of 'go': say which one"):
        visitor.follow(PAGE, "go")
    form = PAGE.form("save")
    assert form is not None
    with pytest.raises(PortalError, match="why offers a, b, not 'c'"):
        visitor.submit(form, "save", fields={"why": "c"})
    with pytest.raises(PortalError, match="there is no field 'x', but "):
        visitor.submit(form, "save", fields={"x": "c"})
    with pytest.raises(PortalError, match="there is no button 'fly'"):
        visitor.submit(form, "fly")
    away = visitor.follow(PAGE, "search")  # a form that only asks is followed like a link
    assert visitor.left_for == away.url == "http://x.test/here?q=1"
    visitor.close()
