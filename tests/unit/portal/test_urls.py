"""Addresses and tokens."""

from __future__ import annotations

import pytest

from emulator.kernel.errors import StripeError
from emulator.portal import urls


@pytest.mark.parametrize(
    "value", [None, "http://localhost:3000/a?b=c#d", "https://example.com", "https://xn--a.test/ü"]
)
def test_good_addresses(value: str | None) -> None:
    urls.check_url(value, "return_url")


@pytest.mark.parametrize(
    "value",
    [
        "",
        "account",
        "/account",
        "example.com",
        "javascript:alert(1)",
        "myapp://x",
        "https://",
        "http://a b",
        "http://[",
        "http://a:99999",
    ],
)
def test_bad_addresses(value: str) -> None:
    with pytest.raises(StripeError) as caught:
        urls.check_url(value, "return_url")
    assert (caught.value.message, caught.value.code, caught.value.param) == (
        "Not a valid URL",
        "url_invalid",
        "return_url",
    )


def test_a_token_names_its_account_and_its_prefix_the_mode() -> None:
    secret = "x" * 40
    token = urls.token("acct_1A2B3C", secret, urls.SESSION_MARK)
    assert token.endswith("0100" + "x" * 8)
    assert urls.account_of("test_" + token) == urls.account_of(token) == "acct_1A2B3C"
    assert urls.bare("live_" + token) == urls.bare("test_" + token) == token
    assert urls.session_url("http://h", token, livemode=True) == f"http://h/p/session/live_{token}"


@pytest.mark.parametrize(
    "text", ["", "x", "test_", "test_!!!!aaaaaaaaaaaaaaaa", "YWJj0100xxxxxxxx", "_____0100xxxxxxxx", "é" * 40]
)
def test_what_is_no_token_names_nobody(text: str) -> None:
    assert urls.account_of(text) is None
