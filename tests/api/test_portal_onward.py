"""A card that is saved on the way to a change of plan leads back to that change, and to nothing else."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from tests.api.test_portal_methods_pages import VISA, Reader
from tests.api.test_portal_update_pages import confirm_flow, place
from tests.support.plans import Shop
from tests.support.reader import asking

if TYPE_CHECKING:
    from tests.support.client import Api

ADD = "/payment-methods/add"


async def penniless(api: Api, *, flow: bool = False) -> tuple[Shop, Reader, str]:
    """Return a shop whose customer lost every card, a browser of theirs, and the address of the dearer plan."""
    shop = await Shop(api).open()
    for method in (await api.ok("GET", "/v1/payment_methods", {"customer": shop.customer}))["data"]:
        await api.ok("POST", f"/v1/payment_methods/{method['id']}/detach")
    more: dict[str, Any] = {"flow_data": confirm_flow(shop)} if flow else {}
    token = await shop.link(**more)
    return shop, Reader(api, shop.customer, token), f"{place(shop, token)}/preview/{shop.prices['pro']}?quantity=2"


def way(reader: Reader) -> str:
    """Return where the page's "Add payment method" leads."""
    found = re.search(r'href="([^"]+)" data-test="add-payment-method"', reader.html)
    assert found is not None
    return unescape(found[1])


def action(reader: Reader) -> str:
    """Return where the form of a payment method is sent."""
    found = re.search(r'class="adding" method="post" action="([^"]+)"', reader.html)
    assert found is not None
    return unescape(found[1])


@pytest.mark.parametrize("flow", [False, True])
async def test_a_new_card_leads_back_to_the_change_it_was_saved_for(api: Api, flow: bool) -> None:
    shop, reader, change = await penniless(api, flow=flow)
    await reader.see(change)
    assert reader.base.rsplit("/", 1)[1] not in way(reader).partition("?")[2], "the secret stands in no query"
    await reader.see(way(reader))
    assert f'href="{change}"' in unescape(reader.html), "there is a way back without adding anything"
    assert await reader.send(action(reader), **{**VISA, "number": "4242424242424241"}) == ""
    assert reader.status in {400, 402}
    assert await reader.send(action(reader), **VISA) == change, "not forgotten by a refusal"
    await reader.see(change)
    assert "Visa •••• 4242" in reader.words()
    assert 'data-testid="confirm"' in reader.html
    assert (await reader.send(change.partition("?")[0])).endswith("?done=updated")
    assert await shop.has() == ("pro", 2)


async def test_the_bank_in_between_forgets_nothing(api: Api) -> None:
    _, reader, change = await penniless(api)
    await reader.see(change)
    await reader.see(way(reader))
    drawer = unescape(reader.html.partition('data-test="test-numbers"')[2])
    await reader.see(re.findall(r'href="([^"]+test=3)"', drawer)[0])
    asked = await reader.send(action(reader), **reader.typed())
    assert asked.startswith("/3d_secure/seti_")
    await reader.see(asking(asked))
    after = await reader.ask("POST", asked.partition("?")[0], **_hidden(reader), outcome="succeed")
    assert await reader.ask("GET", after) == change


async def test_a_declined_card_can_be_replaced_by_a_new_one(api: Api) -> None:
    shop = await Shop(api).open()
    bad = await shop.attach("pm_card_chargeCustomerFail")
    token = await shop.link()
    reader = Reader(api, shop.customer, token)
    change = f"{place(shop, token)}/preview/{shop.prices['pro']}?quantity=1"
    await reader.see(change)
    assert await reader.send(change.partition("?")[0], payment_method=bad) == ""
    assert reader.status == 402
    await reader.see(way(reader))
    assert await reader.send(action(reader), **{**VISA, "number": "5555555555554444"}) == change
    await reader.see(change)
    assert (await reader.send(change.partition("?")[0])).endswith("?done=updated")
    assert await shop.has() == ("pro", 1)


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "/../../login", "",
        "/subscriptions/sub_1/cancel", "/subscriptions/sub_1/preview/..//evil.example", "@evil.example",
        "/subscriptions/sub_1/preview/price_1?quantity=1#x", "/subscriptions/sub_1/preview/price_1\r\nX-Evil: 1",
    ],
)  # fmt: skip
async def test_nobody_leads_a_new_card_elsewhere(api: Api, elsewhere: str) -> None:
    _, reader, _ = await penniless(api)
    await reader.see(f"{ADD}?next={quote(elsewhere, safe='')}")
    assert "evil" not in reader.html.partition("<body>")[2]
    sent = await reader.send(f"{ADD}?next={quote(elsewhere, safe='')}", **VISA)
    assert sent == f"{reader.base}?done=method_added"


def _hidden(reader: Reader) -> dict[str, str]:
    return {name: unescape(value) for name, value in reader.hidden().items()}
